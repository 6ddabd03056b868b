/* SPDX-License-Identifier: MIT
 *
 * A policy's text, cut into words.
 *
 * MUST
 *  - refuse what a reader cannot see, in comments too
 *  - give each word the line and column where a person finds it
 */
#pragma once

#include "policy/policy.h"

typedef enum
{
  POLICY_TOKEN_END, /* of the text; a newline always comes before it */
  POLICY_TOKEN_NEWLINE,
  POLICY_TOKEN_OPEN,  /* { */
  POLICY_TOKEN_CLOSE, /* } */
  POLICY_TOKEN_WORD,
  POLICY_TOKEN_QUOTED, /* "a word", without its quotes and escapes */
  POLICY_TOKEN_MACRO   /* $name, without the $ */
} PolicyTokenKind;

typedef struct
{
  PolicyTokenKind kind;
  const char *text;   /* of a word; valid until the next token */
  guint line, column; /* from 1; a column is a character */
  guint end;          /* the column behind it, on the same line */
} PolicyToken;

typedef struct
{
  const PolicySource *source;
  gsize at;
  guint line, column;
  PolicyTokenKind last;
  GString *word;
} PolicyLexer;

void policy_lexer_init (PolicyLexer *lexer, const PolicySource *source);
void policy_lexer_clear (PolicyLexer *lexer);

/* FALSE with an error, after which the lexer is of no further use. */
gboolean policy_lexer_next (PolicyLexer *lexer, PolicyToken *token, GError **error);

/* Sets "source:line:column: message". Returns FALSE. */
gboolean policy_fail (const PolicyLexer *lexer, guint line, guint column, GError **error,
                      const char *format, ...) G_GNUC_PRINTF (5, 6);
