/* SPDX-License-Identifier: MIT
 *
 * The grammar:
 *
 *   policy     = { [ rule | macro ] newline }
 *   macro      = name "=" ( value | "{" value { value } "}" )
 *   rule       = ( "deny" | "ask" | "allow" ) operations { clause }
 *   operations = "any" | operation | "{" operation { operation } "}"
 *   clause     = word-of-a-clause [ value | "{" value { value } "}" ]
 *
 * MUST
 *  - refuse a word it does not know: a misspelt deny that is skipped is an allow
 */
#include <string.h>

#include "policy/policy-lex.h"
#include "policy/policy-private.h"
#include "policy/policy-words.h"

typedef struct
{
  PolicyReader reader;
  PolicyToken token;        /* the one that is looked at */
  const PolicyMacro *macro; /* that it comes from; NULL: none */
  Policy *policy;
  PolicySpot *rule, *clause; /* that are being read: what is taken belongs to them */
} Parser;

static void
parser_clear (Parser *parser)
{
  policy_reader_clear (&parser->reader);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parser, parser_clear)

/* Takes one word of a list; the parser stands on it. */
typedef gboolean (*TakeWord) (Parser *parser, PolicyRule *rule, int clause, GError **error);

static void
extend (PolicySpot *spot, const PolicyToken *token)
{
  if (spot != NULL && token->line == spot->line && token->kind != POLICY_TOKEN_NEWLINE)
    spot->length = token->end - spot->column;
}

static gboolean
advance (Parser *parser, GError **error)
{
  extend (parser->rule, &parser->token);
  extend (parser->clause, &parser->token);
  return policy_reader_next (&parser->reader, &parser->token, &parser->macro, error);
}

static gboolean G_GNUC_PRINTF (3, 4)
    fail_at_token (const Parser *parser, GError **error, const char *format, ...)
{
  va_list list;
  va_start (list, format);
  g_autofree char *message = g_strdup_vprintf (format, list);
  va_end (list);
  g_autofree char *from = parser->macro == NULL
                              ? g_strdup ("")
                              : g_strdup_printf (" (from $%s, %s:%u)", parser->macro->name,
                                                 parser->macro->source, parser->macro->line);
  return policy_fail (&parser->reader.lexer, parser->token.line, parser->token.column, error,
                      "%s%s", message, from);
}

/* What stands here, in words: "a }", "\"alow\"", "the line's end". g_free(). */
static char *
describe (const Parser *parser)
{
  switch (parser->token.kind)
    {
    case POLICY_TOKEN_OPEN:
      return g_strdup ("a {");
    case POLICY_TOKEN_CLOSE:
      return g_strdup ("a }");
    case POLICY_TOKEN_WORD:
    case POLICY_TOKEN_QUOTED:
      return policy_show (parser->token.text);
    case POLICY_TOKEN_MACRO:
    case POLICY_TOKEN_END:
    case POLICY_TOKEN_NEWLINE:
    default:
      return g_strdup ("the line's end");
    }
}

/* "… is no operation; did you mean …?", or all the words that would be right. */
static gboolean
fail_unknown (Parser *parser, const char *what, const char *const *words, GError **error)
{
  g_autofree char *here = describe (parser);
  gboolean word = parser->token.kind == POLICY_TOKEN_WORD;
  const char *near = word ? policy_nearest (parser->token.text, words) : NULL;
  if (near != NULL && strcmp (near, parser->token.text) != 0)
    return fail_at_token (parser, error, "%s is no %s; did you mean \"%s\"?", here, what, near);
  if (parser->token.kind == POLICY_TOKEN_QUOTED && g_strv_contains (words, parser->token.text))
    return fail_at_token (parser, error, "%s is in quotes, which make it a name; write it without",
                          here);
  g_autofree char *all = g_strjoinv (", ", (char **) words);
  return fail_at_token (parser, error, "%s is no %s; write one of %s", here, what, all);
}

/* --- Operations --- */

