/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-endpoint.h"

#include "mcp/transport/http-answer.h"
#include "mcp/http/http-fault.h"
#include "mcp/http/http-form.h"
#include "mcp/http/http-issuer.h"

#include <stdio.h>
#include <string.h>

#define FORM "application/x-www-form-urlencoded"

/* One request on its way. */
typedef struct
{
  const HttpEndpoints *endpoints;
  SoupServerMessage *message;
  HttpRequest *request;
  HttpPage page;
  char *prefix; /* the path before it, which has to be the issuer's */
} Exchange;

/* Whatever was said goes out now. */
static void
finish (Exchange *exchange)
{
  if (exchange->endpoints->verbose)
    fprintf (stderr, "countersign-mcp-http: %s %s %u\n", exchange->request->head->method,
             exchange->request->head->path, soup_server_message_get_status (exchange->message));
  if (exchange->request->head->close)
    http_answer_last (exchange->message);
  soup_server_message_unpause (exchange->message);
  g_object_unref (exchange->message);
  http_request_free (exchange->request);
  g_free (exchange->prefix);
  g_free (exchange);
}

static void
fail (Exchange *exchange, guint status, const char *error, const char *description)
{
  http_answer_error (exchange->message, status, error, description, 0);
  finish (exchange);
}

static void
fail_not_found (Exchange *exchange)
{
  fail (
      exchange, SOUP_STATUS_NOT_FOUND, "not_found",
      "There is nothing at this address. /.well-known/oauth-authorization-server tells what there "
      "is.");
}

/* That guesses take their time is the broker's to see to. */
static void
fail_unknown_client (Exchange *exchange)
{
  http_answer_error (
      exchange->message, SOUP_STATUS_UNAUTHORIZED, "invalid_client",
      "Say who you are: the name and secret of a verifier, by Basic authentication or "
      "as client_id and client_secret in the body.",
      0);
  finish (exchange);
}

static void
fail_by (Exchange *exchange, const HttpReply *reply)
{
  http_fault_answer (exchange->message, reply);
  finish (exchange);
}

/* --- Introspection and revocation --- */

static void
on_introspected (gpointer data, const HttpReply *reply)
{
  Exchange *exchange = data;

  if (http_fault_is_client (reply))
    fail_unknown_client (exchange);
  else if (reply->result == NULL || !json_is_boolean (json_object_get (reply->result, "active")))
    fail_by (exchange, reply);
  else
    {
      http_answer_private (exchange->message, SOUP_STATUS_OK, reply->result);
      finish (exchange);
    }
}

static void
introspect (Exchange *exchange, const HttpForm *form)
{
  if (form->client_id == NULL || form->client_secret == NULL)
    {
      fail_unknown_client (exchange);
      return;
    }
  http_broker_ask (exchange->endpoints->broker, "token_introspect",
                   json_pack ("{s:s, s:s, s:s}", "token", form->token, "client_id", form->client_id,
                              "client_secret", form->client_secret),
                   on_introspected, exchange);
}

static void
on_revoked (gpointer data, const HttpReply *reply)
{
  Exchange *exchange = data;

  if (reply->result == NULL)
    {
      fail_by (exchange, reply);
      return;
    }
  /* RFC 7009, section 2.2: for a token that there never was, too. */
  http_answer_private (exchange->message, SOUP_STATUS_OK, NULL);
  finish (exchange);
}

static void
take_form (Exchange *exchange)
{
  const HttpHead *head = exchange->request->head;
  gboolean revoke = exchange->page == HTTP_PAGE_REVOKE;
  const char *why;
  g_autoptr (HttpForm) form = http_form_parse (exchange->request->body, head->body,
                                               revoke ? NULL : head->authorization, &why);

  if (form == NULL)
    fail (exchange, SOUP_STATUS_BAD_REQUEST, "invalid_request", why);
  else if (form->token == NULL)
    fail (exchange, SOUP_STATUS_BAD_REQUEST, "invalid_request", "token is missing.");
  else if (!revoke)
    introspect (exchange, form);
  else
    http_broker_ask (exchange->endpoints->broker, "token_end",
                     json_pack ("{s:s}", "token", form->token), on_revoked, exchange);
}

