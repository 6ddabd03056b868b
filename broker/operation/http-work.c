/* SPDX-License-Identifier: MIT
 *
 * A request is carried out by the worker of its grant.
 */
#include "broker/operation/operation-http.h"

#include "broker/dispatch/http-workers.h"
#include "broker/record.h"

static const char *
fault_code (const char *reason)
{
  static const char *const known[]
      = { "dns",       "refused_address", "connect", "tls",   "timeout", "protocol", "redirect",
          "too_large", "output",          "busy",    "store", "login",   NULL };

  return worker_code (known, reason, "worker");
}

static void
record_sent (const Request *request, const json_t *result, const char *code)
{
  AuditRecord *record = record_done (request, "http_done");

  if (record == NULL)
    return;
  if (result != NULL)
    {
      audit_record_integer (record, "http_status", wire_integer (result, "status", 0));
      audit_record_integer (record, "bytes", wire_integer (result, "bytes", 0));
      operation_record_redacted (record, result);
    }
  audit_record_string (record, "failed", code);
  record_owe (request->vault, record);
}

static void
on_done (gpointer data, json_t *result, const char *reason, const char *message)
{
  Request *request = data; /* as long as the ticket is good */

  ((HttpWork *) request->detail)->ticket = 0;
  record_sent (request, result, result == NULL ? fault_code (reason) : NULL);
  if (result != NULL)
    request_finish (request, json_incref (result), NULL);
  else
    request_fail (request, fault_code (reason), message);
}

void
http_work_begin (Request *request)
{
  HttpWork *http = request->detail;

  if (!operation_check_service (request, http->found) || !operation_use (request))
    return;
  const Grant *grant = grants_find (request->vault->grants, request->grant_id);
  gint64 seconds = MAX (1, MIN (http->timeout, grant_seconds_left (grant)));
  HttpSending sending = {
    .grant_id = request->grant_id,
    .service = http->found,
    .params = json_pack ("{s:s, s:s, s:O, s:I, s:I}", "method", http->built->method, "target",
                         http->built->target, "headers", http->built->headers, "timeout_ms",
                         (json_int_t) seconds * 1000, "max_bytes", (json_int_t) http->max_bytes),
    .body = http->body,
    .body_len = http->body_len,
    .output = http->output,
  };
  guint64 ticket = http_workers_send (request->vault->http, &sending, on_done, request);
  if (ticket != 0) /* else it has been answered, and may be gone */
    http->ticket = ticket;
}
