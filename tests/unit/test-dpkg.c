/* SPDX-License-Identifier: MIT
 *
 * dpkg's database, as dpkg writes it.
 */
#include "broker/base/dpkg.h"
#include "tests/unit/place.h"

#include <glib/gstdio.h>

static const struct
{
  const char *file, *text;
} files[] = {
  { "info/coreutils.list", "/.\n/bin\n/bin/ls\n/usr\n/usr/bin\n/usr/bin/env\n" },
  { "info/libc6:amd64.list", "/.\n/usr/bin/ldd\n" },
  { "info/libc6:i386.list", "/.\n/usr/bin/ldd32\n" },
  { "info/vim.list", "/.\n/opt/test/vi\n" },
  { "info/nvi.list", "/.\n/opt/test/vi\n/opt/test/nvi" },
  { "info/coreutils.md5sums", "0 opt/test/md5\n" },
  { "diversions", "/opt/test/vi\n/opt/test/vi.vim\nnvi\n"
                  "/opt/test/local\n/opt/test/local.old\n:\n" },
};

static const struct
{
  const char *path, *owner;
} rows[] = {
  { "/usr/bin/env", "coreutils" }, { "/usr/bin/en", "" },
  { "/usr/bin/env2", "" },         { "/bin/env", "" },
  { "/usr/bin/ldd", "libc6" },     { "/usr/bin/ldd32", "libc6" },
  { "/opt/test/nvi", "nvi" },    /* the last line, without an end */
  { "/opt/test/vi", "nvi" },     /* which has the place of vim's */
  { "/opt/test/vi.vim", "vim" }, /* and this is vim's */
  { "/opt/test/local", "" },     /* the administrator's */
  { "/opt/test/md5", "" },       /* no list */
  { "/opt/test/nothing", "" },
};

static void
test_owner (Place *place, gconstpointer unused)
{
  g_autofree char *info = g_build_filename (place->top, "info", NULL);

  g_assert_cmpint (g_mkdir (info, 0700), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (place->top, files[i].file, NULL);
      g_assert_true (g_file_set_contents (path, files[i].text, -1, NULL));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *owner = dpkg_owner (place->top, rows[i].path);
      g_assert_cmpstr (owner, ==, rows[i].owner);
    }
}

/* A machine of another distribution. */
static void
test_none (Place *place, gconstpointer unused)
{
  g_autofree char *owner = dpkg_owner (place->top, "/usr/bin/env");

  g_assert_null (owner);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/dpkg/each file is its package's", Place, NULL, place_make, test_owner, place_clear);
  g_test_add ("/dpkg/without a database nothing is known", Place, NULL, place_make, test_none,
              place_clear);
  return g_test_run ();
}
