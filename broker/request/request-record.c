/* SPDX-License-Identifier: MIT
 *
 * What must be in the audit trail before a request goes on.
 */
#include "broker/request/request-private.h"

#include "broker/operation/operation.h"
#include "broker/record.h"

typedef struct
{
  Vault *vault;
  char *id;
  WriterDone done; /* of the approver; may be NULL */
  gpointer data;
} Recording;

/* What was approved is live from here on. */
void
request_recorded (Request *request)
{
  Vault *vault = request->vault;
  Grant *grant = g_steal_pointer (&request->pending_grant);
  gint64 until = loop_now () + vault->hold_limit * G_USEC_PER_SEC;
  Operation operation = request->row->operation;
  g_autofree char *resource = g_strdup (request->resource);
  gboolean live = FALSE;

  request_move (request, EVENT_RECORDED);
  if (grant != NULL && !request->row->reusable)
    g_clear_pointer (&grant, grant_free); /* for one execution: the request itself stands for it */
  if (grant != NULL)
    until = grant->not_after;
  if (grant != NULL && !grants_add (vault->grants, grant))
    {
      request_refuse (request, "requester_gone", "the holder of the grant has ended", NULL);
      return;
    }
  live = grant != NULL;
  loop_deadline_set (vault->loop, &request->deadline, until);
  request_claim (request); /* may be the end of @request, and of @grant */
  if (live)
    requests_cover (vault->requests, operation, resource);
}

static void
on_recorded (gpointer data, const GError *error)
{
  Recording *recording = data;
  Request *request = requests_find (recording->vault->requests, recording->id, NULL);
  g_autoptr (GError) gone = NULL;

  if (request == NULL || request->state != REQUEST_RECORDING)
    gone = g_error_new_literal (PROCESS_ERROR, PROCESS_ERROR_GONE, "the requester has ended");
  else if (error == NULL)
    request_recorded (request);
  else
    {
      g_autofree char *message
          = g_strdup_printf ("refused: the audit record could not be written (%s)", error->message);
      request_refuse (request, "audit", message, NULL);
    }
  if (recording->done != NULL)
    recording->done (recording->data, gone != NULL ? gone : error);
  g_free (recording->id);
  g_free (recording);
}

void
request_record (Request *request, AuditRecord *what, AuditLevel level, WriterDone done,
                gpointer data)
{
  Recording *recording = g_new0 (Recording, 1);

  recording->vault = request->vault;
  recording->id = g_strdup (request->id);
  recording->done = done;
  recording->data = data;
  loop_deadline_clear (request->vault->loop, &request->deadline); /* it is decided */
  audit_append (request->vault->audit, what, level, on_recorded, recording);
}

void
request_approve (Request *request, Grant *grant, const char *by, WriterDone done, gpointer data)
{
  if (!request_move (request, EVENT_APPROVED))
    {
      grant_free (grant);
      return;
    }
  request->pending_grant = grant;
  request->grant_id = g_strdup (grant->id);
  request->granted = g_strdupv (grant->scopes);
  g_free (request->by);
  request->by = g_strdup (by);

  /* Record first, answer second: a crash between the two leaves a grant that nobody used, never
   * one that nobody recorded. */
  AuditRecord *made = record_grant (request->vault, grant, "grant_made");
  audit_record_strings (made, "scopes", (const char *const *) grant->scopes);
  audit_record_integer (made, "duration", grant_seconds_left (grant));
  if (grant->uses_left != GRANT_UNLIMITED)
    audit_record_integer (made, "uses", grant->uses_left);
  g_autofree char *holder = principal_id (grant->holder);
  /* A subject's name is sealed, in record_grant(). */
  audit_record_string (made, "holder",
                       grant->holder->kind == PRINCIPAL_SUBJECT ? "subject" : holder);
  audit_record_string (made, "card", request->digest);
  audit_record_string (made, "binding", grant->binding);
  audit_record_text (made, "purpose", request->purpose);
  audit_record_string (made, "key_id", grant->key_id);
  record_waited (made, request);
  /* Of a subject record_grant() has said all. */
  if (request->requester->subject == NULL)
    audit_record_text (made, "exe", process_exe (request->requester->process));
  if (request->card == NULL) /* else the record that a person is asked has it */
    {
      record_asked (made, request, "asked_scopes");
      audit_record_text (made, "cwd", request->question->query.cwd);
    }
  audit_record_text (made, "by", by);
  request_record (request, made, AUDIT_SYNCED, done, data);
}

static void
on_held_recorded (gpointer data, const GError *error)
{
  Recording *recording = data;
  Request *request = requests_find (recording->vault->requests, recording->id, NULL);

  if (error != NULL && request != NULL && request->state == REQUEST_HELD)
    request_refuse (request, "audit", "refused: the audit record could not be written", NULL);
  g_free (recording->id);
  g_free (recording);
}

void
request_record_held (Request *request)
{
  Recording *recording = g_new0 (Recording, 1);

  recording->vault = request->vault;
  recording->id = g_strdup (request->id);
  audit_append (request->vault->audit, record_request (request, "request_held"), AUDIT_WRITTEN,
                on_held_recorded, recording);
}
