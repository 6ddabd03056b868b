/* SPDX-License-Identifier: MIT
 *
 * What stands behind a word of a provider's file.
 */
#include <string.h>

#include "broker/base/text.h"
#include "broker/provider/provider-private.h"
#include "broker/service/service-base.h"
#include "policy/policy-words.h"

#define MAX_TEXT 512

static gboolean
keep (GPtrArray *words, const char *text)
{
  g_ptr_array_add (words, g_strdup (text));
  return TRUE;
}

static gboolean
has_hidden (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (*text == '\n' || *text == '\t' || policy_hidden (g_utf8_get_char (text)))
      return TRUE;
  return FALSE;
}

gboolean
provider_take_text (ServiceLine *line, GPtrArray *words, GError **error)
{
  const char *text = service_line_take (line, "a text", error);
  if (text == NULL)
    return FALSE;
  if (*text == '\0' || strlen (text) > MAX_TEXT)
    return service_line_fail_taken (line, error, "a text has 1 to %d bytes", MAX_TEXT);
  if (has_hidden (text))
    return service_line_fail_taken (line, error, "a text has no character that does not show");
  return keep (words, text);
}

/* RFC 6749, 3.3: all that is printable ASCII, but no blank, quote or backslash. */
gboolean
provider_take_scope (ServiceLine *line, GPtrArray *words, GError **error)
{
  const char *text = service_line_take (line, "a scope", error);
  if (text == NULL)
    return FALSE;
  if (*text == '\0' || strlen (text) > MAX_TEXT)
    return service_line_fail_taken (line, error, "a scope has 1 to %d bytes", MAX_TEXT);
  for (const char *p = text; *p != '\0'; p++)
    if (*p <= ' ' || *p >= 0x7f || *p == '"' || *p == '\\')
      return service_line_fail_taken (
          line, error, "a scope is one word of ASCII; write each of several by itself");
  return keep (words, text);
}

gboolean
provider_take_name (ServiceLine *line, GPtrArray *words, GError **error)
{
  g_autoptr (GError) problem = NULL;
  const char *text = service_line_take (line, "a name", error);
  if (text == NULL)
    return FALSE;
  if (!text_check_segment (text, &problem))
    return service_line_fail_taken (line, error, "a name %s", problem->message);
  return keep (words, text);
}

gboolean
provider_take_secret (ServiceLine *line, GPtrArray *words, GError **error)
{
  g_autoptr (GError) problem = NULL;
  const char *text = service_line_take (line, "a secret's name, as in github-app-key", error);
  if (text == NULL)
    return FALSE;
  if (!text_check_name (text, &problem))
    return service_line_fail_taken (line, error, "a secret's name %s", problem->message);
  return keep (words, text);
}

gboolean
provider_take_url (ServiceLine *line, GPtrArray *words, GError **error)
{
  const char *text = service_line_take (line, "a URL, as in https://login.example.com", error);
  /* Which network it may be in is said in another line: judged when all are read. */
  return text != NULL && keep (words, text);
}

gboolean
provider_take_duration (ServiceLine *line, GPtrArray *words, GError **error)
{
  gint64 seconds;
  g_autoptr (GError) problem = NULL;
  const char *text = service_line_take (line, "a duration, as in 1h", error);
  if (text == NULL)
    return FALSE;
  if (!text_parse_duration (text, PROVIDER_MAX_SECONDS, &seconds, &problem))
    return service_line_fail_taken (line, error, "%s", problem->message);
  return keep (words, text);
}

gboolean
provider_take_number (ServiceLine *line, GPtrArray *words, GError **error)
{
  guint64 number;
  const char *text = service_line_take (line, "a number", error);
  if (text == NULL)
    return FALSE;
  if (*text == '0' || !g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, &number, NULL))
    return service_line_fail_taken (line, error, "a number is digits, from 1 on");
  return keep (words, text);
}

int
provider_take_of (ServiceLine *line, GPtrArray *words, const char *what, const char *const *choices,
                  GError **error)
{
  int found = service_line_take_of (line, what, choices, error);
  if (found >= 0)
    keep (words, choices[found]);
  return found;
}

gboolean
provider_take_network (ServiceLine *line, GPtrArray *words, GError **error)
{
  return provider_take_of (line, words, "network", service_network_words, error) >= 0;
}

gboolean
provider_take_ca (ServiceLine *line, GPtrArray *words, GError **error)
{
  const char *text = service_line_take_pem (line, PROVIDER_FOLDER, error);

  return text != NULL && keep (words, text);
}

gboolean
provider_take_nothing (ServiceLine *line, GPtrArray *words, GError **error)
{
  return keep (words, "");
}
