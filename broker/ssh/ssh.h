/* SPDX-License-Identifier: MIT
 *
 * What the files of this room share. Pure: no clock, no disk, no network, no key of ours.
 */
#pragma once

#include <glib.h>

#define SSH_ERROR (ssh_error_quark ())
typedef enum
{
  SSH_ERROR_KEY,       /* not a public key that a certificate is made for */
  SSH_ERROR_ADDRESS,   /* not a list of networks */
  SSH_ERROR_PRINCIPAL, /* not a name to log in as */
  SSH_ERROR_COMMAND    /* not a command line */
} SshError;
GQuark ssh_error_quark (void);
