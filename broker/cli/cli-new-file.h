/* SPDX-License-Identifier: MIT
 *
 * A file of the person's own.
 *
 * MUST
 *  - be readable to its owner alone (0600) from its first byte on, whatever stood there before
 *  - appear whole or not at all
 *  - take the place of a regular file or of nothing: never follow or replace a symbolic link, a
 *    device, a pipe
 */
#pragma once

#include <glib.h>

/* @replace: in place of a regular file that is there; else one that is there is an error. */
gboolean cli_new_file (const char *path, const void *data, gsize len, gboolean replace,
                       GError **error);
