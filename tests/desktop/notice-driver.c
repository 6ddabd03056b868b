/* SPDX-License-Identifier: MIT
 *
 * notice-driver: the approver's notifications, told what to do by standard input.
 *
 *   show SENTENCE DETAIL WAITING ID…   (fields are separated by tabs; DETAIL may be empty)
 *   withdraw
 *   tick                               answered by ["tick"], by the main loop
 *
 * Says ["ready"], ["review"] and ["deny",ID…] as they come, and ["freed"] after the end of input.
 */
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <string.h>

#include "approve-ui/card/i18n.h"
#include "approve-ui/notice/notice.h"

typedef struct
{
  Notice *notice;
  GDataInputStream *in;
  GMainLoop *loop;
} Driver;

static void
on_review (gpointer user)
{
  puts ("[\"review\"]");
}

static void
on_deny (const char *const *request_ids, gpointer user)
{
  g_autofree char *ids = g_strjoinv ("\",\"", (char **) request_ids);

  printf ("[\"deny\",\"%s\"]\n", ids);
}

static void
obey (Driver *driver, const char *line)
{
  g_auto (GStrv) field = g_strsplit (line, "\t", -1);

  if (strcmp (field[0], "show") == 0 && g_strv_length (field) >= 4)
    notice_show (driver->notice, field[1], *field[2] != '\0' ? field[2] : NULL,
                 (guint) g_ascii_strtoull (field[3], NULL, 10), (const char *const *) field + 4);
  else if (strcmp (line, "withdraw") == 0)
    notice_withdraw (driver->notice);
  else if (strcmp (line, "tick") == 0)
    puts ("[\"tick\"]");
  else
    g_error ("cannot: %s", line);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user)
{
  Driver *driver = user;
  g_autofree char *line = g_data_input_stream_read_line_finish (driver->in, result, NULL, NULL);

  if (line == NULL)
    {
      g_main_loop_quit (driver->loop);
      return;
    }
  obey (driver, line);
  g_data_input_stream_read_line_async (driver->in, G_PRIORITY_DEFAULT, NULL, on_line, driver);
}

int
main (void)
{
  g_autoptr (GInputStream) standard = g_unix_input_stream_new (0, FALSE);
  Driver driver = { 0 };

  setvbuf (stdout, NULL, _IOLBF, 0);
  i18n_init ();
  driver.loop = g_main_loop_new (NULL, FALSE);
  driver.in = g_data_input_stream_new (standard);
  driver.notice = notice_new (on_review, on_deny, &driver);
  puts ("[\"ready\"]");
  g_data_input_stream_read_line_async (driver.in, G_PRIORITY_DEFAULT, NULL, on_line, &driver);
  g_main_loop_run (driver.loop);
  notice_free (driver.notice);
  puts ("[\"freed\"]");
  g_object_unref (driver.in);
  g_main_loop_unref (driver.loop);
  return 0;
}
