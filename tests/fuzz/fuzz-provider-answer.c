/* SPDX-License-Identifier: MIT
 *
 * Whatever a provider answers: it is taken whole or refused with a code and a message, never both
 * or neither. A refusal hands out nothing, and its message is ours: one line, with no part of the
 * answer. A token can be carried by a header, an address is over TLS or on this machine. The first
 * line is "reader status content-type|retry-after|date", where what follows the status may be left
 * out; the rest is the body.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-module.h"
#include "policy/policy-words.h"
#include "tests/fuzz/fuzz.h"

#define NOW 1795266000
#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqFTtVmy7tpJ2QDc2a9PK8lNLpS0VaIBRCqkhkXDUXl"

static const char *const codes[] = { "rate_limited",
                                     "refused",
                                     "unavailable",
                                     "answer",
                                     "expired",
                                     "clock",
                                     "authorization_pending",
                                     "slow_down",
                                     "access_denied",
                                     "expired_token",
                                     "invalid_grant",
                                     "invalid_client",
                                     "invalid_scope",
                                     "unsupported",
                                     NULL };

static const char *const addresses[] = { "authorization_endpoint",
                                         "token_endpoint",
                                         "device_authorization_endpoint",
                                         "revocation_endpoint",
                                         "jwks_uri",
                                         "userinfo_endpoint",
                                         "verification_uri",
                                         "verification_uri_complete" };
static const char *const tokens[]
    = { "access_token", "refresh_token", "id_token", "device_code", "token", NULL };

static void
check_message (const char *message)
{
  g_assert_nonnull (message);
  g_assert_true (*message != '\0' && strlen (message) < 512);
  g_assert_true (g_utf8_validate (message, -1, NULL));
  for (; *message != '\0'; message = g_utf8_next_char (message))
    g_assert_true (*message != '\n' && !policy_hidden (g_utf8_get_char (message)));
}

/* What an agent gets of it is an object of texts without blanks. */
static void
check_credential (const ProviderValue *value)
{
  const char *name;
  json_t *text;
  g_autoptr (json_t) object = wire_parse (value->bytes, value->len, FALSE, NULL);

  g_assert_true (json_object_size (object) > 0);
  json_object_foreach (object, name, text)
  {
    g_assert_true (json_string_length (text) > 0);
    g_assert_null (strpbrk (json_string_value (text), "\t\r\n"));
  }
}

static void
check_values (const ProviderRead *read)
{
  for (guint i = 0; i < read->values->len; i++)
    {
      const ProviderValue *value = read->values->pdata[i];
      g_assert_true (value->len > 0 && strlen (value->bytes) == value->len);
      if (strcmp (value->name, "credential") == 0)
        check_credential (value);
      for (gsize j = 0; g_strv_contains (tokens, value->name) && j < value->len; j++)
        g_assert_true (g_ascii_isprint (value->bytes[j]));
    }
}

static void
check_addresses (const ProviderRead *read)
{
  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      const char *url = wire_string (read->fields, addresses[i]);
      g_assert_true (url == NULL || provider_url_is_safe (url));
    }
}

static void
check (const ProviderRead *read)
{
  g_assert_true (read->ok == (read->code == NULL));
  g_assert_true (read->ok == (read->message == NULL));
  g_assert_true (read->retry_after >= 0 && read->retry_after <= 24 * 60 * 60);
  check_values (read);
  check_addresses (read);
  if (read->ok)
    return;
  check_message (read->message);
  g_assert_true (g_strv_contains (codes, read->code));
  g_assert_cmpuint (read->values->len, ==, 0);
  g_assert_cmpuint (json_object_size (read->fields), ==, 0);
}

static const char *
header (char **headers, guint n)
{
  return n < g_strv_length (headers) && *headers[n] != '\0' ? headers[n] : NULL;
}

static void
read_one (char **words, const char *body, gsize len, const json_t *expect)
{
  g_auto (GStrv) headers = g_strsplit (words[2] == NULL ? "" : words[2], "|", 3);
  const ProviderReply reply = { .status = (long) g_ascii_strtoll (words[1], NULL, 10),
                                .content_type = header (headers, 0),
                                .retry_after = header (headers, 1),
                                .date = header (headers, 2),
                                .body = body,
                                .len = len,
                                .now = NOW,
                                .expect = expect };
  g_autoptr (ProviderRead) read = provider_read (words[0], &reply);
  check (read);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = (const char *) data, *end = size > 0 ? memchr (text, '\n', size) : NULL;
  g_autofree char *line = end != NULL ? g_strndup (text, end - text) : g_strdup ("");
  g_auto (GStrv) words = g_strsplit (line, " ", 3);

  if (g_strv_length (words) < 2 || !provider_reader_exists (words[0]))
    return 0;
  g_autoptr (json_t) expect
      = json_pack ("{s:s, s:s, s:s, s:b, s:b, s:[s], s:{s:s}}", "provider", "p", "issuer",
                   "https://us.vouch.sh", "public_key", KEY, "commas", TRUE, "gone", TRUE,
                   "repositories", "site", "permissions", "contents", "read");
  read_one (words, end + 1, size - (gsize) (end + 1 - text), expect);
  read_one (words, end + 1, size - (gsize) (end + 1 - text), NULL);
  return 0;
}
