/* SPDX-License-Identifier: MIT
 *
 * A folder with keys that ssh-keygen made, and a CA to sign with.
 */
#pragma once

#include "broker/ssh/ssh-certificate.h"

typedef struct _SshCase SshCase;

SshCase *ssh_case_new (void);
void ssh_case_free (SshCase *self); /* and removes the folder */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SshCase, ssh_case_free)

/* Runs a program there; fails unless it ends with @status. What it wrote; g_free(). */
char *ssh_case_run (SshCase *self, int status, const char *program, ...) G_GNUC_NULL_TERMINATED;
/* Makes "key" and "key.pub"; the line of the latter. g_free(). */
char *ssh_case_make_key (SshCase *self, const char *kind, const char *bits);
void ssh_case_write (SshCase *self, const char *name, const void *data, gsize len);
/* Raw public key of the CA. */
const guint8 *ssh_case_ca (const SshCase *self);
/* Signs @certificate, whose nonce and ca are set here, and writes it to "cert.pub". */
void ssh_case_sign (SshCase *self, SshCertificate *certificate);
