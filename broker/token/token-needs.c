/* SPDX-License-Identifier: MIT */
#include "broker/token/token-needs.h"

#include "broker/record.h"
#include "broker/token/tokens.h"

typedef struct
{
  Vault *vault;
  json_t *claims;
  char *name;
  Secret *token;
  TokenEntry *entry; /* what is minted by us */
  ExchangeNeeded done;
  gpointer data;
} Need;

static Need *
need_new (Vault *vault, const ProviderNeed *wanted, ExchangeNeeded done, gpointer data)
{
  Need *need = g_new0 (Need, 1);

  need->vault = vault;
  need->claims = json_incref (wanted->claims);
  need->name = g_strdup (wanted->name);
  need->done = done;
  need->data = data;
  return need;
}

/* Takes @value (NULL: @message says why). */
static void
finish (Need *need, Secret *value, const char *message)
{
  need->done (need->data, value, value != NULL ? NULL : "token", message);
  secret_free (need->token);
  token_entry_free (need->entry);
  json_decref (need->claims);
  g_free (need->name);
  g_free (need);
}

/* ---- by a key that somebody else gave ---- */

static void
on_pem (gpointer data, Secret *value, const GError *error)
{
  Need *need = data;
  g_autoptr (GError) fault = NULL;
  g_autoptr (TokenKey) key = value != NULL ? token_key_read_pem (TOKEN_RS256, value, &fault) : NULL;
  Secret *token = key != NULL ? token_jwt_sign (key, FALSE, need->claims, &fault) : NULL;
  g_autofree char *message = g_strdup_printf ("the key in the secret %s: %s", need->name,
                                              error != NULL   ? error->message
                                              : fault != NULL ? fault->message
                                                              : "");

  secret_free (value);
  finish (need, token, message);
}

void
token_sign_with (Vault *vault, const ProviderNeed *need, ExchangeNeeded done, gpointer data)
{
  store_read (vault->store, need->name, on_pem, need_new (vault, need, done, data));
}

/* ---- by our own ---- */

static void
on_recorded (gpointer data, const GError *error)
{
  Need *need = data;

  if (error == NULL)
    {
      tokens_add (need->vault->tokens, g_steal_pointer (&need->entry));
      finish (need, g_steal_pointer (&need->token), NULL);
    }
  else
    finish (need, NULL, "refused: the audit record could not be written");
}

static TokenEntry *
entry_new (const Need *need, const char *id)
{
  TokenEntry *entry = g_new0 (TokenEntry, 1);

  entry->id = g_strdup (id);
  entry->provider = g_strdup (need->name);
  entry->audience = g_strdup (wire_string (need->claims, "aud"));
  entry->subject = g_strdup (wire_string (need->claims, "sub"));
  entry->expires_at = wire_integer (need->claims, "exp", 0);
  return entry;
}

static void
on_ready (gpointer data, const GError *error)
{
  Need *need = data;
  g_autofree char *id = NULL;
  g_autoptr (GError) fault = NULL;

  if (error == NULL)
    need->token = tokens_mint_claims (need->vault->tokens, need->claims, &id, &fault);
  if (need->token == NULL)
    {
      finish (need, NULL, error != NULL ? error->message : fault->message);
      return;
    }
  need->entry = entry_new (need, id);
  AuditRecord *record = audit_record_new (need->vault->audit, "token_minted");
  audit_record_string (record, "jti", id);
  audit_record_string (record, "provider", need->name);
  audit_record_integer (record, "exp", wire_integer (need->claims, "exp", 0));
  audit_record_text (record, "subject", wire_string (need->claims, "sub"));
  audit_record_text (record, "audience", wire_string (need->claims, "aud"));
  audit_append (need->vault->audit, record, AUDIT_SYNCED, on_recorded, need);
}

void
token_mint_claims (Vault *vault, const ProviderNeed *need, ExchangeNeeded done, gpointer data)
{
  tokens_when_ready (vault->tokens, on_ready, need_new (vault, need, done, data));
}
