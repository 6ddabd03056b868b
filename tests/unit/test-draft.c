/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "approve-ui/card/draft.h"
#include "broker/base/wire.h"
#include "card-case.h"

/* What a person does, a word each, and what granting would give then. "!" before a step: it is
 * refused. */
static const struct
{
  const char *sentence, *from, *to, *steps, *summary;
} rows[] = {
  { "it begins with what the card preselects", "['use']", "['use','more']", "",
    "use, more, for 5m, 5 uses, to node alone" },
  { "a scope can be taken away", "['use']", "['use','more']", "-use",
    "more, for 5m, 5 uses, to node alone" },
  { "and put back, in the card's order", "['use']", "['use','more']", "-use +use",
    "use, more, for 5m, 5 uses, to node alone" },
  { "a scope that was not asked for cannot be added", "['use']", "['use','more']", "!+all",
    "use, more, for 5m, 5 uses, to node alone" },
  { "a shorter time can be chosen", "['use']", "['use']", "t60",
    "use, for 1m, 5 uses, to node alone" },
  { "the longest time can be chosen", "['use']", "['use']", "t1800",
    "use, for 30m, 5 uses, to node alone" },
  { "a longer time than may be granted cannot", "['use']", "['use']", "!t1801",
    "use, for 5m, 5 uses, to node alone" },
  { "no time at all cannot", "['use']", "['use']", "!t0 !t-1",
    "use, for 5m, 5 uses, to node alone" },
  { "fewer uses can be chosen", "['use']", "['use']", "u1", "use, for 5m, 1 use, to node alone" },
  { "more uses than may be granted cannot", "['use']", "['use']", "!u6 !u0",
    "use, for 5m, 5 uses, to node alone" },
  { "uses that are not limited can be", "'max_uses':5,'default_uses':5,", "", "u3 u0",
    "use, for 5m, any number of uses, to node alone" },
  { "another holder can be chosen", "['use']", "['use']", "h1",
    "use, for 5m, 5 uses, to make and all below" },
  { "a holder that is not offered cannot", "['use']", "['use']", "!h2",
    "use, for 5m, 5 uses, to node alone" },
  { "always cannot be chosen where it is not offered", "['use']", "['use']", "!a",
    "use, for 5m, 5 uses, to node alone" },
  { "one call is for one call", "'max_duration':1800,'default_duration':300",
    "'max_duration':0,'default_duration':0", "!t60", "use, once, to node alone" },
};

static gboolean
take (Draft *draft, const char *step)
{
  switch (*step)
    {
    case '+':
    case '-':
      return draft_set_scope (draft, step + 1, *step == '+');
    case 't':
      return draft_set_duration (draft, atoi (step + 1));
    case 'u':
      return draft_set_uses (draft, atoi (step + 1));
    case 'h':
      return draft_set_holder (draft, atoi (step + 1));
    default:
      return draft_set_always (draft, TRUE);
    }
}

static void
test_row (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (Card) card = card_case_new (rows[i].from, rows[i].to, NULL);
  g_autoptr (Draft) draft = draft_new (card);
  g_auto (GStrv) steps = g_strsplit (rows[i].steps, " ", -1);
  g_autofree char *summary = NULL;

  for (char **step = steps; *step != NULL; step++)
    g_assert_cmpint (take (draft, *step + (**step == '!')), ==, **step != '!');
  summary = draft_summary (draft);
  g_assert_cmpstr (summary, ==, rows[i].summary);
}

static void
test_scopeless (void)
{
  g_autoptr (Card) card = card_case_new ("'use'", "'use'", NULL);
  g_autoptr (Draft) draft = draft_new (card);
  g_autofree char *why = NULL;

  g_assert_true (draft_ready (draft, NULL));
  draft_set_scope (draft, "use", FALSE);
  g_assert_false (draft_ready (draft, &why));
  g_assert_cmpstr (why, ==, "No scope is left: to grant none, deny");
}

static void
test_touch (void)
{
  g_autoptr (Card) card = card_case_new ("'risk':'read'", "'risk':'disclose'", NULL);
  g_autoptr (Draft) draft = draft_new (card);
  g_autofree char *why = NULL;

  g_assert_false (draft_ready (draft, &why));
  g_assert_cmpstr (why, ==, "Not read yet: What, Who");
  draft_touch (draft, "who");
  draft_touch (draft, "no such line");
  g_assert_false (draft_ready (draft, NULL));
  draft_touch (draft, "what");
  g_assert_true (draft_ready (draft, NULL));
}

static void
test_decision (void)
{
  g_autoptr (Card) card = card_case_new ("['use']", "['use','more']", "'version':1",
                                         "'version':1,'always':'allow'", NULL);
  g_autoptr (Draft) draft = draft_new (card);
  g_autoptr (json_t) decision = NULL;
  g_autofree char *expected = g_strdup_printf (
      "{\"request_id\":\"r1\",\"verdict\":\"grant\",\"card_digest\":\"%s\",\"scopes\":[\"more\"],"
      "\"holder\":\"s5\",\"duration\":60,\"uses\":2,\"always\":true}",
      card->digest);
  char *text;

  draft_set_scope (draft, "use", FALSE);
  draft_set_duration (draft, 60);
  draft_set_uses (draft, 2);
  draft_set_holder (draft, 1);
  draft_set_always (draft, TRUE);
  decision = draft_decision (draft);
  text = json_dumps (decision, JSON_COMPACT);
  g_assert_cmpstr (text, ==, expected);
  free (text);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/draft/", rows[i].sentence, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_row);
    }
  g_test_add_func ("/draft/without a scope nothing is granted", test_scopeless);
  g_test_add_func ("/draft/what is new at high risk has to be read first", test_touch);
  g_test_add_func ("/draft/the decision says what was chosen and nothing else", test_decision);
  return g_test_run ();
}
