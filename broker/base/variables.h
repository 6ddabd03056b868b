/* SPDX-License-Identifier: MIT
 *
 * Variables by which another broker of this kind is configured. Ours is by a person alone: what an
 * agent's environment holds, the agent may have put there.
 */
#pragma once

#include <glib.h>

/* One line that names those that are set and what to do instead; NULL when none is. g_free(). */
char *variables_note (void);
