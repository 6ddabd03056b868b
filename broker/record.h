/* SPDX-License-Identifier: MIT
 *
 * Audit records in the broker's words: one place decides what is in the clear, what is a token, and
 * what is sealed.
 */
#pragma once

#include "broker/request/request.h"

/* NULL when there is no trail (never unlocked): the functions of audit.h must not be called then.
 */
AuditRecord *record_request (const Request *request, const char *event);
/* Adds what was asked, and the policy's word on it; what scopes were asked for as @scopes_key. */
void record_asked (AuditRecord *record, const Request *request, const char *scopes_key);
/* Milliseconds from asking to now, when a person was asked: "waited". */
void record_waited (AuditRecord *record, const Request *request);
/* That what was granted has been done, and how it went: the rest is in the record of its beginning.
 */
AuditRecord *record_done (const Request *request, const char *event);
AuditRecord *record_grant (Vault *vault, const Grant *grant, const char *event);
/* Of what a person's program did; @caller may be NULL. */
AuditRecord *record_human (Vault *vault, const char *event, const Process *caller);
/* Narrowing: it has happened, the record follows when it can. NULL is ignored. */
void record_owe (Vault *vault, AuditRecord *record);
/* How a request ended, unasked by a person. */
void record_owe_request (const Request *request, const char *event);
/* @count requests of the process @pid ended unasked and were not recorded one by one. */
void record_owe_count (Vault *vault, pid_t pid, gint64 count);
/* The same of so many requesters of that user together. */
void record_owe_user_count (Vault *vault, uid_t uid, guint requesters, gint64 count);
