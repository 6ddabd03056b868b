/* SPDX-License-Identifier: MIT
 *
 * One certificate: signed, kept, recorded, then given out.
 *
 * The serial number is random, of 64 bits: a counter would begin again with a store that was
 * restored from a backup, and a crash between counting and writing would use one twice. That two
 * of them ever meet is less likely than that the signature is guessed.
 */
#include "broker/issue/ssh-ca-private.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/operation/operation-step.h"
#include "broker/provider/provider-ssh-ca.h"
#include "broker/record.h"

typedef struct
{
  Step *step;
  SshTerms *terms;
  char **principals;
  char *key_id, *provider, *certificate;
  guint64 serial; /* 0: not signed yet */
} Issue;

static SshCa *
ca_of (const Issue *issue)
{
  return step_vault (issue->step)->ssh_ca;
}

/* NULL when the request has ended meanwhile. */
static Request *
issue_end (Issue *issue)
{
  Request *request = step_end (issue->step);

  ssh_terms_free (issue->terms);
  g_strfreev (issue->principals);
  g_free (issue->key_id);
  g_free (issue->provider);
  g_free (issue->certificate);
  g_free (issue);
  return request;
}

/* Nobody was given what was signed so far. */
static void
issue_fail (Issue *issue, const char *code, const char *message)
{
  if (issue->serial != 0)
    ssh_ca_forget (ca_of (issue), issue->serial);
  Request *request = issue_end (issue);
  if (request != NULL)
    request_fail (request, code, message);
}

/* The live grant of a request that is still being executed, or NULL. */
static Grant *
grant_of (const Issue *issue)
{
  const Request *request = step_request (issue->step);

  return request != NULL && request->state == REQUEST_EXECUTING
             ? grants_find (request->vault->grants, request->grant_id)
             : NULL;
}

/* ---- given out ---- */

static json_t *
result_of (const Issue *issue, const SshIssued *issued)
{
  g_autoptr (json_t) row = ssh_issued_json (issued);
  gint64 left = issued->valid_before - g_get_real_time () / G_USEC_PER_SEC;

  return json_pack ("{s:s, s:O, s:O, s:O, s:O, s:I}", "certificate", issue->certificate, "serial",
                    json_object_get (row, "serial"), "key_id", json_object_get (row, "key_id"),
                    "principals", json_object_get (row, "principals"), "valid_before",
                    json_object_get (row, "valid_before"), "valid_for_seconds",
                    (json_int_t) MAX (left, 0));
}

static void
on_recorded (gpointer data, const GError *error)
{
  Issue *issue = data;
  const SshIssued *issued = ssh_ca_find (ca_of (issue), issue->serial);

  if (error != NULL)
    issue_fail (issue, "audit", "refused: the audit record could not be written");
  else if (grant_of (issue) == NULL || issued == NULL || issued->revoked_at != 0)
    {
      /* It stays in the list: a record speaks of it. */
      Request *request = issue_end (issue);
      if (request != NULL)
        request_fail (request, "ended", "its grant ended before it could be handed over");
    }
  else
    {
      json_t *result = result_of (issue, issued);
      request_finish (issue_end (issue), result, NULL);
    }
}

static void
on_saved (gpointer data, const GError *error)
{
  Issue *issue = data;
  Request *request = step_request (issue->step);
  const SshIssued *issued = ssh_ca_find (ca_of (issue), issue->serial);

  if (error != NULL)
    {
      issue_fail (issue, "store", error->message);
      return;
    }
  if (request == NULL || issued == NULL || request->vault->audit == NULL)
    {
      issue_fail (issue, "ended", "it ended before it could be handed over");
      return;
    }
  AuditRecord *record = record_done (request, "ssh_certificate_issued");
  g_autofree char *serial = g_strdup_printf ("%" G_GUINT64_FORMAT, issued->serial);
  audit_record_string (record, "serial", serial);
  audit_record_strings (record, "scopes", (const char *const *) issued->principals);
  audit_record_integer (record, "expires_at", issued->valid_before);
  audit_record_string (record, "fingerprint", issued->fingerprint);
  audit_record_text (record, "key_id", issued->key_id);
  audit_append (request->vault->audit, record, AUDIT_SYNCED, on_recorded, issue);
}

/* ---- signed ---- */

