/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-endpoint.h"

#include "mcp/http/http-exchange.h"
#include "mcp/http/http-fault.h"
#include "mcp/http/http-form.h"
#include "mcp/http/http-issuer.h"
#include "mcp/transport/http-answer.h"

#include <stdio.h>
#include <string.h>

#define FORM "application/x-www-form-urlencoded"

typedef struct
{
  HttpExchange exchange;
  const HttpEndpoints *endpoints;
  HttpPage page;
  char *prefix; /* the path before it, which has to be the issuer's */
} Visit;

static void
visit_free (Visit *visit)
{
  g_free (visit->prefix);
  g_free (visit);
}

static void
finish (Visit *visit)
{
  http_exchange_end (&visit->exchange);
  visit_free (visit);
}

static void
fail (Visit *visit, guint status, const char *error, const char *description)
{
  http_exchange_fail (&visit->exchange, status, error, description);
  visit_free (visit);
}

static void
fail_not_found (Visit *visit)
{
  fail (
      visit, SOUP_STATUS_NOT_FOUND, "not_found",
      "There is nothing at this address. /.well-known/oauth-authorization-server tells what there "
      "is.");
}

/* That guesses take their time is the broker's to see to. */
static void
fail_unknown_client (Visit *visit)
{
  http_answer_error (
      visit->exchange.message, SOUP_STATUS_UNAUTHORIZED, "invalid_client",
      "Say who you are: the name and secret of a verifier, by Basic authentication or "
      "as client_id and client_secret in the body.",
      0);
  finish (visit);
}

static void
fail_by (Visit *visit, const HttpReply *reply)
{
  http_fault_answer (visit->exchange.message, reply);
  finish (visit);
}

/* --- Introspection and revocation --- */

static void
on_introspected (gpointer data, const HttpReply *reply)
{
  Visit *visit = data;

  if (http_fault_is_client (reply))
    fail_unknown_client (visit);
  else if (reply->result == NULL || !json_is_boolean (json_object_get (reply->result, "active")))
    fail_by (visit, reply);
  else
    {
      http_answer_private (visit->exchange.message, SOUP_STATUS_OK, reply->result);
      finish (visit);
    }
}

static void
introspect (Visit *visit, const HttpForm *form)
{
  if (form->client_id == NULL || form->client_secret == NULL)
    {
      fail_unknown_client (visit);
      return;
    }
  http_broker_ask (visit->endpoints->gate.broker, "token_introspect",
                   json_pack ("{s:s, s:s, s:s}", "token", form->token, "client_id", form->client_id,
                              "client_secret", form->client_secret),
                   on_introspected, visit);
}

static void
on_revoked (gpointer data, const HttpReply *reply)
{
  Visit *visit = data;

  if (reply->result == NULL)
    {
      fail_by (visit, reply);
      return;
    }
  /* RFC 7009, section 2.2: for a token that there never was, too. */
  http_answer_private (visit->exchange.message, SOUP_STATUS_OK, NULL);
  finish (visit);
}

static void
take_form (Visit *visit)
{
  const HttpHead *head = visit->exchange.request->head;
  gboolean revoke = visit->page == HTTP_PAGE_REVOKE;
  const char *why;
  g_autoptr (HttpForm) form = http_form_parse (visit->exchange.request->body, head->body,
                                               revoke ? NULL : head->authorization, &why);

  if (form == NULL)
    fail (visit, SOUP_STATUS_BAD_REQUEST, "invalid_request", why);
  else if (form->token == NULL)
    fail (visit, SOUP_STATUS_BAD_REQUEST, "invalid_request", "token is missing.");
  else if (!revoke)
    introspect (visit, form);
  else
    http_broker_ask (visit->endpoints->gate.broker, "token_end",
                     json_pack ("{s:s}", "token", form->token), on_revoked, visit);
}

/* --- What is published --- */

static void
publish (Visit *visit, const json_t *keys)
{
  const char *issuer = wire_string (keys, "issuer");
  const json_t *algorithms = json_object_get (keys, "algorithms");
  const HttpHead *head = visit->exchange.request->head;

  if (visit->page == HTTP_PAGE_JWKS)
    http_answer_public (visit->exchange.message, head, json_object_get (keys, "jwks"));
  else if (http_issuer_is_url (issuer))
    {
      g_autoptr (json_t) metadata = http_issuer_metadata (visit->page, issuer, algorithms);
      http_answer_public (visit->exchange.message, head, metadata);
    }
  else
    http_answer_error (visit->exchange.message, SOUP_STATUS_NOT_FOUND, "not_found",
                       "The tokens' issuer is a name and no address, so there is no metadata; the "
                       "keys are at /.well-known/jwks.json. A person gives it an address with "
                       "`issuer URL` in a file of providers.d of kind issuer.",
                       0);
  finish (visit);
}

