/* SPDX-License-Identifier: MIT
 *
 * A record in words: who, what came of it, and the rest in one sentence.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef enum
{
  CLI_TONE_QUIET = 0, /* happened under what was decided */
  CLI_TONE_PLAIN,     /* a person's own doings, and the trail's */
  CLI_TONE_WAITS,
  CLI_TONE_YES,
  CLI_TONE_NO
} CliTone;

/* What is learnt from records that have been seen about those that say less: uses of a grant carry
 * neither its name nor who it was made for. */
typedef struct _CliNames CliNames;
CliNames *cli_names_new (void);
void cli_names_free (CliNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliNames, cli_names_free)
void cli_names_learn (CliNames *names, const json_t *record);

/* "held", "granted", "denied"…: at most seven letters; "" for what is no step of a request. */
const char *cli_audit_verdict (const json_t *record, CliTone *tone);
/* "claude 4242", or without the number unless @pid: g_free(). NULL: nobody, or not said. @names may
 * be NULL. */
char *cli_audit_who (const json_t *record, const CliNames *names, gboolean pid);
/* "get_secret prod/db for 15m, by the policy: …"; unescaped; g_free(). */
char *cli_audit_sentence (const json_t *record, const CliNames *names);
/* "get_secret prod/db" alone; "" when the record has neither; g_free(). */
char *cli_audit_what (const json_t *record, const CliNames *names);
/* 950 → "950ms", 9300 → "9.3s", 95000 → "1m35s"; g_free(). */
char *cli_audit_span (gint64 ms);
