/* SPDX-License-Identifier: MIT
 *
 * What a body may be, as far as its type and the credential's place say.
 *
 * MUST
 *  - let no body name another method than the one that is approved
 *  - let no form hold the field that the credential is sent in
 *  - leave no body without a type: a server would guess one
 */
#include <string.h>

#include "broker/service/service-private.h"
#include "policy/policy-words.h"

#define FORM "application/x-www-form-urlencoded"

static gboolean
type_is (const char *type, const char *wanted)
{
  gsize len = strlen (wanted);
  return type != NULL && g_ascii_strncasecmp (type, wanted, len) == 0
         && (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

static gboolean
looks_like_json (const char *body, gsize len)
{
  g_autoptr (json_t) value = json_loadb (body, len, JSON_REJECT_DUPLICATES, NULL);
  return value != NULL;
}

const char *
service_body_type (const Service *service, const json_t *headers)
{
  const char *type = service_headers_get (headers, "Content-Type");
  for (guint i = 0; type == NULL && i < service->headers->len; i++)
    {
      const ServiceHeader *own = g_ptr_array_index (service->headers, i);
      if (g_ascii_strcasecmp (own->name, "Content-Type") == 0)
        return own->value;
    }
  return type;
}

static gboolean
add_type (const Service *service, json_t *headers, const char *body, gsize len, GError **error)
{
  const char *type = NULL;
  if (service_body_type (service, headers) != NULL)
    return TRUE;
  if (service->place.kind == PLACE_FORM)
    type = FORM;
  else if (looks_like_json (body, len))
    type = "application/json";
  if (type == NULL)
    return service_fail (error, "headers",
                         "a body that is not JSON needs its Content-Type; add it");
  json_array_append_new (headers, json_pack ("[ss]", "Content-Type", type));
  return TRUE;
}

static char *
form_decode (const char *text, gsize len)
{
  g_autofree char *plain = g_strdelimit (g_strndup (text, len), "+", ' ');
  return g_uri_unescape_string (plain, NULL);
}

static gboolean
check_form (const Service *service, const char *body, gsize len, GError **error)
{
  g_autofree char *text = g_strndup (body, len);
  g_auto (GStrv) fields = g_strsplit_set (text, "&;", -1);
  for (guint i = 0; fields[i] != NULL && *text != '\0'; i++)
    {
      g_autofree char *name = form_decode (fields[i], strcspn (fields[i], "="));
      if (name == NULL || !g_utf8_validate (name, -1, NULL))
        return service_fail (error, "body", "field %u of the form is not encoded as a form is",
                             i + 1);
      g_autofree char *problem = service_key_problem (&service->place, name);
      g_autofree char *shown = policy_show (name);
      if (problem != NULL)
        return service_fail (error, "body", "%s: %s", shown, problem);
    }
  return TRUE;
}

static gboolean
check_json (const Service *service, const char *body, gsize len, GError **error)
{
  const char *name;
  json_t *value;
  /* Only a first look: a body that is no JSON is refused by whoever gets it. */
  g_autoptr (json_t) object = json_loadb (body, len, 0, NULL);
  ServicePlace none = { .kind = PLACE_NONE };
  json_object_foreach (object, name, value)
  {
    g_autofree char *problem = *name == '\0' ? NULL : service_key_problem (&none, name);
    g_autofree char *shown = policy_show (name);
    if (problem != NULL)
      return service_fail (error, "body", "%s: %s", shown, problem);
  }
  return TRUE;
}

static gboolean
check_content (const Service *service, const char *type, const char *body, gsize len,
               GError **error)
{
  gboolean form = type_is (type, FORM);
  if (service->place.kind == PLACE_FORM && !form)
    return service_fail (error, "headers",
                         "Content-Type has to be " FORM ": the credential is a field of the form");
  if (memchr (body, '\0', len) != NULL && form)
    return service_fail (error, "body", "a NUL in a form");
  if (form)
    return check_form (service, body, len, error);
  if (g_ascii_strncasecmp (type, "multipart/", 10) == 0
      && g_strstr_len (body, (gssize) len, "_method") != NULL)
    return service_fail (error, "body",
                         "_method: some servers take it for another method than is approved");
  return check_json (service, body, len, error);
}

static guint
bits (const char *const *methods)
{
  guint all = 0;
  for (; *methods != NULL; methods++)
    all |= service_method_bit (*methods);
  return all;
}

gboolean
service_body_check (const Service *service, guint method, json_t *headers, const char *body,
                    gsize len, GError **error)
{
  static const char *const without[] = { "GET", "HEAD", NULL };
  static const char *const with_form[] = { "POST", "PUT", "PATCH", NULL };
  gboolean form = service->place.kind == PLACE_FORM;
  if (form && (method & bits (with_form)) == 0)
    return service_fail (error, "method",
                         "the credential of %s is a field of a form, which POST, PUT and PATCH "
                         "have",
                         service->name);
  if (body == NULL && !form)
    return TRUE;
  if ((method & bits (without)) != 0)
    return service_fail (error, "body", "GET and HEAD have none; use query");
  const char *text = body == NULL ? "" : body;
  return add_type (service, headers, text, len, error)
         && check_content (service, service_body_type (service, headers), text, len, error);
}
