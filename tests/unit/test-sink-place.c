/* SPDX-License-Identifier: MIT
 *
 * Where records go, and how far they got.
 */
#include "tests/unit/place.h"

#include "broker/base/wire.h"
#include "broker/sink/sink-cursor.h"
#include "broker/sink/sink-place.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static const struct
{
  const char *text, *whole, *name; /* whole NULL: refused */
} places[] = {
  { "journald", "journald:/run/systemd/journal/socket", "journald" },
  { "journald:/run/j", "journald:/run/j", "journald-run-j" },
  { "syslog", "syslog:/dev/log", "syslog" },
  { "syslog:/run/log", "syslog:/run/log", "syslog-run-log" },
  { "syslog:udp:Logs.example.org", "syslog:udp:Logs.example.org:514",
    "syslog-udp-logs-example-org-514" },
  { "syslog:tcp:10.0.0.1:601", "syslog:tcp:10.0.0.1:601", "syslog-tcp-10-0-0-1-601" },
  { "syslog:tls:logs", "syslog:tls:logs:6514", "syslog-tls-logs-6514" },
  { "syslog:tls:[2001:db8::1]", "syslog:tls:[2001:db8::1]:6514", "syslog-tls-2001-db8-1-6514" },
  { "syslog:udp:[::1]:5140", "syslog:udp:[::1]:5140", "syslog-udp-1-5140" },
  { "", NULL, NULL },
  { "journal", NULL, NULL },
  { "journald:", NULL, NULL },
  { "journald:run", NULL, NULL },
  { "syslog:", NULL, NULL },
  { "syslog:logs", NULL, NULL },
  { "syslog:UDP:logs", NULL, NULL },
  { "syslog:udp:", NULL, NULL },
  { "syslog:udp::514", NULL, NULL },
  { "syslog:udp:logs:", NULL, NULL },
  { "syslog:udp:logs:0", NULL, NULL },
  { "syslog:udp:logs:65536", NULL, NULL },
  { "syslog:udp:logs:syslog", NULL, NULL },
  { "syslog:udp:logs:514 ", NULL, NULL },
  { "syslog:udp:2001:db8::1", NULL, NULL },
  { "syslog:udp:[::1", NULL, NULL },
  { "syslog:udp:[::1]514", NULL, NULL },
  { "syslog:udp:a b", NULL, NULL },
  { "syslog:udp:a/b", NULL, NULL },
};

static void
test_places (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (SinkPlace) place;
      gboolean parsed = sink_place_parse (places[i].text, &place, &error);

      g_assert_true (parsed == (error == NULL));
      g_assert_cmpstr (place.text, ==, places[i].whole);
      g_autofree char *name = parsed ? sink_place_name (&place) : NULL;
      g_assert_cmpstr (name, ==, places[i].name);
      g_assert_true (!parsed || sink_place_check_name (name, NULL));
    }
}

static void
test_long (void)
{
  g_autofree char *path = g_strnfill (120, 'x'), *text = g_strconcat ("syslog:/", path, NULL),
                  *host = g_strconcat ("syslog:tcp:", path, NULL);
  g_auto (SinkPlace) place, far;

  g_assert_false (sink_place_parse (text, &place, NULL));
  g_assert_true (sink_place_parse (host, &far, NULL));
  g_autofree char *name = sink_place_name (&far);
  g_assert_true (sink_place_check_name (name, NULL));
}

static void
test_names (void)
{
  static const char *const wrong[] = { "", "-a", "A", "a/b", "..", "a.b", "a b", "\xc3\xa9" };

  g_assert_true (sink_place_check_name ("siem-2", NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (sink_place_check_name (wrong[i], NULL));
}

/* ---- cursors ---- */

#define LOG "0123456789abcdef0123456789abcdef"
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
test_cursor (Place *place, gconstpointer unused)
{
  const char *dir = place->top;
  SinkCursor cursor = { g_strdup (LOG), 3, 812, 44, HEX };
  g_auto (SinkCursor) found = { 0 }, other = { 0 }, none = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean missing;

  g_assert_true (sink_cursor_load (dir, "a", "syslog:/dev/log", &none, &missing, NULL));
  g_assert_true (missing);
  g_assert_cmpuint (none.seq, ==, 0);
  g_assert_true (sink_cursor_save (dir, "a", "syslog:/dev/log", &cursor, NULL));
  g_assert_true (sink_cursor_load (dir, "a", "syslog:/dev/log", &found, &missing, NULL));
  g_assert_false (missing);
  g_assert_cmpstr (found.log, ==, LOG);
  g_assert_cmpuint (found.segment, ==, 3);
  g_assert_cmpuint (found.offset, ==, 812);
  g_assert_cmpuint (found.seq, ==, 44);
  g_assert_cmpstr (found.hash, ==, HEX);
  g_assert_false (sink_cursor_load (dir, "a", "journald", &other, &missing, &error));
  g_assert_nonnull (strstr (error->message, "--name"));
  sink_cursor_clear (&cursor);
}

static void
test_cursor_damaged (Place *place, gconstpointer unused)
{
  static const char *const texts[] = {
    "",
    "{",
    "[]",
    "{\"format\":1}",
    "{\"format\":2,\"to\":\"x\",\"log\":\"L\",\"file\":1,\"offset\":0,\"seq\":0,\"hash\":\"" HEX
    "\"}",
    "{\"format\":1,\"to\":\"x\",\"log\":\"L\",\"file\":-1,\"offset\":0,\"seq\":0,\"hash\":\"" HEX
    "\"}",
    "{\"format\":1,\"to\":\"x\",\"log\":\"L\",\"file\":1,\"offset\":-1,\"seq\":0,\"hash\":\"" HEX
    "\"}",
    "{\"format\":1,\"to\":\"x\",\"log\":\"L\",\"file\":1,\"offset\":0,\"seq\":0,\"hash\":\"00\"}"
  };
  const char *dir = place->top;
  g_autofree char *path = g_build_filename (dir, "sink-a.json", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (SinkCursor) cursor = { 0 };
      gboolean missing;

      g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
      g_assert_false (sink_cursor_load (dir, "a", "x", &cursor, &missing, &error));
      g_assert_nonnull (strstr (error->message, path));
    }
}

static void
test_lock (Place *place, gconstpointer unused)
{
  const char *dir = place->top;
  g_autoptr (GError) error = NULL;
  int first = sink_cursor_lock (dir, "a", NULL), other = sink_cursor_lock (dir, "b", NULL);

  g_assert_cmpint (first, >=, 0);
  g_assert_cmpint (other, >=, 0);
  g_assert_cmpint (sink_cursor_lock (dir, "a", &error), ==, -1);
  g_assert_nonnull (strstr (error->message, "--name"));
  close (first);
  close (other);
  first = sink_cursor_lock (dir, "a", NULL);
  g_assert_cmpint (first, >=, 0);
  close (first);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sink-place/each place is taken, or refused", test_places);
  g_test_add_func ("/sink-place/what is too long", test_long);
  g_test_add_func ("/sink-place/a name is no path", test_names);
  g_test_add ("/sink-cursor/it is kept, and is of one place", Place, NULL, place_make, test_cursor,
              place_clear);
  g_test_add ("/sink-cursor/a damaged one is an error that names it", Place, NULL, place_make,
              test_cursor_damaged, place_clear);
  g_test_add ("/sink-cursor/a name is one sender's", Place, NULL, place_make, test_lock,
              place_clear);
  return g_test_run ();
}
