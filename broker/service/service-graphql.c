/* SPDX-License-Identifier: MIT
 *
 * Which operations a GraphQL document has (specification of October 2021, section 2).
 *
 * MUST
 *  - say yes only to a document that is understood from its first character to its last
 *  - take no character for part of a comment or text that another lexer takes for its end
 *  - refuse what names a document that is kept elsewhere, and more than one request at once
 */
#include <string.h>

#include "broker/service/service-private.h"

#define MAX_DEPTH 128
#define MAX_BODY_DEPTH 64

const char *const service_graphql_words[] = { "query", "mutation", "subscription", NULL };

typedef enum
{
  TOKEN_BAD = 0,
  TOKEN_END,
  TOKEN_NAME,
  TOKEN_VALUE, /* a number or a text */
  TOKEN_MARK   /* a punctuator: its first character */
} TokenKind;

typedef struct
{
  const char *at;
  TokenKind kind;
  const char *start;
  gsize len;
} Lexer;

/* Lines end with LF, CR or both, and with nothing else: what an older lexer would take for a line's
 * end is refused everywhere. */
static gboolean
all_plain (const char *document)
{
  if (!g_utf8_validate (document, -1, NULL))
    return FALSE;
  for (const char *p = document; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c <= 0x9F)
          || c == 0x2028 || c == 0x2029 || c == 0xFEFF)
        return FALSE;
    }
  return TRUE;
}

static void
skip_ignored (Lexer *lexer)
{
  for (;;)
    {
      lexer->at += strspn (lexer->at, " \t\r\n,");
      if (*lexer->at != '#')
        return;
      lexer->at += strcspn (lexer->at, "\r\n");
    }
}

