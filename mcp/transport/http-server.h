/* SPDX-License-Identifier: MIT
 *
 * Connections: accepting them, having no more than there may be, and ending those that take too
 * long.
 *
 * MUST
 *  - stay of use to others while somebody opens connections and says nothing: when there are too
 *    many, the one that has been waited for the longest goes
 */
#pragma once

#include "mcp/transport/http-reader.h"

#include <libsoup/soup.h>

typedef struct _HttpServer HttpServer;

typedef struct
{
  GSocketAddress *address;
  const char *certificate, *key; /* files of PEM, or NULL: without TLS */
} HttpListen;

/* Answers @request, now or later, by @message; takes @request. */
typedef void (*HttpTake) (gpointer user, SoupServerMessage *message, HttpRequest *request);

/* Listens. NULL with an error that says where. */
HttpServer *http_server_new (const HttpListen *listen, HttpTake take, gpointer user,
                             GError **error);
void http_server_free (HttpServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpServer, http_server_free)

/* How large a body @user takes at an address, from the head alone; up to HTTP_BODY_MOST. Without:
 * HTTP_BODY_MAX. */
void http_server_set_body_most (HttpServer *server,
                                gsize (*body_most) (gpointer user, const HttpHead *head));

/* Where it is: "http://127.0.0.1:8643"; g_free(). */
char *http_server_url (const HttpServer *server);
/* Until http_server_stop(), then until what is being answered is. */
void http_server_run (HttpServer *server);
void http_server_stop (HttpServer *server);
