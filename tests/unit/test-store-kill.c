/* SPDX-License-Identifier: MIT
 *
 * kill -9 at any moment: a child changes secrets and tells of each change that was confirmed; it is
 * killed in the middle, and what it told of must be there. What was under way is old or new.
 *
 * test-store-kill [--long]: 30 rounds, or 500. COUNTERSIGN_LONG in the environment is --long.
 */
#include "tests/unit/store-fixture.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMES 6
#define TOGETHER 4

static guint rounds = 30;

/* What is told over the pipe, before a change is pushed and after it was confirmed; each is one
 * write(2), so whole. Value 0 is removal. */
typedef struct
{
  guint8 confirmed, name;
  guint16 unused;
  guint32 value;
} Word;

static char *
name_of (guint i)
{
  return g_strdup_printf ("app/live/N%u", i);
}

/* Some fit a page, some take many. */
static char *
value_of (guint32 value)
{
  g_autofree char *filling = g_strnfill (value % 7 == 0 ? 30000 : value % 40, 'x');

  return g_strdup_printf ("%u %s", value, filling);
}

/* --- The child --- */

typedef struct
{
  Word word;
  guint *left;
} Told;

static void
tell (Word word)
{
  if (write (STDOUT_FILENO, &word, sizeof word) != sizeof word)
    _exit (1);
}

static void
told_done (gpointer data, const GError *error)
{
  Told *told = data;

  g_assert_no_error (error);
  told->word.confirmed = 1;
  tell (told->word);
  --*told->left;
}

static void
push_change (Fixture *f, Told *told, gboolean there)
{
  g_autofree char *name = name_of (told->word.name), *text = value_of (told->word.value);
  g_autoptr (Secret) value = fixture_secret (text);

  tell (told->word);
  ++*told->left;
  if (told->word.value == 0)
    store_remove (f->store, name, told_done, told);
  else
    store_set (f->store, name, value, NULL, there ? STORE_SET_UPDATE : STORE_SET_NEW, told_done,
               told);
}

G_NORETURN static void
child (const char *dir, guint32 next)
{
  gboolean there[NAMES];
  guint left = 0;
  Fixture f;

  fixture_init_at (&f, dir);
  fixture_reopen (&f);
  for (guint i = 0; i < NAMES; i++)
    {
      g_autofree char *name = name_of (i);
      there[i] = store_find (f.store, name) != NULL;
    }
  for (;;)
    {
      Told told[TOGETHER];

      for (guint i = 0; i < TOGETHER; i++)
        {
          guint n = (next + i) % NAMES;
          gboolean remove = there[n] && g_random_int_range (0, 4) == 0;

          told[i] = (Told){ { 0, (guint8) n, 0, remove ? 0 : next + i }, &left };
          push_change (&f, &told[i], there[n]);
          there[n] = !remove;
        }
      next += TOGETHER;
      while (left > 0)
        g_main_context_iteration (NULL, TRUE);
    }
}

/* --- The parent --- */

typedef struct
{
  guint32 confirmed[NAMES];
  guint32 under_way[NAMES];
  gboolean pending[NAMES];
  guint32 last; /* the highest value told of */
  guint confirmations;
} Expected;

static GPid
start_child (const char *dir, guint32 next, int *pipe_fd)
{
  g_autofree char *number = g_strdup_printf ("%u", next);
  const char *const argv[] = { "/proc/self/exe", "--child", dir, number, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                            NULL, pipe_fd, NULL, &error);
  g_assert_no_error (error);
  return pid;
}

static gboolean
hear (int fd, Expected *expected)
{
  Word word;
  ssize_t n;

  do
    n = read (fd, &word, sizeof word);
  while (n < 0 && errno == EINTR);
  if (n == 0)
    return FALSE;
  g_assert_cmpint (n, ==, sizeof word);
  g_assert_cmpuint (word.name, <, NAMES);
  expected->last = MAX (expected->last, word.value);
  if (word.confirmed)
    {
      expected->confirmed[word.name] = word.value;
      expected->confirmations++;
    }
  else
    expected->under_way[word.name] = word.value;
  expected->pending[word.name] = !word.confirmed;
  return TRUE;
}

static gboolean
holds (Fixture *f, guint n, guint32 value)
{
  g_autofree char *name = name_of (n), *text = value_of (value);
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) secret = NULL;

  if (store_find (f->store, name) == NULL)
    return value == 0;
  secret = fixture_read (f, name, &error);
  g_assert_no_error (error);
  return secret_len (secret) == strlen (text)
         && memcmp (secret_peek (secret), text, strlen (text)) == 0;
}

