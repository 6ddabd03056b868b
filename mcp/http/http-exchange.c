/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-exchange.h"

#include "mcp/transport/http-answer.h"

#include <stdio.h>

void
http_exchange_begin (HttpExchange *exchange, SoupServerMessage *message, HttpRequest *request,
                     gboolean verbose)
{
  *exchange = (HttpExchange){ g_object_ref (message), request, verbose };
  soup_server_message_pause (message);
}

void
http_exchange_end (HttpExchange *exchange)
{
  const HttpHead *head = exchange->request->head;

  guint status = soup_server_message_get_status (exchange->message);

  /* What is no address here may be anything, a token too. */
  if (exchange->verbose)
    fprintf (stderr, "countersign-mcp-http: %s %s %u\n", head->method,
             status == SOUP_STATUS_NOT_FOUND ? "(somewhere else)" : head->path, status);
  if (head->close)
    http_answer_last (exchange->message);
  soup_server_message_unpause (exchange->message);
  g_clear_object (&exchange->message);
  g_clear_pointer (&exchange->request, http_request_free);
}

void
http_exchange_fail (HttpExchange *exchange, guint status, const char *error,
                    const char *description)
{
  http_answer_error (exchange->message, status, error, description, 0);
  http_exchange_end (exchange);
}

gboolean
http_exchange_refuse_method (HttpExchange *exchange, const char *methods)
{
  const char *method = exchange->request->head->method;
  gboolean asks = g_str_equal (method, "OPTIONS");
  g_auto (GStrv) allowed = g_strsplit (methods, ", ", -1);

  if (!asks && g_strv_contains ((const char *const *) allowed, method))
    return FALSE;
  http_answer_allow (exchange->message,
                     asks ? SOUP_STATUS_NO_CONTENT : SOUP_STATUS_METHOD_NOT_ALLOWED, methods);
  http_exchange_end (exchange);
  return TRUE;
}
