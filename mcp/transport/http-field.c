/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-field.h"

#include <string.h>

#define HOST_MAX 255 /* RFC 1035 */
#define PARAMS_MOST 64

gboolean
http_span_is (HttpSpan span, const char *word)
{
  return http_span_len (span) == strlen (word)
         && g_ascii_strncasecmp (span.at, word, http_span_len (span)) == 0;
}

char *
http_span_dup (HttpSpan span)
{
  return g_strndup (span.at, http_span_len (span));
}

gboolean
http_refuse (HttpRefusal *refusal, guint status, const char *why)
{
  *refusal = (HttpRefusal){ status, why };
  return FALSE;
}

gboolean
http_span_is_token (HttpSpan span)
{
  if (span.at == span.end)
    return FALSE;
  for (; span.at < span.end; span.at++)
    if (!g_ascii_isalnum (*span.at)
        && (*span.at == '\0' || strchr ("!#$%&'*+-.^_`|~", *span.at) == NULL))
      return FALSE;
  return TRUE;
}

static HttpSpan
trim (HttpSpan span)
{
  while (span.at < span.end && (*span.at == ' ' || *span.at == '\t'))
    span.at++;
  while (span.end > span.at && (span.end[-1] == ' ' || span.end[-1] == '\t'))
    span.end--;
  return span;
}

static gboolean
is_value (HttpSpan span)
{
  for (; span.at < span.end; span.at++)
    if (*span.at != '\t' && g_ascii_iscntrl (*span.at))
      return FALSE;
  return TRUE;
}

/* --- Those that may stand once --- */

static gboolean
refuse_second (HttpFields *fields)
{
  return http_refuse (fields->refusal, 400, "A header that may stand once stands twice.");
}

static gboolean
take_text (HttpFields *fields, char **place, HttpSpan value)
{
  if (*place != NULL)
    return refuse_second (fields);
  *place = http_span_dup (value);
  return TRUE;
}

/* RFC 3986, section 3.2.2, as far as names and addresses go. */
static gboolean
is_host (HttpSpan span)
{
  for (; span.at < span.end; span.at++)
    if (!g_ascii_isalnum (*span.at) && (*span.at == '\0' || strchr ("-._:[]", *span.at) == NULL))
      return FALSE;
  return TRUE;
}

/* Up to the port's colon. */
static const char *
end_of_name (HttpSpan value)
{
  if (value.at < value.end && *value.at == '[')
    {
      const char *bracket = memchr (value.at, ']', http_span_len (value));
      return bracket != NULL ? bracket + 1 : value.at;
    }
  const char *colon = memchr (value.at, ':', http_span_len (value));
  return colon != NULL ? colon : value.end;
}

static gboolean
take_host (HttpFields *fields, HttpSpan value)
{
  static const char why[] = "Host is not a name or an address.";
  const char *end = end_of_name (value);

  if (fields->head->host != NULL)
    return http_refuse (fields->refusal, 400, "There is more than one Host.");
  if (!is_host (value) || end == value.at || end - value.at > HOST_MAX
      || (end < value.end && *end != ':'))
    return http_refuse (fields->refusal, 400, why);
  for (const char *at = end + 1; at < value.end; at++)
    {
      fields->head->port = fields->head->port * 10 + (*at - '0');
      if (!g_ascii_isdigit (*at) || fields->head->port > G_MAXUINT16)
        return http_refuse (fields->refusal, 400, why);
    }
  fields->head->host = g_ascii_strdown (value.at, end - value.at);
  return TRUE;
}

static gboolean
take_authorization (HttpFields *fields, HttpSpan value)
{
  return take_text (fields, &fields->head->authorization, value);
}

static gboolean
take_if_none_match (HttpFields *fields, HttpSpan value)
{
  return take_text (fields, &fields->head->if_none_match, value);
}

static gboolean
take_origin (HttpFields *fields, HttpSpan value)
{
  return take_text (fields, &fields->head->origin, value);
}

static gboolean
take_protocol_version (HttpFields *fields, HttpSpan value)
{
  return take_text (fields, &fields->head->protocol_version, value);
}

static gboolean
take_mcp_method (HttpFields *fields, HttpSpan value)
{
  return take_text (fields, &fields->head->mcp_method, value);
}

static gboolean
take_mcp_name (HttpFields *fields, HttpSpan value)
{
  return take_text (fields, &fields->head->mcp_name, value);
}

static gboolean
take_session_id (HttpFields *fields, HttpSpan value)
{
  return take_text (fields, &fields->head->session_id, value);
}

static gboolean
take_last_event_id (HttpFields *fields, HttpSpan value)
{
  return take_text (fields, &fields->head->last_event_id, value);
}

