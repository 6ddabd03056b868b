/* SPDX-License-Identifier: MIT
 *
 * What `countersign doctor` found: a list of findings, each with what mends it.
 */
#pragma once

#include <jansson.h>

#include "broker/cli/cli.h"

typedef enum
{
  CLI_CHECK_WRONG = 0, /* it does not work, or is not safe */
  CLI_CHECK_NOTE,      /* to be known */
  CLI_CHECK_FINE
} CliCheckState;

typedef struct _CliChecks CliChecks;
CliChecks *cli_checks_new (void);
void cli_checks_free (CliChecks *checks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliChecks, cli_checks_free)

/* @id is one word. @mend is a command or a sentence, or NULL. */
void cli_checks_add (CliChecks *checks, const char *id, CliCheckState state, const char *mend,
                     const char *format, ...) G_GNUC_PRINTF (5, 6);
gboolean cli_checks_wrong (const CliChecks *checks); /* TRUE when one of them is WRONG */
void cli_checks_print (const CliChecks *checks);
json_t *cli_checks_json (const CliChecks *checks);

/* The machine: kernel, limits. */
void cli_check_machine (CliChecks *checks);
/* Our own programs, and the folders; those of a broker of one's own only in @user_mode. */
void cli_check_files (CliChecks *checks, gboolean user_mode);
