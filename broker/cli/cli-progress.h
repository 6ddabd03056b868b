/* SPDX-License-Identifier: MIT
 *
 * How far a long reading is, on the terminal's standard error; nothing where that is none, or with
 * --json. Ctrl-C ends it between two steps.
 */
#pragma once

#include "broker/cli/cli.h"

typedef struct _CliProgress CliProgress;
/* @what: "records". From here to cli_progress_free() SIGINT ends no program, it is told. */
CliProgress *cli_progress_new (const Cli *cli, const char *what);
/* Takes the bar away. */
void cli_progress_free (CliProgress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliProgress, cli_progress_free)
/* @n of @what so far. FALSE: the person wants no more. */
gboolean cli_progress_tell (CliProgress *progress, guint64 done, guint64 of, guint64 n);
