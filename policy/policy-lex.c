/* SPDX-License-Identifier: MIT */
#include "policy/policy-lex.h"

#include <string.h>

#include "policy/policy-words.h"

#define END ((gunichar) -1) /* no character: the text is over */

G_DEFINE_QUARK (countersign_policy_error, policy_error)

void
policy_lexer_init (PolicyLexer *lexer, const PolicySource *source)
{
  *lexer = (PolicyLexer){ .source = source,
                          .line = 1,
                          .column = 1,
                          .last = POLICY_TOKEN_NEWLINE,
                          .word = g_string_new (NULL) };
}

void
policy_lexer_clear (PolicyLexer *lexer)
{
  g_string_free (lexer->word, TRUE);
}

gboolean
policy_fail (const PolicyLexer *lexer, guint line, guint column, GError **error, const char *format,
             ...)
{
  va_list list;
  va_start (list, format);
  g_autofree char *message = g_strdup_vprintf (format, list);
  va_end (list);
  g_set_error (error, POLICY_ERROR, POLICY_ERROR_SYNTAX, "%s:%u:%u: %s", lexer->source->name, line,
               column, message);
  return FALSE;
}

#define fail_here(lexer, error, ...)                                                               \
  policy_fail ((lexer), (lexer)->line, (lexer)->column, (error), __VA_ARGS__)

/* The character that comes next, refused when no reader would see it. */
static gboolean
peek (const PolicyLexer *lexer, gunichar *c, GError **error)
{
  const char *at = lexer->source->text + lexer->at;
  gsize left = lexer->source->len - lexer->at;
  *c = END;
  if (left == 0)
    return TRUE;
  if (*at == '\0')
    return fail_here (lexer, error, "a NUL byte; a policy is text");
  if (at[0] == '\r' && left > 1 && at[1] == '\n')
    {
      *c = '\n';
      return TRUE;
    }
  *c = g_utf8_get_char_validated (at, left);
  if (*c == (gunichar) -1 || *c == (gunichar) -2)
    return fail_here (lexer, error, "byte 0x%02x is not UTF-8; save the file as UTF-8",
                      (guint8) *at);
  if (policy_hidden (*c))
    return fail_here (lexer, error,
                      "U+%04X does not show; remove it, or write \\u{%x} inside double quotes", *c,
                      *c);
  return TRUE;
}

/* Steps over the character that peek() gave. */
static void
skip (PolicyLexer *lexer, gunichar c)
{
  const char *at = lexer->source->text + lexer->at;
  lexer->at += *at == '\r' ? 2 : (gsize) g_utf8_skip[(guint8) *at];
  lexer->column++;
  if (c == '\n')
    {
      lexer->line++;
      lexer->column = 1;
    }
}

static gboolean
append (PolicyLexer *lexer, const PolicyToken *token, gunichar c, GError **error)
{
  g_string_append_unichar (lexer->word, c);
  if (lexer->word->len <= POLICY_MAX_WORD)
    return TRUE;
  return policy_fail (lexer, token->line, token->column, error,
                      "a word of more than %d bytes; no name or path is as long", POLICY_MAX_WORD);
}

/* A comment ends with its line, whatever stands last in it: were it to go on after a backslash, it
 * could swallow a rule. */
static gboolean
skip_comment (PolicyLexer *lexer, GError **error)
{
  gunichar c;
  while (peek (lexer, &c, error))
    {
      if (c == '\n' || c == END)
        return TRUE;
      skip (lexer, c);
    }
  return FALSE;
}

/* A backslash and the line's end, which together are a blank. */
static gboolean
skip_continuation (PolicyLexer *lexer, GError **error)
{
  guint line = lexer->line, column = lexer->column;
  gunichar c;
  skip (lexer, '\\');
  if (!peek (lexer, &c, error))
    return FALSE;
  if (c != '\n')
    return policy_fail (lexer, line, column, error,
                        "a backslash in the middle of a line; it stands last in a line that goes "
                        "on, or inside double quotes");
  skip (lexer, c);
  return TRUE;
}

static gboolean
skip_blanks (PolicyLexer *lexer, gunichar *c, GError **error)
{
  while (peek (lexer, c, error))
    {
      if (*c == ' ' || *c == '\t')
        skip (lexer, *c);
      else if (*c == '\\')
        {
          if (!skip_continuation (lexer, error))
            return FALSE;
        }
      else if (*c == '#')
        return skip_comment (lexer, error) && peek (lexer, c, error);
      else
        return TRUE;
    }
  return FALSE;
}

static gboolean
read_bare (PolicyLexer *lexer, PolicyToken *token, GError **error)
{
  gunichar c;
  while (peek (lexer, &c, error))
    {
      if (c == '"' || c == '#')
        return fail_here (lexer, error,
                          "%s in the middle of a word; put the whole word in double quotes, or a "
                          "blank before it",
                          c == '#' ? "a #" : "a quote");
      if (c == '$')
        return fail_here (lexer, error,
                          "a $ in the middle of a word; a macro stands alone, and a word that has "
                          "a $ is put in double quotes");
      if (c == ',')
        return fail_here (lexer, error,
                          "a comma; blanks part the words of a list, and a word that has a comma "
                          "is put in double quotes");
      if (c == END || policy_special (c))
        return TRUE;
      if (!append (lexer, token, c, error))
        return FALSE;
      skip (lexer, c);
    }
  return FALSE;
}

