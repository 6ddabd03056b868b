/* SPDX-License-Identifier: MIT
 *
 * `audit export DIR` and `audit export --checkpoint`: what proves the trail elsewhere.
 */
#pragma once

#include "broker/cli/cli.h"

typedef struct
{
  char *since, *until; /* as people write times; NULL: all */
  gboolean with_key;   /* and the first key, wrapped by the passphrase */
} CliCopy;

/* Whole files into the new folder @dir, and a checkpoint. */
CliStatus cli_audit_copy (Cli *cli, const char *dir, const CliCopy *copy);
/* What the running broker's trail ends with, to the new file @output; NULL: to standard output. */
CliStatus cli_audit_checkpoint (Cli *cli, const char *output);
