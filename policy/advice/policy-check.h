/* SPDX-License-Identifier: MIT
 *
 * Sense, beyond syntax: what a person should be told of a policy before they accept it. As pure as
 * the rest of the room: what there is on this machine comes from the caller.
 *
 * MUST
 *  - name each rule that passes without asking, takes a click for a person, or lets a value out: a
 *    loosening that goes unnamed is one that an agent can propose
 *  - say that a rule never matters only when that is sure
 */
#pragma once

#include "policy/policy.h"

typedef enum
{
  POLICY_NOTE_ERROR,
  POLICY_NOTE_LOOSENING,
  POLICY_NOTE_WARNING
} PolicyNoteKind;
const char *policy_note_kind_name (PolicyNoteKind kind); /* "error", "loosening", "warning" */

typedef struct
{
  PolicyNoteKind kind;
  int rule;           /* -1: about no single rule */
  char *file;         /* NULL: about the policy as a whole */
  guint line, column; /* from 1; 0: not known */
  guint length;       /* characters of that line, from the column on; 0: not known */
  char *text;         /* what is so */
  char *suggestion;   /* what would be right; NULL: there is nothing to do but to know it */
} PolicyNote;
/* "file:line:column", "file:line", or "policy" when it is about the whole; g_free(). */
char *policy_note_place (const PolicyNote *note);
void policy_note_free (PolicyNote *note);

typedef struct
{
  const char *name;
  const char *credential;                    /* the secret that it sends; NULL: none */
  const char *const *scopes;                 /* ends with NULL, as the two below */
  const char *const *methods, *const *paths; /* that some scope covers; NULL: not known */
} PolicyKnownService;

/* What is at the path of a program. */
typedef enum
{
  POLICY_FILE_UNKNOWN = 0, /* could not be looked at */
  POLICY_FILE_PROGRAM,
  POLICY_FILE_MISSING,
  POLICY_FILE_LINK,   /* or below one; @real is the path without */
  POLICY_FILE_SCRIPT, /* its process is the interpreter @real */
  POLICY_FILE_OTHER   /* nothing that could be run */
} PolicyFile;

/* What there is that a rule could be about. Whatever is NULL is not known, and nothing is said of
 * it. Lists end with NULL. */
typedef struct
{
  gboolean user_mode; /* an "allow" where policy_may_allow() is FALSE is an error */
  /* What the policy was parsed from, so that a note can point at a word. */
  const PolicySource *sources;
  gsize n_sources;
  const PolicyKnownService *services; /* NULL name: the end */
  const char *const *providers, *const *secrets;
  const char *const *callers; /* names of issuers' files */
  /* Looks at a path; *@real is set for a link or a script, g_free(). */
  PolicyFile (*look) (const char *path, char **real);
} PolicyKnown;

/* Array of PolicyNote in the order of the rules (free with g_ptr_array_unref). */
GPtrArray *policy_check (const Policy *policy, const PolicyKnown *known);
