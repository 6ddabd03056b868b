/* SPDX-License-Identifier: MIT
 *
 * Which name may have been meant: of the few that are like a wrong one.
 */
#pragma once

#include <glib.h>

#define NEAR_MOST 3

/* Those of @names that differ from @word by little: by case, by - for _, by the folder before the
 * last slash, by a part left out, or by a letter in three. The nearest first, at most NEAR_MOST,
 * each once. NULL-terminated; the names are borrowed, the array is the caller's to g_free(). */
const char **near_names (const char *word, const char *const *names, gsize n_names);
