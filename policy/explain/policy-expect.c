/* SPDX-License-Identifier: MIT */
#include "policy/explain/policy-expect.h"

#include <string.h>

#include "policy/explain/policy-fact.h"
#include "policy/policy-rule.h"
#include "policy/policy-words.h"

struct _PolicyExpectation
{
  PolicyRule bounds; /* its verdict, and the clauses that bound what is granted */
  PolicyRequest *request;
};

typedef struct
{
  PolicyLexer lexer;
  PolicyToken token;
  PolicyExpectation *expectation;
} Reader;

#define fail_at_token(reader, error, ...)                                                          \
  policy_fail (&(reader)->lexer, (reader)->token.line, (reader)->token.column, (error), __VA_ARGS__)

static void
expectation_free (gpointer data)
{
  PolicyExpectation *self = data;

  g_free ((char *) self->bounds.source);
  policy_rule_clear (&self->bounds);
  policy_request_free (self->request);
  g_free (self);
}

/* ---- bounds ---- */

/* The clauses that a decision can be held against. */
static const char *const bound_words[] = { "max", "uses", "confirm", "sandbox", "notify", NULL };

static gboolean
fail_bound (Reader *reader, GError **error)
{
  if (reader->token.kind == POLICY_TOKEN_WORD && policy_fact_find (reader->token.text) >= 0)
    return fail_at_token (reader, error,
                          "\"%s\" says more of the request; it stands before what is expected of "
                          "it, and once",
                          reader->token.text);
  return policy_request_fail_word (&reader->lexer, &reader->token, bound_words, error);
}

static gboolean
check_bound (Reader *reader, const PolicyRule *bounds, int clause, GError **error)
{
  const PolicyClause *row = &policy_clauses[clause];

  if ((bounds->clauses & (1u << clause)) != 0)
    return fail_at_token (reader, error, "a second \"%s\" in one line; keep one", row->word);
  if ((row->verdicts & (1u << bounds->verdict)) == 0)
    return fail_at_token (reader, error, "\"%s\" where %s is expected: %s", row->word,
                          policy_verdict_name (bounds->verdict), row->pointless);
  if ((row->operations & (1u << reader->expectation->request->operation)) == 0)
    return fail_at_token (reader, error, "\"%s\" is not said of %s; remove it", row->word,
                          operation_name (reader->expectation->request->operation));
  return TRUE;
}

static gboolean
take_value (Reader *reader, const PolicyClause *row, GError **error)
{
  g_autofree char *here = policy_show (reader->token.text);

  if (row->value == POLICY_VALUE_NONE)
    {
      g_free (row->add (&reader->expectation->bounds, NULL));
      return TRUE;
    }
  if (reader->token.kind != POLICY_TOKEN_WORD && reader->token.kind != POLICY_TOKEN_QUOTED)
    return fail_at_token (reader, error, "\"%s\" what? What is wanted is %s", row->word,
                          row->wants);
  g_autofree char *problem = row->add (&reader->expectation->bounds, reader->token.text);
  if (problem != NULL)
    return fail_at_token (reader, error, "%s after \"%s\": %s", here, row->word, problem);
  return policy_lexer_next (&reader->lexer, &reader->token, error);
}

static gboolean
take_bound (Reader *reader, GError **error)
{
  PolicyRule *bounds = &reader->expectation->bounds;
  gboolean known = reader->token.kind == POLICY_TOKEN_WORD
                   && g_strv_contains (bound_words, reader->token.text);

  if (!known)
    return fail_bound (reader, error);
  int clause = policy_clause_find (reader->token.text);
  if (!check_bound (reader, bounds, clause, error))
    return FALSE;
  bounds->clauses |= 1u << clause;
  return policy_lexer_next (&reader->lexer, &reader->token, error)
         && take_value (reader, &policy_clauses[clause], error);
}

/* ---- lines ---- */

static gboolean
take_verdict (Reader *reader, GError **error)
{
  g_autofree char *here = policy_show (reader->token.text);
  const char *near = NULL;

  if (reader->token.kind == POLICY_TOKEN_WORD)
    for (guint i = 0; policy_verdict_words[i] != NULL; i++)
      if (strcmp (policy_verdict_words[i], reader->token.text) == 0)
        {
          reader->expectation->bounds.verdict = i;
          return policy_lexer_next (&reader->lexer, &reader->token, error);
        }
  if (reader->token.kind == POLICY_TOKEN_WORD)
    near = policy_nearest (reader->token.text, policy_verdict_words);
  if (near != NULL)
    return fail_at_token (reader, error, "%s is no verdict; did you mean \"%s\"?", here, near);
  return fail_at_token (reader, error,
                        "a line begins with what is expected: deny, ask or allow; then the request "
                        "as in: deny get_secret prod/db/URL from /usr/bin/node");
}