static gboolean
take_block_text (Lexer *lexer)
{
  for (lexer->at += 3; *lexer->at != '\0'; lexer->at++)
    {
      if (g_str_has_prefix (lexer->at, "\\\"\"\""))
        lexer->at += 3;
      else if (g_str_has_prefix (lexer->at, "\"\"\""))
        {
          lexer->at += 3;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
take_escape (Lexer *lexer)
{
  const char *p = lexer->at + 1;
  if (*p == 'u')
    {
      if (strspn (p + 1, "0123456789abcdefABCDEF") < 4)
        return FALSE;
      lexer->at = p + 4;
      return TRUE;
    }
  lexer->at = p;
  return *p != '\0' && strchr ("\"\\/bfnrt", *p) != NULL;
}

static gboolean
take_text (Lexer *lexer)
{
  if (g_str_has_prefix (lexer->at, "\"\"\""))
    return take_block_text (lexer);
  for (lexer->at++; *lexer->at != '\0' && *lexer->at != '\n' && *lexer->at != '\r'; lexer->at++)
    {
      if (*lexer->at == '"')
        {
          lexer->at++;
          return TRUE;
        }
      if (*lexer->at == '\\' && !take_escape (lexer))
        return FALSE;
    }
  return FALSE;
}

static gboolean
is_name_start (char c)
{
  return g_ascii_isalpha (c) || c == '_';
}

static gboolean
is_name (char c)
{
  return is_name_start (c) || g_ascii_isdigit (c);
}

static gboolean
take_number (Lexer *lexer)
{
  gsize len = strspn (lexer->at, "-+0123456789.eE");
  lexer->at += len;
  return !is_name_start (*lexer->at);
}

static TokenKind
read_token (Lexer *lexer)
{
  char c = *lexer->at;
  if (c == '\0')
    return TOKEN_END;
  if (is_name_start (c))
    {
      while (is_name (*lexer->at))
        lexer->at++;
      return TOKEN_NAME;
    }
  if (c == '"')
    return take_text (lexer) ? TOKEN_VALUE : TOKEN_BAD;
  if (c == '-' || g_ascii_isdigit (c))
    return take_number (lexer) ? TOKEN_VALUE : TOKEN_BAD;
  if (g_str_has_prefix (lexer->at, "..."))
    lexer->at += 3;
  else if (strchr ("!$&():=@[]{|}", c) != NULL)
    lexer->at++;
  else
    return TOKEN_BAD;
  return TOKEN_MARK;
}

static void
next (Lexer *lexer)
{
  skip_ignored (lexer);
  lexer->start = lexer->at;
  lexer->kind = read_token (lexer);
  lexer->len = (gsize) (lexer->at - lexer->start);
}

static gboolean
is_mark (const Lexer *lexer, char c)
{
  return lexer->kind == TOKEN_MARK && *lexer->start == c;
}

static gboolean
is_word (const Lexer *lexer, const char *word)
{
  return lexer->kind == TOKEN_NAME && lexer->len == strlen (word)
         && memcmp (lexer->start, word, lexer->len) == 0;
}

/* From an opening bracket to behind the one that closes it. */
static gboolean
skip_brackets (Lexer *lexer)
{
  char want[MAX_DEPTH];
  gsize depth = 0;
  do
    {
      char c = lexer->kind == TOKEN_MARK ? *lexer->start : '\0';
      if (lexer->kind == TOKEN_BAD || lexer->kind == TOKEN_END)
        return FALSE;
      if (c == '{' || c == '(' || c == '[')
        {
          if (depth == MAX_DEPTH)
            return FALSE;
          want[depth++] = c == '{' ? '}' : c == '(' ? ')' : ']';
        }
      else if ((c == '}' || c == ')' || c == ']') && want[--depth] != c)
        return FALSE;
      next (lexer);
    }
  while (depth > 0);
  return TRUE;
}

static gboolean
skip_arguments (Lexer *lexer)
{
  return !is_mark (lexer, '(') || skip_brackets (lexer);
}

static gboolean
skip_directives (Lexer *lexer)
{
  while (is_mark (lexer, '@'))
    {
      next (lexer);
      if (lexer->kind != TOKEN_NAME)
        return FALSE;
      next (lexer);
      if (!skip_arguments (lexer))
        return FALSE;
    }
  return is_mark (lexer, '{') && skip_brackets (lexer);
}

/* Behind the word "fragment". */
static gboolean
skip_fragment (Lexer *lexer)
{
  if (lexer->kind != TOKEN_NAME || is_word (lexer, "on"))
    return FALSE;
  next (lexer);
  if (!is_word (lexer, "on"))
    return FALSE;
  next (lexer);
  if (lexer->kind != TOKEN_NAME)
    return FALSE;
  next (lexer);
  return skip_directives (lexer);
}

/* Behind the operation's type. */
static gboolean
skip_operation (Lexer *lexer)
{
  if (lexer->kind == TOKEN_NAME)
    next (lexer);
  return skip_arguments (lexer) && skip_directives (lexer);
}

/* One definition; *@type is NONE for a fragment. */
static gboolean
skip_definition (Lexer *lexer, GraphqlType *type)
{
  *type = GRAPHQL_QUERY;
  if (is_mark (lexer, '{')) /* the short form */
    return skip_brackets (lexer);
  *type = GRAPHQL_NONE;
  for (guint i = 0; service_graphql_words[i] != NULL; i++)
    if (is_word (lexer, service_graphql_words[i]))
      *type = GRAPHQL_QUERY + i;
  if (*type == GRAPHQL_NONE && !is_word (lexer, "fragment"))
    return FALSE;
  next (lexer);
  return *type == GRAPHQL_NONE ? skip_fragment (lexer) : skip_operation (lexer);
}

gboolean
service_graphql_document (const char *document, GraphqlType type)
{
  Lexer lexer = { .at = document };
  guint operations = 0;
  if (type == GRAPHQL_NONE || !all_plain (document))
    return FALSE;
  for (next (&lexer); lexer.kind != TOKEN_END;)
    {
      GraphqlType found;
      if (!skip_definition (&lexer, &found) || (found != GRAPHQL_NONE && found != type))
        return FALSE;
      operations += found == type;
    }
  return operations > 0;
}

static gboolean
deeper_than (const char *body, gsize len, guint most)
{
  guint depth = 0;
  gboolean text = FALSE;
  for (gsize i = 0; i < len; i++)
    {
      if (body[i] == '"')
        text = !text;
      else if (text && body[i] == '\\')
        i++;
      else if (!text && (body[i] == '{' || body[i] == '['))
        depth++;
      else if (!text && (body[i] == '}' || body[i] == ']') && depth > 0)
        depth--;
      if (depth > most)
        return TRUE;
    }
  return FALSE;
}

/* "extensions" can refer to a document that the server keeps, and so can members that are not
 * GraphQL's: what is not known here is not understood. */
static const char *
sole_document (const json_t *root)
{
  const char *name, *document = NULL;
  json_t *value;
  json_object_foreach ((json_t *) root, name, value)
  {
    if (strcmp (name, "query") == 0)
      document = json_string_value (value);
    else if (strcmp (name, "operationName") == 0
                 ? !json_is_string (value) && !json_is_null (value)
                 : strcmp (name, "variables") != 0
                       || (!json_is_object (value) && !json_is_null (value)))
      return NULL;
  }
  return document;
}

gboolean
service_graphql_body (const char *body, gsize len, GraphqlType type)
{
  if (body == NULL || memchr (body, '\0', len) != NULL || deeper_than (body, len, MAX_BODY_DEPTH))
    return FALSE;
  g_autoptr (json_t) root = json_loadb (body, len, JSON_REJECT_DUPLICATES, NULL);
  const char *document = sole_document (root);
  return document != NULL && service_graphql_document (document, type);
}
