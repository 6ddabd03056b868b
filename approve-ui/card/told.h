/* SPDX-License-Identifier: MIT
 *
 * What a rule with "notify" decided unasked, for whoever would have been asked.
 */
#pragma once

#include <jansson.h>

#include <glib.h>

/* Of the params of the broker's "told"; NULL when they cannot be read. */
char *told_title (const json_t *params); /* one of ours; g_free() */
char *told_text (const json_t *params);  /* escaped; g_free() */
