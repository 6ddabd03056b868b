/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-service.h"

#include <string.h>

#include "broker/base/wire.h"
#include "broker/worker/http-hmac.h"

#define HEADERS_MAX 64
#define WORD 256

static const WireField service_fields[] = {
  { "name", WIRE_STRING, TRUE, 1, WORD, "the service's name" },
  { "scheme", WIRE_STRING, TRUE, 4, 5, "http or https" },
  { "host", WIRE_STRING, TRUE, 1, 255, "a host or an address" },
  { "port", WIRE_INTEGER, TRUE, 1, 65535, "its port" },
  { "network", WIRE_STRING, TRUE, 1, 16, "public, private or loopback" },
  { "ca", WIRE_STRING, FALSE, 1, 0, "certificates, in PEM" },
  { "place", WIRE_OBJECT, TRUE, 0, 0, "where the credential goes" },
  { "headers", WIRE_ARRAY, FALSE, 0, HEADERS_MAX, "what is sent with each request" },
};

static const WireField kind_fields[] = {
  { "kind", WIRE_STRING, TRUE, 1, 16, "" },
};
static const WireField basic_fields[] = {
  { "kind", WIRE_STRING, TRUE, 1, 16, "" },
  { "user", WIRE_STRING, FALSE, 1, WORD, "" },
};
static const WireField header_fields[] = {
  { "kind", WIRE_STRING, TRUE, 1, 16, "" },
  { "name", WIRE_STRING, TRUE, 1, WORD, "" },
  { "prefix", WIRE_STRING, FALSE, 0, WORD, "" },
};
static const WireField named_fields[] = {
  { "kind", WIRE_STRING, TRUE, 1, 16, "" },
  { "name", WIRE_STRING, TRUE, 1, WORD, "" },
};
static const WireField aws_fields[] = {
  { "kind", WIRE_STRING, TRUE, 1, 16, "" },
  { "region", WIRE_STRING, TRUE, 1, 64, "" },
  { "service", WIRE_STRING, TRUE, 1, 64, "" },
};
static const WireField hmac_fields[] = {
  { "kind", WIRE_STRING, TRUE, 1, 16, "" },
  { "hash", WIRE_STRING, TRUE, 1, 16, "" },
  { "header", WIRE_STRING, TRUE, 1, WORD, "" },
  { "prefix", WIRE_STRING, FALSE, 0, WORD, "" },
  { "encoding", WIRE_STRING, TRUE, 1, 16, "" },
  { "over", WIRE_STRING, TRUE, 1, 1024, "" },
  { "timestamp_header", WIRE_STRING, FALSE, 1, WORD, "" },
};

#define FIELDS(table) table, G_N_ELEMENTS (table)
static const struct
{
  const char *word;
  HttpPlaceKind kind;
  const WireField *fields;
  gsize n_fields;
} kinds[] = {
  { "none", HTTP_PLACE_NONE, FIELDS (kind_fields) },
  { "bearer", HTTP_PLACE_BEARER, FIELDS (kind_fields) },
  { "basic", HTTP_PLACE_BASIC, FIELDS (basic_fields) },
  { "header", HTTP_PLACE_HEADER, FIELDS (header_fields) },
  { "query", HTTP_PLACE_QUERY, FIELDS (named_fields) },
  { "path", HTTP_PLACE_PATH, FIELDS (kind_fields) },
  { "form", HTTP_PLACE_FORM, FIELDS (named_fields) },
  { "aws-sigv4", HTTP_PLACE_AWS, FIELDS (aws_fields) },
  { "hmac", HTTP_PLACE_HMAC, FIELDS (hmac_fields) },
};

static gboolean
refuse (GError **error, const char *field, const char *why)
{
  g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s: %s", field, why);
  return FALSE;
}

/* RFC 9110, 5.6.2. */
static gboolean
is_token (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("!#$%&'*+-.^_`|~", *c) == NULL)
      return FALSE;
  return *text != '\0';
}

static gboolean
is_value (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (((guint8) *c < ' ' && *c != '\t') || *c == 0x7f)
      return FALSE;
  return *text != '\0'; /* to libcurl an empty one means: send none */
}

static gboolean
read_place_text (const json_t *json, HttpPlace *place, GError **error)
{
  const char *header = wire_string (json, "header"), *encoding = wire_string (json, "encoding");
  const char *prefix = wire_string (json, "prefix");

  place->name = header != NULL ? header : wire_string (json, "name");
  place->prefix = prefix != NULL ? prefix : "";
  place->user = wire_string (json, "user");
  place->region = wire_string (json, "region");
  place->service = wire_string (json, "service");
  place->hash = wire_string (json, "hash");
  place->over = wire_string (json, "over");
  place->timestamp_header = wire_string (json, "timestamp_header");
  place->base64 = g_strcmp0 (encoding, "base64") == 0;
  if (encoding != NULL && !place->base64 && strcmp (encoding, "hex") != 0)
    return refuse (error, "encoding", "must be hex or base64");
  return TRUE;
}

static gboolean
check_place (const HttpPlace *place, GError **error)
{
  gboolean header = place->kind == HTTP_PLACE_HEADER || place->kind == HTTP_PLACE_HMAC;

  if (header && !is_token (place->name))
    return refuse (error, "name", "must be a header's name");
  if (*place->prefix != '\0' && !is_value (place->prefix))
    return refuse (error, "prefix", "must not have control characters");
  if (place->timestamp_header != NULL && !is_token (place->timestamp_header))
    return refuse (error, "timestamp_header", "must be a header's name");
  if (place->user != NULL && (strchr (place->user, ':') != NULL || !is_value (place->user)))
    return refuse (error, "user", "must not have colons or control characters");
  if (place->hash != NULL && !http_hmac_is_hash (place->hash))
    return refuse (error, "hash", "must be sha1, sha256 or sha512");
  if (place->over != NULL && !http_hmac_is_template (place->over))
    return refuse (error, "over", "must be made of {method}, {target}, {timestamp} and {body}");
  if (place->region != NULL && (!is_token (place->region) || !is_token (place->service)))
    return refuse (error, "region", "and service must be names");
  return TRUE;
}