/* The digits of \u{1f600}, up to what ends them. */
static gboolean
read_hex (PolicyLexer *lexer, gunichar *value, gunichar *end, GError **error)
{
  *value = 0;
  for (guint digits = 0; peek (lexer, end, error); digits++)
    {
      if (*end >= 0x80 || !g_ascii_isxdigit ((char) *end) || digits == 6)
        return TRUE;
      *value = *value * 16 + g_ascii_xdigit_value ((char) *end);
      skip (lexer, *end);
    }
  return FALSE;
}

/* {1f600}, behind \u; 0 when that is no character's number. */
static gboolean
read_number (PolicyLexer *lexer, gunichar *value, GError **error)
{
  gunichar c;
  *value = 0;
  if (!peek (lexer, &c, error))
    return FALSE;
  if (c != '{')
    return TRUE;
  skip (lexer, c);
  if (!read_hex (lexer, value, &c, error))
    return FALSE;
  if (c == '}' && g_unichar_validate (*value))
    skip (lexer, c);
  else
    *value = 0;
  return TRUE;
}

static gboolean
read_escape (PolicyLexer *lexer, gunichar *value, GError **error)
{
  guint line = lexer->line, column = lexer->column;
  gunichar c;
  skip (lexer, '\\');
  if (!peek (lexer, &c, error))
    return FALSE;
  *value = c == '"' || c == '\\' ? c : 0;
  if (*value != 0 || c == 'u')
    skip (lexer, c);
  if (c == 'u' && !read_number (lexer, value, error))
    return FALSE;
  if (*value != 0)
    return TRUE;
  return policy_fail (lexer, line, column, error,
                      "a backslash that escapes nothing; inside double quotes write \\\\, \\\" or "
                      "\\u{e9} with a character's hexadecimal number");
}

static gboolean
read_quoted (PolicyLexer *lexer, PolicyToken *token, GError **error)
{
  gunichar c;
  skip (lexer, '"');
  while (peek (lexer, &c, error))
    {
      if (c == END || c == '\n')
        return policy_fail (lexer, token->line, token->column, error,
                            "a quote that is not closed; end it with \" on the same line");
      if (c == '\t')
        return fail_here (lexer, error, "a tab looks like spaces; write \\u{9}");
      if (c == '"')
        {
          skip (lexer, c);
          return TRUE;
        }
      if (c != '\\')
        skip (lexer, c);
      else if (!read_escape (lexer, &c, error))
        return FALSE;
      if (!append (lexer, token, c, error))
        return FALSE;
    }
  return FALSE;
}

/* "a"b would read as two words to one person and as one to another. */
static gboolean
check_after_quote (PolicyLexer *lexer, GError **error)
{
  gunichar c;
  if (!peek (lexer, &c, error))
    return FALSE;
  if (c == END || (policy_special (c) && strchr ("\"#$", (int) c) == NULL))
    return TRUE;
  return fail_here (lexer, error, "a word goes on after its closing quote; put a blank here");
}

/* What begins with @c. */
static gboolean
read_word (PolicyLexer *lexer, gunichar c, PolicyToken *token, GError **error)
{
  gboolean ok;
  g_string_truncate (lexer->word, 0);
  token->kind = c == '"' ? POLICY_TOKEN_QUOTED : c == '$' ? POLICY_TOKEN_MACRO : POLICY_TOKEN_WORD;
  if (c == '$')
    skip (lexer, c);
  if (c == '"')
    ok = read_quoted (lexer, token, error) && check_after_quote (lexer, error);
  else
    ok = read_bare (lexer, token, error);
  token->text = lexer->word->str;
  return ok;
}

static gboolean
read_token (PolicyLexer *lexer, gunichar c, PolicyToken *token, GError **error)
{
  switch (c)
    {
    case END:
      /* The last line may lack its end: the parser always sees one. */
      token->kind = lexer->last == POLICY_TOKEN_NEWLINE ? POLICY_TOKEN_END : POLICY_TOKEN_NEWLINE;
      return TRUE;
    case '\n':
      token->kind = POLICY_TOKEN_NEWLINE;
      break;
    case '{':
      token->kind = POLICY_TOKEN_OPEN;
      break;
    case '}':
      token->kind = POLICY_TOKEN_CLOSE;
      break;
    default:
      return read_word (lexer, c, token, error);
    }
  skip (lexer, c);
  return TRUE;
}

gboolean
policy_lexer_next (PolicyLexer *lexer, PolicyToken *token, GError **error)
{
  gunichar c;
  if (!skip_blanks (lexer, &c, error))
    return FALSE;
  *token = (PolicyToken){ .text = "", .line = lexer->line, .column = lexer->column };
  if (!read_token (lexer, c, token, error))
    return FALSE;
  token->end = lexer->column;
  lexer->last = token->kind;
  return TRUE;
}
