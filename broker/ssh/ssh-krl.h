/* SPDX-License-Identifier: MIT
 *
 * A key revocation list (OpenSSH's PROTOCOL.krl) of serial numbers of one CA, for sshd's
 * RevokedKeys. It is not signed: no sshd checks that, and whoever can put it where sshd reads it
 * rules there anyway.
 */
#pragma once

#include "broker/ssh/ssh.h"

/* @serials: of guint64, sorted here. @version grows with each change; @made_at: seconds since 1970.
 * g_bytes_unref(). */
GBytes *ssh_krl (const guint8 ca[32], GArray *serials, guint64 version, guint64 made_at,
                 const char *comment);
