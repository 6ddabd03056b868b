/* SPDX-License-Identifier: MIT
 *
 * Tokens of our own issuer. A grant of one is good for repeats as any grant is; what is minted
 * under it lives as long as the grant may, never longer.
 *
 * MUST
 *  - put into a token what was granted: its scopes, its audience, its end
 *  - be in the trail before a token leaves: on the disk when a person has just granted it
 */
#include "broker/operation/operation-program.h"

#include <string.h>

#include "broker/base/arguments.h"
#include "broker/grant/standing.h"
#include "broker/record.h"
#include "broker/request/request-card.h"
#include "broker/token/tokens.h"

#define SUBJECT_NAME_MAX 48 /* bytes */
#define MESSAGE                                                                                    \
  "Send the token to the API it is for; it can be checked there, and ends by itself. "             \
  "revoke_token "                                                                                  \
  "ends it sooner."

/* What only this operation has. */
typedef struct
{
  char *audience; /* NULL: the provider */
} MintDetail;

static void
mint_end (Request *request)
{
  MintDetail *detail = request->detail;

  g_free (detail->audience);
  g_free (detail);
}

static gboolean
mint_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  MintDetail *detail = g_new0 (MintDetail, 1);
  const json_t *audience = json_object_get (args, "resource");
  g_autoptr (json_t) bound = json_pack ("{s:O?}", "audience", (json_t *) audience);

  detail->audience = g_strdup (json_string_value (audience));
  request->detail = detail;
  request->lasting = TRUE; /* the grant is still looked at when its last use is spent */
  request->resource = g_strdup (wire_string (args, "provider"));
  request->purpose = g_strdup (wire_string (args, "purpose"));
  request->asked = wire_integer (args, "ttl_seconds", ARGUMENTS_TTL_DEFAULT);
  request->scopes = wire_texts (json_object_get (args, "scopes"));
  request->binding = operation_digest (bound);
  return TRUE;
}

static gboolean
mint_check (Request *request)
{
  g_autoptr (GError) error = NULL;

  if (tokens_room (request->vault->tokens, request->requester, &error))
    return TRUE;
  request_fail (request, "too_many", error->message);
  return FALSE;
}

/* Where no person is asked anyway, a token is not made shorter by what another one left over. */
static Grant *
mint_cover (const Request *request)
{
  const Vault *vault = request->vault;
  Grant *grant
      = grants_cover (vault->grants, request->row->operation, request->resource,
                      (const char *const *) request->scopes, request->binding, request->requester);

  if (grant == NULL || 2 * grant_seconds_left (grant) >= request_max_duration (request))
    return grant;
  gboolean allowed = request->bounds.verdict == POLICY_ALLOW
                     && policy_may_allow (request->row->operation, !vault->system);
  return allowed || standing_covers (vault->standing, request) ? NULL : grant;
}

static void
mint_facts (const Request *request, json_t *facts)
{
  const MintDetail *detail = request->detail;
  g_autofree char *issuer = tokens_issuer (request->vault->tokens);

  operation_add_fact (facts, "Audience",
                      detail->audience != NULL ? detail->audience : request->resource);
  operation_add_fact (facts, "Issuer", issuer);
  operation_add_fact (facts, "Discloses",
                      "a signed token that is good for as long as you grant it goes to this "
                      "program");
}

/* ---- doing it ---- */

typedef struct
{
  Step *step;
  TokenEntry *entry;
  Secret *token;
} Minting;

static void
minting_free (Minting *minting)
{
  token_entry_free (minting->entry);
  secret_free (minting->token);
  g_free (minting);
}

/* "node-4711": one word, whatever the program is called. Who calls over HTTP is told exactly, with
 * a slash, which no program has: "work/ann@example.com". g_free(). */
static char *
subject_of (const Requester *requester)
{
  if (requester->subject != NULL)
    return subject_name (requester->subject);
  char *name = g_strndup (requester->name, SUBJECT_NAME_MAX);
  g_autofree char *word = g_strcanon (name,
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789._@+-",
                                      '_');
  return g_strdup_printf ("%s-%d", word, process_pid (requester->process));
}

