/* SPDX-License-Identifier: MIT
 *
 * What the broker says of a service when it opens a worker for it.
 *
 * MUST
 *  - refuse what it does not know: half understood, a credential goes to the wrong place
 *  - allow http:// to this machine alone
 */
#pragma once

#include <jansson.h>

#include "broker/worker/http-address.h"

typedef enum
{
  HTTP_PLACE_NONE,
  HTTP_PLACE_BEARER,
  HTTP_PLACE_BASIC,
  HTTP_PLACE_HEADER,
  HTTP_PLACE_QUERY,
  HTTP_PLACE_PATH,
  HTTP_PLACE_FORM,
  HTTP_PLACE_AWS,
  HTTP_PLACE_HMAC
} HttpPlaceKind;

typedef struct
{
  HttpPlaceKind kind;
  const char *name;   /* of the header, query parameter or form field */
  const char *prefix; /* "" when there is none */
  const char *user;   /* NULL: the value is user:password */
  const char *region, *service;
  const char *hash, *over, *timestamp_header;
  gboolean base64;
} HttpPlace;

typedef struct
{
  json_t *json; /* what all below points into */
  const char *name, *scheme, *host;
  guint16 port;
  HttpNetwork network;
  const char *ca; /* PEM, in place of the system's; NULL: the system's */
  HttpPlace place;
  json_t *headers; /* [["Name","value"]…], sent with each request that does not set them; or NULL */
} HttpService;

HttpService *http_service_new (const json_t *json, GError **error);
void http_service_free (HttpService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpService, http_service_free)

/* "api.example.com", "api.example.com:8443" or "[::1]:8443": the Host header. g_free(). */
char *http_service_authority (const HttpService *service);

/* TRUE when @headers is an array of pairs that can be sent: RFC 9110 5.1 and 5.5, none that is ours
 * to set (Host, Content-Length, hop-by-hop). The error names the header, never its value. */
gboolean http_headers_check (const json_t *headers, const HttpPlace *place, GError **error);
