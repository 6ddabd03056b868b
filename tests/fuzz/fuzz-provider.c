/* SPDX-License-Identifier: MIT
 *
 * Whatever the text: it is a provider or an error with its place, never both or neither. All that
 * is said about it is one line that shows on a screen as it is. What a login sends, it sends over
 * TLS or to this machine; its authorization URL has each of our parameters once, and nothing in it
 * ends the URL.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/oauth2.h"
#include "policy/policy-words.h"
#include "tests/fuzz/fuzz.h"

#define CERTIFICATE "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

static void
check_shows (const char *line)
{
  g_assert_true (g_utf8_validate (line, -1, NULL));
  for (; *line != '\0'; line = g_utf8_next_char (line))
    {
      gunichar c = g_utf8_get_char (line);
      g_assert_true (c != '\n' && c != '\t' && !policy_hidden (c));
    }
}

static void
check_error (const char *file, const GError *error)
{
  g_assert_true (error->domain == POLICY_ERROR && g_str_has_prefix (error->message, file));
  check_shows (error->message);
}

static void
check_describe (const Provider *provider)
{
  g_autoptr (json_t) about = provider_describe (provider);
  gsize len = 0;
  char *text = wire_dump (about, &len);
  g_assert_nonnull (text);
  wire_text_free (text, len);
  g_assert_cmpstr (wire_string (about, "name"), ==, provider_name (provider));
}

/* How often "name=" stands in the query of @url. */
static guint
count (const char *url, const char *name)
{
  guint found = 0;
  g_auto (GStrv) parts = g_strsplit (strchr (url, '?') + 1, "&", -1);
  g_autofree char *prefix = g_strconcat (name, "=", NULL);
  for (guint i = 0; parts[i] != NULL; i++)
    found += g_str_has_prefix (parts[i], prefix);
  return found;
}

static void
check_url (const Provider *provider)
{
  static const char *const once[]
      = { "response_type", "client_id",      "redirect_uri",         "scope",
          "state",         "code_challenge", "code_challenge_method" };
  static const char *const scopes[] = { "a b&state=evil", "#", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *url = oauth2_authorization_url (
      provider, NULL, scopes, "http://localhost:9876/oauth/callback", "state", "challenge", &error);
  g_assert_true ((url == NULL) == (error != NULL));
  if (url == NULL)
    return;
  g_assert_true (provider_url_is_safe (url) || strlen (url) > 2048
                 || strcmp (provider_network (provider), "loopback") == 0);
  for (const char *p = url; *p != '\0'; p++)
    g_assert_true (*p > ' ' && *p < 0x7f && *p != '#');
  for (gsize i = 0; i < G_N_ELEMENTS (once); i++)
    g_assert_cmpuint (count (url, once[i]), ==, 1);
}

static void
check_exchange (const Provider *provider)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProviderExchange) exchange
      = oauth2_code_exchange (provider, NULL, "http://localhost:9876/oauth/callback", &error);
  g_assert_true ((exchange == NULL) == (error != NULL));
  if (exchange == NULL)
    return;
  const char *url = wire_string (exchange->request, "url");
  g_assert_true (g_str_has_prefix (url, "https://")
                 || strcmp (wire_string (exchange->request, "network"), "loopback") == 0);
  gsize len;
  char *line = wire_dump (exchange->request, &len);
  g_assert_true (line != NULL && len < WIRE_MAX_LINE);
  wire_text_free (line, len);
}

static void
check_provider (const Provider *provider)
{
  check_describe (provider);
  if (provider_kind (provider) != PROVIDER_OAUTH2)
    return;
  check_url (provider);
  check_exchange (provider);
}

/* The file is named as the text's second word, so that each name is reached. */
static char *
file_of (const char *text, gsize size)
{
  g_autofree char *line = g_strndup (text, MIN (size, 64));
  g_auto (GStrv) words = g_strsplit_set (line, " \t\n", 3);
  gboolean named = words[0] != NULL && words[1] != NULL && *words[1] != '\0'
                   && g_utf8_validate (words[1], -1, NULL);
  for (const char *p = named ? words[1] : ""; *p != '\0'; p++)
    named &= g_ascii_isalnum (*p) || *p == '-';
  return g_strdup_printf ("providers.d/%s.conf", named ? words[1] : "fuzz");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  const char *text = size == 0 ? "" : (const char *) data;
  g_autofree char *file = file_of (text, size);
  const PolicySource sources[]
      = { { file, text, size }, { "providers.d/ca.pem", CERTIFICATE, strlen (CERTIFICATE) } };
  g_autoptr (Providers) providers = providers_parse (sources, G_N_ELEMENTS (sources), &error);
  g_assert_true ((providers == NULL) == (error != NULL));
  if (providers == NULL)
    {
      check_error (file, error);
      return 0;
    }
  g_assert_cmpuint (providers_count (providers), ==, 1);
  check_provider (providers_nth (providers, 0));
  return 0;
}
