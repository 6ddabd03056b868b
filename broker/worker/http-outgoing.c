/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-outgoing.h"

#include <string.h>

#include "broker/base/wire.h"
#include "broker/worker/http-hmac.h"
#include "broker/worker/http-sigv4.h"

#define IN_PATH "{credential}"
#define FORM "application/x-www-form-urlencoded"

G_DEFINE_QUARK (countersign_http_outgoing_error, http_outgoing_error)

void
http_outgoing_free (HttpOutgoing *self)
{
  if (self == NULL)
    return;
  secret_free (self->target);
  secret_free (self->form);
  secret_free (self->signature);
  g_clear_pointer (&self->asked_body, g_bytes_unref);
  curl_slist_free_all (self->headers); /* by our allocator, which wipes */
  g_free (self);
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, HTTP_OUTGOING_ERROR, HTTP_OUTGOING_ERROR_REQUEST, why);
  return FALSE;
}

static void
add_line (HttpOutgoing *self, const char *line)
{
  struct curl_slist *longer = curl_slist_append (self->headers, line);

  g_assert (longer != NULL);
  self->headers = longer;
}

static void
add_header (HttpOutgoing *self, const char *name, const char *value)
{
  g_autofree char *line = g_strconcat (name, ": ", value, NULL);

  add_line (self, line);
}

/* "NAME: PREFIX" and the secret. */
static gboolean
add_secret_header (HttpOutgoing *self, const char *name, const char *prefix, const guint8 *value,
                   gsize len, GError **error)
{
  g_autofree char *before = g_strconcat (name, ": ", prefix, NULL);
  g_autoptr (Secret) line = http_secret_concat (before, value, len, "", error);

  if (line == NULL)
    return FALSE;
  add_line (self, (const char *) secret_peek (line));
  return TRUE;
}

gboolean
http_outgoing_add_secret (HttpOutgoing *self, const char *name, const char *prefix,
                          const Secret *value, GError **error)
{
  return add_secret_header (self, name, prefix, secret_peek (value), secret_len (value), error);
}

static gboolean
check_method (const char *method, GError **error)
{
  for (const char *c = method; *c != '\0'; c++)
    if (!g_ascii_isupper (*c) && *c != '-')
      return refuse (error, "method: must be in capital letters");
  if (strcmp (method, "CONNECT") == 0 || strcmp (method, "TRACE") == 0)
    return refuse (error, "method: CONNECT and TRACE are not sent");
  return TRUE;
}

static gboolean
check_target (const char *target, GError **error)
{
  if (*target != '/')
    return refuse (error, "target: must begin with a slash");
  for (const char *c = target; *c != '\0'; c++)
    if (*c <= ' ' || *c == 0x7f || *c == '#' || *c == '\\' || (guint8) *c >= 0x80)
      return refuse (error, "target: has a character that cannot be sent as it is");
  return TRUE;
}

static gboolean
is_name (const char *part, const char *name)
{
  gsize len = strcspn (part, "=");
  g_autofree char *bare = g_strndup (part, len);
  g_autofree char *decoded = NULL;

  for (char *c = bare; *c != '\0'; c++)
    if (*c == '+')
      *c = ' ';
  decoded = g_uri_unescape_string (bare, NULL);
  return g_strcmp0 (decoded, name) == 0;
}

/* TRUE when one of the parts of "a=1&b=2" has this name, however it is encoded. */
static gboolean
has_name (const char *text, gsize len, const char *name)
{
  g_autofree char *copy = g_strndup (text, len);
  g_auto (GStrv) parts = g_strsplit_set (copy, "&;", -1);
  gboolean any = FALSE;

  for (char **part = parts; *part != NULL; part++)
    any |= is_name (*part, name);
  return any;
}

static gboolean
place_query (HttpOutgoing *self, const HttpPlace *place, const HttpCredential *credential,
             const char *target, GError **error)
{
  const char *query = target + strcspn (target, "?");
  g_autoptr (Secret) value = http_credential_percent (credential, FALSE, error);
  g_autofree char *name = g_uri_escape_string (place->name, NULL, FALSE);

  if (value == NULL)
    return FALSE;
  if (*query == '?' && has_name (query + 1, strlen (query + 1), place->name))
    return refuse (error, "target: has the parameter already that the credential is put into");
  g_autofree char *before = g_strconcat (target,
                                         *query == '\0'     ? "?"
                                         : query[1] == '\0' ? ""
                                                            : "&",
                                         name, "=", NULL);
  self->target = http_secret_concat (before, secret_peek (value), secret_len (value), "", error);
  return self->target != NULL;
}

static gboolean
place_path (HttpOutgoing *self, const HttpCredential *credential, const char *target,
            GError **error)
{
  const char *at = strstr (target, IN_PATH);
  g_autoptr (Secret) value = http_credential_percent (credential, TRUE, error);

  if (value == NULL)
    return FALSE;
  if (at == NULL || at > target + strcspn (target, "?") || strstr (at + 1, IN_PATH) != NULL)
    return refuse (error, "target: must have " IN_PATH " once in its path");
  g_autofree char *before = g_strndup (target, (gsize) (at - target));
  self->target = http_secret_concat (before, secret_peek (value), secret_len (value),
                                     at + strlen (IN_PATH), error);
  return self->target != NULL;
}

