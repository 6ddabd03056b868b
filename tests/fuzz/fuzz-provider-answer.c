/* SPDX-License-Identifier: MIT
 *
 * Whatever a provider answers: it is taken whole or refused with a code and a message, never both
 * or neither. A refusal hands out nothing, and its message is ours: one line, with no part of the
 * answer. The first line names the reader and the status, the rest is the body.
 */
#include <stdio.h>
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
    }
}

static void
check (const ProviderRead *read)
{
  g_assert_true (read->ok == (read->code == NULL));
  g_assert_true (read->ok == (read->message == NULL));
  g_assert_true (read->retry_after >= 0 && read->retry_after <= 24 * 60 * 60);
  check_values (read);
  if (read->ok)
    return;
  check_message (read->message);
  g_assert_true (g_strv_contains (codes, read->code));
  g_assert_cmpuint (read->values->len, ==, 0);
  g_assert_cmpuint (json_object_size (read->fields), ==, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char reader[32];
  int status, head = 0;
  const char *end = size > 0 ? memchr (data, '\n', size) : NULL;
  g_autofree char *line
      = end != NULL ? g_strndup ((const char *) data, end - (const char *) data) : NULL;

  if (line == NULL || sscanf (line, "%31s %3d%n", reader, &status, &head) != 2 || line[head] != '\0'
      || !provider_reader_exists (reader))
    return 0;
  g_autoptr (json_t) expect
      = json_pack ("{s:s, s:s, s:[s], s:{s:s}}", "issuer", "https://us.vouch.sh", "public_key", KEY,
                   "repositories", "site", "permissions", "contents", "read");
  const ProviderReply reply = { .status = status,
                                .body = end + 1,
                                .len = size - (gsize) (end + 1 - (const char *) data),
                                .now = NOW,
                                .expect = expect };
  g_autoptr (ProviderRead) read = provider_read (reader, &reply);
  check (read);
  return 0;
}
