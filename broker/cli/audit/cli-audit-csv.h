/* SPDX-License-Identifier: MIT
 *
 * Records as comma-separated values (RFC 4180), for a spreadsheet.
 *
 * MUST
 *  - make no cell of what an agent wrote that a spreadsheet takes for a formula
 *  - write each record as one line
 */
#pragma once

#include <jansson.h>

/* The names of the columns, with the line's end; g_free(). */
char *cli_csv_heading (void);
/* One line, with its end; g_free(). */
char *cli_csv_line (const json_t *record);
