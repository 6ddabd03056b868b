/* SPDX-License-Identifier: MIT
 *
 * From where a certificate may be used: networks, as its source-address has them ("192.0.2.0/24,
 * 2001:db8::/32").
 *
 * MUST
 *  - take only what every sshd reads in the same way: no names, no wildcards, no negation, no bits
 *    set behind the prefix
 */
#pragma once

#include "broker/ssh/ssh.h"

#define SSH_ADDRESSES_MAX 64 /* networks in one list */

/* @list, written in one way: lower case, shortest form, each with its prefix length, separated by
 * commas. g_free(). NULL with SSH_ERROR_ADDRESS, which names the place by its number. */
char *ssh_addresses_read (const char *list, GError **error);
/* TRUE when each network of @narrow lies within one of @wide; both as ssh_addresses_read() gives
 * them. */
gboolean ssh_addresses_within (const char *narrow, const char *wide);