static void
check (Fixture *f, Expected *expected)
{
  fixture_reopen (f);
  for (guint n = 0; n < NAMES; n++)
    if (!holds (f, n, expected->confirmed[n]))
      {
        g_assert_true (expected->pending[n]);
        g_assert_true (holds (f, n, expected->under_way[n]));
        expected->confirmed[n] = expected->under_way[n];
      }
  memset (expected->pending, 0, sizeof expected->pending);
  fixture_close (f);
}

static void
one_round (Fixture *f, Expected *expected)
{
  int fd;
  GPid pid = start_child (f->dir, expected->last + 1, &fd);
  int words = g_random_int_range (1, 60), status;

  /* After so many words, and a moment that falls anywhere within a commit. */
  while (words-- > 0)
    g_assert_true (hear (fd, expected));
  g_usleep ((gulong) g_random_int_range (0, 1500));
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  while (hear (fd, expected))
    ;
  close (fd);
  check (f, expected);
}

static void
test_kill (void)
{
  Expected expected = { 0 };
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  fixture_close (&f);
  for (guint i = 0; i < rounds; i++)
    one_round (&f, &expected);
  g_test_message ("%u rounds, %u confirmations", rounds, expected.confirmations);
  g_assert_cmpuint (expected.confirmations, >, 0);
  fixture_clear (&f);
}

/* A broker that is to take over looks while the other still writes, and neither is in the other's
 * way. */
static void
test_beside (void)
{
  g_autoptr (Secret) passphrase = fixture_secret (PASSPHRASE), wrong = fixture_secret ("wrong");
  g_autofree char *process = NULL;
  Expected expected = { 0 };
  Fixture f;
  GPid pid;
  int fd;

  fixture_init (&f);
  fixture_create (&f);
  fixture_close (&f);
  pid = start_child (f.dir, 1, &fd);
  process = g_strdup_printf ("process %d ", (int) pid);
  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Store) second = NULL;

      g_assert_true (hear (fd, &expected));
      second = store_open (f.path, f.writer, &error);
      g_assert_no_error (error);
      g_assert_false (store_unlock (second, wrong, &error));
      g_assert_error (error, STORE_ERROR, STORE_ERROR_PASSPHRASE);
      g_clear_error (&error);
      g_assert_true (store_unlock (second, passphrase, &error));
      g_assert_false (store_claim (second, &error));
      g_assert_error (error, STORE_ERROR, STORE_ERROR_BUSY);
      g_assert_nonnull (strstr (error->message, process));
    }
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  while (hear (fd, &expected))
    ;
  close (fd);
  check (&f, &expected);
  fixture_clear (&f);
}

/* Making one is killed too: there is a whole store afterwards, or none. */
static int
child_create (const char *dir)
{
  Fixture f;

  fixture_init_at (&f, dir);
  g_assert_cmpint (write (STDOUT_FILENO, "x", 1), ==, 1);
  fixture_create (&f);
  pause ();
  return 0;
}

static void
kill_while_making (Fixture *f, gulong after)
{
  const char *const argv[] = { "/proc/self/exe", "--create", f->dir, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid;
  char x;
  int fd;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                            NULL, &fd, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (read (fd, &x, 1), ==, 1);
  g_usleep (after);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  close (fd);
}

static void
test_kill_create (void)
{
  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (GError) error = NULL;
      Fixture f;

      fixture_init (&f);
      kill_while_making (&f, (gulong) g_random_int_range (0, 40000));
      f.store = fixture_try (&f, PASSPHRASE, &error);
      if (f.store == NULL)
        {
          g_assert_error (error, STORE_ERROR, STORE_ERROR_MISSING);
          fixture_create (&f);
        }
      fixture_must_set (&f, "A", "a");
      fixture_clear (&f);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (!secret_init (&error))
    g_error ("%s", error->message);
  if (argc == 4 && strcmp (argv[1], "--child") == 0)
    child (argv[2], (guint32) g_ascii_strtoull (argv[3], NULL, 10));
  if (argc == 3 && strcmp (argv[1], "--create") == 0)
    return child_create (argv[2]);
  g_test_init (&argc, &argv, NULL);
  if (g_getenv ("COUNTERSIGN_LONG") != NULL || (argc == 2 && strcmp (argv[1], "--long") == 0))
    rounds = 500;
  g_test_add_func ("/store/kill/what was confirmed is there, what was under way is old or new",
                   test_kill);
  g_test_add_func ("/store/kill/a broker that looks is not in the way of the one that writes",
                   test_beside);
  g_test_add_func ("/store/kill/making one leaves a whole store or none", test_kill_create);
  return g_test_run ();
}
