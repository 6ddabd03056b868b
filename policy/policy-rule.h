/* SPDX-License-Identifier: MIT
 *
 * One rule, and the table of clauses that a rule is made of. A new clause is a new row.
 */
#pragma once

#include "policy/policy-pattern.h"
#include "policy/policy.h"

#define POLICY_ALL_OPERATIONS ((1u << OPERATION_COUNT) - 1)

/* Where something stands, from 1; a column is a character. */
typedef struct
{
  guint line, column;
  guint length; /* characters, up to the end of the line where it goes on in another */
} PolicySpot;

typedef struct
{
  gint64 n;      /* 0 without the clause */
  gint64 period; /* seconds */
} PolicyRate;

typedef struct
{
  guint16 from, to; /* minutes of the day, never equal; to is not in it; from > to: over midnight */
} PolicyHours;

typedef struct
{
  PolicyVerdict verdict;
  gboolean any;       /* written as "any": also the operations of later versions */
  guint32 operations; /* bit by Operation */
  guint32 clauses;    /* bit by row of the table */
  GArray *of, *from;  /* of PolicyPattern; NULL without the clause */
  GArray *uids;       /* of uid_t */
  GArray *callers;    /* of PolicyPattern */
  GArray *command;    /* of PolicyPattern, see policy-command.h */
  gint64 max, uses;   /* 0 without the clause */
  PolicyConfirm confirm;
  gboolean sandbox;
  GArray *methods, *paths, *sha256s, *packages, *units, *below, *in; /* of PolicyPattern */
  GArray *scopes;                                                    /* of PolicyPattern */
  GArray *during;                                                    /* of PolicyHours */
  guint8 days;                                                       /* bit 0 is Monday */
  PolicyRate over, rate;
  gboolean notify;
  char *text;         /* canonical; NULL without "over" and "rate" */
  const char *source; /* the policy's */
  PolicySpot spot;    /* of all of it */
  PolicySpot *spots;  /* by row of the table: its word and values; NULL: not from a text */
} PolicyRule;

void policy_rule_clear (PolicyRule *rule);

typedef enum
{
  POLICY_MATCH_NO = 0,
  POLICY_MATCH_MAYBE, /* what the clause looks at is not known of this requester */
  POLICY_MATCH_YES
} PolicyMatch;

/* What its least certain clause says; operations are not looked at. */
PolicyMatch policy_rule_match (const PolicyRule *rule, const PolicyQuery *query);
/* The same of all clauses but "over": whether a request counts for the rule. */
PolicyMatch policy_rule_match_uncounted (const PolicyRule *rule, const PolicyQuery *query);

/* TRUE when surely each request for one of @operations that @narrow matches is matched by @wide. */
gboolean policy_rule_covers (const PolicyRule *wide, const PolicyRule *narrow, guint32 operations);

/* Whether requests are counted for it. */
gboolean policy_rule_counts (const PolicyRule *rule);

/* Canonical words; g_free(). */
char *policy_rule_print (const PolicyRule *rule);

/* What comes after the word of a clause. */
typedef enum
{
  POLICY_VALUE_NONE,
  POLICY_VALUE_ONE,
  POLICY_VALUE_LIST,    /* one, or several in { }, of which any has to match */
  POLICY_VALUE_SEQUENCE /* in { }, one after the other */
} PolicyValue;

/* What a clause is about. */
typedef enum
{
  POLICY_ABOUT_THING,   /* what is asked for */
  POLICY_ABOUT_PROGRAM, /* who asks: a program of this machine */
  POLICY_ABOUT_CALLER,  /* who asks: over HTTP */
  POLICY_ABOUT_PLACE,   /* where a program asks from */
  POLICY_ABOUT_TIME,    /* when, and how often */
  POLICY_ABOUT_BOUND    /* how much is granted */
} PolicyAbout;

/* Why a clause stands in rules about some operations only, for messages. */
typedef struct
{
  const char *alone; /* "run_command and launch alone start something" */
  const char *such;  /* "{ run_command launch }" */
  const char *lacks; /* of any other operation: "starts nothing; only … do" */
} PolicyFew;

typedef struct
{
  const char *word;
  const char *wants; /* what comes after the word, for messages */
  PolicyAbout about;
  guint needs; /* bits of PolicyNeeds */
  PolicyValue value;
  guint8 verdicts;       /* bit by PolicyVerdict: the rules that can have it */
  const char *pointless; /* why the others cannot */
  guint32 operations;    /* bit by Operation: the same */
  const PolicyFew *few;  /* NULL: every operation */
  /* Takes one value; with POLICY_VALUE_NONE it is NULL, and nothing is wrong with it. Returns NULL,
   * or what is wrong with it and what would be right; g_free(). It is shown to people: a value in
   * it has been through policy_show(). */
  char *(*add) (PolicyRule *rule, const char *value);
  void (*print) (const PolicyRule *rule, GPtrArray *words); /* NULL when there is no value */
  /* Both NULL for a clause that bounds what is granted and does not choose whose requests match. */
  PolicyMatch (*match) (const PolicyRule *rule, const PolicyQuery *query);
  gboolean (*covers) (const PolicyRule *wide, const PolicyRule *narrow);
} PolicyClause;

extern const PolicyClause policy_clauses[];
extern const gsize policy_n_clauses;

/* Row of the clause @word, or -1. */
int policy_clause_find (const char *word);
/* Words that have a meaning of their own and must be quoted to be a name. */
gboolean policy_reserved (const char *word);
/* The words of all clauses, for policy_nearest(); g_free() the array only. */
const char **policy_clause_words (void);
