/* SPDX-License-Identifier: MIT */
#include "broker/human/pin.h"

#include <openssl/crypto.h>
#include <string.h>

#include "broker/record.h"

#define FREE_OWN 3
#define FREE_SHARED 10
#define WAIT_MAX 3600
#define META "pin"

G_DEFINE_QUARK (countersign_pin_error, pin_error)

typedef struct
{
  guint wrong;
  gint64 last; /* µs, boot time */
  gboolean trusted;
} Tally;

struct _Pin
{
  Vault *vault;
  Secret *key;
  guint8 verifier[CRYPT_MAC_LEN];
  gboolean loaded;
  GHashTable *sessions; /* "pid:start" of the session's leader → Tally */
  Tally shared;
};

Pin *
pin_new (Vault *vault)
{
  Pin *self = g_new0 (Pin, 1);
  self->vault = vault;
  self->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
pin_lock (Pin *self)
{
  g_clear_pointer (&self->key, secret_free);
  OPENSSL_cleanse (self->verifier, sizeof self->verifier);
  self->loaded = FALSE;
}

void
pin_free (Pin *self)
{
  if (self == NULL)
    return;
  pin_lock (self);
  g_hash_table_unref (self->sessions);
  g_free (self);
}

gboolean
pin_load (Pin *self, GError **error)
{
  g_autoptr (GBytes) verifier = store_get_meta (self->vault->store, META);

  pin_lock (self);
  self->key = store_derive_key (self->vault->store, "pin", error);
  if (self->key == NULL)
    return FALSE;
  if (verifier != NULL && g_bytes_get_size (verifier) == sizeof self->verifier)
    {
      memcpy (self->verifier, g_bytes_get_data (verifier, NULL), sizeof self->verifier);
      self->loaded = TRUE;
    }
  return TRUE;
}

gboolean
pin_fits (const char *pin, GError **error)
{
  if (g_utf8_validate (pin, -1, NULL) && g_utf8_strlen (pin, -1) >= PIN_MIN
      && strlen (pin) <= PIN_MAX)
    return TRUE;
  g_set_error (error, PIN_ERROR, PIN_ERROR_UNFIT,
               "pin: must have at least %d characters and at most %d bytes", PIN_MIN, PIN_MAX);
  return FALSE;
}

gboolean
pin_set (Pin *self, const char *pin, WriterDone done, gpointer data, GError **error)
{
  if (!pin_fits (pin, error))
    return FALSE;
  if (!crypt_mac (self->key, pin, strlen (pin), self->verifier, error))
    return FALSE;
  g_autoptr (GBytes) verifier = g_bytes_new (self->verifier, sizeof self->verifier);
  self->loaded = TRUE;
  store_put_meta (self->vault->store, META, verifier, done, data);
  return TRUE;
}

/* A process whose session has no living leader shares one tally with all such. */
static char *
session_of (const Process *caller)
{
  g_autoptr (Process) leader = process_open (process_session (caller), -1, NULL);

  return leader == NULL ? g_strdup ("none")
                        : g_strdup_printf ("%d:%" G_GUINT64_FORMAT, process_pid (leader),
                                           process_start (leader));
}

/* Kept from the first guess on: sessions are made without end by who likes to, guesses are not. */
static Tally *
keep_tally (Pin *self, const char *session)
{
  Tally *tally = g_hash_table_lookup (self->sessions, session);

  if (tally == NULL)
    {
      tally = g_new0 (Tally, 1);
      g_hash_table_insert (self->sessions, g_strdup (session), tally);
    }
  return tally;
}

static gint64
wait_of (const Tally *tally, guint allowed)
{
  if (tally->wrong < allowed)
    return 0;
  gint64 delay = MIN (WAIT_MAX, (gint64) 1 << MIN (tally->wrong - allowed, 12));
  gint64 left = tally->last + delay * G_USEC_PER_SEC - loop_now ();
  return left <= 0 ? 0 : (left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
}

static void
charge (Tally *tally)
{
  tally->wrong++;
  tally->last = loop_now ();
}

/* Seconds until the next guess from @own may be made. */
static gint64
wait_for (const Pin *self, const Tally *own)
{
  gint64 alone = own != NULL ? wait_of (own, FREE_OWN) : 0;
  return own != NULL && own->trusted ? alone : MAX (alone, wait_of (&self->shared, FREE_SHARED));
}

gboolean
pin_try (Pin *self, const Process *caller, const char *pin, gint64 *wait, GError **error)
{
  g_autofree char *session = session_of (caller);
  guint8 mac[CRYPT_MAC_LEN];

  *wait = wait_for (self, g_hash_table_lookup (self->sessions, session));
  if (*wait > 0)
    {
      g_set_error (error, PIN_ERROR, PIN_ERROR_WAIT,
                   "wrong PINs were given; wait %" G_GINT64_FORMAT
                   " s, or use the passphrase: `countersign pin`",
                   *wait);
      return FALSE;
    }
  Tally *own = keep_tally (self, session);
  if (self->loaded && crypt_mac (self->key, pin, strlen (pin), mac, NULL)
      && CRYPTO_memcmp (mac, self->verifier, sizeof mac) == 0)
    {
      own->wrong = 0;
      own->trusted = TRUE;
      return TRUE;
    }
  charge (own);
  if (!own->trusted)
    charge (&self->shared);
  *wait = wait_for (self, own);
  record_owe (self->vault, record_human (self->vault, "pin_wrong", caller));
  g_set_error_literal (error, PIN_ERROR, PIN_ERROR_WRONG, "wrong PIN");
  return FALSE;
}

void
pin_trust (Pin *self, const Process *caller)
{
  g_autofree char *session = session_of (caller);

  g_hash_table_remove_all (self->sessions);
  self->shared = (Tally){ 0 };
  keep_tally (self, session)->trusted = TRUE;
}