static TokenEntry *
entry_new (const Request *request, const Grant *grant)
{
  const MintDetail *detail = request->detail;
  TokenEntry *entry = g_new0 (TokenEntry, 1);

  entry->id = tokens_new_id ();
  entry->provider = g_strdup (request->resource);
  entry->audience = g_strdup (detail->audience);
  entry->subject = subject_of (request->requester);
  entry->scopes = g_strdupv (request->granted);
  entry->grant_id = g_strdup (grant->id);
  entry->expires_at
      = g_get_real_time () / G_USEC_PER_SEC + MIN (request->asked, grant_seconds_left (grant));
  if (requester_is_subject (request->requester))
    entry->owner = g_strdup (requester_key (request->requester));
  entry->pid = process_pid (request->requester->process);
  entry->start = process_start (request->requester->process);
  entry->boot = g_strdup (tokens_boot (request->vault->tokens));
  return entry;
}

static json_t *
result_json (const TokenEntry *entry)
{
  gint64 left = entry->expires_at - g_get_real_time () / G_USEC_PER_SEC;

  return json_pack ("{s:{s:s, s:s, s:o, s:s*, s:I, s:I}, s:s}", "token", "tokenId", entry->id,
                    "provider", entry->provider, "scopes", wire_texts_json (entry->scopes),
                    "resource", entry->audience, "expiresAt", (json_int_t) entry->expires_at * 1000,
                    "expiresIn", (json_int_t) left, "message", MESSAGE);
}

static void
on_recorded (gpointer data, const GError *error)
{
  Minting *minting = data;
  Tokens *tokens = step_vault (minting->step)->tokens;
  Request *request = step_end (minting->step);

  if (request != NULL && error != NULL)
    request_fail (request, "audit", "refused: the audit record could not be written");
  else if (request != NULL)
    {
      json_t *result = result_json (minting->entry);
      tokens_add (tokens, g_steal_pointer (&minting->entry));
      request_finish (request, result, minting->token);
    }
  minting_free (minting);
}

static void
record_minted (const Request *request, const Grant *grant, Minting *minting)
{
  const TokenEntry *entry = minting->entry;
  gboolean first = g_strcmp0 (grant->request_id, request->id) == 0;
  gboolean counted = grant->uses_left != GRANT_UNLIMITED;
  AuditRecord *record = record_done (request, "token_minted");

  audit_record_string (record, "jti", entry->id);
  audit_record_string (record, "provider", entry->provider);
  audit_record_strings (record, "scopes", (const char *const *) entry->scopes);
  audit_record_integer (record, "exp", entry->expires_at);
  audit_record_integer (record, "pid", entry->pid);
  audit_record_integer (record, "start", (gint64) entry->start);
  audit_record_string (record, "boot", entry->boot);
  audit_record_text (record, "subject", entry->subject);
  audit_record_text (record, "owner", entry->owner);
  audit_record_text (record, "audience", entry->audience);
  /* A repeat is under a grant whose record is on the disk. */
  audit_append (request->vault->audit, record, first || counted ? AUDIT_SYNCED : AUDIT_WRITTEN,
                on_recorded, minting);
}

static void
mint (Request *request, const Grant *grant, Step *step)
{
  Tokens *tokens = request->vault->tokens;
  g_autoptr (GError) error = NULL;
  Minting *minting = g_new0 (Minting, 1);

  minting->step = step;
  minting->entry = entry_new (request, grant);
  minting->token = tokens_mint (tokens, minting->entry, &error);
  if (minting->token != NULL)
    {
      record_minted (request, grant, minting);
      return;
    }
  step_end (step);
  minting_free (minting);
  request_fail (request, "token", error->message);
}

static void
on_ready (gpointer data, const GError *error)
{
  Step *step = data;
  Request *request = step_request (step);
  const Grant *grant = request != NULL && request->grant_id != NULL
                           ? grants_find (request->vault->grants, request->grant_id)
                           : NULL;

  if (request != NULL && request->state == REQUEST_EXECUTING && error == NULL && grant != NULL)
    {
      mint (request, grant, step);
      return;
    }
  request = step_end (step);
  if (request != NULL)
    request_fail (request, error != NULL ? "token" : "reference",
                  error != NULL ? error->message : "the grant ended meanwhile; ask again");
}

static void
mint_execute (Request *request)
{
  if (mint_check (request) && operation_use (request))
    tokens_when_ready (request->vault->tokens, on_ready, step_new (request));
}

const OperationRow operation_mint_token = {
  .operation = OPERATION_MINT_TOKEN,
  .call = "mint_token",
  .risk = RISK_WRITE,
  .reusable = TRUE,
  .records_use = TRUE,
  .bound = TRUE,
  .secret_result = TRUE,
  .scoped = TRUE,
  .prepare = mint_prepare,
  .check = mint_check,
  .cover = mint_cover,
  .facts = mint_facts,
  .execute = mint_execute,
  .end = mint_end,
};
