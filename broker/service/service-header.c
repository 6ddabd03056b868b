/* SPDX-License-Identifier: MIT
 *
 * Headers beside the credential's.
 *
 * MUST
 *  - let no header through that says where a request goes, where it ends, who sends it, or that it
 *    is another method or path than was approved
 *  - let no header through that makes the answer unreadable for whoever takes secrets out of it
 *  - refuse what could end a line
 */
#include <string.h>

#include "broker/service/service-private.h"
#include "policy/policy-words.h"

#define MAX_NAME 128

#define WHERE "the service's base says where a request goes"
#define FRAME "the worker writes it, so that both ends agree where a request ends"
#define METHOD "it would turn the request into another than the one that is approved"
#define SENDER "it speaks for somebody else than the one who sends"
#define ANSWER "the answer must be readable whole, to take secrets out of it"
#define CREDENTIAL "the service's place line says how the credential is sent"

static const struct
{
  const char *name; /* in lower case, - for _; a hyphen at the end: all that begin so */
  const char *why;
} refused[] = {
  { "host", WHERE },
  { "x-forwarded-", SENDER },
  { "x-original-", METHOD },
  { "x-rewrite-", METHOD },
  { "x-host", WHERE },
  { "forwarded", SENDER },
  { "via", SENDER },
  { "sudo", SENDER },
  { "x-real-ip", SENDER },
  { "x-client-ip", SENDER },
  { "true-client-ip", SENDER },
  { "cf-connecting-ip", SENDER },
  { "authorization", CREDENTIAL },
  { "cookie", CREDENTIAL },
  { "cookie2", CREDENTIAL },
  { "proxy-", CREDENTIAL },
  { "connection", FRAME },
  { "keep-alive", FRAME },
  { "te", FRAME },
  { "trailer", FRAME },
  { "transfer-encoding", FRAME },
  { "content-length", FRAME },
  { "content-encoding", "a person has to see what is sent" },
  { "content-md5", FRAME },
  { "expect", FRAME },
  { "upgrade", FRAME },
  { "http2-settings", FRAME },
  { "max-forwards", FRAME },
  { "x-http-method-override", METHOD },
  { "x-http-method", METHOD },
  { "x-method-override", METHOD },
  { "x-method", METHOD },
  { "x-goog-encode-response-if-executable", ANSWER },
  { "accept-encoding", ANSWER },
  { "range", ANSWER },
  { "if-range", ANSWER },
  { "request-range", ANSWER },
};

void
service_header_free (ServiceHeader *header)
{
  g_free (header->name);
  g_free (header->value);
  g_free (header);
}

/* RFC 9110, section 5.6.2. */
static gboolean
is_token (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("!#$%&'*+-.^_`|~", *p) == NULL)
      return FALSE;
  return *text != '\0' && strlen (text) <= MAX_NAME;
}

/* What CGI makes of names: it does not tell a hyphen from an underscore. */
static char *
plain_name (const char *name)
{
  return g_strdelimit (g_ascii_strdown (name, -1), "_", '-');
}

static const char *
why_refused (const char *name)
{
  g_autofree char *plain = plain_name (name);
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    if (g_str_has_suffix (refused[i].name, "-") ? g_str_has_prefix (plain, refused[i].name)
                                                : strcmp (plain, refused[i].name) == 0)
      return refused[i].why;
  return NULL;
}

char *
service_header_name_problem (const ServicePlace *place, const char *name)
{
  if (!is_token (name))
    return g_strdup_printf ("a header's name is 1 to %d letters, digits and hyphens", MAX_NAME);
  const char *why = why_refused (name);
  g_autofree char *plain = plain_name (name);
  if (why == NULL && place != NULL
      && (service_place_owns_header (place, name) || service_place_owns_header (place, plain)))
    why = CREDENTIAL;
  return why == NULL ? NULL : g_strdup_printf ("this header cannot be set: %s", why);
}

