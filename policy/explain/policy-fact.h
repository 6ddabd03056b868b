/* SPDX-License-Identifier: MIT
 *
 * What a described request says of itself: the table of facts. A new fact is a new row.
 */
#pragma once

#include "policy/explain/policy-describe.h"
#include "policy/policy-lex.h"

typedef enum
{
  FACT_OF, /* the resources: stands right behind the operation, without its word */
  FACT_SCOPES,
  FACT_METHOD,
  FACT_PATH,
  FACT_COMMAND,
  FACT_FROM,
  FACT_UNVERIFIED,
  FACT_SHA256,
  FACT_PACKAGE,
  FACT_UNIT,
  FACT_CHOSEN, /* the unit is one that the requester could have chosen */
  FACT_BELOW,
  FACT_UID,
  FACT_CALLER,
  FACT_IN,
  FACT_AT,
  FACT_AFTER,
  POLICY_N_FACTS
} PolicyFactId;

typedef enum
{
  FACT_VALUE_NONE,
  FACT_VALUE_ONE,
  FACT_VALUE_TWO,      /* one behind the other */
  FACT_VALUE_LIST,     /* one, or several in { } */
  FACT_VALUE_ANY_LIST, /* the same, or { } */
  FACT_VALUE_SEQUENCE  /* in { } */
} PolicyFactValue;

typedef struct
{
  const char *word;
  const char *wants; /* what comes after the word, for messages */
  PolicyFactValue value;
  guint32 operations;  /* bit by Operation: those whose requests have it */
  gboolean of_program; /* who calls over HTTP is none, and has it not */
  /* What is wrong with @value behind @before, and what would be right; g_free(). NULL: nothing. */
  char *(*problem) (char **before, const char *value);
} PolicyFact;

extern const PolicyFact policy_facts[POLICY_N_FACTS];

/* Row of the fact @word, or -1. */
int policy_fact_find (const char *word);

/* The last word of a chain of programs of which more are not known. */
#define FACT_AND_OTHERS "**"

/* What FACT_AT says: 1 Monday … 7, 0: nothing; the minute of the day. */
int policy_fact_weekday (char *const *at);
int policy_fact_minute (char *const *at);

struct _PolicyRequest
{
  Operation operation;
  char **said[POLICY_N_FACTS]; /* NULL: not said */
  guint32 forgotten;           /* bit by PolicyFactId */
  PolicyQuery query;           /* borrows from what is said, and from these: */
  char **chain;
  gint64 before; /* requests that count already, see FACT_AFTER */
  PolicyCount count;
  gpointer count_user;
};

/* The names under which one thing of it is known, of all things that it is about. */
GPtrArray *policy_request_things (const PolicyRequest *self); /* of char**; g_ptr_array_unref() */

/* Reads a request from where @lexer's @token stands up to the first word that is none of its own,
 * and stays there. */
PolicyRequest *policy_request_read (PolicyLexer *lexer, PolicyToken *token, GError **error);
/* Sets an error: @token is none of its words, and none of @more (NULL-terminated). FALSE. */
gboolean policy_request_fail_word (PolicyLexer *lexer, const PolicyToken *token,
                                   const char *const *more, GError **error);
