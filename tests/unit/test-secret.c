/* SPDX-License-Identifier: MIT */
#include "broker/base/secret.h"
#include "tests/unit/child.h"

#include <string.h>
#include <sys/resource.h>

#define POOL (4 * 1024 * 1024)

static void
need_pool (void)
{
  g_autoptr (GError) error = NULL;

  secret_init (&error);
  g_assert_no_error (error);
}

static Secret *
secret_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  Secret *secret = secret_new_from (text, strlen (text), &error);

  g_assert_no_error (error);
  return secret;
}

static void
assert_bytes (const Secret *secret, const void *bytes, gsize len)
{
  g_assert_nonnull (secret);
  g_assert_cmpmem (secret_peek (secret), secret_len (secret), bytes, len);
}

/* --- The pool --- */

static void
set_limit (rlim_t now)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_MEMLOCK, &limit), ==, 0);
  limit.rlim_cur = now;
  limit.rlim_max = MAX (limit.rlim_max, now);
  g_assert_cmpint (setrlimit (RLIMIT_MEMLOCK, &limit), ==, 0);
}

static void
try_without_limit (void)
{
  static const char *const says[] = { "RLIMIT_MEMLOCK is 0 KiB", "4096 KiB is needed", "ulimit -l",
                                      "LimitMEMLOCK=", "/etc/security/limits.conf" };
  g_autoptr (GError) error = NULL, again = NULL;

  set_limit (2 * POOL); /* while we may: the hard limit */
  g_assert_true (child_become_ordinary ());
  set_limit (0);
  g_assert_false (secret_init (&error));
  g_assert_error (error, SECRET_ERROR, SECRET_ERROR_LOCK);
  for (gsize i = 0; i < G_N_ELEMENTS (says); i++)
    g_assert_nonnull (strstr (error->message, says[i]));
  /* And it is not that the pool is there all the same. */
  g_assert_null (secret_new (1, &again));
  g_assert_error (again, SECRET_ERROR, SECRET_ERROR_LOCK);

  set_limit (2 * POOL);
  need_pool ();
}

static void
test_limit (void)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_MEMLOCK, &limit), ==, 0);
  if (geteuid () != 0 && limit.rlim_max < 2 * POOL)
    g_test_skip ("the hard limit on locked memory is too low to raise it again");
  else if (!child_succeeds (child_become_ordinary))
    g_test_skip ("root here cannot become an ordinary user (uid 65534)");
  else
    {
      g_test_trap_subprocess ("/secret/subprocess/no limit", 0, 0);
      g_test_trap_assert_passed ();
    }
}

static void
try_before_init (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (secret_new (1, &error));
  g_assert_error (error, SECRET_ERROR, SECRET_ERROR_LOCK);
}

static void
test_before_init (void)
{
  g_test_trap_subprocess ("/secret/subprocess/before init", 0, 0);
  g_test_trap_assert_passed ();
}

/* The VmFlags line of the mapping that holds @at, from smaps (proc(5)). */
static char *
mapping_flags (const void *at)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean inside = FALSE;

  g_assert_true (g_file_get_contents ("/proc/self/smaps", &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char *end;
      guint64 from = g_ascii_strtoull (*line, &end, 16), to;

      if (*end == '-')
        {
          to = g_ascii_strtoull (end + 1, NULL, 16);
          inside = from <= (guintptr) at && (guintptr) at < to;
        }
      else if (inside && g_str_has_prefix (*line, "VmFlags:"))
        return g_strdup (*line);
    }
  return NULL;
}

static void
test_locked (void)
{
  g_autoptr (Secret) secret = NULL;
  g_autofree char *flags = NULL;

  need_pool ();
  secret = secret_of ("where am I");
  flags = mapping_flags (secret_peek (secret));
  g_assert_nonnull (flags);
  g_assert_nonnull (strstr (flags, " lo"));
  g_assert_nonnull (strstr (flags, " dd"));
}

static void
test_full (void)
{
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func ((GDestroyNotify) secret_free);
  g_autoptr (GError) error = NULL;
  Secret *secret;

  need_pool ();
  for (gsize len = SECRET_MAX; len > 0; len /= 2)
    {
      g_clear_error (&error);
      while ((secret = secret_new (len, &error)) != NULL)
        {
          g_ptr_array_add (held, secret);
          g_assert_cmpuint (held->len, <=, POOL / 32);
        }
      g_assert_error (error, SECRET_ERROR, SECRET_ERROR_FULL);
    }
  g_ptr_array_set_size (held, 0);
  g_clear_error (&error);
  secret = secret_new (SECRET_MAX, &error);
  g_assert_no_error (error);
  secret_free (secret);
}

