/* SPDX-License-Identifier: MIT
 *
 * What an agent asks for is enough to have the issuer asked, before a person is: so all who want to
 * know wait for one look, and one that failed is not made again at once.
 */
#include "broker/login/identity.h"

#include <string.h>

#include "broker/base/wire.h"
#include "broker/login/login-private.h"
#include "broker/provider/provider-vouch.h"
#include "broker/token/token-jwt.h"

#define LEEWAY 300                  /* seconds that the issuer's clock may differ from ours */
#define AGAIN (15 * G_USEC_PER_SEC) /* after a look that failed */

/* Of one login's token, for all who wait. */
typedef struct
{
  Logins *owner;
  char *provider, *issuer, *secret;
  guint version; /* of the secret, whose token is looked at */
  gint64 at;     /* when it was issued, by our clock */
  GPtrArray *keys;
  Exchange *exchange;
  gboolean reading;   /* the store will come back to it */
  gboolean over;      /* nobody waits any more */
  GPtrArray *waiters; /* of IdentityLook, borrowed */
} Look;

struct _IdentityLook
{
  Look *look;
  IdentityFound found;
  gpointer data;
};

static void
look_free (Look *look)
{
  exchange_cancel (look->exchange);
  g_clear_pointer (&look->keys, g_ptr_array_unref);
  g_ptr_array_unref (look->waiters);
  g_free (look->provider);
  g_free (look->issuer);
  g_free (look->secret);
  g_free (look);
}

/* It goes on for the next who asks. */
void
identity_cancel (IdentityLook *waiter)
{
  if (waiter == NULL)
    return;
  g_ptr_array_remove (waiter->look->waiters, waiter);
  g_free (waiter);
}

/* All who wait are answered; one of them may end another's waiting, or begin a look again. */
static void
answer (Look *look, const char *words, const char *code, const char *message)
{
  g_ptr_array_remove_fast (look->owner->looks, look);
  look->over = TRUE;
  while (look->waiters->len > 0)
    {
      g_autofree IdentityLook *waiter = g_ptr_array_steal_index (look->waiters, 0);
      waiter->found (waiter->data, words, code, message);
    }
  if (!look->reading)
    look_free (look);
}

/* The login whose token was looked at, if it has that still. */
static Login *
login_of (const Look *look)
{
  Login *login = logins_find (look->owner, look->secret);
  return login != NULL && login->obtained_at == look->at ? login : NULL;
}

static void
remember (Login *login, const Look *look)
{
  login->identity_version = look->version;
  g_free (login->identity_issuer);
  login->identity_issuer = g_strdup (look->issuer);
}

static void
fail (Look *look, const char *code, const char *message)
{
  Login *login = login_of (look);

  if (login != NULL)
    {
      g_clear_pointer (&login->identity, g_free);
      g_free (login->identity_fault);
      login->identity_fault = g_strdup (message);
      login->identity_code = code;
      remember (login, look);
      login->identity_again = loop_now () + AGAIN;
    }
  answer (look, NULL, code, message);
}

void
identities_end (Logins *owner, const char *code, const char *message)
{
  while (owner->looks->len > 0)
    {
      Look *look = g_ptr_array_index (owner->looks, 0);
      g_clear_pointer (&look->exchange, exchange_cancel);
      answer (look, NULL, code, message);
    }
}

/* ---- the token ---- */

/* g_free(). */
static char *
in_words (const json_t *claims)
{
  const char *email = wire_string (claims, "email"), *subject = wire_string (claims, "sub");

  return g_strdup_printf ("%s, %s",
                          email != NULL     ? email
                          : subject != NULL ? subject
                                            : "nobody",
                          json_is_true (json_object_get (claims, "hardware_verified"))
                              ? "hardware-verified"
                              : "not hardware-verified");
}

static void
judge (Look *look, const Secret *token)
{
  const TokenExpect expect
      = { .issuer = look->issuer, .type = "at+jwt", .now = look->at, .leeway = LEEWAY };
  g_autoptr (json_t) claims = NULL;
  TokenVerdict verdict = token_jwt_verify ((const char *) secret_peek (token), secret_len (token),
                                           look->keys, &expect, &claims);
  Login *login = login_of (look);

  if (verdict != TOKEN_GOOD)
    {
      g_autofree char *message
          = g_strdup_printf ("who is logged in at %s cannot be verified (%s); a person logs in "
                             "again with `countersign login %s`",
                             look->provider, token_verdict_name (verdict), look->provider);
      fail (look, "login", message);
      return;
    }
  g_autofree char *words = in_words (claims);
  if (login != NULL)
    {
      g_free (login->identity);
      login->identity = g_strdup (words);
      remember (login, look);
    }
  answer (look, words, NULL, NULL);
}