static gboolean
takes_body (const char *method)
{
  return strcmp (method, "POST") == 0 || strcmp (method, "PUT") == 0
         || strcmp (method, "PATCH") == 0;
}

static const char *
find_header (const json_t *headers, const char *name)
{
  for (gsize i = 0; i < json_array_size (headers); i++)
    {
      const json_t *pair = json_array_get (headers, i);
      if (g_ascii_strcasecmp (json_string_value (json_array_get (pair, 0)), name) == 0)
        return json_string_value (json_array_get (pair, 1));
    }
  return NULL;
}

static gboolean
place_form (HttpOutgoing *self, const HttpPlace *place, const HttpCredential *credential,
            const HttpAsked *asked, GError **error)
{
  const char *type = find_header (asked->headers, "Content-Type");
  g_autoptr (Secret) value = http_credential_percent (credential, FALSE, error);
  g_autofree char *name = g_uri_escape_string (place->name, NULL, FALSE);
  g_autofree char *given
      = self->body != NULL ? g_strndup ((const char *) self->body, self->body_len) : g_strdup ("");

  if (value == NULL)
    return FALSE;
  if (!takes_body (asked->method))
    return refuse (error,
                   "method: the credential goes into a form, which POST, PUT and PATCH have");
  if (type != NULL && g_ascii_strncasecmp (type, FORM, strlen (FORM)) != 0)
    return refuse (error,
                   "headers: Content-Type: must be " FORM ", which the credential goes into");
  if (strlen (given) != self->body_len)
    return refuse (error, "body: has a NUL, which no form has");
  if (has_name (given, self->body_len, place->name))
    return refuse (error, "body: has the field already that the credential is put into");
  g_autofree char *before = g_strconcat (given, *given != '\0' ? "&" : "", name, "=", NULL);
  self->form = http_secret_concat (before, secret_peek (value), secret_len (value), "", error);
  if (self->form == NULL)
    return FALSE;
  self->body = secret_peek (self->form);
  self->body_len = secret_len (self->form) - 1;
  if (type == NULL)
    add_header (self, "Content-Type", FORM);
  return TRUE;
}

static gboolean
place_hmac (HttpOutgoing *self, const HttpPlace *place, const HttpCredential *credential,
            const HttpAsked *asked, GError **error)
{
  const Secret *key = http_credential_value (credential);
  g_autofree char *timestamp = g_strdup_printf ("%" G_GINT64_FORMAT, asked->time);
  const HttpHmac hmac = { place->hash, place->over, place->base64 };
  const HttpHmacInput input
      = { asked->method, asked->target, timestamp, self->body, self->body_len };
  g_autofree char *signature = http_hmac_sign (&hmac, secret_peek (key), secret_len (key), &input);
  g_autofree char *value = g_strconcat (place->prefix, signature, NULL);

  add_header (self, place->name, value);
  if (place->timestamp_header != NULL)
    add_header (self, place->timestamp_header, timestamp);
  self->signature = secret_new_from (signature, strlen (signature), error);
  return self->signature != NULL;
}

/* Those of the request that are signed: what servers look at. Others may be changed on the way. */
static void
collect_signed (GArray *out, const json_t *headers)
{
  for (gsize i = 0; i < json_array_size (headers); i++)
    {
      const json_t *pair = json_array_get (headers, i);
      HttpHeader header = { json_string_value (json_array_get (pair, 0)),
                            json_string_value (json_array_get (pair, 1)) };
      if (g_ascii_strncasecmp (header.name, "x-amz-", 6) == 0
          || g_ascii_strcasecmp (header.name, "content-type") == 0)
        g_array_append_val (out, header);
    }
}

static gboolean
place_aws (HttpOutgoing *self, const HttpService *service, const json_t *headers,
           const HttpCredential *credential, const HttpAsked *asked, GError **error)
{
  const char *token = http_credential_aws_token (credential);
  const HttpSigV4 sigv4 = { http_credential_aws_id (credential),
                            http_credential_aws_key (credential),
                            service->place.region,
                            service->place.service,
                            asked->time,
                            g_str_has_prefix (service->place.service, "s3") };
  g_autofree char *date = http_sigv4_date (asked->time), *host = http_service_authority (service);
  g_autofree char *hash = http_sigv4_hash (self->body, self->body_len);
  const HttpHeader own[] = { { "Host", host },
                             { "X-Amz-Date", date },
                             { "X-Amz-Content-Sha256", hash },
                             { "X-Amz-Security-Token", token } };
  g_autoptr (GArray) to_sign = g_array_new (FALSE, FALSE, sizeof (HttpHeader));

  g_array_append_vals (to_sign, own, token != NULL ? 4 : 3);
  collect_signed (to_sign, headers);
  g_autofree char *authorization = http_sigv4_authorization (
      &sigv4, asked->method, asked->target, (const HttpHeader *) (gpointer) to_sign->data,
      to_sign->len, hash, error);
  if (authorization == NULL)
    return FALSE;
  add_header (self, "X-Amz-Date", date);
  add_header (self, "X-Amz-Content-Sha256", hash);
  add_header (self, "Authorization", authorization);
  const char *signature = strrchr (authorization, '=') + 1;
  self->signature = secret_new_from (signature, strlen (signature), error);
  if (self->signature == NULL)
    return FALSE;
  return token == NULL
         || add_secret_header (self, "X-Amz-Security-Token", "", (const guint8 *) token,
                               strlen (token), error);
}

