/* SPDX-License-Identifier: MIT
 *
 * What the SSH CA keeps, in a real store: its key, what it signed, what is revoked.
 */
#include <string.h>

#include "broker/grant/grant.h"
#include "broker/issue/ssh-ca-private.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/table.h"

typedef struct
{
  Fixture store;
  Vault vault;
} World;

gint64 __real_g_get_real_time (void);
gint64 __wrap_g_get_real_time (void);

static gint64 ahead; /* µs that somebody has set the clock forward */

gint64
__wrap_g_get_real_time (void)
{
  return __real_g_get_real_time () + ahead;
}

static void
world_load (World *world)
{
  g_autoptr (GError) error = NULL;

  world->vault.store = world->store.store;
  world->vault.ssh_ca = ssh_ca_new (&world->vault);
  g_assert_true (ssh_ca_load (world->vault.ssh_ca, &error));
  g_assert_no_error (error);
}

static void
world_make (World *world, gconstpointer unused)
{
  fixture_init (&world->store);
  fixture_create (&world->store);
  world->vault.grants = grants_new (&world->vault);
  world_load (world);
}

static void
world_clear (World *world, gconstpointer unused)
{
  ssh_ca_free (world->vault.ssh_ca);
  grants_free (world->vault.grants);
  fixture_clear (&world->store);
}

/* As after a crash: what is there comes from the disk. */
static void
world_reopen (World *world)
{
  writer_drain (world->store.writer);
  ssh_ca_free (world->vault.ssh_ca);
  fixture_reopen (&world->store);
  world_load (world);
}

static void
make_key (World *world)
{
  Outcome outcome = { 0 };

  ssh_ca_make (world->vault.ssh_ca, outcome_done, &outcome);
  writer_drain (world->store.writer);
  g_assert_true (outcome.called);
  g_assert_no_error (outcome.error);
}

static SshIssued *
row_of (guint64 serial, gint64 ends_in)
{
  static const char *const principals[] = { "deploy", "root", NULL };
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  SshIssued *issued = g_new0 (SshIssued, 1);

  issued->serial = serial;
  issued->key_id = g_strdup_printf ("countersign:k%" G_GUINT64_FORMAT ":sh", serial);
  issued->fingerprint = g_strdup ("SHA256:x");
  issued->provider = g_strdup ("servers");
  issued->request_id = g_strdup ("r1");
  issued->grant_id = g_strdup ("g1");
  issued->principals = g_strdupv ((char **) principals);
  issued->valid_after = now - SSH_CA_BACKDATE;
  issued->valid_before = now + ends_in;
  return issued;
}

/* As many grants as it takes. */
static SshIssued *
row_of_some (guint64 serial)
{
  SshIssued *issued = row_of (serial, 600);

  g_free (issued->grant_id);
  issued->grant_id = g_strdup_printf ("g%" G_GUINT64_FORMAT, serial / SSH_CA_MOST_OF_ONE);
  return issued;
}

static void
add (World *world, guint64 serial, gint64 ends_in)
{
  g_assert_true (ssh_ca_add (world->vault.ssh_ca, row_of (serial, ends_in), NULL));
}

/* Whether the eight bytes of @serial stand in the revocation list. */
static gboolean
is_listed (World *world, guint64 serial)
{
  g_autoptr (GBytes) krl = ssh_ca_krl (world->vault.ssh_ca);
  guint64 wire = GUINT64_TO_BE (serial);
  gsize len;
  const char *data = g_bytes_get_data (krl, &len);

  return memmem (data, len, &wire, sizeof wire) != NULL;
}

/* ---- the key ---- */

static void
test_key (World *world, gconstpointer unused)
{
  g_assert_null (ssh_ca_public_line (world->vault.ssh_ca));
  make_key (world);
  g_autofree char *line = ssh_ca_public_line (world->vault.ssh_ca);
  g_assert_true (g_str_has_prefix (line, "ssh-ed25519 "));
  make_key (world); /* there is one: it stays */
  world_reopen (world);
  g_autofree char *again = ssh_ca_public_line (world->vault.ssh_ca);
  g_assert_cmpstr (again, ==, line);
}

static void
test_two_at_once (World *world, gconstpointer unused)
{
  Outcome first = { 0 }, second = { 0 };

  ssh_ca_make (world->vault.ssh_ca, outcome_done, &first);
  ssh_ca_make (world->vault.ssh_ca, outcome_done, &second);
  writer_drain (world->store.writer);
  g_assert_true (first.called && second.called);
  g_autofree char *line = ssh_ca_public_line (world->vault.ssh_ca);
  world_reopen (world);
  g_autofree char *again = ssh_ca_public_line (world->vault.ssh_ca);
  g_assert_cmpstr (again, ==, line);
}

typedef struct
{
  gboolean called;
  guint8 public_key[32], seed[CRYPT_KEY_LEN];
} Seed;

static void
on_seed (gpointer data, Secret *value, const GError *error)
{
  Seed *seed = data;

  g_assert_no_error (error);
  g_assert_cmpuint (secret_len (value), ==, sizeof seed->seed);
  memcpy (seed->seed, secret_peek (value), sizeof seed->seed);
  g_assert_true (ssh_ca_public_of (value, seed->public_key, NULL));
  seed->called = TRUE;
  secret_free (value);
}