static void
on_token (gpointer data, Secret *token, const GError *error)
{
  Look *look = data;

  look->reading = FALSE;
  if (look->over)
    look_free (look);
  else if (error != NULL)
    fail (look, "store", error->message);
  else
    judge (look, token);
  secret_free (token);
}

static void
on_keys (gpointer data, ExchangeOutcome *outcome)
{
  Look *look = data;
  g_autoptr (GError) error = NULL;

  look->exchange = NULL;
  if (!outcome->ok)
    {
      fail (look, outcome->code, outcome->message);
      return;
    }
  look->keys = token_keys_read (outcome->fields, &error);
  if (look->keys == NULL)
    {
      fail (look, "answer", error->message);
      return;
    }
  look->reading = TRUE;
  store_read (look->owner->vault->store, look->secret, on_token, look);
}

/* ---- looking ---- */

static Look *
begin (Logins *owner, const Provider *provider, const Login *login, guint version,
       const ProviderExchange *exchange)
{
  Look *look = g_new0 (Look, 1);

  look->owner = owner;
  look->provider = g_strdup (provider_name (provider));
  look->issuer = g_strdup (vouch_issuer (provider));
  look->secret = g_strdup (login->secret);
  look->version = version;
  look->at = login->obtained_at;
  look->waiters = g_ptr_array_new ();
  look->exchange = exchange_begin (owner->vault, exchange, NULL, on_keys, look);
  g_ptr_array_add (owner->looks, look);
  return look;
}

/* One that is under way, of the same token and issuer. */
static Look *
find (const Logins *owner, const Provider *provider, const Login *login, guint version)
{
  const char *issuer = vouch_issuer (provider);

  for (guint i = 0; i < owner->looks->len; i++)
    {
      Look *look = g_ptr_array_index (owner->looks, i);
      if (strcmp (look->secret, login->secret) == 0 && look->version == version
          && strcmp (look->issuer, issuer) == 0)
        return look;
    }
  return NULL;
}

/* TRUE: it was known, and told. */
static gboolean
tell_known (const Login *login, const char *issuer, guint version, IdentityFound found,
            gpointer data)
{
  if (login->identity_version != version || g_strcmp0 (login->identity_issuer, issuer) != 0)
    return FALSE;
  g_autofree char *words = g_strdup (login->identity);
  g_autofree char *fault = words == NULL && loop_now () < login->identity_again
                               ? g_strdup (login->identity_fault)
                               : NULL;
  if (words != NULL || fault != NULL)
    found (data, words, words == NULL ? login->identity_code : NULL, fault);
  return words != NULL || fault != NULL;
}

IdentityLook *
identity_find (Vault *vault, const Provider *provider, IdentityFound found, gpointer data)
{
  const Login *login = logins_find_at (vault->logins, provider_name (provider));
  const StoreEntry *entry = login != NULL ? store_find (vault->store, login->secret) : NULL;
  g_autoptr (GError) error = NULL;

  if (entry == NULL)
    {
      g_autofree char *message
          = g_strdup_printf ("nobody is logged in at %s; a person does that with `countersign "
                             "login %s`",
                             provider_name (provider), provider_name (provider));
      found (data, NULL, "login", message);
      return NULL;
    }
  if (tell_known (login, vouch_issuer (provider), entry->version, found, data))
    return NULL;
  g_autoptr (ProviderExchange) exchange = vouch_keys (provider, &error);
  if (exchange == NULL)
    {
      found (data, NULL, "answer", error->message);
      return NULL;
    }
  IdentityLook *waiter = g_new0 (IdentityLook, 1);
  *waiter = (IdentityLook){ find (vault->logins, provider, login, entry->version), found, data };
  if (waiter->look == NULL)
    waiter->look = begin (vault->logins, provider, login, entry->version, exchange);
  g_ptr_array_add (waiter->look->waiters, waiter);
  return waiter;
}
