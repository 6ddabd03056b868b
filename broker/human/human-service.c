/* SPDX-License-Identifier: MIT
 *
 * Services, for a person's programs: which there are, and whether one answers.
 */
#include <string.h>

#include "broker/human/human.h"
#include "broker/dispatch/http-workers.h"
#include "broker/record.h"

#define TEST_MS 20000
#define TEST_BYTES 1024 /* of the answer; it is not shown */

static json_t *
describe (gconstpointer service)
{
  return service_describe (service);
}

void
human_service_list (Human *human, const RpcCall *rpc)
{
  const Services *services = human->vault->services;
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (guint i = 0; i < services_count (services); i++)
    g_ptr_array_add (all, (gpointer) services_nth (services, i));
  human_answer_page (human, rpc, "services", all, describe);
}

/* ---- service_test ---- */

typedef struct
{
  HumanCall *call;
  Services *services;
  const Service *service;
  ServiceRequest *request;
} Test;

static void
test_free (Test *test)
{
  services_unref (test->services);
  service_request_free (test->request);
  g_free (test);
}

static void
on_tested (gpointer data, json_t *result, const char *reason, const char *message)
{
  Test *test = data;
  g_autoptr (GError) error = NULL;

  if (result != NULL)
    human_call_answer (test->call,
                       json_pack ("{s:s, s:O*, s:O*, s:O*}", "request", test->request->url,
                                  "status", json_object_get (result, "status"), "elapsed_ms",
                                  json_object_get (result, "elapsed_ms"), "redacted",
                                  json_object_get (result, "redacted")),
                       -1);
  else
    {
      error
          = g_error_new (G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", test->request->url, message);
      human_call_refuse (test->call, error);
    }
  test_free (test);
}

/* A credential is used: its record is on disk first. */
static void
on_recorded (gpointer data, const GError *error)
{
  Test *test = data;
  Vault *vault = test->call->human->vault;

  if (error != NULL)
    {
      human_call_refuse (test->call, error);
      test_free (test);
      return;
    }
  const ServiceRequest *request = test->request;
  HttpSending sending = {
    .service = test->service,
    .params
    = json_pack ("{s:s, s:s, s:O, s:i, s:i}", "method", request->method, "target", request->target,
                 "headers", request->headers, "timeout_ms", TEST_MS, "max_bytes", TEST_BYTES),
    .body = request->body,
    .body_len = request->body != NULL ? strlen (request->body) : 0,
    .output = -1,
  };
  http_workers_send (vault->http, &sending, on_tested, test);
}

void
human_service_test (Human *human, const RpcCall *rpc)
{
  Vault *vault = human->vault;
  const char *name = wire_string (rpc->params, "service");
  const Service *service = services_find (vault->services, name);
  g_autoptr (GError) error = NULL;

  if (service == NULL)
    {
      rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND,
                  "there is no service of that name among those that were accepted", NULL);
      return;
    }
  ServiceRequest *request = service_test_request (service, &error);
  if (request == NULL)
    {
      rpc_refuse (human->conn, rpc->id, RPC_FAILED, error->message, NULL);
      return;
    }
  Test *test = g_new0 (Test, 1);
  test->call = human_call_new (human, rpc->id, name);
  test->services = services_ref (vault->services);
  test->service = service;
  test->request = request;
  AuditRecord *record = record_human (vault, "service_tested", conn_peer (human->conn));
  audit_record_name (record, "resource", name);
  audit_append (vault->audit, record, AUDIT_SYNCED, on_recorded, test);
}
