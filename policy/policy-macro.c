/* SPDX-License-Identifier: MIT */
#include "policy/policy-macro.h"

#include <string.h>

#include "policy/policy-rule.h"
#include "policy/policy-words.h"

#define LONGEST_NAME 64
#define EACH 64 /* bytes that a word costs beside its text */

/* --- Macros --- */

static void
word_clear (gpointer data)
{
  g_ref_string_release (((PolicyMacroWord *) data)->text);
}

static PolicyMacro *
macro_new (const PolicyLexer *lexer, const PolicyToken *name)
{
  PolicyMacro *macro = g_new0 (PolicyMacro, 1);
  macro->name = g_strdup (name->text);
  macro->source = g_strdup (lexer->source->name);
  macro->line = name->line;
  macro->column = name->column;
  macro->words = g_array_new (FALSE, FALSE, sizeof (PolicyMacroWord));
  g_array_set_clear_func (macro->words, word_clear);
  return macro;
}

static void
macro_free (PolicyMacro *macro)
{
  g_free (macro->name);
  g_free (macro->source);
  g_array_unref (macro->words);
  g_free (macro);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PolicyMacro, macro_free)

PolicyMacros *
policy_macros_new (void)
{
  PolicyMacros *macros = g_new0 (PolicyMacros, 1);
  macros->all = g_ptr_array_new_with_free_func ((GDestroyNotify) macro_free);
  return macros;
}

void
policy_macros_free (PolicyMacros *macros)
{
  g_ptr_array_unref (macros->all);
  g_free (macros);
}

static PolicyMacro *
find (const PolicyMacros *macros, const char *name)
{
  for (guint i = 0; i < macros->all->len; i++)
    if (strcmp (((PolicyMacro *) macros->all->pdata[i])->name, name) == 0)
      return macros->all->pdata[i];
  return NULL;
}

/* --- Reading --- */

void
policy_reader_init (PolicyReader *reader, const PolicySource *source, PolicyMacros *macros)
{
  *reader = (PolicyReader){ .macros = macros, .begins = TRUE };
  policy_lexer_init (&reader->lexer, source);
}

void
policy_reader_clear (PolicyReader *reader)
{
  policy_lexer_clear (&reader->lexer);
}

#define fail_at(reader, token, error, ...)                                                         \
  policy_fail (&(reader)->lexer, (token)->line, (token)->column, (error), __VA_ARGS__)

static gboolean
fail_unknown (const PolicyReader *reader, const PolicyToken *token, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *shown = policy_show (token->text);
  for (guint i = 0; i < reader->macros->all->len; i++)
    g_ptr_array_add (names, ((PolicyMacro *) reader->macros->all->pdata[i])->name);
  g_ptr_array_add (names, NULL);
  const char *near = policy_nearest (token->text, (const char *const *) names->pdata);
  if (near != NULL)
    return fail_at (reader, token, error, "no macro has the name %s; did you mean \"%s\"?", shown,
                    near);
  return fail_at (reader, token, error,
                  "no macro has the name %s up to here; define it further up, as in name = value, "
                  "or put a name that begins with $ in double quotes",
                  shown);
}

static PolicyMacro *
use (PolicyReader *reader, const PolicyToken *token, GError **error)
{
  PolicyMacro *macro = find (reader->macros, token->text);
  if (macro == NULL)
    {
      fail_unknown (reader, token, error);
      return NULL;
    }
  macro->used = TRUE;
  for (guint i = 0; i < macro->words->len; i++)
    reader->macros->growth += EACH + strlen (g_array_index (macro->words, PolicyMacroWord, i).text);
  if (reader->macros->growth <= POLICY_MAX_GROWTH)
    return macro;
  fail_at (reader, token, error, "macros stand for more than %d MiB; use them less often",
           POLICY_MAX_GROWTH / 1024 / 1024);
  return NULL;
}

/* --- Definitions --- */