static gboolean
take_line (Reader *reader, GPtrArray *expectations, GError **error)
{
  PolicyExpectation *expectation = g_new0 (PolicyExpectation, 1);

  g_ptr_array_add (expectations, expectation);
  reader->expectation = expectation;
  expectation->bounds.source = g_strdup (reader->lexer.source->name);
  expectation->bounds.spot.line = reader->token.line;
  if (expectations->len > POLICY_MAX_EXPECTATIONS)
    return fail_at_token (reader, error, "more than %d lines; use more than one file",
                          POLICY_MAX_EXPECTATIONS);
  if (!take_verdict (reader, error))
    return FALSE;
  expectation->request = policy_request_read (&reader->lexer, &reader->token, error);
  gboolean taken = expectation->request != NULL;
  while (taken && reader->token.kind != POLICY_TOKEN_NEWLINE)
    taken = take_bound (reader, error);
  return taken;
}

static gboolean
take_lines (Reader *reader, GPtrArray *expectations, GError **error)
{
  if (reader->lexer.source->len > POLICY_MAX_FILE)
    return policy_fail (&reader->lexer, 1, 1, error, "more than %d KiB; use more than one file",
                        POLICY_MAX_FILE / 1024);
  while (policy_lexer_next (&reader->lexer, &reader->token, error))
    {
      if (reader->token.kind == POLICY_TOKEN_END)
        return TRUE;
      if (reader->token.kind != POLICY_TOKEN_NEWLINE && !take_line (reader, expectations, error))
        return FALSE;
    }
  return FALSE;
}

GPtrArray *
policy_expectations_parse (const PolicySource *source, GError **error)
{
  g_autoptr (GPtrArray) expectations = g_ptr_array_new_with_free_func (expectation_free);
  Reader reader = { 0 };

  policy_lexer_init (&reader.lexer, source);
  gboolean taken = take_lines (&reader, expectations, error);
  policy_lexer_clear (&reader.lexer);
  return taken ? g_steal_pointer (&expectations) : NULL;
}

/* ---- what was read ---- */

PolicyRequest *
policy_expectation_request (const PolicyExpectation *self)
{
  return self->request;
}

char *
policy_expectation_place (const PolicyExpectation *self)
{
  return g_strdup_printf ("%s:%u", self->bounds.source, self->bounds.spot.line);
}

static void
append_bound (GString *out, const PolicyRule *bounds, const PolicyClause *row)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  g_string_append_printf (out, " %s", row->word);
  if (row->print != NULL)
    row->print (bounds, words);
  for (guint i = 0; i < words->len; i++)
    g_string_append_printf (out, " %s", (const char *) words->pdata[i]);
}

char *
policy_expectation_text (const PolicyExpectation *self)
{
  g_autofree char *request = policy_request_text (self->request);
  GString *out = g_string_new (policy_verdict_name (self->bounds.verdict));

  g_string_append_printf (out, " %s", request);
  for (gsize i = 0; i < policy_n_clauses; i++)
    if ((self->bounds.clauses & (1u << i)) != 0)
      append_bound (out, &self->bounds, &policy_clauses[i]);
  return g_string_free (out, FALSE);
}

/* What the bound @row of @bounds says, as the language writes it: "max 5m"; "no max". */
static char *
bound_text (const PolicyRule *bounds, const PolicyClause *row, gboolean there)
{
  GString *out = g_string_new (NULL);

  if (!there)
    g_string_append_printf (out, " no %s", row->word);
  else
    append_bound (out, bounds, row);
  g_string_erase (out, 0, 1);
  return g_string_free (out, FALSE);
}

static char *
differs (const PolicyRule *wanted, const PolicyRule *got, const char *word, gboolean there)
{
  const PolicyClause *row = &policy_clauses[policy_clause_find (word)];
  g_autofree char *is = bound_text (got, row, there);
  g_autofree char *was = bound_text (wanted, row, TRUE);

  return g_strdup_printf ("it has %s, not %s", is, was);
}

char *
policy_expectation_missed (const PolicyExpectation *self, const PolicyDecision *decision)
{
  static const char *const done[] = { "denied", "asked", "allowed" };
  const PolicyRule *wanted = &self->bounds;
  PolicyRule got = { .max = decision->max_duration,
                     .uses = decision->max_uses,
                     .confirm = decision->confirm,
                     .sandbox = decision->sandbox };

  if (decision->verdict != wanted->verdict)
    return g_strdup_printf ("it is %s", done[decision->verdict]);
  if (wanted->max != 0 && got.max != wanted->max)
    return differs (wanted, &got, "max", got.max != 0);
  if (wanted->uses != 0 && got.uses != wanted->uses)
    return differs (wanted, &got, "uses", got.uses != 0);
  if (wanted->confirm != CONFIRM_UNSET && got.confirm != wanted->confirm)
    return differs (wanted, &got, "confirm", TRUE);
  if (wanted->sandbox && !got.sandbox)
    return differs (wanted, &got, "sandbox", FALSE);
  if (wanted->notify && !decision->notify)
    return differs (wanted, &got, "notify", FALSE);
  return NULL;
}
