/* SPDX-License-Identifier: MIT */
#include "policy/explain/policy-describe.h"

#include <string.h>

#include "policy/explain/policy-fact.h"
#include "policy/policy-rule.h"
#include "policy/policy-words.h"

typedef struct
{
  PolicyLexer *lexer;
  PolicyToken *token;
  PolicyRequest *request;
} Reader;

#define fail_at_token(reader, error, ...)                                                          \
  policy_fail ((reader)->lexer, (reader)->token->line, (reader)->token->column, (error),           \
               __VA_ARGS__)

static gboolean
advance (Reader *reader, GError **error)
{
  return policy_lexer_next (reader->lexer, reader->token, error);
}

static gboolean
is_value (const PolicyToken *token)
{
  return token->kind == POLICY_TOKEN_WORD || token->kind == POLICY_TOKEN_QUOTED;
}

/* What stands here, in words; g_free(). */
static char *
describe (const Reader *reader)
{
  switch (reader->token->kind)
    {
    case POLICY_TOKEN_OPEN:
      return g_strdup ("a {");
    case POLICY_TOKEN_CLOSE:
      return g_strdup ("a }");
    case POLICY_TOKEN_WORD:
    case POLICY_TOKEN_QUOTED:
      return policy_show (reader->token->text);
    case POLICY_TOKEN_MACRO:
      return g_strdup ("a macro, which policies alone have,");
    case POLICY_TOKEN_END:
    case POLICY_TOKEN_NEWLINE:
    default:
      return g_strdup ("the line's end");
    }
}

/* ---- values ---- */

static gboolean
take_value (Reader *reader, int id, GError **error)
{
  const PolicyFact *fact = &policy_facts[id];
  g_autofree char *here = describe (reader);

  if (!is_value (reader->token))
    return fail_at_token (reader, error, "%s after \"%s\"; what is wanted is %s", here, fact->word,
                          fact->wants);
  g_autofree char *problem = policy_request_say (reader->request, fact->word, reader->token->text);
  if (problem != NULL)
    return fail_at_token (reader, error, "%s after \"%s\": %s", here, fact->word, problem);
  return advance (reader, error);
}

/* The reader stands on the {. */
static gboolean
take_list (Reader *reader, int id, GError **error)
{
  guint line = reader->token->line, column = reader->token->column, n = 0;

  for (gboolean more = advance (reader, error); more; more = take_value (reader, id, error), n++)
    {
      if (reader->token->kind == POLICY_TOKEN_CLOSE && n == 0
          && policy_facts[id].value == FACT_VALUE_ANY_LIST)
        g_free (policy_request_say (reader->request, policy_facts[id].word, NULL));
      else if (reader->token->kind == POLICY_TOKEN_CLOSE && n == 0)
        return fail_at_token (reader, error, "an empty list after \"%s\"; what is wanted is %s",
                              policy_facts[id].word, policy_facts[id].wants);
      if (reader->token->kind == POLICY_TOKEN_CLOSE)
        return advance (reader, error);
      if (reader->token->kind == POLICY_TOKEN_NEWLINE)
        return policy_fail (reader->lexer, line, column, error,
                            "a list that is not closed; end it with } on the same line, or end "
                            "the line with \\ to go on");
      if (n == POLICY_MAX_LIST)
        return fail_at_token (reader, error, "a list of more than %d words", POLICY_MAX_LIST);
    }
  return FALSE;
}

static gboolean
takes_list (const PolicyFact *fact)
{
  return fact->value == FACT_VALUE_LIST || fact->value == FACT_VALUE_ANY_LIST
         || fact->value == FACT_VALUE_SEQUENCE;
}