static gboolean
place_basic (HttpOutgoing *self, const HttpPlace *place, const HttpCredential *credential,
             GError **error)
{
  g_autoptr (Secret) basic = http_credential_basic (credential, place->user, error);

  return basic != NULL
         && add_secret_header (self, "Authorization", "Basic ", secret_peek (basic),
                               secret_len (basic) - 1, error);
}

static gboolean
place (HttpOutgoing *self, const HttpService *service, const json_t *headers,
       const HttpCredential *credential, const HttpAsked *asked, GError **error)
{
  const HttpPlace *where = &service->place;
  const Secret *value = credential != NULL ? http_credential_value (credential) : NULL;

  switch (where->kind)
    {
    case HTTP_PLACE_NONE:
      return TRUE;
    case HTTP_PLACE_BEARER:
      return add_secret_header (self, "Authorization", "Bearer ", secret_peek (value),
                                secret_len (value), error);
    case HTTP_PLACE_BASIC:
      return place_basic (self, where, credential, error);
    case HTTP_PLACE_HEADER:
      return add_secret_header (self, where->name, where->prefix, secret_peek (value),
                                secret_len (value), error);
    case HTTP_PLACE_QUERY:
      return place_query (self, where, credential, asked->target, error);
    case HTTP_PLACE_PATH:
      return place_path (self, credential, asked->target, error);
    case HTTP_PLACE_FORM:
      return place_form (self, where, credential, asked, error);
    case HTTP_PLACE_AWS:
      return place_aws (self, service, headers, credential, asked, error);
    case HTTP_PLACE_HMAC:
      return place_hmac (self, where, credential, asked, error);
    }
  return FALSE;
}

/* The request's, and those of the service's that it does not set. */
static json_t *
merge_headers (const json_t *asked, const json_t *service)
{
  json_t *all = json_array ();

  json_array_extend (all, (json_t *) asked);
  for (gsize i = 0; i < json_array_size (service); i++)
    {
      json_t *pair = json_array_get (service, i);
      if (find_header (asked, json_string_value (json_array_get (pair, 0))) == NULL)
        json_array_append (all, pair);
    }
  return all;
}

static void
add_headers (HttpOutgoing *self, const HttpService *service, const json_t *headers)
{
  g_autofree char *host = http_service_authority (service);

  add_header (self, "Host", host);
  for (gsize i = 0; i < json_array_size (headers); i++)
    {
      const json_t *pair = json_array_get (headers, i);
      add_header (self, json_string_value (json_array_get (pair, 0)),
                  json_string_value (json_array_get (pair, 1)));
    }
  if (find_header (headers, "User-Agent") == NULL)
    add_header (self, "User-Agent", "countersign/" COUNTERSIGN_VERSION);
  add_line (self, "Expect:");
}

static gboolean
fill (HttpOutgoing *self, const HttpService *service, const HttpCredential *credential,
      const HttpAsked *asked, GError **error)
{
  g_autoptr (json_t) headers = merge_headers (asked->headers, service->headers);

  if (asked->body != NULL)
    {
      self->asked_body = g_bytes_ref (asked->body);
      self->body = g_bytes_get_data (asked->body, &self->body_len);
    }
  add_headers (self, service, headers);
  if (!place (self, service, headers, credential, asked, error))
    return FALSE;
  /* libcurl would name a form of what is none. */
  if (self->form == NULL && find_header (headers, "Content-Type") == NULL)
    add_line (self, "Content-Type:");
  if (self->target == NULL)
    self->target = http_secret_concat (asked->target, NULL, 0, "", error);
  return self->target != NULL;
}

HttpOutgoing *
http_outgoing_new (const HttpService *service, const HttpCredential *credential,
                   const HttpAsked *asked, GError **error)
{
  g_autoptr (HttpOutgoing) self = g_new0 (HttpOutgoing, 1);

  if (!check_method (asked->method, error) || !check_target (asked->target, error))
    return NULL;
  if (asked->body != NULL && strcmp (asked->method, "HEAD") == 0)
    {
      refuse (error, "body: HEAD has none");
      return NULL;
    }
  return fill (self, service, credential, asked, error) ? g_steal_pointer (&self) : NULL;
}