static SshIssued *
new_row (const Issue *issue, const Request *request, const Grant *grant, GError **error)
{
  gint64 now = g_get_real_time (), left = grant->not_after - loop_now ();
  GBytes *blob = ssh_key_blob (issue->terms->key);
  guint64 serial = 0;

  if (!crypt_random (&serial, sizeof serial, error))
    return NULL;
  SshIssued *issued = g_new0 (SshIssued, 1);
  /* 0 is what stands in a certificate without a number. */
  issued->serial = MAX (serial, 1);
  issued->key_id = g_strdup (issue->key_id);
  issued->fingerprint = ssh_fingerprint (g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));
  issued->provider = g_strdup (issue->provider);
  issued->request_id = g_strdup (request->id);
  issued->grant_id = g_strdup (grant->id);
  issued->principals = g_strdupv (issue->principals);
  issued->valid_after = now / G_USEC_PER_SEC - SSH_CA_BACKDATE;
  issued->valid_before
      = (now + MIN (left, issue->terms->max * G_USEC_PER_SEC)) / G_USEC_PER_SEC; /* down */
  return issued;
}

/* The line, or NULL with an error. g_free(). */
static char *
sign (const Issue *issue, const SshIssued *issued, const Secret *seed, GError **error)
{
  guint8 nonce[SSH_NONCE_BYTES], signature[SSH_SIGNATURE_BYTES], public_key[32];
  const SshTerms *terms = issue->terms;
  SshCertificate certificate = { .key = terms->key,
                                 .serial = issued->serial,
                                 .key_id = issued->key_id,
                                 .principals = (const char *const *) issued->principals,
                                 .valid_after = issued->valid_after,
                                 .valid_before = issued->valid_before,
                                 .force_command = terms->force_command,
                                 .source_address = terms->source_address,
                                 .extensions = (const char *const *) terms->extensions,
                                 .nonce = nonce,
                                 .ca = public_key };

  if (!crypt_random (nonce, sizeof nonce, error) || !ssh_ca_public_of (seed, public_key, error))
    return NULL;
  g_autoptr (GByteArray) body = ssh_certificate_body (&certificate);
  if (body == NULL)
    {
      g_set_error_literal (error, CRYPT_ERROR, CRYPT_ERROR_FORMAT,
                           "its grant is about to end: there is no time left to certify");
      return NULL;
    }
  return ssh_ca_sign (seed, body, signature, error)
             ? ssh_certificate_line (&certificate, body, signature)
             : NULL;
}

static void
on_key (gpointer data, Secret *owned, const GError *trouble)
{
  Issue *issue = data;
  g_autoptr (Secret) seed = owned;
  g_autoptr (GError) error = NULL;
  Grant *grant = grant_of (issue);

  if (trouble != NULL || grant == NULL)
    {
      issue_fail (issue, trouble != NULL ? "store" : "ended",
                  trouble != NULL ? trouble->message : "its grant ended before it was signed");
      return;
    }
  g_autoptr (SshIssued) issued = new_row (issue, step_request (issue->step), grant, &error);
  if (issued == NULL || (issue->certificate = sign (issue, issued, seed, &error)) == NULL)
    {
      issue_fail (issue, "signature", error->message);
      return;
    }
  guint64 serial = issued->serial;
  if (!ssh_ca_add (ca_of (issue), g_steal_pointer (&issued), &error))
    {
      issue_fail (issue, "busy", error->message);
      return;
    }
  issue->serial = serial;
  grant_keep (grant); /* it can be seen and revoked as long as what it gave is good */
  ssh_ca_save (ca_of (issue), on_saved, issue);
}

static void
on_ready (gpointer data, const GError *error)
{
  Issue *issue = data;

  if (error != NULL)
    issue_fail (issue, "store", error->message);
  else
    store_read_own (step_vault (issue->step)->store, SSH_CA_KEY, on_key, issue);
}

/* "countersign:REQUEST:WHO": sshd logs it with each login. What a log's reader could take for the
 * end of it is an underscore. g_free(). */
static char *
make_key_id (const ProviderAsk *ask)
{
  GString *text = g_string_new ("countersign:");

  g_string_append_printf (text, "%s:", ask->id);
  for (const char *at = ask->holder != NULL ? ask->holder : "";
       *at != '\0' && text->len < SSH_KEY_ID_MAX; at++)
    g_string_append_c (text, g_ascii_isalnum (*at) || strchr ("._@/+=-", *at) != NULL ? *at : '_');
  return g_string_free (text, FALSE);
}

void
ssh_ca_issue (Request *request, const ProviderAsk *ask)
{
  g_autoptr (GError) error = NULL;
  SshTerms *terms = ssh_terms_read (ask, &error);

  if (terms == NULL)
    {
      request_fail (request, "arguments", error->message);
      return;
    }
  Issue *issue = g_new0 (Issue, 1);
  issue->step = step_new (request);
  issue->terms = terms;
  issue->principals = g_strdupv (ask->scopes);
  issue->key_id = make_key_id (ask);
  issue->provider = g_strdup (provider_name (ask->provider));
  ssh_ca_make (request->vault->ssh_ca, on_ready, issue);
}
