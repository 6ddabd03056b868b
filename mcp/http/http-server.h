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

#include "mcp/http/http-options.h"

typedef struct _HttpServer HttpServer;

/* Listens. @options must live as long. NULL with an error that says where. */
HttpServer *http_server_new (const HttpOptions *options, GError **error);
void http_server_free (HttpServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpServer, http_server_free)

/* Where it is: "http://127.0.0.1:8643"; g_free(). */
char *http_server_url (const HttpServer *server);
/* Until http_server_stop(), then until what is being answered is. */
void http_server_run (HttpServer *server);
void http_server_stop (HttpServer *server);
