/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-exchange-request.h"

#include <string.h>

#include "broker/base/wire.h"
#include "broker/worker/http-form.h"

#define FORM "application/x-www-form-urlencoded"
#define FIELDS_MAX 64

G_DEFINE_QUARK (countersign_http_exchange_error, http_exchange_error)

typedef struct
{
  const json_t *json;
  GHashTable *secrets;
  json_t *headers; /* those without a secret */
  HttpExchangeRequest *request;
} Making;

static const WireField request_fields[] = {
  { "url", WIRE_STRING, TRUE, 1, 8192, "where it goes" },
  { "network", WIRE_STRING, TRUE, 1, 16, "public, private or loopback" },
  { "ca", WIRE_STRING, FALSE, 1, 0, "certificates, in PEM" },
  { "method", WIRE_STRING, TRUE, 1, 16, "the method" },
  { "headers", WIRE_ARRAY, FALSE, 0, FIELDS_MAX, "pairs of name and value" },
  { "form", WIRE_ARRAY, FALSE, 0, FIELDS_MAX, "pairs of name and value" },
  { "json", WIRE_OBJECT, FALSE, 0, 0, "the body" },
  { "sigv4", WIRE_OBJECT, FALSE, 0, 0, "how it is signed" },
};
static const WireField sigv4_fields[] = {
  { "region", WIRE_STRING, TRUE, 1, 64, "of AWS" },
  { "service", WIRE_STRING, TRUE, 1, 64, "of AWS" },
  { "key", WIRE_STRING, TRUE, 1, 256, "the name of what is attached" },
};
static const WireField value_fields[] = {
  { "secret", WIRE_STRING, FALSE, 1, 256, "the name of what is attached" },
  { "prefix", WIRE_STRING, FALSE, 1, 64, "what stands before it" },
  { "basic", WIRE_STRINGS, FALSE, 2, 2, "user, and the name of what is attached" },
};

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, HTTP_EXCHANGE_ERROR, HTTP_EXCHANGE_ERROR_REQUEST, why);
  return FALSE;
}

static const Secret *
find_secret (const Making *self, const char *name, GError **error)
{
  const Secret *found = g_hash_table_lookup (self->secrets, name);

  if (found == NULL)
    g_set_error (error, HTTP_EXCHANGE_ERROR, HTTP_EXCHANGE_ERROR_REQUEST,
                 "secret: %s is not attached", name);
  return found;
}

/* ---- pairs of a name and a value ---- */

typedef struct
{
  const char *name;
  const char *text; /* NULL: it is one of the others */
  const char *prefix;
  const Secret *secret;
  const char *user; /* of Basic */
} Pair;

static gboolean
read_object (const Making *self, const json_t *value, Pair *pair, GError **error)
{
  const json_t *basic = json_object_get (value, "basic");
  const char *name = wire_string (value, "secret");

  if (!wire_check (value_fields, G_N_ELEMENTS (value_fields), value, error))
    return FALSE;
  if ((basic != NULL) == (name != NULL))
    return refuse (error, "a value is text, or has secret or basic");
  pair->user = json_string_value (json_array_get (basic, 0));
  pair->prefix = wire_string (value, "prefix");
  pair->secret = find_secret (
      self, name != NULL ? name : json_string_value (json_array_get (basic, 1)), error);
  return pair->secret != NULL;
}

static gboolean
read_pair (const Making *self, const json_t *json, Pair *pair, GError **error)
{
  const json_t *value = json_array_get (json, 1);

  *pair = (Pair){ .name = json_string_value (json_array_get (json, 0)),
                  .text = json_string_value (value) };
  if (json_array_size (json) != 2 || pair->name == NULL || *pair->name == '\0'
      || strlen (pair->name) != json_string_length (json_array_get (json, 0)))
    return refuse (error, "headers and form: must be pairs of a name and a value");
  return pair->text != NULL || read_object (self, value, pair, error);
}

/* ---- the body ---- */

/* Takes @body, of which @len bytes are it. */
static GBytes *
to_bytes (Secret *body, gsize len)
{
  return g_bytes_new_with_free_func (secret_peek (body), len, (GDestroyNotify) secret_free, body);
}

static gsize
room_for (const Pair *pair)
{
  return 3
             * (strlen (pair->name) + strlen (pair->text != NULL ? pair->text : "")
                + strlen (pair->prefix != NULL ? pair->prefix : "")
                + (pair->secret != NULL ? secret_len (pair->secret) : 0))
         + 2;
}

static guint8 *
put_text (guint8 *out, const char *text)
{
  return http_form_put (out, (const guint8 *) text, strlen (text));
}

