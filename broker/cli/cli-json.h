/* SPDX-License-Identifier: MIT
 *
 * JSON that may be shown on a terminal.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

/* The one control that Jansson leaves as it is. */
#define CLI_JSON_DEL "\x7f"
#define CLI_JSON_DEL_ESCAPED "\\u007f"

/* @value in one line, ASCII only; for what holds no secret. g_free(). */
char *cli_json_text (const json_t *value);
