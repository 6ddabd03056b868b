/* SPDX-License-Identifier: MIT
 *
 * Files that are not as we left them: each is refused, and none is changed by that.
 */
#include "tests/unit/store-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/table.h"

static char *
beside (const Fixture *f, const char *suffix)
{
  return g_strconcat (f->path, suffix, NULL);
}

/* --- Wrong kind, mode, owner --- */

static const struct
{
  const char *sentence, *suffix;
  char how; /* m: open to others, s: symbolic link, d: folder, f: FIFO, o: another's */
} unsafe[] = {
  { "a file that others may read is refused", "", 'm' },
  { "a symbolic link is refused", "", 's' },
  { "a folder is refused", "", 'd' },
  { "a pipe is refused", "", 'f' },
  { "another user's file is refused", "", 'o' },
  { "a log that others may read is refused", "-wal", 'm' },
  { "a log that is a symbolic link is refused", "-wal", 's' },
  { "a journal that is a symbolic link is refused", "-journal", 's' },
  { "shared memory that others may read is refused", "-shm", 'm' },
  { "a lock file that is a symbolic link is refused", ".lock", 's' },
};

static void
make_unsafe (const Fixture *f, const char *path, char how)
{
  g_autofree char *elsewhere = beside (f, ".elsewhere");

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_cmpint (chmod (path, 0600), ==, 0);
  if (how == 'm')
    g_assert_cmpint (chmod (path, 0640), ==, 0);
  else if (how == 'o')
    g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
  else
    g_assert_cmpint (rename (path, elsewhere), ==, 0);
  if (how == 's')
    g_assert_cmpint (symlink (elsewhere, path), ==, 0);
  else if (how == 'd')
    g_assert_cmpint (mkdir (path, 0700), ==, 0);
  else if (how == 'f')
    g_assert_cmpint (mkfifo (path, 0600), ==, 0);
}

static void
test_unsafe (gconstpointer data)
{
  typeof (&unsafe[0]) row = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  Fixture f;

  if (row->how == 'o' && geteuid () != 0)
    {
      g_test_skip ("only root can give a file away");
      return;
    }
  fixture_init (&f);
  fixture_fill (&f);
  fixture_close (&f);
  path = beside (&f, row->suffix);
  make_unsafe (&f, path, row->how);
  g_assert_null (fixture_try (&f, PASSPHRASE, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_UNSAFE);
  g_assert_nonnull (strstr (error->message, path));
  fixture_clear (&f);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL, folder = NULL;
  g_autofree char *nowhere = NULL;
  Fixture f;

  fixture_init (&f);
  nowhere = g_build_filename (f.dir, "no", "store.db", NULL);
  g_assert_null (store_open (f.path, f.writer, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_MISSING);
  g_assert_null (store_open (nowhere, f.writer, &folder));
  g_assert_error (folder, STORE_ERROR, STORE_ERROR_MISSING);
  g_assert_false (g_file_test (f.path, G_FILE_TEST_EXISTS));
  fixture_clear (&f);
}

static void
test_linked_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *link = NULL, *through = NULL;
  g_autoptr (Store) store = NULL;
  Fixture f;

  fixture_init (&f);
  fixture_fill (&f);
  link = g_build_filename (f.dir, "link", NULL);
  through = g_build_filename (link, "store.db", NULL);
  g_assert_cmpint (symlink (f.dir, link), ==, 0);
  store = store_open (through, f.writer, &error);
  g_assert_no_error (error);
  g_clear_pointer (&store, store_free);
  fixture_clear (&f);
}

/* --- Not a store, or not one that we can read --- */

static const struct
{
  const char *sentence, *sql;
  StoreError code;
  const char *words;
} changed[] = {
  { "a newer format is named with ours", "PRAGMA user_version=7", STORE_ERROR_NEWER, "format 7" },
  { "a format before the first is damage", "PRAGMA user_version=0", STORE_ERROR_DAMAGED, "begin" },
  { "another program's file is damage", "PRAGMA application_id=1", STORE_ERROR_DAMAGED, "begin" },
  { "a table too many is damage", "CREATE TABLE zzz (a)", STORE_ERROR_DAMAGED, "tables" },
  { "a table too few is damage", "DROP TABLE wrapped", STORE_ERROR_DAMAGED, "tables" },
  { "a trigger is damage",
    "CREATE TRIGGER t BEFORE INSERT ON secret BEGIN SELECT RAISE(IGNORE); END", STORE_ERROR_DAMAGED,
    "tables" },
  { "a missing header is damage", "DELETE FROM header", STORE_ERROR_DAMAGED, "header" },
  { "a changed header is damage, not a wrong passphrase", "UPDATE header SET passes = 2",
    STORE_ERROR_DAMAGED, "header" },
  { "names in each other's place are refused",
    "UPDATE secret SET names = (SELECT names FROM secret AS o WHERE o.token <> secret.token)",
    STORE_ERROR_DAMAGED, "table secret" },
  { "a name cut short is refused", "UPDATE secret SET names = substr(names, 1, 20)",
    STORE_ERROR_DAMAGED, "table secret" },
  { "a secret under a short token is refused",
    "PRAGMA foreign_keys=OFF; UPDATE secret SET token = substr(token, 1, 31)", STORE_ERROR_DAMAGED,
    "token" },
  { "meta in each other's place is refused",
    "UPDATE meta SET value = (SELECT value FROM meta AS o WHERE o.key <> meta.key)",
    STORE_ERROR_DAMAGED, "table meta" },
  { "meta under another key is refused",
    "DELETE FROM meta WHERE key = 'pin'; UPDATE meta SET key = 'pin'", STORE_ERROR_DAMAGED,
    "table meta" },
};

static char *
snapshot (const Fixture *f)
{
  const char *const suffixes[] = { "", "-wal", "-journal" };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = beside (f, suffixes[i]), *contents = NULL;
      gsize len = 0;

      /* An empty log is made by whoever looks. */
      if (g_file_get_contents (path, &contents, &len, NULL) && len > 0)
        {
          g_checksum_update (checksum, (const guchar *) suffixes[i], -1);
          g_checksum_update (checksum, (const guchar *) contents, (gssize) len);
        }
    }
  return g_strdup (g_checksum_get_string (checksum));
}

