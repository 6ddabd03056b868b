/* SPDX-License-Identifier: MIT
 *
 * Counting what was asked, and what came of it. Knows no trail and no broker.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

/* Of one thing that was asked for, one requester, one rule, or all. */
typedef struct
{
  char *name;
  guint asked;    /* a person was */
  guint granted;  /* by a person */
  guint denied;   /* by a person, or because what was asked had changed, or its asker gone */
  guint expired;  /* nobody answered */
  guint unasked;  /* granted without a person */
  guint refused;  /* denied without a person */
  GArray *waited; /* gint64, ms: how long a person took who answered */
} CliTally;

/* The middle one (of an even number the mean of the two), and the one that nine of ten do not
 * exceed; -1 when there is none. */
gint64 cli_tally_median (const CliTally *tally);
gint64 cli_tally_p90 (const CliTally *tally);

typedef struct _CliCount CliCount;
CliCount *cli_count_new (void);
void cli_count_free (CliCount *count);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliCount, cli_count_free)
/* TRUE for events that are counted: others need not be opened. */
gboolean cli_count_wants (const char *event, gsize len);
/* Records in their order, opened as far as they can be. */
void cli_count_add (CliCount *count, const json_t *record);

const CliTally *cli_count_all (const CliCount *count);
/* Those most asked first, of CliTally; g_ptr_array_unref(). */
GPtrArray *cli_count_things (const CliCount *count);
GPtrArray *cli_count_requesters (const CliCount *count);
GPtrArray *cli_count_rules (const CliCount *count);
/* By code: name and denied. */
GPtrArray *cli_count_denials (const CliCount *count);
/* By local day, in order: name ("2026-11-21") and asked. */
GPtrArray *cli_count_days (const CliCount *count);
