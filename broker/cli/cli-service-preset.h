/* SPDX-License-Identifier: MIT
 *
 * Services that come with the program: files to begin with, which rule nothing.
 */
#pragma once

#include "broker/base/wire.h"
#include "broker/cli/cli.h"

/* The names of all, in order; NULL-terminated, g_strfreev(). */
char **cli_service_presets (GError **error);
/* The text of one; NULL with an error that says where to find their names. g_free(). */
char *cli_service_preset (const char *name, GError **error);
/* service_describe() of each. */
json_t *cli_service_presets_describe (GError **error);
