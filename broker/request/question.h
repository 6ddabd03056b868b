/* SPDX-License-Identifier: MIT
 *
 * A request as the policy sees it: what is asked for, and who asked, from where. It stays when the
 * requester has gone on, so that the policy can be asked again when it, or the time, has changed.
 */
#pragma once

#include "broker/grant/counts.h"

#include <jansson.h>

/* What the names of a question are. */
typedef enum
{
  QUESTION_ONE,   /* there are none: it is about the query's resource, or about nothing */
  QUESTION_NAMES, /* of one thing that has several */
  QUESTION_EACH,  /* of several things, each of which must pass */
  QUESTION_SCOPES /* scopes of the query's resource, each of which must pass */
} QuestionKind;

/* Reference-counted. */
typedef struct
{
  gint refs;
  PolicyQuery query; /* borrows from below */
  QuestionKind kind;
  char **names;
  guint needs; /* bits of PolicyNeeds: what was looked for of who asks */
  CountOf of;
  GStringChunk *texts;
  GPtrArray *command, *chain; /* NULL-terminated; NULL: there is none */
} Question;

/* Copies @query; takes @names (NULL with QUESTION_ONE). @counts may be NULL: nothing counts. */
Question *question_new (const PolicyQuery *query, QuestionKind kind, char **names, guint needs,
                        Counts *counts);
Question *question_ref (Question *self);
void question_unref (Question *self); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_unref)

void question_decide (const Question *self, const Policy *policy, PolicyDecision *decision);
/* FALSE: the policy leaves @scope out. */
gboolean question_passes (const Question *self, const Policy *policy, const char *scope);
/* It was not refused, and counts. */
void question_count (const Question *self, const Policy *policy);
/* Asked again: the time is now, and nothing that was asked since is held against it. */
void question_renew (Question *self);
/* What has become known of the requester's file. */
void question_complete (Question *self, guint needs, const char *sha256, const char *package);

/* For a row of the store, sealed there. */
json_t *question_to_json (const Question *self);
Question *question_from_json (const json_t *row); /* NULL: is none */
