/* SPDX-License-Identifier: MIT
 *
 * Which records, by what is in them.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

/* NULL does not choose. */
typedef struct
{
  const char *requester; /* a pid, or a pattern for program, subject or caller */
  const char *operation;
  const char *resource; /* a pattern for its name */
  const char *decision; /* cli_filter_check_decision() */
  GHashTable *requests; /* whose requester was one… */
  GHashTable *tokens;   /* …and whose names: made by cli_filter_fits() */
} CliFilter;
void cli_filter_clear (CliFilter *filter);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliFilter, cli_filter_clear)

/* FALSE when there is no such decision; @known gets all there are, in one text: g_free(). */
gboolean cli_filter_check_decision (const char *decision, char **known);
/* The one event that all wished-for records have, or NULL. */
const char *cli_filter_event (const CliFilter *filter);
/* TRUE when what is sealed has to be opened to tell. */
gboolean cli_filter_needs_names (const CliFilter *filter);
/* TRUE when a record before another decides about that one. */
gboolean cli_filter_needs_order (const CliFilter *filter);
/* TRUE for "prod/db" without "*", "?": found by its token. */
gboolean cli_filter_is_name (const char *text);

/* FALSE when @record, with what is sealed in it still so, cannot be one. */
gboolean cli_filter_may (const CliFilter *filter, const json_t *record);
/* Of one that may, now opened as far as it can be. */
gboolean cli_filter_fits (CliFilter *filter, const json_t *record);
