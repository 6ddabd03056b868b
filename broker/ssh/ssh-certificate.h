/* SPDX-License-Identifier: MIT
 *
 * A user certificate (OpenSSH's PROTOCOL.certkeys) and what may stand in one.
 *
 * MUST
 *  - make none without a principal (some sshd take that for every name), without an end, or with a
 *    text that a reader of it could take for more than one thing
 *  - write options and extensions in lexical order, each once
 */
#pragma once

#include "broker/ssh/ssh-key.h"

#define SSH_PRINCIPALS_MAX 64
#define SSH_PRINCIPAL_MAX 128 /* bytes */
#define SSH_COMMAND_MAX 1024  /* bytes: a person has to read it */
#define SSH_KEY_ID_MAX 200    /* bytes: sshd logs it with each login */
#define SSH_NONCE_BYTES 32
#define SSH_SIGNATURE_BYTES 64 /* Ed25519 */

/* 1–128 of letters, digits and . _ @ + : / = -, not beginning with "-": without what a list, a
 * shell or a log would take for a mark of its own. SSH_ERROR_PRINCIPAL; the message repeats
 * nothing. */
gboolean ssh_principal_check (const char *text, GError **error);
/* 1–1024 bytes of UTF-8 on one line, which shows whole. SSH_ERROR_COMMAND. */
gboolean ssh_command_check (const char *text, GError **error);
/* In the order in which a certificate has them; NULL-terminated. */
extern const char *const ssh_extensions[];

typedef struct
{
  const SshKey *key; /* whose certificate it is */
  guint64 serial;
  const char *key_id;
  const char *const *principals;     /* checked; 1–SSH_PRINCIPALS_MAX */
  guint64 valid_after, valid_before; /* seconds since 1970 */
  const char *force_command;         /* checked; NULL: none */
  const char *source_address;        /* as ssh_addresses_read() gives it; NULL: any */
  const char *const *extensions;     /* of ssh_extensions, in any order; NULL: none */
  const guint8 *nonce, *ca;          /* SSH_NONCE_BYTES; raw Ed25519 public key */
} SshCertificate;

/* What is to be signed. NULL when there is no principal, the serial is 0 (which no KRL can name),
 * or the end is not after the beginning. g_byte_array_unref(). */
GByteArray *ssh_certificate_body (const SshCertificate *certificate);
/* The line of an id_…-cert.pub file for @body, with its key id as the comment. g_free(). */
char *ssh_certificate_line (const SshCertificate *certificate, const GByteArray *body,
                            const guint8 signature[SSH_SIGNATURE_BYTES]);
