/* SPDX-License-Identifier: MIT
 *
 * Our own certificate authority of SSH: its key, what it signed, and what of that is revoked.
 *
 * MUST
 *  - sign nothing that lives longer than the grant it is signed for, and keep and record each
 *    certificate on disk before it is given out
 *  - never use a serial number twice, whatever crash, backup or clock comes in between
 *  - revoke a certificate whose grant ends before it: also when the broker ended without a word
 *  - let the private key be seen by nobody: it is read for one signature, into locked memory
 *
 * A revocation reaches a server when the list (ssh_ca_krl()) does; until then what ends a
 * certificate is the end that is written in it.
 */
#pragma once

#include "broker/provider/provider-module.h"
#include "broker/request/request.h"

#define SSH_CA_MOST 4096       /* certificates that are kept at once */
#define SSH_CA_MOST_OF_ONE 64  /* under one grant */
#define SSH_CA_BACKDATE 60     /* seconds by which a server's clock may be behind ours */
#define SSH_CA_KEEP_AFTER 3600 /* seconds past its end, for servers whose clock is behind more */

SshCa *ssh_ca_new (Vault *vault);
void ssh_ca_free (SshCa *self);

/* From the store, where there is something. */
gboolean ssh_ca_load (SshCa *self, GError **error);
/* Forgets what it holds in memory. */
void ssh_ca_lock (SshCa *self);
/* The grants are back after a lock, or none is: what was signed under one that is not there is
 * revoked. */
void ssh_ca_settle (SshCa *self);

/* Makes the key, unless there is one. @done as the store's. */
void ssh_ca_make (SshCa *self, WriterDone done, gpointer data);
/* "ssh-ed25519 AAAA…"; NULL while there is none. g_free(). */
char *ssh_ca_public_line (const SshCa *self);
/* {"public_key","fingerprint","valid","revoked"}; once the key is made. */
json_t *ssh_ca_describe (SshCa *self);
/* Of json_t, newest first: {"serial","key_id","principals":[],"fingerprint","provider",
 * "request_id","valid_after","valid_before","revoked_at"?,"why"?}. */
GPtrArray *ssh_ca_list (SshCa *self);
/* What sshd's RevokedKeys names. g_bytes_unref(). */
GBytes *ssh_ca_krl (SshCa *self);

/* A grant has ended, or all that was signed ends ("panic", "stop"). */
void ssh_ca_grant_ended (SshCa *self, const char *grant_id, const char *why);
void ssh_ca_end_all (SshCa *self, const char *why);
/* By its serial number or its key id; the other is NULL. FALSE: there is none that is still valid
 * and not revoked. @caller is recorded. */
gboolean ssh_ca_revoke (SshCa *self, const char *serial, const char *key_id, const Process *caller);

/* Signs what @request, which is being executed, was granted; ends in request_finish() with
 * {"certificate","serial","key_id","principals":[],"valid_before","valid_for_seconds"}, or in
 * request_fail(). @ask is read before this returns. */
void ssh_ca_issue (Request *request, const ProviderAsk *ask);