static void
assert_refused_unchanged (Fixture *f, StoreError code, const char *words)
{
  g_autofree char *before = snapshot (f), *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (fixture_try (f, PASSPHRASE, &error));
  g_assert_error (error, STORE_ERROR, (gint) code);
  g_assert_nonnull (strstr (error->message, words));
  after = snapshot (f);
  g_assert_cmpstr (after, ==, before);
}

static void
test_changed (gconstpointer data)
{
  typeof (&changed[0]) row = data;
  Fixture f;

  fixture_init (&f);
  fixture_fill (&f);
  fixture_close (&f);
  fixture_sql (&f, row->sql);
  assert_refused_unchanged (&f, row->code, row->words);
  fixture_clear (&f);
}

static void
test_newer_words (void)
{
  g_autoptr (GError) error = NULL;
  Fixture f;

  fixture_init (&f);
  fixture_fill (&f);
  fixture_close (&f);
  fixture_sql (&f, "PRAGMA user_version=7");
  g_assert_null (fixture_try (&f, PASSPHRASE, &error));
  g_assert_nonnull (strstr (error->message, "format 7"));
  g_assert_nonnull (strstr (error->message, "format 1"));
  g_assert_nonnull (strstr (error->message, COUNTERSIGN_VERSION));
  fixture_clear (&f);
}

/* --- Cut, and broken --- */

static void
test_truncated (void)
{
  g_autofree char *whole = NULL;
  gsize len;
  Fixture f;

  fixture_init (&f);
  fixture_fill (&f);
  fixture_close (&f);
  g_assert_true (g_file_get_contents (f.path, &whole, &len, NULL));
  for (gsize keep = 0; keep < len; keep += keep < 4096 ? 512 : 4096)
    {
      g_assert_true (g_file_set_contents (f.path, whole, (gssize) keep, NULL));
      g_assert_cmpint (chmod (f.path, 0600), ==, 0);
      g_test_message ("the first %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes", keep, len);
      assert_refused_unchanged (&f, STORE_ERROR_DAMAGED, "restore a backup");
    }
  fixture_clear (&f);
}

/* Nothing of that page is needed for opening: it is looked at all the same, while a backup is still
 * recent. */
static void
test_broken_page (void)
{
  g_autofree char *whole = NULL;
  gint64 page = 0;
  gsize len;
  Fixture f;

  fixture_init (&f);
  fixture_fill (&f);
  g_assert_true (store_sql_integer (
      f.store->db, "SELECT rootpage FROM sqlite_schema WHERE name = 'version'", &page, NULL));
  fixture_close (&f);
  g_assert_true (g_file_get_contents (f.path, &whole, &len, NULL));
  memset (whole + (page - 1) * 4096, 0x11, 4096);
  g_assert_true (g_file_set_contents (f.path, whole, (gssize) len, NULL));
  g_assert_cmpint (chmod (f.path, 0600), ==, 0);
  assert_refused_unchanged (&f, STORE_ERROR_DAMAGED, "restore a backup");
  fixture_clear (&f);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (!secret_init (&error))
    g_error ("%s", error->message);
  ADD_TABLE ("/store/file/", unsafe, test_unsafe);
  ADD_TABLE ("/store/file/", changed, test_changed);
  g_test_add_func ("/store/file/where there is none none is made", test_missing);
  g_test_add_func ("/store/file/a folder may be reached by a symbolic link", test_linked_folder);
  g_test_add_func ("/store/file/a newer one is named with both versions", test_newer_words);
  g_test_add_func ("/store/file/one cut short is damaged wherever it was cut", test_truncated);
  g_test_add_func ("/store/file/a broken page is found at opening", test_broken_page);
  return g_test_run ();
}
