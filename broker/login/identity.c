/* SPDX-License-Identifier: MIT */
#include "broker/login/identity.h"

#include "broker/base/wire.h"
#include "broker/login/login-private.h"
#include "broker/provider/provider-vouch.h"
#include "broker/token/token-jwt.h"

#define LEEWAY 300 /* seconds that the issuer's clock may differ from ours */

struct _IdentityLook
{
  Vault *vault;
  char *provider, *issuer, *secret;
  guint version; /* of the secret, whose token is looked at */
  gint64 at;     /* when it was issued, by our clock */
  GPtrArray *keys;
  Exchange *exchange;
  gboolean reading;    /* the store will come back to it */
  IdentityFound found; /* NULL: cancelled */
  gpointer data;
};

static void
look_free (IdentityLook *look)
{
  exchange_cancel (look->exchange);
  g_clear_pointer (&look->keys, g_ptr_array_unref);
  g_free (look->provider);
  g_free (look->issuer);
  g_free (look->secret);
  g_free (look);
}

void
identity_cancel (IdentityLook *look)
{
  if (look == NULL)
    return;
  look->found = NULL;
  if (!look->reading)
    look_free (look);
}

static void
answer (IdentityLook *look, const char *words, const char *code, const char *message)
{
  IdentityFound found = look->found;
  gpointer data = look->data;

  look_free (look);
  if (found != NULL)
    found (data, words, code, message);
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
judge (IdentityLook *look, const Secret *token)
{
  const TokenExpect expect
      = { .issuer = look->issuer, .type = "at+jwt", .now = look->at, .leeway = LEEWAY };
  g_autoptr (json_t) claims = NULL;
  TokenVerdict verdict = token_jwt_verify ((const char *) secret_peek (token), secret_len (token),
                                           look->keys, &expect, &claims);
  Login *login = logins_find (look->vault->logins, look->secret);

  if (verdict != TOKEN_GOOD)
    {
      g_autofree char *message
          = g_strdup_printf ("who is logged in at %s cannot be verified (%s); a person logs in "
                             "again with `countersign login %s`",
                             look->provider, token_verdict_name (verdict), look->provider);
      answer (look, NULL, "login", message);
      return;
    }
  g_autofree char *words = in_words (claims);
  if (login != NULL)
    {
      g_free (login->identity);
      login->identity = g_strdup (words);
      login->identity_version = look->version;
    }
  answer (look, words, NULL, NULL);
}

static void
on_token (gpointer data, Secret *token, const GError *error)
{
  IdentityLook *look = data;

  look->reading = FALSE;
  if (error != NULL)
    answer (look, NULL, "store", error->message);
  else
    judge (look, token);
  secret_free (token);
}

static void
on_keys (gpointer data, ExchangeOutcome *outcome)
{
  IdentityLook *look = data;
  g_autoptr (GError) error = NULL;

  look->exchange = NULL;
  if (!outcome->ok)
    {
      answer (look, NULL, outcome->code, outcome->message);
      return;
    }
  look->keys = token_keys_read (outcome->fields, &error);
  if (look->keys == NULL)
    {
      answer (look, NULL, "answer", error->message);
      return;
    }
  look->reading = TRUE;
  store_read (look->vault->store, look->secret, on_token, look);
}

/* ---- looking ---- */

static IdentityLook *
begin (Vault *vault, const Provider *provider, const Login *login, guint version)
{
  IdentityLook *look = g_new0 (IdentityLook, 1);

  look->vault = vault;
  look->provider = g_strdup (provider_name (provider));
  look->issuer = g_strdup (vouch_issuer (provider));
  look->secret = g_strdup (login->secret);
  look->version = version;
  look->at = login->obtained_at;
  return look;
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
  if (login->identity != NULL && login->identity_version == entry->version)
    {
      found (data, login->identity, NULL, NULL);
      return NULL;
    }
  g_autoptr (ProviderExchange) exchange = vouch_keys (provider, &error);
  if (exchange == NULL)
    {
      found (data, NULL, "answer", error->message);
      return NULL;
    }
  IdentityLook *look = begin (vault, provider, login, entry->version);
  look->found = found;
  look->data = data;
  look->exchange = exchange_begin (vault, exchange, NULL, on_keys, look);
  return look;
}
