/* SPDX-License-Identifier: MIT
 *
 * Requests as they were recorded, and as the words of a command line say them.
 */
#include "broker/cli/policy/cli-recorded.h"
#include "policy/explain/policy-fact.h"
#include "tests/unit/table.h"

#include <string.h>

typedef struct
{
  const char *sentence, *record;
  const char *request;   /* NULL: it tells of none */
  const char *forgotten; /* "after" apart, which no record has */
} RecordCase;

#define GET "\"operation\":\"get_secret\",\"resource\":\"a\",\"time\":\"2026-11-23T10:30:00.000Z\""
#define WHO "\"exe\":\"/bin/x\",\"verified\":1,\"uid\":7"
#define PLACE                                                                                      \
  "\"sha256\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\","               \
  "\"package\":\"p\",\"unit\":\"u.service\",\"chain\":\"[\\\"/bin/a\\\"]\",\"chain_whole\":1,"     \
  "\"cwd\":\"/src\""
#define PLACED                                                                                     \
  "sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef package p unit "        \
  "u.service"
#define ALL GET "," WHO "," PLACE

/* clang-format off */
static const RecordCase record_cases[] = {
  { "all that is recorded is said", "{" ALL "}", "get_secret a from /bin/x " PLACED " below /bin/a uid 7 in /src at mon 10:30", "" },
  { "what is not recorded is forgotten", "{" GET "," WHO "}", "get_secret a from /bin/x uid 7 at mon 10:30", "sha256, package, unit, below, in" },
  { "whether it was verified is forgotten, and which it was is not", "{" GET ",\"exe\":\"/bin/x\",\"uid\":7," PLACE "}", "get_secret a from /bin/x " PLACED " below /bin/a uid 7 in /src at mon 10:30", "from" },
  { "an unverified program is none by its name", "{" GET ",\"exe\":\"/bin/x\",\"verified\":0,\"uid\":7," PLACE "}", "get_secret a unverified " PLACED " below /bin/a uid 7 in /src at mon 10:30", "" },
  { "a program that was not recorded", "{" GET ",\"verified\":1,\"uid\":7," PLACE "}", "get_secret a " PLACED " below /bin/a uid 7 in /src at mon 10:30", "from" },
  { "a unit that was chosen", "{" GET "," WHO ",\"unit\":\"r.scope\",\"unit_chosen\":1}", "get_secret a from /bin/x unit r.scope chosen uid 7 at mon 10:30", "sha256, package, below, in" },
  { "no program above it", "{" GET "," WHO ",\"chain\":\"[]\",\"chain_whole\":1}", "get_secret a from /bin/x below { } uid 7 at mon 10:30", "sha256, package, unit, in" },
  { "others above it", "{" GET "," WHO ",\"chain\":\"[\\\"/bin/a\\\"]\",\"chain_whole\":0}", "get_secret a from /bin/x below { /bin/a ** } uid 7 at mon 10:30", "sha256, package, unit, in" },
  { "a caller is no program, and nothing of one is forgotten", "{" GET ",\"caller\":\"work\",\"subject\":\"work/ann\"}", "get_secret a caller work/ann at mon 10:30", "" },
  { "a request to a service, with all that covers it", "{\"operation\":\"http_request\",\"resource\":\"s\",\"caller\":\"w\",\"subject\":\"w/a\",\"scopes\":\"[\\\"r\\\",\\\"w\\\"]\",\"method\":\"GET\",\"path\":\"/a\",\"time\":\"2026-11-23T10:30:00.000Z\"}", "http_request s scopes { r w } method GET path /a caller w/a at mon 10:30", "" },
  { "scopes that were granted are not those that were asked", "{\"operation\":\"mint_token\",\"resource\":\"s\",\"subject\":\"w/a\",\"scopes\":[\"r\"],\"time\":\"2026-11-23T10:30:00.000Z\"}", "mint_token s caller w/a at mon 10:30", "scopes" },
  { "those that were asked are told beside them", "{\"operation\":\"mint_token\",\"resource\":\"s\",\"subject\":\"w/a\",\"scopes\":[\"r\"],\"asked_scopes\":\"[\\\"r\\\",\\\"w\\\"]\",\"time\":\"2026-11-23T10:30:00.000Z\"}", "mint_token s scopes { r w } caller w/a at mon 10:30", "" },
  { "a command with several secrets", "{\"operation\":\"launch\",\"resource\":\"a, b\",\"secrets\":\"[\\\"a\\\",\\\"b\\\"]\",\"program\":\"[\\\"/bin/x\\\",\\\"-c\\\",\\\"\\\"]\"," WHO "," PLACE ",\"directory\":\"/d\",\"time\":\"2026-11-23T10:30:00.000Z\"}", "launch { a b } command { /bin/x -c \"\" } from /bin/x " PLACED " below /bin/a uid 7 in /d at mon 10:30", "" },
  { "a command that was not recorded", "{\"operation\":\"launch\",\"resource\":\"a, b\"," WHO "," PLACE ",\"time\":\"2026-11-23T10:30:00.000Z\"}", "launch { a b } from /bin/x " PLACED " below /bin/a uid 7 in /src at mon 10:30", "command" },
  { "a text that is no list is none", "{" GET "," WHO ",\"chain\":\"{}\"}", "get_secret a from /bin/x uid 7 at mon 10:30", "sha256, package, unit, below, in" },
  { "a list of anything but texts is none", "{" GET "," WHO ",\"chain\":\"[1]\"}", "get_secret a from /bin/x uid 7 at mon 10:30", "sha256, package, unit, below, in" },
  { "a time that is none", "{\"operation\":\"list_secrets\",\"subject\":\"w/a\",\"time\":\"soon\"}", "list_secrets caller w/a", "at" },
  { "an operation of another version", "{\"operation\":\"levitate\"}", NULL, NULL },
  { "a record of something else", "{\"event\":\"unlocked\"}", NULL, NULL },
  { "a name that nothing can have", "{\"operation\":\"get_secret\",\"resource\":\"\"}", NULL, NULL },
};
/* clang-format on */

