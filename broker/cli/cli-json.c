/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-json.h"

#include <stdlib.h>

char *
cli_json_text (const json_t *value)
{
  char *dump = json_dumps (value, JSON_COMPACT | JSON_ENSURE_ASCII);
  g_auto (GStrv) parts = g_strsplit (dump, CLI_JSON_DEL, -1);

  free (dump);
  return g_strjoinv (CLI_JSON_DEL_ESCAPED, parts);
}
