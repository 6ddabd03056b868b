/* SPDX-License-Identifier: MIT
 *
 * Waiting until something may have changed in the trail's folder.
 */
#pragma once

#include <glib.h>

typedef struct _CliWatch CliWatch;
/* @dir need not be there. @look: it cannot be watched, since its files are somebody else's: then
 * each wait ends after a second. NULL with an error. */
CliWatch *cli_watch_new (const char *dir, gboolean look, GError **error);
void cli_watch_free (CliWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliWatch, cli_watch_free)

/* FALSE when nobody reads standard output any more. */
gboolean cli_watch_wait (CliWatch *watch);