static void
test_wiped (void)
{
  char letters[512];
  Secret *secret;
  const guint8 *at;

  need_pool ();
  memset (letters, 'S', sizeof letters);
  secret = secret_new_from (letters, sizeof letters, NULL);
  at = secret_peek (secret);
  secret_truncate (secret, 100);
  g_assert_cmpuint (secret_len (secret), ==, 100);
  for (gsize i = 0; i < sizeof letters; i++)
    g_assert_cmpuint (at[i], ==, i < 100 ? 'S' : 0);
  secret_free (secret);
  /* The pool keeps its own list in blocks that are free, but never these letters. */
  g_assert_null (memchr (at, 'S', sizeof letters));
}

/* --- Values --- */

static void
test_new (void)
{
  static const struct
  {
    gsize len;
    gboolean fits;
  } rows[] = {
    { 0, TRUE }, { 1, TRUE }, { SECRET_MAX, TRUE }, { SECRET_MAX + 1, FALSE }, { G_MAXSIZE, FALSE }
  };

  need_pool ();
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Secret) secret = secret_new (rows[i].len, &error);

      g_assert_true ((secret != NULL) == rows[i].fits);
      if (!rows[i].fits)
        g_assert_error (error, SECRET_ERROR, SECRET_ERROR_TOO_LARGE);
      else
        for (gsize at = 0; at < rows[i].len; at++)
          g_assert_cmpuint (secret_peek (secret)[at], ==, 0);
    }
}

static void
test_copy (void)
{
  g_autoptr (Secret) one = NULL;
  g_autoptr (Secret) two = NULL;

  need_pool ();
  one = secret_of ("first");
  two = secret_copy (one, NULL);
  secret_data (one)[0] = 'F';
  assert_bytes (one, "First", 5);
  assert_bytes (two, "first", 5);
}

static void
test_equal (void)
{
  static const struct
  {
    const char *a, *b;
    gboolean equal;
  } rows[] = {
    { "", "", TRUE },           { "a", "a", TRUE },        { "a", "b", FALSE },
    { "a", "", FALSE },         { "same", "samf", FALSE }, { "same", "tame", FALSE },
    { "same", "same ", FALSE },
  };

  need_pool ();
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Secret) a = secret_of (rows[i].a);
      g_autoptr (Secret) b = secret_of (rows[i].b);

      g_assert_cmpint (secret_equal (a, b), ==, rows[i].equal);
    }
}

#define BYTES(s) s, sizeof s - 1

static void
test_text (void)
{
  static const struct
  {
    const char *bytes;
    gsize len;
    gboolean text;
  } rows[] = {
    { BYTES (""), TRUE },
    { BYTES ("plain"), TRUE },
    { BYTES ("\xc3\xa9t\xc3\xa9\n"), TRUE },
    { BYTES ("a\0b"), FALSE },
    { BYTES ("a\0"), FALSE },
    { BYTES ("\0"), FALSE },
    { BYTES ("\xff"), FALSE },
    { BYTES ("cut \xc3"), FALSE },
    { BYTES ("\xc0\x80"), FALSE },
    { BYTES ("\xed\xa0\x80"), FALSE },
  };

  need_pool ();
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Secret) secret = secret_new_from (rows[i].bytes, rows[i].len, NULL);

      g_assert_cmpint (secret_is_text (secret), ==, rows[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secret/subprocess/no limit", try_without_limit);
  g_test_add_func ("/secret/subprocess/before init", try_before_init);
  g_test_add_func ("/secret/without a pool there is no secret", test_before_init);
  g_test_add_func (
      "/secret/memory that cannot be locked is refused, and how to raise the limit said",
      test_limit);
  g_test_add_func ("/secret/bytes are in locked memory and left out of core files", test_locked);
  g_test_add_func ("/secret/a full pool says so, never ordinary memory", test_full);
  g_test_add_func ("/secret/what is cut off or freed is wiped", test_wiped);
  g_test_add_func ("/secret/a new one is zeroed and of bounded size", test_new);
  g_test_add_func ("/secret/a copy has bytes of its own", test_copy);
  g_test_add_func ("/secret/equal means the same bytes and length", test_equal);
  g_test_add_func ("/secret/text is UTF-8 without NUL", test_text);
  return g_test_run ();
}
