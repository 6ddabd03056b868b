/* SPDX-License-Identifier: MIT
 *
 * Files that root alone can change.
 */
#pragma once

#include <glib.h>

/* The file at @path (full), and each folder on the way to it, can be changed by root alone. In a
 * file that a person can write, so can an agent of theirs: it would put its own program there. */
gboolean protected_path (const char *path);
