/* SPDX-License-Identifier: MIT */
#include "tests/unit/place.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Where the probe is put; what it is asked for; where that is; the answer, below the place. */
typedef struct
{
  const char *sentence, *probe, *kind, *name, *there, *answer;
  gboolean meson; /* as if meson had built there */
} FindRow;

#define BIN "p/" COUNTERSIGN_BINDIR
#define LIBEXEC "p/" COUNTERSIGN_LIBEXECDIR
#define DATA "p/" COUNTERSIGN_DATADIR
#define MCP "countersign-mcp"
#define DAEMON "countersignd"

static const FindRow find_rows[] = {
  { "bin finds bin", BIN "/x", "program", MCP, BIN "/" MCP, BIN "/" MCP },
  { "bin finds libexec", BIN "/x", "program", DAEMON, LIBEXEC "/" DAEMON, LIBEXEC "/" DAEMON },
  { "libexec finds bin", LIBEXEC "/x", "program", MCP, BIN "/" MCP, BIN "/" MCP },
  { "libexec finds libexec", LIBEXEC "/x", "program", DAEMON, LIBEXEC "/" DAEMON,
    LIBEXEC "/" DAEMON },
  { "libexec finds data", LIBEXEC "/x", "data", "f", DATA "/f", DATA "/f" },
  { "bin finds data below", BIN "/x", "data", "policies/f", DATA "/policies/f",
    DATA "/policies/f" },
  { "a program is not found where another kind is", BIN "/x", "program", DAEMON, BIN "/" DAEMON,
    NULL },
  { "a program that is missing", BIN "/x", "program", DAEMON, NULL, NULL },
  { "a data file that is missing", BIN "/x", "data", "f", NULL, NULL },
  { "a program that is not ours", BIN "/x", "program", "sh", BIN "/sh", NULL },
  { "a path is not a program", BIN "/x", "program", "../" BIN "/" MCP, BIN "/" MCP, NULL },
  { "installed, it looks into no build tree", BIN "/x", "program", DAEMON, "p/broker/" DAEMON, NULL,
    TRUE },
  { "the end of a name is not a directory", "p/my" COUNTERSIGN_BINDIR "/x", "program", MCP,
    "p/m/" COUNTERSIGN_BINDIR "/" MCP, NULL },
  { "somewhere else finds nothing", "p/else/x", "program", MCP, "p/else/" MCP, NULL },
  { "built, the command line finds the broker", "p/broker/cli/x", "program", DAEMON,
    "p/broker/" DAEMON, "p/broker/" DAEMON, TRUE },
  { "built, the broker finds the command line", "p/broker/x", "program", "countersign",
    "p/broker/cli/countersign", "p/broker/cli/countersign", TRUE },
  { "built, mcp finds the broker", "p/mcp/x", "program", DAEMON, "p/broker/" DAEMON,
    "p/broker/" DAEMON, TRUE },
  { "built, a test finds mcp", "p/tests/unit/x", "program", MCP, "p/mcp/" MCP, "p/mcp/" MCP, TRUE },
  { "built, data is found", "p/broker/x", "data", "f", "p/data/f", "p/data/f", TRUE },
  { "what only looks like a build tree is none", "p/mcp/x", "program", DAEMON, "p/broker/" DAEMON,
    NULL, FALSE },
};

static void
put (const char *top, const char *name, const char *bytes, gsize len)
{
  g_autofree char *path = g_build_filename (top, name, NULL);
  g_autofree char *dir = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (dir, 0755), ==, 0);
  g_file_set_contents_full (path, bytes, (gssize) len, G_FILE_SET_CONTENTS_CONSISTENT, 0755,
                            &error);
  g_assert_no_error (error);
}

static void
put_probe (const char *top, const char *name)
{
  g_autofree char *bytes = NULL;
  gsize len;

  g_assert_true (g_file_get_contents (PROBE, &bytes, &len, NULL));
  put (top, name, bytes, len);
}

/* What the probe prints; @status is its exit status. */
static char *
ask_probe (const char *top, const FindRow *row, int *status)
{
  g_autofree char *probe = g_build_filename (top, row->probe, NULL);
  /* PATH leads elsewhere, and so would argv[0]. */
  char *argv[] = { probe, (char *) "/decoy/" COUNTERSIGN_BINDIR "/x", (char *) row->kind,
                   (char *) row->name, NULL };
  g_autofree char *decoy = g_strconcat ("PATH=", top, "/decoy", NULL);
  char *environment[] = { decoy, NULL };
  g_autoptr (GError) error = NULL;
  char *out = NULL;

  g_spawn_sync (NULL, argv, environment, G_SPAWN_FILE_AND_ARGV_ZERO, NULL, NULL, &out, NULL, status,
                &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (*status));
  *status = WEXITSTATUS (*status);
  return out;
}

static void
test_find (Place *place, gconstpointer data)
{
  const FindRow *row = data;
  g_autofree char *decoy = g_strconcat ("decoy/", row->name, NULL);
  g_autofree char *top = realpath (place->top, NULL);
  g_autofree char *expected = NULL, *got = NULL;
  int status;

  put_probe (place->top, row->probe);
  put (place->top, decoy, "", 0);
  if (row->there != NULL)
    put (place->top, row->there, "", 0);
  if (row->meson)
    put (place->top, "p/meson-private/coredata.dat", "", 0);
  got = ask_probe (place->top, row, &status);
  if (row->answer == NULL)
    {
      g_assert_cmpint (status, ==, 1);
      g_assert_cmpint (got[0], !=, '\0');
      return;
    }
  expected = g_build_filename (top, row->answer, NULL);
  g_assert_cmpstr (got, ==, expected);
  g_assert_cmpint (status, ==, 0);
}

static void
test_not_executable (Place *place, gconstpointer unused)
{
  static const FindRow row = { "", BIN "/x", "program", MCP, BIN "/" MCP, NULL, FALSE };
  g_autofree char *path = g_build_filename (place->top, row.there, NULL);
  g_autofree char *got = NULL;
  int status;

  put_probe (place->top, row.probe);
  put (place->top, row.there, "", 0);
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  got = ask_probe (place->top, &row, &status);
  g_assert_cmpint (status, ==, 1);
  g_assert_nonnull (strstr (got, row.there));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (find_rows); i++)
    {
      g_autofree char *name = g_strconcat ("/paths/find/", find_rows[i].sentence, NULL);
      g_test_add (name, Place, &find_rows[i], place_make, test_find, place_clear);
    }
  g_test_add ("/paths/find/a file that may not be executed is no program", Place, NULL, place_make,
              test_not_executable, place_clear);
  return g_test_run ();
}
