/* SPDX-License-Identifier: MIT
 *
 * What a policy says of a request, laid out for a person, or as JSON.
 */
#pragma once

#include "broker/cli/policy/cli-rules.h"

/* Prints it. @record: what the trail has of the request, or NULL; @all: each rule is shown. */
void cli_explain (const Cli *cli, const CliRules *rules, PolicyRequest *request,
                  const json_t *record, gboolean all);

/* As many columns as standard output has, 100 at most; 80 where it is no terminal. */
gsize cli_columns (void);
/* An empty line, and @heading, bold where there is colour. */
void cli_heading (const char *heading);
/* @text, escaped and broken into lines, behind @indent columns, the first of which are @label;
 * NULL: but for the first line, which has none before it. */
void cli_wrapped (const char *label, const char *text, gsize indent);