static guint8 *
put_pair (guint8 *out, const Pair *pair, gboolean first)
{
  if (!first)
    *out++ = '&';
  out = put_text (out, pair->name);
  *out++ = '=';
  if (pair->text != NULL)
    return put_text (out, pair->text);
  if (pair->prefix != NULL)
    out = put_text (out, pair->prefix);
  return http_form_put (out, secret_peek (pair->secret), secret_len (pair->secret));
}

static GBytes *
make_form (const Making *self, const json_t *form, GError **error)
{
  Pair pairs[FIELDS_MAX];
  gsize n = json_array_size (form), room = 1;

  for (gsize i = 0; i < n; i++)
    {
      if (!read_pair (self, json_array_get (form, i), &pairs[i], error))
        return NULL;
      if (pairs[i].user != NULL)
        {
          refuse (error, "form: has no basic, which is for a header");
          return NULL;
        }
      room += room_for (&pairs[i]);
    }
  Secret *body = secret_new (room, error);
  if (body == NULL)
    return NULL;
  guint8 *end = secret_data (body);
  for (gsize i = 0; i < n; i++)
    end = put_pair (end, &pairs[i], i == 0);
  return to_bytes (body, (gsize) (end - secret_data (body)));
}

/* The body with each member {"secret":NAME} in it replaced by what is attached; jansson wipes what
 * it frees. */
static json_t *
fill_json (const Making *self, const json_t *json, GError **error)
{
  const char *name, *from;
  json_t *value;
  g_autoptr (json_t) filled = json_copy ((json_t *) json);

  json_object_foreach ((json_t *) json, name, value)
  {
    if (json_object_size (value) != 1 || (from = wire_string (value, "secret")) == NULL)
      continue;
    const Secret *secret = find_secret (self, from, error);
    if (secret == NULL)
      return NULL;
    value = json_stringn ((const char *) secret_peek (secret), secret_len (secret));
    if (json_object_set_new (filled, name, value) != 0)
      {
        refuse (error, "json: has a secret that is not text");
        return NULL;
      }
  }
  return g_steal_pointer (&filled);
}

static GBytes *
make_json (const Making *self, const json_t *json, GError **error)
{
  gsize len;
  g_autoptr (json_t) filled = fill_json (self, json, error);

  if (filled == NULL)
    return NULL;
  char *text = wire_dump (filled, &len);
  Secret *body = secret_new_from (text, len - 1, error);
  wire_text_free (text, len);
  return body != NULL ? to_bytes (body, len - 1) : NULL;
}

static gboolean
make_body (const Making *self, GBytes **body, GError **error)
{
  const json_t *form = json_object_get (self->json, "form");
  const json_t *json = json_object_get (self->json, "json");

  if (form != NULL && json != NULL)
    return refuse (error, "a request has form or json");
  if (form == NULL && json == NULL)
    return TRUE;
  *body = form != NULL ? make_form (self, form, error) : make_json (self, json, error);
  json_array_append_new (
      self->headers, json_pack ("[ss]", "Content-Type", form != NULL ? FORM : "application/json"));
  return *body != NULL;
}

/* ---- the headers ---- */

/* RFC 9110, 5.5: nothing that would end the line, and no spaces that get lost. */
static gboolean
is_header_value (const Secret *value)
{
  const guint8 *bytes = secret_peek (value);
  gsize len = secret_len (value);

  for (gsize i = 0; i < len; i++)
    if (bytes[i] < ' ' || bytes[i] >= 0x7f)
      return FALSE;
  return len > 0 && bytes[0] != ' ' && bytes[len - 1] != ' ';
}

static gboolean
add_secret (const Making *self, const Pair *pair, GError **error)
{
  HttpOutgoing *outgoing = self->request->outgoing;

  if (pair->user != NULL)
    {
      g_autoptr (Secret) basic = http_form_basic (pair->user, pair->secret, error);
      return basic != NULL
             && http_outgoing_add_secret (outgoing, pair->name, "Basic ", basic, error);
    }
  if (!is_header_value (pair->secret))
    {
      g_set_error (error, HTTP_EXCHANGE_ERROR, HTTP_EXCHANGE_ERROR_REQUEST,
                   "headers: %s: the value is empty or has characters that no header has; store it "
                   "without them",
                   pair->name);
      return FALSE;
    }
  return http_outgoing_add_secret (outgoing, pair->name, pair->prefix != NULL ? pair->prefix : "",
                                   pair->secret, error);
}

/* Those that are no secret: before the request, which signs some of them. */
static gboolean
collect_plain (const Making *self, GError **error)
{
  const json_t *headers = json_object_get (self->json, "headers");

  for (gsize i = 0; i < json_array_size (headers); i++)
    {
      Pair pair;
      if (!read_pair (self, json_array_get (headers, i), &pair, error))
        return FALSE;
      if (pair.text != NULL)
        json_array_append (self->headers, json_array_get (headers, i));
    }
  return http_headers_check (self->headers, &self->request->service->place, error);
}