static void
test_record (gconstpointer data)
{
  const RecordCase *it = data;
  g_autoptr (json_t) record = json_loads (it->record, 0, NULL);
  g_assert_nonnull (record);
  g_autoptr (PolicyRequest) request = cli_recorded_request (record, FALSE);

  g_assert_true ((request == NULL) == (it->request == NULL));
  if (request == NULL)
    return;
  g_autofree char *text = policy_request_text (request);
  g_autofree char *forgotten = policy_request_words (request->forgotten & ~(1u << FACT_AFTER));
  g_assert_cmpstr (text, ==, it->request);
  g_assert_cmpstr (forgotten, ==, it->forgotten);
}

static void
test_uid (void)
{
  g_autoptr (json_t) record = json_loads (
      "{\"operation\":\"get_secret\",\"resource\":\"a\",\"exe\":\"/bin/x\"}", 0, NULL);
  g_autoptr (PolicyRequest) own = cli_recorded_request (record, TRUE);
  g_autoptr (PolicyRequest) any = cli_recorded_request (record, FALSE);

  g_assert_true (policy_request_says (own, "uid"));
  g_assert_true ((own->forgotten & (1u << FACT_UID)) == 0);
  g_assert_true ((any->forgotten & (1u << FACT_UID)) != 0);
}

/* ---- words of a command line ---- */

typedef struct
{
  const char *sentence;
  const char *words[12];
  const char *request; /* NULL: none */
} WordsCase;

/* clang-format off */
static const WordsCase words_cases[] = {
  { "each word is one", { "get_secret", "a b", "from", "/bin/x" }, "get_secret \"a b\" from /bin/x" },
  { "one word may be all of it", { "get_secret a from /bin/x" }, "get_secret a from /bin/x" },
  { "what is quoted for the shell is quoted for the language", { "launch", "command", "{", "/bin/x", "-c", "select 1", "", "}" }, "launch command { /bin/x -c \"select 1\" \"\" }" },
  { "a list may be one word", { "launch", "{ a b }", "command", "{ /bin/x }" }, "launch { a b } command { /bin/x }" },
  { "a name that is like a macro is none", { "get_secret", "$a" }, "get_secret \"$a\"" },
  { "a comment is a name", { "get_secret", "a#b" }, "get_secret \"a#b\"" },
  { "two lists", { "launch", "{", "a", "b", "}", "command", "{", "/bin/x", "--all", "}" }, "launch { a b } command { /bin/x --all }" },
  { "a list without its end", { "launch", "{", "a" }, NULL },
  { "bytes that are no text", { "get_secret", "\xff" }, NULL },
};
/* clang-format on */

static void
test_words (gconstpointer data)
{
  const WordsCase *it = data;
  g_auto (GStrv) words = g_strdupv ((char **) it->words);
  g_autoptr (GError) error = NULL;

  cli_words_fold (words);
  for (char **word = words; *word != NULL; word++)
    g_assert_true (**word != '-'); /* nothing that could be taken for an option */
  g_autoptr (PolicyRequest) request = cli_words_request (words, &error);
  g_assert_true ((request == NULL) == (error != NULL));
  g_autofree char *text = request != NULL ? policy_request_text (request) : NULL;
  g_assert_cmpstr (text, ==, it->request);
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/cli-recorded/", record_cases, test_record);
  ADD_TABLE ("/cli-recorded/words/", words_cases, test_words);
  g_test_add_func ("/cli-recorded/where all have our uid, that is known", test_uid);
  return g_test_run ();
}