static gboolean
check_name (const PolicyReader *reader, const PolicyToken *name, GError **error)
{
  Operation operation;
  g_autofree char *shown = policy_show (name->text);
  const PolicyMacro *first = find (reader->macros, name->text);
  gsize plain = strspn (name->text, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_-");
  if (!g_ascii_isalpha (*name->text) || name->text[plain] != '\0' || plain > LONGEST_NAME)
    return fail_at (reader, name, error,
                    "%s is no name for a macro, which begins with a letter and goes on with up to "
                    "%d letters, digits, - and _",
                    shown, LONGEST_NAME - 1);
  if (policy_reserved (name->text) || operation_from_name (name->text, &operation))
    return fail_at (reader, name, error,
                    "%s is a word of the language; give the macro another name", shown);
  if (first != NULL)
    return fail_at (reader, name, error,
                    "the macro %s is defined already, at %s:%u; give this one another name", shown,
                    first->source, first->line);
  if (reader->macros->all->len == POLICY_MAX_MACROS)
    return fail_at (reader, name, error, "more than %d macros; write lists", POLICY_MAX_MACROS);
  return TRUE;
}

static gboolean
add_word (const PolicyReader *reader, PolicyMacro *macro, const PolicyToken *token,
          const PolicyMacroWord *word, GError **error)
{
  PolicyMacroWord copy = { word->kind, g_ref_string_acquire (word->text) };
  g_array_append_val (macro->words, copy);
  return macro->words->len <= POLICY_MAX_LIST
         || fail_at (reader, token, error, "a macro of more than %d words", POLICY_MAX_LIST);
}

/* A word, or all those of another macro. */
static gboolean
add_value (PolicyReader *reader, PolicyMacro *macro, const PolicyToken *token, GError **error)
{
  if (token->kind == POLICY_TOKEN_WORD || token->kind == POLICY_TOKEN_QUOTED)
    {
      PolicyMacroWord word = { token->kind, g_ref_string_new (token->text) };
      gboolean ok = add_word (reader, macro, token, &word, error);
      word_clear (&word);
      return ok;
    }
  if (token->kind != POLICY_TOKEN_MACRO)
    return fail_at (reader, token, error,
                    "a macro stands for a value or for several in { }, as in name = { a b }");
  const PolicyMacro *other = use (reader, token, error);
  for (guint i = 0; other != NULL && i < other->words->len; i++)
    if (!add_word (reader, macro, token, &g_array_index (other->words, PolicyMacroWord, i), error))
      return FALSE;
  macro->list |= other != NULL && other->list;
  return other != NULL;
}

/* Behind the {, up to the }. */
static gboolean
read_list (PolicyReader *reader, PolicyMacro *macro, const PolicyToken *open, GError **error)
{
  PolicyToken token;
  macro->list = TRUE;
  while (policy_lexer_next (&reader->lexer, &token, error))
    {
      if (token.kind == POLICY_TOKEN_CLOSE && macro->words->len == 0)
        return fail_at (reader, &token, error, "an empty list matches nothing; name one or more");
      if (token.kind == POLICY_TOKEN_CLOSE)
        return TRUE;
      if (token.kind == POLICY_TOKEN_NEWLINE)
        return fail_at (reader, open, error,
                        "a list that is not closed; end it with } on the same line, or end the "
                        "line with \\ to go on");
      if (!add_value (reader, macro, &token, error))
        return FALSE;
    }
  return FALSE;
}

/* Behind the name; ends on the line's end, which is in @token then. */
static gboolean
read_definition (PolicyReader *reader, PolicyMacro *macro, PolicyToken *token, GError **error)
{
  if (!policy_lexer_next (&reader->lexer, token, error))
    return FALSE;
  if (token->kind != POLICY_TOKEN_WORD || strcmp (token->text, "=") != 0)
    return fail_at (reader, token, error,
                    "put a blank on either side of the =, as in name = value");
  if (!policy_lexer_next (&reader->lexer, token, error))
    return FALSE;
  PolicyToken first = *token;
  if (!(first.kind == POLICY_TOKEN_OPEN ? read_list (reader, macro, &first, error)
                                        : add_value (reader, macro, &first, error))
      || !policy_lexer_next (&reader->lexer, token, error))
    return FALSE;
  return token->kind == POLICY_TOKEN_NEWLINE
         || fail_at (reader, token, error,
                     "a macro's line ends behind its value; several values stand in { }");
}

static gboolean
define (PolicyReader *reader, PolicyToken *token, GError **error)
{
  g_autoptr (PolicyMacro) macro = macro_new (&reader->lexer, token);
  if (!check_name (reader, token, error) || !read_definition (reader, macro, token, error))
    return FALSE;
  g_ptr_array_add (reader->macros->all, g_steal_pointer (&macro));
  return TRUE;
}

/* Whether the word that was just read has a = behind it. */
static gboolean
is_defined_here (const PolicyLexer *lexer)
{
  const char *at = lexer->source->text + lexer->at, *end = lexer->source->text + lexer->source->len;
  while (at < end && (*at == ' ' || *at == '\t'))
    at++;
  return at < end && *at == '=';
}

/* --- The tokens --- */

static void
give_word (PolicyReader *reader, PolicyToken *token)
{
  const PolicyMacro *macro = reader->macro;
  gboolean braces = reader->end != macro->words->len;
  guint at = reader->at - (braces ? 1 : 0);
  *token = reader->use;
  token->text = "";
  if (braces && reader->at == 0)
    token->kind = POLICY_TOKEN_OPEN;
  else if (at == macro->words->len)
    token->kind = POLICY_TOKEN_CLOSE;
  else
    {
      token->kind = g_array_index (macro->words, PolicyMacroWord, at).kind;
      token->text = g_array_index (macro->words, PolicyMacroWord, at).text;
    }
  if (++reader->at == reader->end)
    reader->macro = NULL;
}

static gboolean
expand (PolicyReader *reader, PolicyToken *token, const PolicyMacro **from, GError **error)
{
  if (reader->begins)
    return fail_at (reader, token, error,
                    "a macro at the beginning of a line; it stands for values, and to define one "
                    "its name is written without the $");
  const PolicyMacro *macro = use (reader, token, error);
  if (macro == NULL)
    return FALSE;
  reader->macro = *from = macro;
  reader->use = *token;
  reader->at = 0;
  reader->end = macro->words->len + (macro->list && !reader->in_list ? 2 : 0);
  give_word (reader, token);
  return TRUE;
}

static gboolean
read_line_start (PolicyReader *reader, PolicyToken *token, GError **error)
{
  if (token->kind != POLICY_TOKEN_WORD)
    return TRUE;
  if (strchr (token->text, '=') != NULL)
    return fail_at (reader, token, error,
                    "put a blank on either side of the =, as in name = value");
  return !is_defined_here (&reader->lexer) || define (reader, token, error);
}

gboolean
policy_reader_next (PolicyReader *reader, PolicyToken *token, const PolicyMacro **macro,
                    GError **error)
{
  *macro = reader->macro;
  if (reader->macro != NULL)
    {
      give_word (reader, token);
      return TRUE;
    }
  if (!policy_lexer_next (&reader->lexer, token, error))
    return FALSE;
  if (token->kind == POLICY_TOKEN_MACRO)
    return expand (reader, token, macro, error);
  if (reader->begins && !read_line_start (reader, token, error))
    return FALSE;
  reader->begins = token->kind == POLICY_TOKEN_NEWLINE;
  if (token->kind == POLICY_TOKEN_OPEN || token->kind == POLICY_TOKEN_CLOSE || reader->begins)
    reader->in_list = token->kind == POLICY_TOKEN_OPEN;
  return TRUE;
}
