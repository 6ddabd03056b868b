/* SPDX-License-Identifier: MIT
 *
 *   place = "none" | "bearer" | "basic" [ user ] | "header" name [ "prefix" text ]
 *         | "query" name | "path" | "form" name | "aws-sigv4" region service
 *         | "hmac" hash "header" name "encoding" ( "hex" | "base64" ) "over" template
 *           [ "prefix" text ] [ "timestamp-header" name ]
 */
#include <string.h>

#include "broker/service/service-parse.h"
#include "policy/policy-words.h"

static const char *const hash_words[] = { "sha1", "sha256", "sha512", NULL };
static const char *const encoding_words[] = { "hex", "base64", NULL };
static const char *const template_words[] = { "method", "target", "timestamp", "body", NULL };

/* What one line to a worker has room for. */
#define MAX_TEXT 256
#define MAX_TEMPLATE 1024
#define MAX_AWS 64

/* Ends with a blank where a prefix does: "Token ". */
static gboolean
take_any_text (ServiceLine *line, const char *wants, gsize most, gboolean blank, char **into,
               GError **error)
{
  if (*into != NULL)
    return service_line_fail_taken (line, error, "it stands twice in this line; keep one");
  const char *text = service_line_take (line, wants, error);
  if (text == NULL)
    return FALSE;
  gsize len = strlen (text);
  g_autofree char *checked
      = g_strndup (text, blank && g_str_has_suffix (text, " ") ? len - 1 : len);
  g_autofree char *problem = service_header_value_problem (checked);
  if (problem != NULL || len > most)
    return service_line_fail_taken (line, error, "%s; what is wanted is %s of at most %d bytes",
                                    problem != NULL ? problem : "it is too long", wants,
                                    (int) most);
  *into = g_strdup (text);
  return TRUE;
}

static gboolean
take_text (ServiceLine *line, const char *wants, gsize most, char **into, GError **error)
{
  return take_any_text (line, wants, most, FALSE, into, error);
}

static gboolean
take_prefix (ServiceLine *line, char **into, GError **error)
{
  return take_any_text (line, "a text in double quotes", MAX_TEXT, TRUE, into, error);
}

/* The header that carries the credential may be one that callers cannot set: Authorization. */
static gboolean
take_header (ServiceLine *line, char **into, GError **error)
{
  if (!take_text (line, "a header's name", MAX_TEXT, into, error))
    return FALSE;
  g_autofree char *problem = service_header_name_problem (NULL, *into);
  if (problem == NULL || g_ascii_strcasecmp (*into, "Authorization") == 0
      || g_ascii_strcasecmp (*into, "Cookie") == 0)
    return TRUE;
  return service_line_fail_taken (line, error, "%s", problem);
}

static gboolean
take_key (ServiceLine *line, char **into, GError **error)
{
  ServicePlace none = { .kind = PLACE_NONE };
  if (!take_text (line, "the name it is sent under", MAX_TEXT, into, error))
    return FALSE;
  g_autofree char *problem = service_key_problem (&none, *into);
  return problem == NULL || service_line_fail_taken (line, error, "%s", problem);
}

static gboolean
take_word_of (ServiceLine *line, const char *what, const char *const *words, char **into,
              GError **error)
{
  if (*into != NULL)
    return service_line_fail_taken (line, error, "it stands twice in this line; keep one");
  int i = service_line_take_of (line, what, words, error);
  if (i >= 0)
    *into = g_strdup (words[i]);
  return i >= 0;
}