static gboolean
is_name (const char *name)
{
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '-')
      return FALSE;
  return TRUE;
}

static gboolean
add_secrets (const Making *self, GError **error)
{
  const json_t *headers = json_object_get (self->json, "headers");

  for (gsize i = 0; i < json_array_size (headers); i++)
    {
      Pair pair;
      if (!read_pair (self, json_array_get (headers, i), &pair, error))
        return FALSE;
      if (pair.text == NULL && !is_name (pair.name))
        return refuse (error, "headers: a name has characters that no header has");
      if (pair.text == NULL && !add_secret (self, &pair, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- all of it ---- */

static json_t *
describe_service (const Making *self, GUri *url)
{
  const json_t *sigv4 = json_object_get (self->json, "sigv4");
  const char *scheme = g_uri_get_scheme (url);
  int port = g_uri_get_port (url);
  json_t *place = sigv4 != NULL ? json_pack ("{s:s, s:O, s:O}", "kind", "aws-sigv4", "region",
                                             json_object_get (sigv4, "region"), "service",
                                             json_object_get (sigv4, "service"))
                                : json_pack ("{s:s}", "kind", "none");

  if (port < 0)
    port = strcmp (scheme, "https") == 0 ? 443 : 80;
  return json_pack ("{s:s, s:s, s:s, s:i, s:O, s:O*, s:o}", "name", "provider", "scheme", scheme,
                    "host", g_uri_get_host (url), "port", port, "network",
                    json_object_get (self->json, "network"), "ca",
                    json_object_get (self->json, "ca"), "place", place);
}

static GUri *
read_url (const Making *self, GError **error)
{
  g_autoptr (GUri) url = g_uri_parse (wire_string (self->json, "url"), G_URI_FLAGS_ENCODED, NULL);

  if (url != NULL && g_uri_get_host (url) != NULL && g_uri_get_userinfo (url) == NULL
      && g_uri_get_fragment (url) == NULL)
    return g_steal_pointer (&url);
  refuse (error, "url: must be scheme, host and path, without user or fragment");
  return NULL;
}

static gboolean
read_key (const Making *self, HttpCredential **credential, GError **error)
{
  const json_t *sigv4 = json_object_get (self->json, "sigv4");

  if (sigv4 == NULL)
    return TRUE;
  const char *name = wire_string (sigv4, "key");
  const Secret *found = find_secret (self, name, error);
  Secret *value = found != NULL ? secret_copy (found, error) : NULL;
  if (value != NULL)
    *credential = http_credential_new (&self->request->service->place, name, value, error);
  return *credential != NULL;
}

static gboolean
make (const Making *self, gint64 time, GError **error)
{
  HttpExchangeRequest *request = self->request;
  g_autoptr (GUri) url = read_url (self, error);
  g_autoptr (json_t) service = url != NULL ? describe_service (self, url) : NULL;
  g_autoptr (HttpCredential) credential = NULL;
  g_autoptr (GBytes) body = NULL;

  request->service = service != NULL ? http_service_new (service, error) : NULL;
  if (request->service == NULL || !read_key (self, &credential, error)
      || !collect_plain (self, error) || !make_body (self, &body, error))
    return FALSE;
  const char *path = *g_uri_get_path (url) != '\0' ? g_uri_get_path (url) : "/";
  const char *query = g_uri_get_query (url);
  g_autofree char *target = query != NULL ? g_strconcat (path, "?", query, NULL) : g_strdup (path);
  request->method = g_strdup (wire_string (self->json, "method"));
  const HttpAsked asked = { request->method, target, self->headers, body, time };
  request->outgoing = http_outgoing_new (request->service, credential, &asked, error);
  return request->outgoing != NULL && add_secrets (self, error);
}

HttpExchangeRequest *
http_exchange_request_new (const json_t *json, GHashTable *secrets, gint64 time, GError **error)
{
  g_autoptr (HttpExchangeRequest) request = g_new0 (HttpExchangeRequest, 1);
  g_autoptr (json_t) headers = json_array ();
  const Making making = { json, secrets, headers, request };

  const json_t *sigv4 = json_object_get (json, "sigv4");

  if (!wire_check (request_fields, G_N_ELEMENTS (request_fields), json, error)
      || (sigv4 != NULL && !wire_check (sigv4_fields, G_N_ELEMENTS (sigv4_fields), sigv4, error)))
    return NULL;
  return make (&making, time, error) ? g_steal_pointer (&request) : NULL;
}

void
http_exchange_request_free (HttpExchangeRequest *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->outgoing, http_outgoing_free);
  g_clear_pointer (&self->service, http_service_free);
  g_free (self->method);
  g_free (self);
}