static gboolean
read_place (const json_t *json, HttpPlace *place, GError **error)
{
  const char *word = wire_string (json, "kind");

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i].word, word) == 0)
      {
        place->kind = kinds[i].kind;
        return wire_check (kinds[i].fields, kinds[i].n_fields, json, error)
               && read_place_text (json, place, error) && check_place (place, error);
      }
  return refuse (error, "kind", "is not a place that this worker knows");
}

/* A name or an address, not more: it becomes part of a URL. */
static gboolean
is_host (const char *host)
{
  gboolean six = strchr (host, ':') != NULL;

  for (const char *c = host; *c != '\0'; c++)
    if (six ? !g_ascii_isxdigit (*c) && *c != ':' && *c != '.'
            : !g_ascii_isalnum (*c) && strchr ("-._", *c) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
read_service (HttpService *self, GError **error)
{
  self->name = wire_string (self->json, "name");
  self->scheme = wire_string (self->json, "scheme");
  self->host = wire_string (self->json, "host");
  self->port = (guint16) wire_integer (self->json, "port", 0);
  self->network = http_network_from_word (wire_string (self->json, "network"));
  self->ca = wire_string (self->json, "ca");
  self->headers = json_object_get (self->json, "headers");
  if (self->network == HTTP_NETWORK_NONE)
    return refuse (error, "network", "must be public, private or loopback");
  if (!is_host (self->host))
    return refuse (error, "host", "must be a host's name or an address");
  if (strcmp (self->scheme, "https") != 0
      && (strcmp (self->scheme, "http") != 0 || self->network != HTTP_NETWORK_LOOPBACK))
    return refuse (error, "scheme", "must be https, or http on the loopback network");
  return read_place (json_object_get (self->json, "place"), &self->place, error)
         && http_headers_check (self->headers, &self->place, error);
}

HttpService *
http_service_new (const json_t *json, GError **error)
{
  g_autoptr (HttpService) self = g_new0 (HttpService, 1);

  if (!wire_check (service_fields, G_N_ELEMENTS (service_fields), json, error))
    return NULL;
  self->json = json_deep_copy (json);
  return read_service (self, error) ? g_steal_pointer (&self) : NULL;
}

void
http_service_free (HttpService *self)
{
  if (self == NULL)
    return;
  json_decref (self->json);
  g_free (self);
}

char *
http_service_authority (const HttpService *self)
{
  gboolean six = strchr (self->host, ':') != NULL;
  guint16 usual = strcmp (self->scheme, "https") == 0 ? 443 : 80;
  g_autofree char *port = self->port == usual ? g_strdup ("") : g_strdup_printf (":%u", self->port);

  return g_strconcat (six ? "[" : "", self->host, six ? "]" : "", port, NULL);
}

/* What this worker alone sets, and what acts on one hop only (RFC 9110, 7.6.1). */
static gboolean
is_ours (const char *name, const HttpPlace *place)
{
  static const char *const ours[] = { "host",
                                      "content-length",
                                      "transfer-encoding",
                                      "connection",
                                      "keep-alive",
                                      "te",
                                      "trailer",
                                      "upgrade",
                                      "expect",
                                      "accept-encoding",
                                      "authorization",
                                      "cookie",
                                      "http2-settings",
                                      "forwarded",
                                      "via" };
  gboolean aws = place->kind == HTTP_PLACE_AWS;
  gboolean named = place->kind == HTTP_PLACE_HEADER || place->kind == HTTP_PLACE_HMAC;

  for (gsize i = 0; i < G_N_ELEMENTS (ours); i++)
    if (g_ascii_strcasecmp (name, ours[i]) == 0)
      return TRUE;
  if (g_ascii_strncasecmp (name, "proxy-", 6) == 0
      || (named && g_ascii_strcasecmp (name, place->name) == 0))
    return TRUE;
  if (place->timestamp_header != NULL && g_ascii_strcasecmp (name, place->timestamp_header) == 0)
    return TRUE;
  return aws
         && (g_ascii_strcasecmp (name, "x-amz-date") == 0
             || g_ascii_strcasecmp (name, "x-amz-security-token") == 0
             || g_ascii_strcasecmp (name, "x-amz-content-sha256") == 0);
}

gboolean
http_headers_check (const json_t *headers, const HttpPlace *place, GError **error)
{
  for (gsize i = 0; i < json_array_size (headers); i++)
    {
      const json_t *pair = json_array_get (headers, i);
      const char *name = json_string_value (json_array_get (pair, 0));
      const char *value = json_string_value (json_array_get (pair, 1));

      if (json_array_size (pair) != 2 || name == NULL || value == NULL)
        return refuse (error, "headers", "must be pairs of a name and a value");
      if (!is_token (name))
        return refuse (error, "headers", "a name has characters that no header has");
      g_autofree char *field = g_strconcat ("headers: ", name, NULL);
      if (is_ours (name, place))
        return refuse (error, field, "is not the caller's to set");
      if (!is_value (value))
        return refuse (error, field, "its value is empty or has control characters");
    }
  return TRUE;
}