static void
on_keys (gpointer data, const HttpReply *reply)
{
  Visit *visit = data;
  const char *issuer = wire_string (reply->result, "issuer");

  if (issuer == NULL || !json_is_object (json_object_get (reply->result, "jwks"))
      || !json_is_array (json_object_get (reply->result, "algorithms")))
    fail_by (visit, reply);
  else if (!http_issuer_has_path (issuer, visit->prefix))
    fail_not_found (visit);
  else if (visit->page == HTTP_PAGE_INTROSPECT || visit->page == HTTP_PAGE_REVOKE)
    take_form (visit);
  else
    publish (visit, reply->result);
}

/* --- Before anything is asked --- */

/* A browser says for whose page it sends. RFC 6750, section 2.3: what is secret stands in no
 * address. */
static const char *
fault_of_post (const HttpHead *head)
{
  if (head->origin)
    return "This is not for pages in browsers.";
  if (head->has_query)
    return "Parameters go into the body.";
  if (g_strcmp0 (head->type, FORM) != 0)
    return "The body must be " FORM ".";
  return NULL;
}

static void
ask_keys (Visit *visit)
{
  http_broker_ask (visit->endpoints->gate.broker, "token_keys", json_object (), on_keys, visit);
}

static void
begin (Visit *visit)
{
  const HttpHead *head = visit->exchange.request->head;
  gboolean form = visit->page == HTTP_PAGE_INTROSPECT || visit->page == HTTP_PAGE_REVOKE;
  const char *fault = form ? fault_of_post (head) : NULL;

  if (http_exchange_refuse_method (&visit->exchange, form ? "POST, OPTIONS" : "GET, HEAD, OPTIONS"))
    visit_free (visit);
  else if (fault != NULL)
    fail (visit, head->origin ? SOUP_STATUS_FORBIDDEN : SOUP_STATUS_BAD_REQUEST, "invalid_request",
          fault);
  else if (form && *visit->prefix == '\0')
    take_form (visit);
  else
    ask_keys (visit);
}

static void
take_issuer (const HttpEndpoints *endpoints, SoupServerMessage *message, HttpRequest *request)
{
  Visit *visit = g_new0 (Visit, 1);

  visit->endpoints = endpoints;
  visit->page = http_issuer_find (request->head->path, &visit->prefix);
  http_exchange_begin (&visit->exchange, message, request, endpoints->gate.verbose);
  if (visit->page == HTTP_PAGE_NONE)
    fail_not_found (visit);
  else
    begin (visit);
}

static void
tell_methods (const HttpEndpoints *endpoints, SoupServerMessage *message, HttpRequest *request)
{
  HttpExchange exchange;

  http_exchange_begin (&exchange, message, request, endpoints->gate.verbose);
  http_answer_allow (message, SOUP_STATUS_NO_CONTENT, "GET, HEAD, POST, DELETE, OPTIONS");
  http_exchange_end (&exchange);
}

static void
refuse (const HttpEndpoints *endpoints, SoupServerMessage *message, HttpRequest *request,
        guint status, const char *why)
{
  HttpExchange exchange;

  http_exchange_begin (&exchange, message, request, endpoints->gate.verbose);
  http_exchange_fail (&exchange, status, "invalid_request", why);
}

void
http_endpoint_answer (gpointer user, SoupServerMessage *message, HttpRequest *request)
{
  const HttpEndpoints *endpoints = user;
  const char *why = NULL, *path = request->head->path;
  guint status = http_origin_check (endpoints->hosts, request->head, &why);
  gboolean gate = http_gate_has (&endpoints->gate, path);

  /* What is public may be asked for by any page; the forms say themselves what they make of one. */
  if (status != 0 && (gate || status != SOUP_STATUS_FORBIDDEN))
    refuse (endpoints, message, request, status, why);
  else if (g_str_equal (path, "*"))
    tell_methods (endpoints, message, request);
  else if (gate)
    http_gate_take (&endpoints->gate, message, request);
  else
    take_issuer (endpoints, message, request);
}
