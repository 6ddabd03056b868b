/* SPDX-License-Identifier: MIT
 *
 * System mode, as a person's programs see it: a broker that runs under a uid of its own and listens
 * where only root can have put it.
 *
 * MUST
 *  - be chosen by what root has set up, never by a variable: the name comes from the uid
 *  - not fall back to a broker of one's own where the system's should be: an agent would have it
 *    stopped, and the passphrase given to what it put there
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* What stands for the system broker of whoever runs this: /run/countersign/NAME. NULL: there is
 * none, or --state-dir says where things are. g_free(). */
char *client_system_dir (void);
/* TRUE when @socket is a system broker's; NULL: when that is what would be chosen. */
gboolean client_is_system (const char *socket);
/* The control.sock beside @socket (NULL: beside the one that would be chosen). g_free(). */
char *client_control_socket (const char *socket);
/* What root runs to start it: "systemctl start countersign@NAME". g_free(). */
char *client_system_starter (void);

/* The uid of the system broker's user; FALSE where there is no such user. */
gboolean client_system_uid (uid_t *uid);
/* @dir, which belongs to that user or must: it and the directory above can be changed by that user
 * and root alone. A CLIENT_ERROR_IMPOSTOR says what is wrong. */
gboolean client_check_system_dir (const char *dir, uid_t system, GError **error);
