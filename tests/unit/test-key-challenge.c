/* SPDX-License-Identifier: MIT
 *
 * How long a challenge is good. The clock is this program's: -Wl,--wrap=loop_now.
 */
#include <string.h>

#include "broker/human/key.h"
#include "tests/unit/table.h"

#define SECOND ((gint64) G_USEC_PER_SEC)
#define DIGEST "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static gint64 now;

gint64 __wrap_loop_now (void);
gint64
__wrap_loop_now (void)
{
  return now;
}

typedef struct
{
  const char *sentence;
  gint64 later; /* µs */
  const char *request_id;
  KeyError error; /* UNKNOWN: it got as far as the key */
} ChallengeCase;

static const ChallengeCase cases[] = {
  { "at once", 0, "r1", KEY_ERROR_UNKNOWN },
  { "just within a minute", 60 * SECOND - 1, "r1", KEY_ERROR_UNKNOWN },
  { "after a minute", 60 * SECOND, "r1", KEY_ERROR_CHALLENGE },
  { "after a day", 86400 * SECOND, "r1", KEY_ERROR_CHALLENGE },
  { "for another request", 0, "r2", KEY_ERROR_CHALLENGE },
};

static void
test_challenge (gconstpointer data)
{
  const ChallengeCase *row = data;
  Keys *keys = keys_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (KeyChallenge) challenge = key_challenge_new ("r1", &error);
  g_autoptr (GBytes) bytes = g_bytes_new ("x", 1);
  const KeyAssertion assertion = { bytes, bytes, bytes };
  g_assert_no_error (error);

  now += row->later;
  g_assert_null (keys_prove (keys, &assertion, challenge, row->request_id, DIGEST, &error));
  g_assert_error (error, KEY_ERROR, (int) row->error);
  keys_free (keys);
}

static void
test_fresh (void)
{
  g_autoptr (KeyChallenge) one = key_challenge_new ("r1", NULL);
  g_autoptr (KeyChallenge) other = key_challenge_new ("r1", NULL);

  g_assert_cmpint (
      memcmp (key_challenge_bytes (one), key_challenge_bytes (other), KEY_CHALLENGE_LEN), !=, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/key/challenge/", cases, test_challenge);
  g_test_add_func ("/key/challenge/no two are the same", test_fresh);
  return g_test_run ();
}
