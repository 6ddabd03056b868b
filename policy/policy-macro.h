/* SPDX-License-Identifier: MIT
 *
 * Macros, as pf.conf has them: "agents = { /usr/bin/claude /usr/bin/codex }" gives values a name,
 * and $agents stands for them from there on.
 *
 * MUST
 *  - be defined before they are used, once: what a rule says does not change below it
 *  - bound what they grow to
 */
#pragma once

#include "policy/policy-lex.h"

#define POLICY_MAX_MACROS 256
#define POLICY_MAX_GROWTH (4 * 1024 * 1024) /* bytes that macros stand for, over all their uses */

typedef struct
{
  char *name;
  GArray *words;      /* of PolicyMacroWord; not empty */
  gboolean list;      /* written with { } */
  gboolean used;      /* also by another macro */
  char *source;       /* name of the file */
  guint line, column; /* of its name there */
} PolicyMacro;

typedef struct
{
  PolicyTokenKind kind; /* POLICY_TOKEN_WORD or _QUOTED */
  char *text;           /* GRefString */
} PolicyMacroWord;

typedef struct
{
  GPtrArray *all; /* of PolicyMacro, in the order of the text */
  gsize growth;
} PolicyMacros;

PolicyMacros *policy_macros_new (void);
void policy_macros_free (PolicyMacros *macros);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PolicyMacros, policy_macros_free)

/* The tokens of a text whose macros are put in their places: one word, or a list, which loses its
 * braces inside another. Lines that define one are gone but for their end. */
typedef struct
{
  PolicyLexer lexer; /* for policy_fail() */
  PolicyMacros *macros;
  gboolean begins; /* the next token is the first of its line */
  gboolean in_list;
  const PolicyMacro *macro; /* that is being put in; NULL: none */
  PolicyToken use;          /* where */
  guint at, end;            /* of its words, with a brace at either end */
} PolicyReader;

/* Borrows @source, and @macros, which several texts can share. */
void policy_reader_init (PolicyReader *reader, const PolicySource *source, PolicyMacros *macros);
void policy_reader_clear (PolicyReader *reader);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PolicyReader, policy_reader_clear)

/* FALSE with an error, after which the reader is of no further use. @macro: which one the token
 * comes from, NULL: none; its place is that of the use. */
gboolean policy_reader_next (PolicyReader *reader, PolicyToken *token, const PolicyMacro **macro,
                             GError **error);
