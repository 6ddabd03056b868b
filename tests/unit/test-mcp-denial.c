/* SPDX-License-Identifier: MIT
 *
 * What an agent is told to do about a no: for every code that the protocol's page names.
 */
#include "mcp/tools/mcp-denial.h"
#include "tests/unit/table.h"

#include <string.h>

static const struct
{
  const char *sentence, *answer, *tool;
  const char *rule, *who, *next; /* parts of them; NULL: the field is not there */
} rows[] = {
  { "a value that the policy keeps back names the tools to use instead",
    "{\"code\":\"policy\",\"rule\":\"policy.conf:24: deny reveal\"}", "resolve_secret",
    "policy.conf:24: deny reveal", "countersign policy apply", "http_request" },
  { "any other no of the policy names the tool that explains it",
    "{\"code\":\"policy\",\"rule\":\"policy.conf:3: deny any\"}", "get_secret",
    "policy.conf:3: deny any", "countersign policy apply", "explain_access" },
  { "a person's no is not asked about again", "{\"code\":\"person\"}", "get_secret", "a person",
    "the person", "Do not ask again" },
  { "a request that nobody answered says how one is answered", "{\"code\":\"deadline\"}", NULL,
    "how long", "countersign approve", "Tell the user" },
  { "what is locked names the command", "{\"code\":\"locked\"}", NULL, "locked",
    "countersign unlock", "countersign unlock" },
  { "what is not set up names the command", "{\"code\":\"not_initialised\"}", NULL, "not set up",
    "countersign init", "countersign init" },
  { "after three denials nobody is asked", "{\"code\":\"cooldown\"}", NULL, "three denials",
    "by itself", "Stop asking" },
  { "a name that is not there is looked for, never asked for in the conversation",
    "{\"code\":\"not_found\"}", "get_secret", "stored", "a person", "list_secrets" },
  { "a request that is not there is made again", "{\"code\":\"not_found\"}", "approval_wait",
    "no such request", "you", "again" },
  { "a path that no scope covers names where the scopes are", "{\"code\":\"scope\"}",
    "http_request", "service's file", "services.d", "list_secrets" },
  { "a wrong argument is the agent's own to mend", "{\"code\":\"invalid_arguments\"}", NULL,
    "schema", "you", "nobody was asked" },
  { "a code that is not known is passed on to the user", "{\"code\":\"new\"}", NULL, "", "a person",
    "Tell the user" },
  { "what is no refusal is left alone", "{\"status\":\"completed\"}", NULL, NULL, NULL, NULL },
};

static void
has (const json_t *answer, const char *name, const char *part)
{
  const char *text = wire_string (answer, name);

  if (part == NULL)
    g_assert_null (text);
  else
    {
      g_assert_nonnull (text);
      g_assert_nonnull (strstr (text, part));
    }
}

static void
test_row (gconstpointer data)
{
  typeof (rows[0]) const *row = data;
  g_autoptr (json_t) answer = wire_parse (row->answer, strlen (row->answer), FALSE, NULL);

  mcp_denial_explain (answer, row->tool);
  has (answer, "rule", row->rule);
  has (answer, "who_can_change", row->who);
  has (answer, "next", row->next);
}

/* Each `word` in the row of the table of answers that begins with @status. */
static void
check_row (const char *page, const char *status)
{
  g_autofree char *begin = g_strdup_printf ("\n| `%s` |", status);
  const char *row = strstr (page, begin);
  guint codes = 0;

  g_assert_nonnull (row);
  g_autofree char *line
      = g_strndup (row + strlen (begin), strcspn (row + 1, "\n") - strlen (begin));
  g_auto (GStrv) parts = g_strsplit (line, "`", -1);
  for (guint i = 1; i < g_strv_length (parts); i += 2)
    if (strcspn (parts[i], " :") == strlen (parts[i]) && !g_str_equal (parts[i], "code")
        && !g_str_equal (parts[i], "message"))
      {
        g_test_message ("%s", parts[i]);
        g_assert_nonnull (mcp_denial_find (parts[i], NULL)->code);
        codes++;
      }
  g_assert_cmpuint (codes, >=, 10);
}

static void
test_protocol (void)
{
  g_autofree char *page = NULL;

  g_assert_true (g_file_get_contents (PROTOCOL_PAGE, &page, NULL, NULL));
  check_row (page, "denied");
  check_row (page, "failed");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  wire_init ();
  ADD_TABLE ("/mcp-denial/", rows, test_row);
  g_test_add_func ("/mcp-denial/each code of the protocol has its row", test_protocol);
  return g_test_run ();
}
