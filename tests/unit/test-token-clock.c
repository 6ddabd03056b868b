/* SPDX-License-Identifier: MIT
 *
 * What the issuer remembers of tokens while somebody sets the clock.
 */
#include "broker/token/tokens-private.h"
#include "tests/unit/store-fixture.h"

#define ID "tok-00000000000000000000000000"
#define LIFE 600 /* seconds */

gint64 __real_g_get_real_time (void);
gint64 __wrap_g_get_real_time (void);

static gint64 ahead; /* µs that somebody has set the clock forward */

gint64
__wrap_g_get_real_time (void)
{
  return __real_g_get_real_time () + ahead;
}

typedef struct
{
  Fixture store;
  Vault vault;
  Tokens *tokens;
} World;

static void
set_clock (int hours)
{
  ahead = (gint64) hours * 3600 * G_USEC_PER_SEC;
}

static void
world_open (World *world)
{
  world->vault.store = world->store.store;
  world->tokens = tokens_new (&world->vault);
  tokens_live_read (world->tokens);
  world->tokens->begun = TRUE;
}

static void
world_make (World *world, gconstpointer unused)
{
  set_clock (0);
  fixture_init (&world->store);
  fixture_create (&world->store);
  world->vault.loop = loop_new (NULL);
  world_open (world);
}

static void
world_clear (World *world, gconstpointer unused)
{
  tokens_lock (world->tokens);
  writer_drain (world->store.writer);
  tokens_free (world->tokens);
  fixture_clear (&world->store);
  loop_free (world->vault.loop);
}

static void
world_reopen (World *world)
{
  tokens_lock (world->tokens);
  writer_drain (world->store.writer);
  tokens_free (world->tokens);
  fixture_reopen (&world->store);
  world_open (world);
}

static void
add (World *world, gint64 life)
{
  TokenEntry *entry = g_new0 (TokenEntry, 1);

  entry->id = g_strdup (ID);
  entry->provider = g_strdup ("github");
  entry->subject = g_strdup ("sh-1");
  entry->grant_id = g_strdup ("g1");
  entry->expires_at = tokens_now () + life;
  tokens_add (world->tokens, entry);
}

static gboolean
is_revoked (World *world)
{
  return g_hash_table_contains (world->tokens->revoked, ID);
}

static void
test_revoked (World *world, gconstpointer unused)
{
  add (world, LIFE);
  g_assert_true (tokens_revoke (world->tokens, ID, NULL, NULL, NULL));
  set_clock (48);
  tokens_sweep (world->tokens);
  tokens_save_revoked (world->tokens);
  set_clock (0);
  g_assert_true (is_revoked (world));
  world_reopen (world);
  g_assert_true (is_revoked (world));
}

static void
test_grant (World *world, gconstpointer unused)
{
  add (world, LIFE);
  set_clock (48);
  tokens_sweep (world->tokens);
  g_assert_cmpuint (tokens_count_active (world->tokens), ==, 0);
  tokens_revoke_under (world->tokens, "g1");
  set_clock (0);
  g_assert_true (is_revoked (world));
}

static void
test_forgotten (World *world, gconstpointer unused)
{
  g_autoptr (GPtrArray) list = NULL;

  tokens_note_revoked (world->tokens, ID, tokens_now () - 1);
  tokens_sweep (world->tokens);
  g_assert_false (is_revoked (world));
  add (world, 0);
  list = tokens_list (world->tokens);
  g_assert_cmpuint (list->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (secret_init (NULL));
  g_test_add ("/token-clock/a clock that is set forward for a while makes nothing good again",
              World, NULL, world_make, test_revoked, world_clear);
  g_test_add ("/token-clock/a grant that ends meanwhile ends what seems to have expired", World,
              NULL, world_make, test_grant, world_clear);
  g_test_add ("/token-clock/what has expired is forgotten", World, NULL, world_make, test_forgotten,
              world_clear);
  return g_test_run ();
}
