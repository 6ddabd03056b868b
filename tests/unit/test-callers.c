/* SPDX-License-Identifier: MIT
 *
 * The language of callers.d: what is refused, and where; what is meant where nothing is said; and
 * that countersign-callers(5) says what is read.
 */
#include "broker/caller/callers.h"

#include <string.h>

#include "tests/unit/table.h"

#define CERTIFICATE "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
#define HEAD "issuer https://login.example.com\naudience resource\n"
#define VOUCH "provider vouch\nkind vouch\nclient countersign\n"

static Callers *
parse_as (const char *name, const char *text, GError **error)
{
  const PolicySource sources[] = {
    { name, text, strlen (text) },
    { "callers.d/ours.pem", CERTIFICATE, strlen (CERTIFICATE) },
    { "callers.d/not.pem", "no certificate\n", 15 },
    { "callers.d/other.conf", "issuer https://other.example.com\naudience none\n", 47 },
    { "providers.d/vouch.conf", VOUCH, strlen (VOUCH) },
    { "policy.conf", "no rule at all", 14 }, /* somebody else's */
  };
  g_autoptr (Providers) providers = providers_parse (sources, G_N_ELEMENTS (sources), NULL);

  g_assert_nonnull (providers);
  return callers_parse (sources, G_N_ELEMENTS (sources), providers, error);
}

static Callers *
parse (const char *text, GError **error)
{
  return parse_as ("callers.d/work.conf", text, error);
}

typedef struct
{
  const char *sentence, *text, *error; /* behind "callers.d/work.conf:" */
} RefusedCase;

/* clang-format off */
static const RefusedCase refused_cases[] = {
  { "an empty file", "", "1:1: no \"issuer\"" },
  { "an issuer alone", "issuer https://login.example.com\n", "1:1: no \"audience\"" },
  { "an audience alone", "audience resource\n", "1:1: no \"issuer\"" },
  { "a word that nobody knows", HEAD "audiance none\n", "3:1: \"audiance\" is no line of an issuer's file; did you mean \"audience\"?" },
  { "a word of a provider's", HEAD "client x\n", "3:1: \"client\" is no line of an issuer's file" },
  { "two issuers", HEAD "issuer https://b.example\n", "3:1: a second \"issuer\"; the first is in line 1, keep one" },
  { "two audiences", HEAD "audience none\n", "3:1: a second \"audience\"; the first is in line 2, keep one" },
  { "no audience and one", "issuer https://a.example\naudience none https://b.example\n", "2:15: a word too many behind \"audience\"" },
  { "an audience without a word", "issuer https://a.example\naudience\n", "2:9: " },
  { "an audience twice", "issuer https://a.example\naudience a a\n", "2:12: it stands twice; keep one" },
  { "an issuer that is no URL", "issuer login.example.com\naudience none\n", "1:1: a URL begins with https://" },
  { "an issuer without TLS", "issuer http://login.example.com\naudience none\n", "1:1: " },
  { "an issuer on this machine, which is not said", "issuer http://127.0.0.1:9\naudience none\n", "1:1: " },
  { "an issuer with a password", "issuer https://a:b@login.example.com\naudience none\n", "1:1: a URL holds no user and no password" },
  { "an issuer with a fragment", "issuer \"https://login.example.com/#x\"\naudience none\n", "1:1: a URL that is sent to ends before #" },
  { "keys without TLS", HEAD "keys http://login.example.com/keys\n", "3:1: " },
  { "alg none", HEAD "algorithm none\n", "3:11: \"none\" is no algorithm" },
  { "HMAC, by which whoever verifies can sign", HEAD "algorithm HS256\n", "3:11: \"HS256\" is no algorithm" },
  { "an algorithm in small letters", HEAD "algorithm es256\n", "3:11: \"es256\" is no algorithm" },
  { "no algorithm", HEAD "algorithm\n", "3:10: " },
  { "a type that nobody knows", HEAD "type jwe\n", "3:6: \"jwe\" is no type" },
  { "any type and one", HEAD "type any JWT\n", "3:10: a word too many behind \"type\"" },
  { "a scope of two words", HEAD "require-scope \"a b\"\n", "3:15: a scope is one word of ASCII" },
  { "a claim that is required twice", HEAD "require a b\nrequire a c\n", "4:9: a second \"require\" for it; keep one" },
  { "a claim of three words", HEAD "require a b c\n", "3:13: a word too many behind \"require\"" },
  { "tokens that are bound to a key, taken otherwise", HEAD "cnf require\n", "3:5: \"require\" is no word behind \"cnf\"" },
  { "a relay that is not there", HEAD "relay elsewhere\n", "3:1: there is no provider elsewhere of kind vouch" },
  { "a relay to another issuer", HEAD "relay vouch\n", "3:1: provider vouch is of another issuer, https://us.vouch.sh" },
  { "a network that is none", HEAD "network lan\n", "3:9: \"lan\" is no network" },
  { "certificates that are not there", HEAD "ca other.pem\n", "3:1: there is no callers.d/other.pem" },
  { "certificates that are none", HEAD "ca not.pem\n", "3:1: callers.d/not.pem: it holds no whole certificate" },
  { "certificates elsewhere", HEAD "ca ../ours.pem\n", "3:4: \"../ours.pem\" is not the name of a file in callers.d/" },
  { "an issuer that another file has", "issuer https://other.example.com\naudience none\n", NULL },
};
/* clang-format on */