static gboolean
take_type (HttpFields *fields, HttpSpan value)
{
  const char *semicolon = memchr (value.at, ';', http_span_len (value));
  HttpSpan type = trim ((HttpSpan){ value.at, semicolon != NULL ? semicolon : value.end });

  if (fields->head->type != NULL)
    return http_refuse (fields->refusal, 400, "There is more than one Content-Type.");
  fields->head->type = g_ascii_strdown (type.at, http_span_len (type));
  return TRUE;
}

/* --- Those that are lists --- */

static gboolean
take_accept (HttpFields *fields, HttpSpan value)
{
  HttpHead *head = fields->head;
  g_autofree char *more = g_ascii_strdown (value.at, http_span_len (value));
  char *all = head->accept != NULL ? g_strconcat (head->accept, ", ", more, NULL)
                                   : g_steal_pointer (&more);

  g_free (head->accept);
  head->accept = all;
  return TRUE;
}

static gboolean
take_connection (HttpFields *fields, HttpSpan value)
{
  g_autofree char *text = http_span_dup (value);
  g_auto (GStrv) options = g_strsplit (text, ",", -1);

  for (char **option = options; *option != NULL; option++)
    if (g_ascii_strcasecmp (g_strstrip (*option), "close") == 0)
      fields->head->close = TRUE;
  return TRUE;
}

/* --- Where the request ends --- */

static gboolean
take_length (HttpFields *fields, HttpSpan value)
{
  static const char why[] = "Content-Length is not a number.";
  gsize length = 0;

  if (fields->has_length)
    return http_refuse (fields->refusal, 400, "There is more than one Content-Length.");
  fields->has_length = TRUE;
  if (value.at == value.end)
    return http_refuse (fields->refusal, 400, why);
  for (; value.at < value.end; value.at++)
    {
      if (!g_ascii_isdigit (*value.at))
        return http_refuse (fields->refusal, 400, why);
      length = MIN (length * 10 + (*value.at - '0'), HTTP_BODY_MOST + 1);
    }
  fields->head->body = length;
  return TRUE;
}

static gboolean
refuse_encoding (HttpFields *fields, HttpSpan value)
{
  return http_refuse (fields->refusal, 411, "Send the body with a Content-Length.");
}

static gboolean
refuse_expect (HttpFields *fields, HttpSpan value)
{
  return http_refuse (fields->refusal, 417, "Send the body without waiting to be asked for it.");
}

/* --- All of them --- */

static const struct
{
  const char *name;
  gboolean (*take) (HttpFields *fields, HttpSpan value);
} known[] = {
  { "Host", take_host },
  { "Content-Length", take_length },
  { "Content-Type", take_type },
  { "Accept", take_accept },
  { "Authorization", take_authorization },
  { "Connection", take_connection },
  { "MCP-Protocol-Version", take_protocol_version },
  { "Mcp-Method", take_mcp_method },
  { "Mcp-Name", take_mcp_name },
  { "Mcp-Session-Id", take_session_id },
  { "Last-Event-ID", take_last_event_id },
  { "Origin", take_origin },
  { "If-None-Match", take_if_none_match },
  { "Transfer-Encoding", refuse_encoding },
  { "Expect", refuse_expect },
};

static void
field_free (gpointer data)
{
  HttpField *field = data;

  g_free (field->name);
  g_free (field->value);
  g_free (field);
}

static gboolean
take_param (HttpFields *fields, HttpSpan name, HttpSpan value)
{
  HttpHead *head = fields->head;
  g_autofree char *lower = g_ascii_strdown (name.at, http_span_len (name));
  const char *own = lower + strlen (HTTP_PARAM_PREFIX);

  if (head->params == NULL)
    head->params = g_ptr_array_new_with_free_func (field_free);
  if (http_head_param (head, own) != NULL)
    return refuse_second (fields);
  if (head->params->len == PARAMS_MOST)
    return http_refuse (fields->refusal, 431, "There are too many headers.");
  HttpField *field = g_new (HttpField, 1);
  *field = (HttpField){ g_steal_pointer (&lower), http_span_dup (value) };
  g_ptr_array_add (head->params, field);
  return TRUE;
}

gboolean
http_fields_take (HttpFields *fields, HttpSpan line)
{
  const char *colon = memchr (line.at, ':', http_span_len (line));
  HttpSpan name = { line.at, colon }, value = { colon != NULL ? colon + 1 : NULL, line.end };
  const gsize prefix = strlen (HTTP_PARAM_PREFIX);

  if (colon == NULL || !http_span_is_token (name) || !is_value (value))
    return http_refuse (fields->refusal, 400, "A header is not one of HTTP.");
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (http_span_is (name, known[i].name))
      return known[i].take (fields, trim (value));
  if (http_span_len (name) > prefix
      && http_span_is ((HttpSpan){ name.at, name.at + prefix }, HTTP_PARAM_PREFIX))
    return take_param (fields, name, trim (value));
  return TRUE;
}