static gboolean
take_values (Reader *reader, int id, GError **error)
{
  const PolicyFact *fact = &policy_facts[id];
  gboolean open = reader->token->kind == POLICY_TOKEN_OPEN;

  if (fact->value == FACT_VALUE_NONE)
    {
      g_free (policy_request_say (reader->request, fact->word, NULL));
      return TRUE;
    }
  if (open && takes_list (fact))
    return take_list (reader, id, error);
  if (fact->value == FACT_VALUE_SEQUENCE)
    {
      g_autofree char *here = describe (reader);
      return fail_at_token (reader, error, "%s after \"%s\"; what is wanted is %s", here,
                            fact->word, fact->wants);
    }
  return take_value (reader, id, error)
         && (fact->value != FACT_VALUE_TWO || take_value (reader, id, error));
}

/* ---- facts ---- */

static gboolean
take_fact (Reader *reader, int id, GError **error)
{
  const PolicyFact *fact = &policy_facts[id];

  if (reader->request->said[id] != NULL)
    return fail_at_token (reader, error, "a second \"%s\" in one request; keep one", fact->word);
  if ((fact->operations & (1u << reader->request->operation)) == 0)
    return fail_at_token (reader, error, "\"%s\": a request for %s has none; remove it", fact->word,
                          operation_name (reader->request->operation));
  return advance (reader, error) && take_values (reader, id, error);
}

/* Up to the first word that is no fact's. */
static gboolean
take_facts (Reader *reader, GError **error)
{
  int id;

  while (reader->token->kind == POLICY_TOKEN_WORD
         && (id = policy_fact_find (reader->token->text)) >= 0)
    if (!take_fact (reader, id, error))
      return FALSE;
  return TRUE;
}

/* The name that stands right behind the operation: any word that has no meaning of its own. */
static gboolean
take_resource (Reader *reader, GError **error)
{
  const PolicyToken *token = reader->token;
  gboolean own = token->kind == POLICY_TOKEN_WORD
                 && (policy_fact_find (token->text) >= 0 || policy_reserved (token->text));

  if (own || (!is_value (token) && token->kind != POLICY_TOKEN_OPEN))
    return TRUE;
  return take_values (reader, FACT_OF, error);
}

static gboolean
take_operation (Reader *reader, GError **error)
{
  const PolicyToken *token = reader->token;
  Operation operation;
  const char *near;

  if (token->kind == POLICY_TOKEN_WORD && operation_from_name (token->text, &operation))
    {
      reader->request = policy_request_new (operation);
      return advance (reader, error);
    }
  g_autofree char *here = describe (reader);
  near = token->kind == POLICY_TOKEN_WORD ? policy_nearest (token->text, policy_operation_words)
                                          : NULL;
  if (near != NULL && strcmp (near, "any") != 0)
    return fail_at_token (reader, error, "%s is no operation; did you mean \"%s\"?", here, near);
  g_autofree char *all = g_strjoinv (", ", (char **) policy_operation_words);
  *strrchr (all, ',') = '\0'; /* not "any": a request is for one */
  return fail_at_token (reader, error, "%s is no operation, and a request begins with one: %s",
                        here, all);
}

PolicyRequest *
policy_request_read (PolicyLexer *lexer, PolicyToken *token, GError **error)
{
  Reader reader = { .lexer = lexer, .token = token };
  guint line = token->line, column = token->column;

  gboolean taken = take_operation (&reader, error) && take_resource (&reader, error)
                   && take_facts (&reader, error);
  g_autoptr (PolicyRequest) request = reader.request;
  g_autofree char *problem = taken ? policy_request_problem (request) : NULL;
  if (problem != NULL)
    taken = policy_fail (lexer, line, column, error, "%s", problem);
  return taken ? g_steal_pointer (&request) : NULL;
}

/* ---- a text with one request ---- */

