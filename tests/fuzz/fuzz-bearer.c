/* SPDX-License-Identifier: MIT
 *
 * A bearer token as a stranger shows it: it says whose it is, or why not, never both. Text of two
 * lines is a header and claims, which the issuer's own key signs: so that what stands behind the
 * signature is reached. All else is a token, and none that was made up is anybody's.
 */
#include <openssl/ec.h>
#include <string.h>

#include "broker/base/wire.h"
#include "broker/caller/bearer-judge.h"
#include "policy/policy-words.h"
#include "tests/fuzz/fuzz.h"

#define NOW 1000000
#define RESOURCE "https://mcp.example/mcp"
#define FILE_TEXT                                                                                  \
  "issuer https://i.example\naudience resource\ntype any\nsubject email name sub\n"                \
  "require-scope use\nrequire level\n"

static TokenKey *own;
static GPtrArray *published;
static Callers *callers;

static void
begin (void)
{
  const PolicySource source = { "callers.d/fuzz.conf", FILE_TEXT, strlen (FILE_TEXT) };
  g_autoptr (Providers) none = providers_parse (NULL, 0, NULL);

  secret_init (NULL);
  own = token_key_generate (TOKEN_ES256, NULL);
  g_autoptr (json_t) jwk = token_key_jwk (own);
  published = token_keys_new ();
  g_ptr_array_add (published, token_key_read_jwk (jwk, NULL));
  callers = callers_parse (&source, 1, none, NULL);
}

static void
check_shows (const char *text)
{
  g_assert_true (*text != '\0' && g_utf8_validate (text, -1, NULL));
  for (; *text != '\0'; text = g_utf8_next_char (text))
    g_assert_false (*text == '\n' || *text == '\t' || policy_hidden (g_utf8_get_char (text)));
}

static void
check_subject (const Subject *subject)
{
  check_shows (subject->subject);
  check_shows (subject->person);
  check_shows (subject->label);
  g_assert_cmpstr (subject->issuer, ==, "https://i.example");
  g_assert_cmpint (subject->expires_at, >, NOW);
  g_assert_true (g_strv_contains ((const char *const *) subject->scopes, "use"));
}

static gboolean
judge (const char *token, gsize len)
{
  g_autoptr (GError) error = NULL, unread = NULL;
  g_autoptr (Subject) subject
      = bearer_judge (callers_nth (callers, 0), published, token, len, RESOURCE, NOW, &error);
  g_autofree char *issuer = bearer_issuer_of (token, len, &unread);

  g_assert_true ((subject == NULL) == (error != NULL));
  g_assert_true ((issuer == NULL) == (unread != NULL));
  if (subject != NULL)
    check_subject (subject);
  else
    check_shows (error->message);
  return subject != NULL;
}

/* As ES256 has it. */
static char *
sign (const char *text)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  guint8 der[128], raw[64];
  const guint8 *at = der;
  gsize len = sizeof der;

  EVP_DigestSignInit_ex (context, NULL, "SHA256", NULL, NULL, token_key_peek (own), NULL);
  g_assert_cmpint (EVP_DigestSign (context, der, &len, (const guint8 *) text, strlen (text)), ==,
                   1);
  EVP_MD_CTX_free (context);
  ECDSA_SIG *pair = d2i_ECDSA_SIG (NULL, &at, (long) len);
  BN_bn2binpad (ECDSA_SIG_get0_r (pair), raw, 32);
  BN_bn2binpad (ECDSA_SIG_get0_s (pair), raw + 32, 32);
  ECDSA_SIG_free (pair);
  return token_base64 (raw, sizeof raw);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *line = size > 0 ? memchr (data, '\n', size) : NULL;

  if (callers == NULL)
    begin ();
  if (line == NULL)
    {
      g_assert_false (judge (size > 0 ? (const char *) data : "", size));
      return 0;
    }
  g_autofree char *head = token_base64 (data, (gsize) (line - data));
  g_autofree char *claims = token_base64 (line + 1, size - (gsize) (line + 1 - data));
  g_autofree char *text = g_strconcat (head, ".", claims, NULL), *last = sign (text);
  g_autofree char *token = g_strconcat (text, ".", last, NULL);
  judge (token, strlen (token));
  return 0;
}
