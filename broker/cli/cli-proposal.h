/* SPDX-License-Identifier: MIT
 *
 * The policy files in the configuration folder: proposals, which rule nothing until a person has
 * accepted them.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "broker/base/wire.h"
#include "broker/cli/cli.h"
#include "policy/policy.h"

typedef struct
{
  char *name; /* "policy.conf", "policy.d/NAME.conf", or the path that was given */
  char *text; /* UTF-8 */
  gsize len;
} CliProposal;

/* policy.conf, when there is one, then policy.d/ *.conf in the order of their names. Array of
 * CliProposal. */
GPtrArray *cli_proposals (GError **error);
/* The files at @paths instead. */
GPtrArray *cli_proposals_at (char **paths, GError **error);
/* The one that is shipped. */
GPtrArray *cli_proposals_shipped (GError **error);
/* Writes the shipped policy.conf into the configuration folder. */
gboolean cli_proposals_write (const GPtrArray *shipped, GError **error);

gboolean cli_proposals_equal (const GPtrArray *a, const GPtrArray *b);
/* [{"name","text"}], as the protocol has it, and back. */
json_t *cli_proposals_json (const GPtrArray *files);
GPtrArray *cli_proposals_from_json (const json_t *files, GError **error);
Policy *cli_proposals_parse (const GPtrArray *files, GError **error);

/* Each file's text, escaped line by line. */
void cli_proposals_print (FILE *stream, const GPtrArray *files);
/* What policy_check() or policy_check_change() had to say (@notes is taken), one line a note. TRUE
 * when there was no error among them. */
gboolean cli_notes_print (FILE *stream, GPtrArray *notes);