static gboolean
take_operation (Parser *parser, PolicyRule *rule, int clause, GError **error)
{
  Operation operation;
  if (parser->token.kind != POLICY_TOKEN_WORD
      || !operation_from_name (parser->token.text, &operation))
    {
      if (parser->token.kind == POLICY_TOKEN_WORD && strcmp (parser->token.text, "any") == 0)
        return fail_at_token (parser, error, "\"any\" in a list; it stands alone, without { and }");
      return fail_unknown (parser, "operation", policy_operation_words, error);
    }
  if ((rule->operations & (1u << operation)) != 0)
    return fail_at_token (parser, error, "\"%s\" stands twice in this list; once is enough",
                          parser->token.text);
  rule->operations |= 1u << operation;
  return TRUE;
}

/* The parser stands on the {; ends behind the }. */
static gboolean
parse_list (Parser *parser, PolicyRule *rule, int clause, TakeWord take, GError **error)
{
  guint line = parser->token.line, column = parser->token.column, n = 0;
  for (;; n++)
    {
      if (!advance (parser, error))
        return FALSE;
      if (parser->token.kind == POLICY_TOKEN_CLOSE && n > 0)
        return advance (parser, error);
      if (parser->token.kind == POLICY_TOKEN_CLOSE)
        return fail_at_token (parser, error, "an empty list matches nothing; name one or more");
      if (parser->token.kind == POLICY_TOKEN_OPEN)
        return fail_at_token (parser, error, "a list in a list; close the first with }");
      if (parser->token.kind == POLICY_TOKEN_NEWLINE)
        return policy_fail (&parser->reader.lexer, line, column, error,
                            "a list that is not closed; end it with } on the same line, or end "
                            "the line with \\ to go on");
      if (n == POLICY_MAX_LIST)
        return fail_at_token (parser, error, "a list of more than %d words; write two rules",
                              POLICY_MAX_LIST);
      if (!take (parser, rule, clause, error))
        return FALSE;
    }
}

static gboolean
parse_operations (Parser *parser, PolicyRule *rule, GError **error)
{
  if (parser->token.kind == POLICY_TOKEN_OPEN)
    return parse_list (parser, rule, -1, take_operation, error);
  if (parser->token.kind == POLICY_TOKEN_WORD && strcmp (parser->token.text, "any") == 0)
    {
      rule->any = TRUE;
      rule->operations = POLICY_ALL_OPERATIONS;
    }
  else if (parser->token.kind == POLICY_TOKEN_NEWLINE)
    return fail_at_token (parser, error,
                          "\"%s\" what? Write an operation, a list of them in { }, or any",
                          policy_verdict_name (rule->verdict));
  else if (!take_operation (parser, rule, -1, error))
    return FALSE;
  return advance (parser, error);
}

/* --- Clauses --- */

static gboolean
take_value (Parser *parser, PolicyRule *rule, int clause, GError **error)
{
  const PolicyClause *row = &policy_clauses[clause];
  gboolean bare = parser->token.kind == POLICY_TOKEN_WORD;
  if (!bare && parser->token.kind != POLICY_TOKEN_QUOTED)
    {
      g_autofree char *here = describe (parser);
      return fail_at_token (parser, error, "%s after \"%s\"; what is wanted is %s", here, row->word,
                            row->wants);
    }
  if (bare && policy_reserved (parser->token.text))
    return fail_at_token (parser, error,
                          "\"%s\" is a word of the language, and after \"%s\" comes %s; for a "
                          "name that reads the same, put it in double quotes",
                          parser->token.text, row->word, row->wants);
  g_autofree char *problem = row->add (rule, parser->token.text);
  if (problem == NULL)
    return TRUE;
  g_autofree char *shown = policy_show (parser->token.text);
  return fail_at_token (parser, error, "%s after \"%s\": %s", shown, row->word, problem);
}

/* Without braces it would read as if more could follow. */
static gboolean
fail_sequence (Parser *parser, const PolicyClause *row, GError **error)
{
  g_autofree char *here = describe (parser);
  return fail_at_token (parser, error, "%s after \"%s\"; what is wanted is %s", here, row->word,
                        row->wants);
}