/* --- What is published --- */

static void
publish (Exchange *exchange, const json_t *keys)
{
  const char *issuer = wire_string (keys, "issuer");
  const json_t *algorithms = json_object_get (keys, "algorithms");
  const HttpHead *head = exchange->request->head;

  if (exchange->page == HTTP_PAGE_JWKS)
    http_answer_public (exchange->message, head, json_object_get (keys, "jwks"));
  else if (http_issuer_is_url (issuer))
    {
      g_autoptr (json_t) metadata = http_issuer_metadata (exchange->page, issuer, algorithms);
      http_answer_public (exchange->message, head, metadata);
    }
  else
    http_answer_error (exchange->message, SOUP_STATUS_NOT_FOUND, "not_found",
                       "The tokens' issuer is a name and no address, so there is no metadata; the "
                       "keys are at /.well-known/jwks.json. A person gives it an address with "
                       "`issuer URL` in a file of providers.d of kind issuer.",
                       0);
  finish (exchange);
}

static void
on_keys (gpointer data, const HttpReply *reply)
{
  Exchange *exchange = data;
  const char *issuer = wire_string (reply->result, "issuer");

  if (issuer == NULL || !json_is_object (json_object_get (reply->result, "jwks"))
      || !json_is_array (json_object_get (reply->result, "algorithms")))
    fail_by (exchange, reply);
  else if (!http_issuer_has_path (issuer, exchange->prefix))
    fail_not_found (exchange);
  else if (exchange->page == HTTP_PAGE_INTROSPECT || exchange->page == HTTP_PAGE_REVOKE)
    take_form (exchange);
  else
    publish (exchange, reply->result);
}

/* --- Before anything is asked --- */

static gboolean
is_our_name (const HttpEndpoints *endpoints, const char *host)
{
  return g_strv_contains ((const char *const *) endpoints->hosts, host);
}

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
ask_keys (Exchange *exchange)
{
  http_broker_ask (exchange->endpoints->broker, "token_keys", json_object (), on_keys, exchange);
}

static void
begin (Exchange *exchange)
{
  const HttpHead *head = exchange->request->head;
  gboolean form = exchange->page == HTTP_PAGE_INTROSPECT || exchange->page == HTTP_PAGE_REVOKE;
  const char *methods = form ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
  g_auto (GStrv) allowed = g_strsplit (methods, ", ", -1);
  const char *fault = form ? fault_of_post (head) : NULL;

  if (g_str_equal (head->method, "OPTIONS")
      || !g_strv_contains ((const char *const *) allowed, head->method))
    {
      http_answer_allow (exchange->message,
                         g_str_equal (head->method, "OPTIONS") ? SOUP_STATUS_NO_CONTENT
                                                               : SOUP_STATUS_METHOD_NOT_ALLOWED,
                         methods);
      finish (exchange);
    }
  else if (fault != NULL)
    fail (exchange, head->origin ? SOUP_STATUS_FORBIDDEN : SOUP_STATUS_BAD_REQUEST,
          "invalid_request", fault);
  else if (form && *exchange->prefix == '\0')
    take_form (exchange);
  else
    ask_keys (exchange);
}

void
http_endpoint_answer (gpointer user, SoupServerMessage *message, HttpRequest *request)
{
  const HttpEndpoints *endpoints = user;
  Exchange *exchange = g_new0 (Exchange, 1);

  exchange->endpoints = endpoints;
  exchange->message = g_object_ref (message);
  exchange->request = request;
  exchange->page = http_issuer_find (request->head->path, &exchange->prefix);
  soup_server_message_pause (message);
  if (!is_our_name (endpoints, request->head->host))
    fail (exchange, SOUP_STATUS_MISDIRECTED_REQUEST, "invalid_request",
          "This server is not called what Host says. If it should be: countersign mcp --http … "
          "--host "
          "NAME.");
  else if (g_str_equal (request->head->path, "*"))
    {
      http_answer_allow (message, SOUP_STATUS_NO_CONTENT, "GET, HEAD, POST, OPTIONS");
      finish (exchange);
    }
  else if (exchange->page == HTTP_PAGE_NONE)
    fail_not_found (exchange);
  else
    begin (exchange);
}
