/* SPDX-License-Identifier: MIT
 *
 * Whatever the text: it is an issuer's file or an error with its place, never both or neither. One
 * that is taken names an audience or says that there is none, an issuer that can be gone to, and no
 * algorithm by which whoever verifies could sign.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/caller/callers.h"
#include "policy/policy-words.h"
#include "tests/fuzz/fuzz.h"

#define CERTIFICATE "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
#define VOUCH "provider vouch\nkind vouch\nclient countersign\n"

static void
check_error (const GError *error)
{
  g_assert_true (g_str_has_prefix (error->message, "callers.d/fuzz.conf:"));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (const char *p = error->message; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_false (*p == '\n' || policy_hidden (g_utf8_get_char (p)));
}

static void
check_issuer (const CallerIssuer *issuer)
{
  g_autoptr (json_t) target = caller_issuer_target (issuer, issuer->issuer, NULL);

  g_assert_cmpstr (issuer->name, ==, "fuzz");
  g_assert_nonnull (target);
  g_assert_cmpint (issuer->any_audience + issuer->own_audience + (issuer->audiences[0] != NULL), ==,
                   1);
  g_assert_true (issuer->algorithms != 0 && (issuer->algorithms & 1u << TOKEN_NO_ALGORITHM) == 0);
  g_assert_nonnull (issuer->subjects[0]);
  g_assert_true (issuer->types == NULL || issuer->types[0] != NULL);
  g_assert_true (issuer->relay == NULL || strcmp (issuer->issuer, "https://us.vouch.sh") == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = size == 0 ? "" : (const char *) data;
  const PolicySource sources[] = { { "callers.d/fuzz.conf", text, size },
                                   { "callers.d/ca.pem", CERTIFICATE, strlen (CERTIFICATE) },
                                   { "providers.d/vouch.conf", VOUCH, strlen (VOUCH) } };
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) providers = providers_parse (sources, G_N_ELEMENTS (sources), NULL);
  g_autoptr (Callers) callers = callers_parse (sources, G_N_ELEMENTS (sources), providers, &error);

  g_assert_true ((callers == NULL) == (error != NULL));
  if (callers == NULL)
    check_error (error);
  else
    check_issuer (callers_nth (callers, 0));
  return 0;
}