static gboolean
parse_values (Parser *parser, PolicyRule *rule, int clause, GError **error)
{
  const PolicyClause *row = &policy_clauses[clause];
  gboolean many = row->value == POLICY_VALUE_LIST || row->value == POLICY_VALUE_SEQUENCE;
  if (row->value == POLICY_VALUE_NONE)
    {
      row->add (rule, NULL);
      return TRUE;
    }
  if (parser->token.kind == POLICY_TOKEN_OPEN && many)
    return parse_list (parser, rule, clause, take_value, error);
  if (row->value == POLICY_VALUE_SEQUENCE)
    return fail_sequence (parser, row, error);
  if (parser->token.kind == POLICY_TOKEN_OPEN)
    return fail_at_token (parser, error, "\"%s\" takes no list; write %s", row->word, row->wants);
  return take_value (parser, rule, clause, error) && advance (parser, error);
}

/* What follows the operations, or a clause, and begins no clause. */
static gboolean
fail_clause (Parser *parser, GError **error)
{
  g_autofree const char **words = policy_clause_words ();
  Operation operation;
  if (parser->macro != NULL)
    return fail_at_token (parser, error,
                          "a macro stands for values; the words of a rule are written out");
  if (parser->token.kind == POLICY_TOKEN_WORD
      && operation_from_name (parser->token.text, &operation))
    return fail_at_token (parser, error,
                          "a second operation, \"%s\"; more than one stand in { }, right behind "
                          "the rule's first word",
                          parser->token.text);
  return fail_unknown (parser, "clause", words, error);
}

/* Whether this rule can have the clause @row, of which it has none yet. */
static gboolean
check_clause (Parser *parser, const PolicyRule *rule, const PolicyClause *row, GError **error)
{
  if ((row->verdicts & (1u << rule->verdict)) == 0)
    return fail_at_token (parser, error, "\"%s\" in a rule that says %s: %s", row->word,
                          policy_verdict_name (rule->verdict), row->pointless);
  if (rule->any && row->few != NULL)
    return fail_at_token (parser, error,
                          "\"%s\" in a rule about any: %s; name what is meant, as in %s", row->word,
                          row->few->alone, row->few->such);
  for (guint op = 0; op < OPERATION_COUNT; op++)
    if ((rule->operations & ~row->operations & (1u << op)) != 0)
      return fail_at_token (parser, error,
                            "\"%s\" in a rule about %s, which %s: write a rule of its own for "
                            "those",
                            row->word, operation_name (op), row->few->lacks);
  return TRUE;
}

/* A clause about who asks that no requester of @row's has. */
static const PolicyClause *
find_other (const PolicyRule *rule, const PolicyClause *row)
{
  for (gsize i = 0; i < policy_n_clauses; i++)
    {
      const PolicyClause *other = &policy_clauses[i];
      gboolean programs
          = other->about == POLICY_ABOUT_PROGRAM || other->about == POLICY_ABOUT_PLACE;
      gboolean callers = other->about == POLICY_ABOUT_CALLER;
      if ((rule->clauses & (1u << i)) != 0
          && (row->about == POLICY_ABOUT_CALLER ? programs : callers))
        return other;
    }
  return NULL;
}

/* Who calls over HTTP runs no program here, and is no user of this machine. */
static gboolean
check_requester (Parser *parser, const PolicyRule *rule, const PolicyClause *row, GError **error)
{
  if (row->about != POLICY_ABOUT_PROGRAM && row->about != POLICY_ABOUT_PLACE
      && row->about != POLICY_ABOUT_CALLER)
    return TRUE;
  const PolicyClause *other = find_other (rule, row);
  return other == NULL
         || fail_at_token (parser, error,
                           "\"%s\" in a rule that has \"%s\": who calls over HTTP is no program of "
                           "this machine, so that nobody is both; write two rules",
                           row->word, other->word);
}