gboolean
policy_request_fail_word (PolicyLexer *lexer, const PolicyToken *token, const char *const *more,
                          GError **error)
{
  Reader reader = { .lexer = lexer, .token = (PolicyToken *) token };
  g_autofree char *here = describe (&reader);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  for (gsize i = 0; i < POLICY_N_FACTS; i++)
    g_ptr_array_add (words, (gpointer) policy_facts[i].word);
  for (; *more != NULL; more++)
    g_ptr_array_add (words, (gpointer) *more);
  g_ptr_array_add (words, NULL);
  const char *const *all = (const char *const *) words->pdata;
  const char *near = token->kind == POLICY_TOKEN_WORD ? policy_nearest (token->text, all) : NULL;
  if (near != NULL)
    return fail_at_token (&reader, error, "%s is no word of a request; did you mean \"%s\"?", here,
                          near);
  g_autofree char *list = g_strjoinv (", ", (char **) all);
  return fail_at_token (&reader, error, "%s is no word of a request; write one of %s", here, list);
}

static gboolean
skip_newlines (PolicyLexer *lexer, PolicyToken *token, GError **error)
{
  do
    if (!policy_lexer_next (lexer, token, error))
      return FALSE;
  while (token->kind == POLICY_TOKEN_NEWLINE);
  return TRUE;
}

static PolicyRequest *
read_alone (PolicyLexer *lexer, GError **error)
{
  static const char *const none[] = { NULL };
  g_autoptr (PolicyRequest) request = NULL;
  PolicyToken token;

  if (!skip_newlines (lexer, &token, error)
      || (request = policy_request_read (lexer, &token, error)) == NULL)
    return NULL;
  if (token.kind != POLICY_TOKEN_NEWLINE)
    return policy_request_fail_word (lexer, &token, none, error), NULL;
  if (!skip_newlines (lexer, &token, error))
    return NULL;
  if (token.kind != POLICY_TOKEN_END)
    return policy_fail (lexer, token.line, token.column, error,
                        "a second line; one request is described at a time"),
           NULL;
  return g_steal_pointer (&request);
}

PolicyRequest *
policy_request_parse (const PolicySource *source, GError **error)
{
  PolicyLexer lexer;

  policy_lexer_init (&lexer, source);
  PolicyRequest *request = read_alone (&lexer, error);
  policy_lexer_clear (&lexer);
  return request;
}

/* ---- writing ---- */

static gboolean
needs_quotes (const char *word)
{
  if (*word == '\0' || policy_reserved (word) || policy_fact_find (word) >= 0)
    return TRUE;
  for (; *word != '\0'; word = g_utf8_next_char (word))
    {
      gunichar c = g_utf8_get_char (word);
      if (policy_special (c) || policy_hidden (c))
        return TRUE;
    }
  return FALSE;
}

static void
append_values (GString *out, char **values, gboolean braces)
{
  g_string_append (out, braces ? " {" : "");
  for (; *values != NULL; values++)
    {
      g_autofree char *quoted = needs_quotes (*values) ? policy_quote (*values) : NULL;
      g_string_append_printf (out, " %s", quoted != NULL ? quoted : *values);
    }
  g_string_append (out, braces ? " }" : "");
}

static gboolean
in_braces (const PolicyFact *fact, guint n)
{
  return fact->value == FACT_VALUE_SEQUENCE || (takes_list (fact) && n != 1);
}

static char *
text_of (const PolicyRequest *self, guint32 facts)
{
  GString *out = g_string_new (operation_name (self->operation));

  for (gsize i = 0; i < POLICY_N_FACTS; i++)
    {
      char **values = self->said[i];
      if (values == NULL || (facts & (1u << i)) == 0)
        continue;
      if (i != FACT_OF)
        g_string_append_printf (out, " %s", policy_facts[i].word);
      append_values (out, values, in_braces (&policy_facts[i], g_strv_length (values)));
    }
  return g_string_free (out, FALSE);
}

char *
policy_request_text (const PolicyRequest *self)
{
  return text_of (self, G_MAXUINT32);
}

char *
policy_request_brief (const PolicyRequest *self)
{
  return text_of (self, 1u << FACT_OF | 1u << FACT_SCOPES | 1u << FACT_METHOD | 1u << FACT_PATH
                            | 1u << FACT_COMMAND | 1u << FACT_FROM | 1u << FACT_UNVERIFIED
                            | 1u << FACT_CALLER);
}
