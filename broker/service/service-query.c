/* SPDX-License-Identifier: MIT
 *
 * The query, encoded here and nowhere else.
 *
 * MUST
 *  - leave no character as it is that could part a query elsewhere than here
 *  - refuse a name that a server could take for the credential's, or for another method
 */
#include <string.h>

#include "broker/service/service-private.h"
#include "policy/policy-words.h"

/* What frameworks and gateways read a method, headers, or another user from. */
static const char *const overrides[] = {
  "_method",
  "_httpmethod",
  "_http_method",
  "http_method_override",
  "httpmethod",
  "x-http-method",
  "x-method",
  "$httpmethod",
  "$httpheaders",
  "$method",
  "x-method-override",
  "_headers",
  "x-http-method-override",
  NULL,
};

/* What a server files a name under: a[b] under a, and PHP makes _ of blanks and dots. */
char *
service_key_filed_under (const char *name)
{
  g_autofree char *small = g_utf8_strdown (name, -1);
  const char *start = small + strspn (small, " ");
  return g_strdelimit (g_strndup (start, strcspn (start, "[")), " .", '_');
}

char *
service_key_problem (const ServicePlace *place, const char *name)
{
  g_autofree char *filed = service_key_filed_under (name);
  if (*filed == '\0')
    return g_strdup ("an empty name");
  if (g_strv_contains (overrides, filed))
    return g_strdup ("some servers take it for another method, header or user");
  if (place->kind != PLACE_QUERY && place->kind != PLACE_FORM)
    return NULL;
  g_autofree char *own = service_key_filed_under (place->name);
  if (strcmp (filed, own) == 0)
    return g_strdup ("the credential is sent under this name");
  return NULL;
}

static void
append_encoded (GString *out, const char *text)
{
  static const char digits[] = "0123456789ABCDEF";
  for (const guchar *p = (const guchar *) text; *p != '\0'; p++)
    if (g_ascii_isalnum (*p) || strchr ("-._~", *p) != NULL)
      g_string_append_c (out, (char) *p);
    else
      {
        g_string_append_c (out, '%');
        g_string_append_c (out, digits[*p >> 4]);
        g_string_append_c (out, digits[*p & 15]);
      }
}

static gboolean
has_control (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guchar) *text < 0x20 && *text != '\t' && *text != '\n' && *text != '\r')
      return TRUE;
  return FALSE;
}

static char *
value_text (const json_t *value)
{
  if (json_is_integer (value))
    return g_strdup_printf ("%" JSON_INTEGER_FORMAT, json_integer_value (value));
  if (json_is_boolean (value))
    return g_strdup (json_is_true (value) ? "true" : "false");
  return g_strdup (json_string_value (value));
}

static gboolean
append_value (const char *name, const json_t *value, GString *target, GError **error)
{
  g_autofree char *text = value_text (value);
  g_autofree char *shown = policy_show (name);
  if (text == NULL)
    return service_fail (error, "query",
                         "%s: a value is a text, a whole number, true or false, or an array of "
                         "them",
                         shown);
  if (has_control (text) || has_control (name))
    return service_fail (error, "query", "%s: a control character", shown);
  g_string_append_c (target, strchr (target->str, '?') == NULL ? '?' : '&');
  append_encoded (target, name);
  g_string_append_c (target, '=');
  append_encoded (target, text);
  return TRUE;
}

static gboolean
append_member (const char *name, const json_t *value, GString *target, GError **error)
{
  gsize i;
  const json_t *item;
  if (!json_is_array (value))
    return append_value (name, value, target, error);
  json_array_foreach (value, i, item) if (!append_value (name, item, target, error)) return FALSE;
  return TRUE;
}

gboolean
service_query_append (const Service *service, const json_t *query, GString *target, GError **error)
{
  const char *name;
  json_t *value;
  json_object_foreach ((json_t *) query, name, value)
  {
    g_autofree char *problem = service_key_problem (&service->place, name);
    g_autofree char *shown = policy_show (name);
    if (problem != NULL)
      return service_fail (error, "query", "%s: %s", shown, problem);
    if (!append_member (name, value, target, error))
      return FALSE;
    if (target->len > SERVICE_MAX_TARGET)
      return service_fail (error, "query", "path and query are more than %d bytes",
                           SERVICE_MAX_TARGET);
  }
  return TRUE;
}
