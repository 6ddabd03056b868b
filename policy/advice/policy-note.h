/* SPDX-License-Identifier: MIT
 *
 * What the files that check a policy share: how a note is made, and where it points.
 */
#pragma once

#include "policy/advice/policy-check.h"
#include "policy/policy-private.h"
#include "policy/advice/policy-spot.h"

typedef struct
{
  const Policy *policy;
  const PolicyKnown *known;
  PolicySpots *spots;
  GHashTable *seen; /* canonical text → number of the first rule with it */
  GPtrArray *notes; /* of PolicyNote */
  gboolean reveals; /* a rule has been named that asks for or allows reveal */
} PolicyChecking;

/* A note about the whole of @rule (-1: the policy), which the notes own. */
PolicyNote *policy_note_add (PolicyChecking *checking, PolicyNoteKind kind, int rule,
                             const char *format, ...) G_GNUC_PRINTF (4, 5);
/* It is about that clause, and of that about @value (NULL: all of it). */
void policy_note_at (const PolicyChecking *checking, PolicyNote *note, const char *clause,
                     const char *value);
/* It is about the verdict, or an operation. */
void policy_note_at_head (const PolicyChecking *checking, PolicyNote *note, const char *word);
void policy_note_suggest (PolicyNote *note, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The first deny that answers all that @rule says about @operations, or -1. */
int policy_denied_by (const Policy *policy, const PolicyRule *rule, guint32 operations);

/* The parts of the check. */
void policy_check_command (PolicyChecking *checking, int number); /* a rule with "command" */
void policy_check_names (PolicyChecking *checking, int number);
void policy_check_paths (PolicyChecking *checking, int number);
void policy_check_bounds (PolicyChecking *checking, int number);
void policy_check_fence (PolicyChecking *checking, int number);  /* a deny */
void policy_check_escape (PolicyChecking *checking, int number); /* a deny */
void policy_check_http (PolicyChecking *checking, int number);   /* a rule about http_request */
