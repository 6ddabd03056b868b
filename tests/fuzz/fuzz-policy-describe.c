/* SPDX-License-Identifier: MIT
 *
 * Whatever the text: it is a request or an error with its place, and expectations or an error,
 * never both or neither. What parses, printed and parsed again, is the same; and why a policy says
 * what it says of it comes to what the policy says.
 */
#include <string.h>

#include "policy/explain/policy-expect.h"
#include "policy/explain/policy-why.h"
#include "policy/policy-words.h"
#include "tests/fuzz/fuzz.h"

static const char rules[]
    = "deny any of a/** from /bin/x\nask get_secret max 5m\n"
      "allow http_request of { github github/* } path /a/** rate 3/1h\n"
      "ask mint_token scopes r*\nallow mint_token below /bin/a on mon-fri\n"
      "deny launch command { /bin/x ** } in /src\nallow any uid 7\n"
      "deny any unit u.service package p over 2/1h\nask any caller w/* on sun\n";

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
check_error (const GError *error)
{
  g_assert_true (g_str_has_prefix (error->message, "fuzz:"));
  check_shows (error->message);
}

static void
check_why (PolicyRequest *request, const Policy *policy)
{
  g_autoptr (GPtrArray) whys = policy_why (policy, request);
  PolicyDecision decision;
  PolicyOutlook outlook;

  policy_request_decide (request, policy, &decision);
  policy_outlook (policy, request, &outlook);
  g_assert_true (outlook.least == decision.verdict && outlook.most == decision.verdict);
  g_assert_cmpuint (whys->len, ==, policy_n_rules (policy));
  for (guint i = 0; i < whys->len; i++)
    {
      const PolicyWhy *why = whys->pdata[i];
      if (why->why != NULL)
        check_shows (why->why);
      g_assert_true (decision.rule != why->rule || why->part == POLICY_PART_DECIDED);
    }
}

static void
check_request (const PolicySource *source, const Policy *policy)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PolicyRequest) request = policy_request_parse (source, &error);

  g_assert_true ((request == NULL) == (error != NULL));
  if (request == NULL)
    {
      check_error (error);
      return;
    }
  g_autofree char *text = policy_request_text (request);
  PolicySource written = { "fuzz", text, strlen (text) };
  g_autoptr (PolicyRequest) again = policy_request_parse (&written, &error);
  g_assert_no_error (error);
  g_autofree char *same = policy_request_text (again);
  check_shows (text);
  g_assert_cmpstr (text, ==, same);
  check_why (request, policy);
}

static char *
text_of (const GPtrArray *expectations)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < expectations->len; i++)
    {
      g_autofree char *line = policy_expectation_text (expectations->pdata[i]);
      check_shows (line);
      g_string_append_printf (out, "%s\n", line);
    }
  return g_string_free (out, FALSE);
}

static void
check_expectations (const PolicySource *source)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) expectations = policy_expectations_parse (source, &error);

  g_assert_true ((expectations == NULL) == (error != NULL));
  if (expectations == NULL)
    {
      check_error (error);
      return;
    }
  g_autofree char *text = text_of (expectations);
  PolicySource written = { "fuzz", text, strlen (text) };
  g_autoptr (GPtrArray) again = policy_expectations_parse (&written, &error);
  if (written.len > POLICY_MAX_FILE)
    return;
  g_assert_no_error (error);
  g_autofree char *same = text_of (again);
  g_assert_cmpstr (text, ==, same);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static Policy *policy = NULL;
  PolicySource source = { "fuzz", size == 0 ? "" : (const char *) data, size };

  if (policy == NULL)
    {
      PolicySource own = { "rules", rules, strlen (rules) };
      policy = policy_parse (&own, 1, NULL);
      g_assert_nonnull (policy);
    }
  check_request (&source, policy);
  check_expectations (&source);
  return 0;
}