static gboolean
parse_clause (Parser *parser, PolicyRule *rule, GError **error)
{
  gboolean word = parser->token.kind == POLICY_TOKEN_WORD && parser->macro == NULL;
  int clause = word ? policy_clause_find (parser->token.text) : -1;
  if (clause < 0)
    return fail_clause (parser, error);
  const PolicyClause *row = &policy_clauses[clause];
  if ((rule->clauses & (1u << clause)) != 0)
    return fail_at_token (parser, error, "a second \"%s\" in one rule; %s", row->word,
                          row->value == POLICY_VALUE_LIST       ? "write both in one list, { a b }"
                          : row->value == POLICY_VALUE_SEQUENCE ? "write two rules"
                                                                : "keep one");
  if (!check_clause (parser, rule, row, error) || !check_requester (parser, rule, row, error))
    return FALSE;
  rule->clauses |= 1u << clause;
  rule->spots[clause] = (PolicySpot){ parser->token.line, parser->token.column, 0 };
  parser->clause = &rule->spots[clause];
  gboolean ok = advance (parser, error) && parse_values (parser, rule, clause, error);
  parser->clause = NULL;
  return ok;
}

/* --- Rules --- */

static gboolean
parse_verdict (Parser *parser, PolicyRule *rule, GError **error)
{
  if (parser->token.kind == POLICY_TOKEN_WORD)
    for (guint i = 0; policy_verdict_words[i] != NULL; i++)
      if (strcmp (policy_verdict_words[i], parser->token.text) == 0)
        {
          rule->verdict = i;
          return advance (parser, error);
        }
  if (parser->token.kind == POLICY_TOKEN_WORD && policy_clause_find (parser->token.text) >= 0)
    return fail_at_token (parser, error,
                          "\"%s\" begins no rule; if it belongs to the rule above, end that line "
                          "with \\",
                          parser->token.text);
  return fail_unknown (parser, "verdict, and a rule begins with one", policy_verdict_words, error);
}

static gboolean
parse_rule (Parser *parser, GError **error)
{
  GArray *rules = parser->policy->rules;
  if (rules->len == POLICY_MAX_RULES)
    return fail_at_token (parser, error, "more than %d rules; use lists and patterns",
                          POLICY_MAX_RULES);
  PolicyRule fresh = { .source = parser->reader.lexer.source->name,
                       .spot = { parser->token.line, parser->token.column, 0 },
                       .spots = g_new0 (PolicySpot, policy_n_clauses) };
  g_array_append_val (rules, fresh); /* so that a rule half read is freed with the others */
  PolicyRule *rule = &g_array_index (rules, PolicyRule, rules->len - 1);

  parser->rule = &rule->spot;
  gboolean ok = parse_verdict (parser, rule, error) && parse_operations (parser, rule, error);
  while (ok && parser->token.kind != POLICY_TOKEN_NEWLINE)
    ok = parse_clause (parser, rule, error);
  parser->rule = NULL;
  if (!ok)
    return FALSE;
  parser->policy->tells |= rule->notify && rule->verdict == POLICY_DENY;
  rule->text = policy_rule_counts (rule) ? policy_rule_print (rule) : NULL;
  return TRUE;
}

static gboolean
parse_rules (Parser *parser, GError **error)
{
  while (advance (parser, error))
    {
      if (parser->token.kind == POLICY_TOKEN_END)
        return TRUE;
      if (parser->token.kind != POLICY_TOKEN_NEWLINE && !parse_rule (parser, error))
        return FALSE;
    }
  return FALSE;
}

static gboolean
parse_source (Policy *policy, const PolicySource *source, GError **error)
{
  char *name = g_strdup (source->name);
  PolicySource named = { name, source->text, source->len }; /* rules keep the name */
  g_auto (Parser) parser = { .policy = policy };
  g_ptr_array_add (policy->names, name);
  policy_reader_init (&parser.reader, &named, policy->macros);
  if (source->len > POLICY_MAX_FILE)
    return policy_fail (&parser.reader.lexer, 1, 1, error,
                        "more than %d KiB; write lists and patterns, or more than one file",
                        POLICY_MAX_FILE / 1024);
  return parse_rules (&parser, error);
}

Policy *
policy_parse (const PolicySource *sources, gsize n_sources, GError **error)
{
  g_autoptr (Policy) policy = policy_new ();
  for (gsize i = 0; i < n_sources; i++)
    if (!parse_source (policy, &sources[i], error))
      return NULL;
  policy_finish (policy);
  return g_steal_pointer (&policy);
}
