/* SPDX-License-Identifier: MIT */
#include "broker/record.h"

#include "broker/operation/operation.h"
#include "broker/request/attention.h"

#define OWED_MAX 10000

/* The issuer in the open, as a program's path is not: who somebody is, is sealed. */
static void
add_subject (AuditRecord *record, const Subject *subject)
{
  g_autofree char *name = subject_name (subject);

  audit_record_string (record, "caller", subject->caller);
  audit_record_text (record, "subject", name);
  audit_record_text (record, "label", subject->label);
  audit_record_text (record, "iss", subject->issuer);
  audit_record_text (record, "sub", subject->subject);
}

static void
add_requester (AuditRecord *record, const Requester *requester)
{
  if (requester->subject != NULL)
    {
      add_subject (record, requester->subject);
      audit_record_text (record, "claim", requester->claim_name);
      return;
    }
  g_autofree char *cwd = process_cwd (requester->process);
  gboolean cut;
  g_auto (GStrv) argv = process_argv (requester->process, 4096, &cut);
  g_autofree char *command = argv != NULL ? g_strjoinv (" ", argv) : NULL;

  audit_record_integer (record, "pid", process_pid (requester->process));
  audit_record_text (record, "exe", process_exe (requester->process));
  audit_record_text (record, "command", command);
  audit_record_text (record, "cwd", cwd);
  audit_record_text (record, "claim", requester->claim_name);
}

/* NULL when there is no trail. @grant_id may be NULL. */
static AuditRecord *
begin (const Vault *vault, const char *event, const char *request_id, const char *grant_id,
       Operation operation, const char *resource)
{
  if (vault->audit == NULL)
    return NULL;
  AuditRecord *record = audit_record_new (vault->audit, event);

  audit_record_string (record, "request_id", request_id);
  audit_record_string (record, "grant_id", grant_id);
  audit_record_string (record, "operation", operation_name (operation));
  if (resource != NULL)
    audit_record_name (record, "resource", resource);
  return record;
}

/* How long a person had it before them: told by the record that ends it, since the one that began
 * it may be files away. */
void
record_waited (AuditRecord *record, const Request *request)
{
  if (request->card != NULL && request->state != REQUEST_FAILED)
    audit_record_integer (record, "waited",
                          MAX (0, (g_get_real_time () - request->received_at) / 1000));
}

AuditRecord *
record_request (const Request *request, const char *event)
{
  AuditRecord *record = begin (request->vault, event, request->id, NULL, request->row->operation,
                               request->resource);

  if (record == NULL)
    return NULL;
  add_requester (record, request->requester);
  audit_record_text (record, "purpose", request->purpose);
  record_asked (record, request, "scopes");
  if (request->state <= REQUEST_COMPLETED)
    {
      audit_record_string (record, "code", request->code);
      record_waited (record, request);
      audit_record_text (record, "by", request->by);
    }
  return record;
}

AuditRecord *
record_done (const Request *request, const char *event)
{
  return begin (request->vault, event, request->id, request->grant_id, request->row->operation,
                request->resource);
}

AuditRecord *
record_grant (Vault *vault, const Grant *grant, const char *event)
{
  AuditRecord *record
      = begin (vault, event, grant->request_id, grant->id, grant->operation, grant->resource);

  if (record == NULL)
    return NULL;
  audit_record_string (record, "reference", grant->reference);
  if (grant->holder->kind == PRINCIPAL_SUBJECT)
    add_subject (record, grant->holder->subject);
  else
    audit_record_integer (record, "pid", process_pid (grant->holder->process));
  return record;
}

AuditRecord *
record_human (Vault *vault, const char *event, const Process *caller)
{
  if (vault->audit == NULL)
    return NULL;
  AuditRecord *record = audit_record_new (vault->audit, event);

  if (caller != NULL)
    {
      g_autofree char *name = process_name (caller);
      audit_record_integer (record, "pid", process_pid (caller));
      audit_record_text (record, "caller", name);
    }
  return record;
}

void
record_owe (Vault *vault, AuditRecord *record)
{
  if (record != NULL)
    audit_append_owed (vault->audit, record);
}

/* A disk that takes nothing must not become memory that grows by what an agent asks: beyond a bound
 * such ends are counted, and the count is recorded when there is room again. */
void
record_owe_request (const Request *request, const char *event)
{
  Vault *vault = request->vault;

  if (vault->audit == NULL)
    return;
  /* What a person was asked has a record of its beginning, so there is one of its end. */
  if (request->card == NULL && !attention_may_record (vault->attention, request))
    return;
  if (audit_owed (vault->audit) >= OWED_MAX)
    {
      vault->dropped++;
      return;
    }
  if (vault->dropped > 0)
    {
      AuditRecord *missing = audit_record_new (vault->audit, "records_dropped");
      audit_record_integer (missing, "count", vault->dropped);
      audit_append_owed (vault->audit, missing);
      vault->dropped = 0;
    }
  audit_append_owed (vault->audit, record_request (request, event));
}

/* NULL when there is no trail. */
static AuditRecord *
refused_count (Vault *vault, const char *whose, gint64 id, gint64 count)
{
  if (vault->audit == NULL)
    return NULL;
  AuditRecord *record = audit_record_new (vault->audit, "requests_refused");

  audit_record_integer (record, whose, id);
  audit_record_integer (record, "count", count);
  return record;
}

void
record_owe_count (Vault *vault, pid_t pid, gint64 count)
{
  record_owe (vault, refused_count (vault, "pid", pid, count));
}

void
record_owe_user_count (Vault *vault, uid_t uid, guint requesters, gint64 count)
{
  AuditRecord *record = refused_count (vault, "uid", uid, count);

  if (record != NULL)
    audit_record_integer (record, "requesters", requesters);
  record_owe (vault, record);
}
