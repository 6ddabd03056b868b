/* SPDX-License-Identifier: MIT
 *
 * All that descends from this process, where no namespace holds it together. Orphans come to us:
 * PR_SET_CHILD_SUBREAPER.
 */
#pragma once

#include <glib.h>

/* Sends @signal to each descendant. */
void sandbox_tree_signal (int signal);