/* Region and service are parts of what is signed; no caller's text ever gets there. */
static gboolean
take_aws_word (ServiceLine *line, const char *wants, char **into, GError **error)
{
  if (!take_text (line, wants, MAX_AWS, into, error))
    return FALSE;
  if (strspn (*into, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen (*into))
    return TRUE;
  return service_line_fail_taken (line, error, "small letters, digits and hyphens, as in %s",
                                  wants);
}

static gboolean
check_template (ServiceLine *line, const char *text, GError **error)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      g_autofree char *word = NULL;
      if (*p == '}')
        return service_line_fail_taken (line, error, "a } that nothing opened");
      if (*p != '{')
        continue;
      word = g_strndup (p + 1, strcspn (p + 1, "}"));
      if (p[1 + strlen (word)] != '}' || !g_strv_contains (template_words, word))
        return service_line_fail_taken (line, error,
                                        "what is signed is made of {method}, {target}, "
                                        "{timestamp}, {body} and plain text");
      p += strlen (word) + 1;
    }
  if (strstr (text, "{target}") == NULL && strstr (text, "{body}") == NULL)
    return service_line_fail_taken (line, error,
                                    "a signature over neither {target} nor {body} "
                                    "would fit any request");
  return TRUE;
}

static gboolean
take_option (ServiceLine *line, ServicePlace *place, int option, GError **error)
{
  switch (option)
    {
    case 0:
      return take_header (line, &place->name, error);
    case 1:
      return take_word_of (line, "encoding", encoding_words, &place->encoding, error);
    case 2:
      return take_text (line, "what is signed, as in \"{method}{target}{body}\"", MAX_TEMPLATE,
                        &place->over, error)
             && check_template (line, place->over, error);
    case 3:
      return take_prefix (line, &place->prefix, error);
    case 4:
      return take_header (line, &place->timestamp_header, error);
    default:
      return FALSE;
    }
}

static gboolean
parse_hmac (ServiceLine *line, ServicePlace *place, GError **error)
{
  static const char *const words[]
      = { "header", "encoding", "over", "prefix", "timestamp-header", NULL };
  if (!take_word_of (line, "hash", hash_words, &place->hash, error))
    return FALSE;
  while (!service_line_at_end (line))
    {
      int option = service_line_take_of (line, "part of a signature", words, error);
      if (option < 0 || !take_option (line, place, option, error))
        return FALSE;
    }
  if (place->name == NULL || place->encoding == NULL || place->over == NULL)
    return service_line_fail (line, error, "a signature needs header, encoding and over");
  if ((strstr (place->over, "{timestamp}") != NULL) != (place->timestamp_header != NULL))
    return service_line_fail (line, error,
                              "{timestamp} and timestamp-header go together: who "
                              "checks a signed time has to be told it");
  return TRUE;
}

static gboolean
parse_header (ServiceLine *line, ServicePlace *place, GError **error)
{
  if (!take_header (line, &place->name, error))
    return FALSE;
  return !service_line_skip (line, "prefix") || take_prefix (line, &place->prefix, error);
}

static gboolean
parse_basic (ServiceLine *line, ServicePlace *place, GError **error)
{
  if (service_line_at_end (line))
    return TRUE;
  if (!take_text (line, "a user's name", MAX_TEXT, &place->user, error))
    return FALSE;
  /* RFC 7617: the first colon ends the user's name. */
  return strchr (place->user, ':') == NULL
         || service_line_fail_taken (line, error,
                                     "a user's name has no colon; without a name the "
                                     "credential is user:password");
}

static gboolean
parse_kind (ServiceLine *line, ServicePlace *place, GError **error)
{
  switch (place->kind)
    {
    case PLACE_BASIC:
      return parse_basic (line, place, error);
    case PLACE_HEADER:
      return parse_header (line, place, error);
    case PLACE_QUERY:
    case PLACE_FORM:
      return take_key (line, &place->name, error);
    case PLACE_SIGV4:
      return take_aws_word (line, "a region, as in eu-central-1", &place->region, error)
             && take_aws_word (line, "a service, as in s3", &place->service, error);
    case PLACE_HMAC:
      return parse_hmac (line, place, error);
    case PLACE_NONE:
    case PLACE_BEARER:
    case PLACE_PATH:
    default:
      return TRUE;
    }
}

gboolean
service_parse_place (ServiceLine *line, Service *service, GError **error)
{
  int kind = service_line_take_of (line, "placement", service_kind_words, error);
  if (kind < 0)
    return FALSE;
  service->place.kind = (PlaceKind) kind;
  if (!parse_kind (line, &service->place, error))
    return FALSE;
  service_place_describe (&service->place);
  return TRUE;
}