static void
test_pair (World *world, gconstpointer unused)
{
  Seed seed = { 0 };

  make_key (world);
  store_read_own (world->store.store, SSH_CA_KEY, on_seed, &seed);
  writer_drain (world->store.writer);
  g_assert_true (seed.called);
  g_assert_cmpmem (seed.public_key, 32, world->vault.ssh_ca->public_key, 32);
  fixture_close (&world->store);
  g_assert_false (fixture_contains (&world->store, seed.seed, sizeof seed.seed));
  g_assert_false (fixture_contains (&world->store, seed.public_key, sizeof seed.public_key));
  world->vault.store = NULL;
}

/* ---- what was signed ---- */

static void
test_kept (World *world, gconstpointer unused)
{
  make_key (world);
  add (world, G_MAXUINT64, 600);
  add (world, 7, 600);
  ssh_ca_save (world->vault.ssh_ca, NULL, NULL);
  world_reopen (world);
  g_autoptr (GPtrArray) list = ssh_ca_list (world->vault.ssh_ca);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpstr (wire_string (list->pdata[0], "serial"), ==, "7");
  g_assert_cmpstr (wire_string (list->pdata[1], "serial"), ==, "18446744073709551615");
  g_assert_null (wire_string (list->pdata[0], "revoked_at"));
  g_assert_cmpuint (json_array_size (json_object_get (list->pdata[0], "principals")), ==, 2);
}

static void
test_revoked (World *world, gconstpointer unused)
{
  SshCa *ca = world->vault.ssh_ca;

  make_key (world);
  add (world, G_MAXUINT64 - 1, 600);
  add (world, 77777777777, 600);
  g_assert_false (ssh_ca_revoke (ca, "1", NULL, NULL));
  g_assert_false (ssh_ca_revoke (ca, "0018446744073709551614", NULL, NULL));
  g_assert_false (ssh_ca_revoke (ca, NULL, "countersign", NULL));
  g_assert_true (ssh_ca_revoke (ca, "18446744073709551614", NULL, NULL));
  g_assert_false (ssh_ca_revoke (ca, "18446744073709551614", NULL, NULL));
  g_assert_true (is_listed (world, G_MAXUINT64 - 1));
  g_assert_false (is_listed (world, 77777777777));
  world_reopen (world);
  g_assert_true (is_listed (world, G_MAXUINT64 - 1));
  g_assert_true (ssh_ca_revoke (world->vault.ssh_ca, NULL, "countersign:k77777777777:sh", NULL));
  g_assert_true (is_listed (world, 77777777777));
}

/* A grant that is not there any more, as after a crash. */
static void
test_settled (World *world, gconstpointer unused)
{
  make_key (world);
  add (world, 77777777777, 600);
  ssh_ca_save (world->vault.ssh_ca, NULL, NULL);
  world_reopen (world);
  g_assert_false (is_listed (world, 77777777777));
  ssh_ca_settle (world->vault.ssh_ca);
  g_assert_true (is_listed (world, 77777777777));
  world_reopen (world);
  g_autoptr (GPtrArray) list = ssh_ca_list (world->vault.ssh_ca);
  g_assert_cmpstr (wire_string (list->pdata[0], "why"), ==, "grant_lost");
}

static void
test_ended (World *world, gconstpointer unused)
{
  SshCa *ca = world->vault.ssh_ca;

  make_key (world);
  add (world, 77777777777, 600);
  ssh_ca_grant_ended (ca, "g2", "revoked");
  g_assert_false (is_listed (world, 77777777777));
  ssh_ca_grant_ended (ca, "g1", "revoked");
  g_assert_true (is_listed (world, 77777777777));
  ssh_ca_end_all (ca, "panic"); /* it says why it was first */
  g_autoptr (GPtrArray) list = ssh_ca_list (ca);
  g_assert_cmpstr (wire_string (list->pdata[0], "why"), ==, "revoked");
}

/* A revoked one stays in the list for a while past its end: a server's clock may be behind. */
static void
test_past (World *world, gconstpointer unused)
{
  SshCa *ca = world->vault.ssh_ca;
  SshIssued *ended = row_of (77777777777, 1 - SSH_CA_KEEP_AFTER);
  SshIssued *gone = row_of (88888888888, -1 - SSH_CA_KEEP_AFTER);

  make_key (world);
  ended->revoked_at = gone->revoked_at = 1;
  g_assert_true (ssh_ca_add (ca, gone, NULL));
  g_assert_true (ssh_ca_add (ca, ended, NULL));
  g_assert_true (is_listed (world, 77777777777));
  g_assert_false (is_listed (world, 88888888888));
  g_autoptr (GPtrArray) list = ssh_ca_list (ca);
  g_assert_cmpuint (list->len, ==, 1);
}

