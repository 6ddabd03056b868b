/* SPDX-License-Identifier: MIT
 *
 * POSIX access control lists, as far as they are needed: one more user for what is ours alone.
 *
 * The owner of a file may do this without any privilege, where giving it away (chown) or a common
 * group would need root and let others in.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* @path, ours and not a symbolic link, from now on is open to us as its mode says, to @uid with
 * @permissions (of 04 read, 02 write, 01 execute), and to nobody else. Errors are of G_FILE_ERROR;
 * a file system without such lists is one. */
gboolean acl_give (const char *path, uid_t uid, guint permissions, GError **error);
