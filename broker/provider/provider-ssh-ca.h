/* SPDX-License-Identifier: MIT
 *
 * What a certificate of our own SSH CA says: what the person's file has, narrowed by what the agent
 * asked for.
 *
 * MUST
 *  - let what is asked take away only: a command and networks that the file has stay, and networks
 *    that are asked for lie within them; nobody asks for extensions
 */
#pragma once

#include "broker/provider/provider-module.h"
#include "broker/ssh/ssh-key.h"

#define PROVIDER_SSH_MAX 3600 /* seconds, where the file says nothing */

typedef struct
{
  SshKey *key;          /* the agent's */
  char *force_command;  /* or NULL */
  char *source_address; /* or NULL */
  char **extensions;    /* never NULL */
  gint64 max;           /* seconds */
} SshTerms;

/* NULL with PROVIDER_ERROR_FIELD, "public_key: …". */
SshTerms *ssh_terms_read (const ProviderAsk *ask, GError **error);
void ssh_terms_free (SshTerms *terms);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SshTerms, ssh_terms_free)