static void
test_full (World *world, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  make_key (world);
  for (guint64 serial = 1; serial <= SSH_CA_MOST; serial++)
    g_assert_true (ssh_ca_add (world->vault.ssh_ca, row_of_some (serial), NULL));
  g_assert_false (ssh_ca_add (world->vault.ssh_ca, row_of (9999, 600), &error));
  g_assert_nonnull (error);
  ssh_ca_save (world->vault.ssh_ca, NULL, NULL);
  world_reopen (world);
  g_assert_cmpuint (world->vault.ssh_ca->issued->len, ==, SSH_CA_MOST);
}

static void
test_one (World *world, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  make_key (world);
  for (guint64 serial = 1; serial <= SSH_CA_MOST_OF_ONE; serial++)
    add (world, serial, 600);
  g_assert_false (ssh_ca_add (world->vault.ssh_ca, row_of (999, 600), &error));
  g_assert_nonnull (strstr (error->message, "this grant"));
  g_assert_true (ssh_ca_add (world->vault.ssh_ca, row_of_some (9999), NULL));
}

/* While locked nothing is in memory, and nothing is lost. */
static void
test_locked (World *world, gconstpointer unused)
{
  SshCa *ca = world->vault.ssh_ca;

  make_key (world);
  add (world, 77777777777, 600);
  ssh_ca_save (ca, NULL, NULL);
  writer_drain (world->store.writer);
  ssh_ca_lock (ca);
  g_assert_null (ssh_ca_public_line (ca));
  g_assert_cmpuint (ca->issued->len, ==, 0);
  ssh_ca_grant_ended (ca, "g1", "revoked");
  ssh_ca_end_all (ca, "panic");
  g_assert_true (ssh_ca_load (ca, NULL));
  g_assert_cmpuint (ca->issued->len, ==, 1);
}

/* ---- what is no such file ---- */

#define KEY "\"public_key\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\""

static void
set_clock (int hours)
{
  ahead = (gint64) hours * 3600 * G_USEC_PER_SEC;
}

static void
test_clock (World *world, gconstpointer unused)
{
  make_key (world);
  add (world, 11, 600);
  add (world, 12, 600);
  g_assert_true (ssh_ca_revoke (world->vault.ssh_ca, "11", NULL, NULL));
  set_clock (3);
  g_assert_true (is_listed (world, 11));
  ssh_ca_grant_ended (world->vault.ssh_ca, "g1", "revoked");
  set_clock (0);
  g_assert_true (is_listed (world, 11));
  g_assert_true (is_listed (world, 12));
  world_reopen (world);
  g_assert_true (is_listed (world, 11));
  g_assert_true (is_listed (world, 12));
}

typedef struct
{
  const char *sentence, *text;
  gboolean right;
} FileCase;

static const FileCase file_cases[] = {
  { "a file", "{\"v\":1," KEY ",\"krl_version\":0,\"issued\":[]}", TRUE },
  { "nothing", "", FALSE },
  { "a list", "[]", FALSE },
  { "a newer file", "{\"v\":2," KEY ",\"krl_version\":0,\"issued\":[]}", FALSE },
  { "a member too many", "{\"v\":1," KEY ",\"krl_version\":0,\"issued\":[],\"x\":1}", FALSE },
  { "a member too few", "{\"v\":1," KEY ",\"issued\":[]}", FALSE },
  { "a key that is cut", "{\"v\":1,\"public_key\":\"AAEC\",\"krl_version\":0,\"issued\":[]}",
    FALSE },
  { "a certificate of nothing", "{\"v\":1," KEY ",\"krl_version\":0,\"issued\":[{}]}", FALSE },
};

static void
test_file (gconstpointer data)
{
  const FileCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (row->text, strlen (row->text));
  SshCa *ca = ssh_ca_new (NULL);

  g_assert_true (ssh_ca_from_bytes (ca, bytes, &error) == row->right);
  g_assert_true ((error == NULL) == row->right);
  ssh_ca_free (ca);
}

static const struct
{
  const char *sentence;
  void (*test) (World *world, gconstpointer unused);
} world_cases[] = {
  { "its key is made once, and stays", test_key },
  { "two who want a key at once get the same", test_two_at_once },
  { "the public half belongs to the private one, and neither is readable on disk", test_pair },
  { "what was signed is there after a crash, with all 64 bits of its number", test_kept },
  { "a revocation names one certificate exactly, and is there after a crash", test_revoked },
  { "what has no grant when the store is opened is revoked", test_settled },
  { "the end of a grant revokes what was signed under it, and nothing else", test_ended },
  { "a revoked one leaves the list an hour after its end", test_past },
  { "a clock that is set forward for a while lets none off the list, and none go on", test_clock },
  { "there is an end to how many are kept", test_full },
  { "one grant does not fill it for all", test_one },
  { "a lock forgets and loses nothing", test_locked },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (secret_init (NULL));
  ADD_TABLE ("/ssh-ca/file/", file_cases, test_file);
  for (gsize i = 0; i < G_N_ELEMENTS (world_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/ssh-ca/", world_cases[i].sentence, NULL);
      g_test_add (path, World, NULL, world_make, world_cases[i].test, world_clear);
    }
  return g_test_run ();
}