char *
service_header_value_problem (const char *value)
{
  gsize len = strlen (value);
  if (len > SERVICE_MAX_VALUE)
    return g_strdup_printf ("a value of more than %d bytes", SERVICE_MAX_VALUE);
  for (const char *p = value; *p != '\0'; p++)
    if (*p < 0x20 || *p == 0x7F)
      return g_strdup_printf ("a value has printable ASCII characters only; character %d is not",
                              (int) g_utf8_pointer_to_offset (value, p) + 1);
  if (len == 0)
    return g_strdup ("an empty value; leave the header out");
  if (value[0] == ' ' || value[len - 1] == ' ')
    return g_strdup ("a value neither begins nor ends with a blank");
  return NULL;
}

const char *
service_headers_get (const json_t *headers, const char *name)
{
  gsize i;
  const json_t *pair;
  json_array_foreach (
      headers, i, pair) if (g_ascii_strcasecmp (json_string_value (json_array_get (pair, 0)), name)
                            == 0) return json_string_value (json_array_get (pair, 1));
  return NULL;
}

static const ServiceHeader *
find_own (const Service *service, const char *name)
{
  g_autofree char *plain = plain_name (name);
  for (guint i = 0; i < service->headers->len; i++)
    {
      const ServiceHeader *header = g_ptr_array_index (service->headers, i);
      if (g_ascii_strcasecmp (header->name, name) == 0
          || g_ascii_strcasecmp (header->name, plain) == 0)
        return header;
    }
  return NULL;
}

/* Capitals, and to CGI underscores, do not tell headers apart. */
static gboolean
stands_twice (const json_t *so_far, const char *name)
{
  g_autofree char *plain = plain_name (name);
  gsize i;
  const json_t *pair;
  json_array_foreach (so_far, i, pair)
  {
    g_autofree char *other = plain_name (json_string_value (json_array_get (pair, 0)));
    if (strcmp (other, plain) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
check_one (const Service *service, const json_t *so_far, const char *name, const json_t *value,
           GError **error)
{
  g_autofree char *shown = policy_show (name);
  g_autofree char *problem = service_header_name_problem (&service->place, name);
  const ServiceHeader *own = find_own (service, name);
  if (problem == NULL && !json_is_string (value))
    problem = g_strdup ("a value is a text");
  else if (problem == NULL)
    problem = service_header_value_problem (json_string_value (value));
  if (problem == NULL && own != NULL && !own->fallback)
    problem = g_strdup_printf ("the service %s sets it itself", service->name);
  if (problem == NULL && stands_twice (so_far, name))
    problem = g_strdup ("it stands twice; capitals and underscores do not tell headers apart");
  return problem == NULL || service_fail (error, "headers", "%s: %s", shown, problem);
}

static gsize
total_size (const json_t *headers)
{
  gsize i, total = 0;
  const json_t *pair;
  json_array_foreach (headers, i, pair) total += json_string_length (json_array_get (pair, 0))
                                                 + json_string_length (json_array_get (pair, 1))
                                                 + 4;
  return total;
}

static void
append_pair (json_t *array, const char *name, const char *value)
{
  json_array_append_new (array, json_pack ("[ss]", name, value));
}

static void
append_defaults (const Service *service, gboolean body, json_t *array)
{
  for (guint i = 0; i < service->headers->len; i++)
    {
      const ServiceHeader *own = g_ptr_array_index (service->headers, i);
      if (!own->fallback || service_headers_get (array, own->name) != NULL)
        continue;
      if (body || g_ascii_strcasecmp (own->name, "Content-Type") != 0)
        append_pair (array, own->name, own->value);
    }
}

json_t *
service_headers_build (const Service *service, const json_t *headers, gboolean body, GError **error)
{
  g_autoptr (json_t) array = json_array ();
  const char *name;
  json_t *value;
  if (json_object_size (headers) > SERVICE_MAX_HEADERS)
    {
      service_fail (error, "headers", "more than %d", SERVICE_MAX_HEADERS);
      return NULL;
    }
  json_object_foreach ((json_t *) headers, name, value)
  {
    if (!check_one (service, array, name, value, error))
      return NULL;
    append_pair (array, name, json_string_value (value));
  }
  append_defaults (service, body, array);
  if (total_size (array) > SERVICE_MAX_SENT)
    {
      service_fail (error, "headers", "more than %d bytes together", SERVICE_MAX_SENT);
      return NULL;
    }
  return g_steal_pointer (&array);
}