static void
test_refused (gconstpointer data)
{
  const RefusedCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *wanted
      = row->error != NULL
            ? g_strconcat ("callers.d/work.conf:", row->error, NULL)
            : g_strdup ("callers.d/other.conf:1:1: a second file for this issuer; the first is "
                        "callers.d/work.conf, keep one");

  g_assert_null (parse (row->text, &error));
  if (!g_str_has_prefix (error->message, wanted))
    g_error ("\"%s\" does not begin with \"%s\"", error->message, wanted);
}

static void
test_named (void)
{
  static const char *const names[]
      = { "callers.d/local.conf", "callers.d/.conf", "callers.d/a b.conf", "callers.d/work",
          "callers.d/a/b.conf" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      if (parse_as (names[i], HEAD, &error) != NULL)
        g_error ("%s was taken", names[i]);
      g_assert_true (g_str_has_prefix (error->message, names[i]));
    }
}

static void
test_meant (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Callers) callers = parse (HEAD, &error);
  const CallerIssuer *issuer = callers_find (callers, "work");

  g_assert_no_error (error);
  g_assert_cmpuint (callers_count (callers), ==, 2);
  g_assert_true (issuer == callers_find_issuer (callers, "https://login.example.com"));
  g_assert_null (callers_find_issuer (callers, "https://login.example.com/"));
  g_assert_true (issuer->own_audience && !issuer->any_audience && !issuer->bound);
  g_assert_cmphex (issuer->algorithms, ==, 1u << TOKEN_ES256 | 1u << TOKEN_RS256);
  g_assert_cmpstr (issuer->types[0], ==, "at+jwt");
  g_assert_null (issuer->types[1]);
  g_assert_cmpstr (issuer->subjects[0], ==, "email");
  g_assert_cmpstr (issuer->subjects[1], ==, "sub");
  g_assert_cmpstr (issuer->network, ==, "public");
  g_assert_null (issuer->scopes[0]);
}

/* Whatever it says otherwise, who was let in by it before is let in by another now. */
static void
test_digest (void)
{
  static const char *const texts[]
      = { HEAD, HEAD "# the same in words\n", HEAD "cnf ignore\n", HEAD "ca ours.pem\n" };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (Callers) callers = parse (texts[i], NULL);
      g_assert_true (g_hash_table_add (seen, g_strdup (callers_find (callers, "work")->digest)));
    }
}

/* ---- the manual ---- */

static char *manual; /* its text */

static void
test_examples (void)
{
  static const char begin[] = ".Bd -literal -offset indent\nissuer ";
  guint found = 0;

  for (const char *at = manual; (at = strstr (at, begin)) != NULL; found++)
    {
      const char *text = strchr (at, '\n') + 1;
      g_autofree char *file = g_strndup (text, (gsize) (strstr (text, ".Ed\n") - text));
      g_autoptr (GError) error = NULL;
      g_autoptr (Callers) callers = parse (file, &error);
      g_assert_no_error (error);
      g_assert_nonnull (callers);
      at = text;
    }
  g_assert_cmpuint (found, >=, 4);
}

static void
test_policy_example (void)
{
  static const char begin[] = ".Bd -literal -offset indent\nallow ";
  const char *at = strstr (manual, begin), *text = strchr (at, '\n') + 1;
  const PolicySource source = { "policy.conf", text, (gsize) (strstr (text, ".Ed\n") - text) };
  g_autoptr (GError) error = NULL;
  g_autoptr (Policy) policy = policy_parse (&source, 1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (policy_n_rules (policy), ==, 2);
}

static void
test_lines (void)
{
  static const char *const words[]
      = { "issuer",  "audience", "algorithm", "type", "require-scope", "require", "cnf",
          "subject", "keys",     "network",   "ca",   "relay" };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *item = g_strconcat ("\n.It Ic ", words[i], " ", NULL);
      if (strstr (manual, item) == NULL)
        g_error ("%s is not in the manual", words[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (g_file_get_contents (MANUAL, &manual, NULL, NULL));
  ADD_TABLE ("/callers/refused/", refused_cases, test_refused);
  g_test_add_func ("/callers/a file is named by one plain word", test_named);
  g_test_add_func ("/callers/what is meant where nothing is said", test_meant);
  g_test_add_func ("/callers/another text is another issuer", test_digest);
  g_test_add_func ("/callers/manual/each example is a file that is taken", test_examples);
  g_test_add_func ("/callers/manual/the rules are rules", test_policy_example);
  g_test_add_func ("/callers/manual/each line is described", test_lines);
  int status = g_test_run ();
  g_free (manual);
  return status;
}
