/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-gate.h"

#include "broker/base/text.h"
#include "mcp/http/http-bearer.h"
#include "mcp/http/http-exchange.h"
#include "mcp/http/http-fault.h"
#include "mcp/http/http-resource.h"
#include "mcp/transport/http-answer.h"

#include <stdio.h>
#include <string.h>

#define INVALID_TOKEN "invalid_token"
#define INSUFFICIENT_SCOPE "insufficient_scope"

/* One request that waits to be let in. */
typedef struct
{
  const HttpGate *gate;
  HttpExchange exchange;
  const char *error; /* of the token that was presented; NULL: none was */
} Visit;

static void
visit_end (Visit *visit)
{
  http_exchange_end (&visit->exchange);
  g_free (visit);
}

static Visit *
visit_begin (const HttpGate *gate, SoupServerMessage *message, HttpRequest *request)
{
  Visit *visit = g_new0 (Visit, 1);

  visit->gate = gate;
  http_exchange_begin (&visit->exchange, message, request, gate->verbose);
  return visit;
}

/* --- Who is not let in --- */

static const char *
words_for (const char *error)
{
  if (error == NULL)
    return "Say who calls: Authorization: Bearer and a token.";
  return g_str_equal (error, INSUFFICIENT_SCOPE)
             ? "The token does not allow this: it lacks a scope or a claim that is required here."
             : "The token is not good here: it has ended, is for another resource, or is of an "
               "issuer that is not accepted.";
}

static void
challenge (Visit *visit, guint status, const char *scopes, gboolean metadata)
{
  SoupServerMessage *message = visit->exchange.message;
  g_autofree char *url = metadata ? http_resource_metadata_url (visit->gate->resource) : NULL;
  const char *words = words_for (visit->error);
  const HttpChallenge wanted = { url, scopes, visit->error, words };
  g_autofree char *header = http_challenge_write (&wanted);

  http_answer_error (message, status, visit->error != NULL ? visit->error : "unauthorized", words,
                     0);
  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "WWW-Authenticate", header);
  visit_end (visit);
}

static void
fail_by (Visit *visit, const HttpReply *reply)
{
  http_fault_answer (visit->exchange.message, reply);
  visit_end (visit);
}

static void
on_callers (gpointer data, const HttpReply *reply)
{
  Visit *visit = data;

  if (!json_is_object (reply->result))
    {
      fail_by (visit, reply);
      return;
    }
  g_autofree char *scopes = http_resource_scopes (reply->result);
  challenge (visit, SOUP_STATUS_UNAUTHORIZED, scopes, http_resource_has_issuer (reply->result));
}

/* What to show is asked for each time: a person may accept another issuer meanwhile. */
static void
ask_for_token (Visit *visit, const char *error)
{
  visit->error = error;
  http_broker_ask (visit->gate->broker, "resource", json_object (), on_callers, visit);
}

static void
tell_operator (const HttpReply *why)
{
  g_autofree char *words = text_escape (why->message);

  fprintf (stderr, "countersign-mcp-http: not let in: %s\n", words);
}

static void
turn_away (Visit *visit, const HttpReply *why)
{
  const char *error = wire_string (why->data, "error");

  if (visit->gate->verbose)
    tell_operator (why);
  if (g_strcmp0 (error, INSUFFICIENT_SCOPE) == 0)
    {
      visit->error = INSUFFICIENT_SCOPE;
      challenge (visit, SOUP_STATUS_FORBIDDEN, wire_string (why->data, "scope"), TRUE);
    }
  else if (http_fault_is_caller (why))
    ask_for_token (visit, INVALID_TOKEN);
  else
    fail_by (visit, why);
}

/* --- Who is --- */

static void
on_found (gpointer data, McpBroker *caller, const HttpReply *why)
{
  Visit *visit = data;

  if (caller == NULL)
    {
      turn_away (visit, why);
      return;
    }
  http_mcp_take (visit->gate->mcp, visit->exchange.message,
                 g_steal_pointer (&visit->exchange.request), caller);
  g_object_unref (visit->exchange.message);
  g_free (visit);
}

static void
enter (Visit *visit)
{
  const HttpHead *head = visit->exchange.request->head;
  const char *token = NULL;

  switch (http_bearer_read (head->authorization, &token))
    {
    case HTTP_BEARER_TOKEN:
      http_callers_find (visit->gate->callers, token, on_found, visit);
      break;
    case HTTP_BEARER_MALFORMED:
      ask_for_token (visit, INVALID_TOKEN);
      break;
    case HTTP_BEARER_NONE:
    default:
      ask_for_token (visit, NULL);
    }
}

/* --- What is published --- */

static void
on_published (gpointer data, const HttpReply *reply)
{
  Visit *visit = data;

  if (!json_is_object (reply->result))
    fail_by (visit, reply);
  else if (!http_resource_has_issuer (reply->result))
    {
      http_answer_error (
          visit->exchange.message, SOUP_STATUS_NOT_FOUND, "not_found",
          "No issuer of tokens is accepted here. Who calls has a token that a person "
          "made with `countersign caller add`.",
          0);
      visit_end (visit);
    }
  else
    {
      g_autoptr (json_t) metadata = http_resource_metadata (visit->gate->resource, reply->result);
      http_answer_private (visit->exchange.message, SOUP_STATUS_OK, metadata);
      visit_end (visit);
    }
}

/* --- Where --- */

gboolean
http_gate_has (const HttpGate *gate, const char *path)
{
  return gate->resource != NULL
         && (strcmp (path, HTTP_RESOURCE_PATH) == 0
             || http_resource_is_metadata (gate->resource, path));
}

gsize
http_gate_body_most (const HttpGate *gate, const HttpHead *head)
{
  const char *token;

  return gate->resource != NULL && strcmp (head->path, HTTP_RESOURCE_PATH) == 0
                 && http_bearer_read (head->authorization, &token) == HTTP_BEARER_TOKEN
             ? HTTP_BODY_MOST
             : HTTP_BODY_MAX;
}

void
http_gate_take (const HttpGate *gate, SoupServerMessage *message, HttpRequest *request)
{
  gboolean calls = strcmp (request->head->path, HTTP_RESOURCE_PATH) == 0;
  Visit *visit = visit_begin (gate, message, request);
  const HttpHead *head = request->head;

  if (calls && head->has_query)
    {
      http_answer_error (message, SOUP_STATUS_BAD_REQUEST, "invalid_request",
                         "Nothing goes behind a question mark here: a token is sent in the "
                         "Authorization header.",
                         0);
      visit_end (visit);
    }
  else if (calls && !g_str_equal (head->method, "OPTIONS"))
    enter (visit);
  else if (http_exchange_refuse_method (&visit->exchange, calls ? "GET, POST, DELETE, OPTIONS"
                                                                : "GET, HEAD, OPTIONS"))
    g_free (visit);
  else
    http_broker_ask (gate->broker, "resource", json_object (), on_published, visit);
}
