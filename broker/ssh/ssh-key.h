/* SPDX-License-Identifier: MIT
 *
 * An OpenSSH public key, as it stands in a .pub file (sshd(8), AUTHORIZED_KEYS FILE FORMAT, without
 * options): "ssh-ed25519 AAAA… comment".
 *
 * MUST
 *  - take one line of one known type, whose parts are of the right size and nothing is left over
 *  - refuse a certificate, a private key, options in front, and weak keys, saying which it is
 *  - carry nothing of the comment further: it is whatever its writer wanted a reader to believe
 */
#pragma once

#include "broker/ssh/ssh.h"

#define SSH_KEY_LINE_MAX 8192 /* bytes; RSA of 16384 bits takes 2.8 KiB */
#define SSH_RSA_BITS_MIN 2048
#define SSH_RSA_BITS_MAX 16384

typedef struct _SshKey SshKey;

/* NULL with SSH_ERROR_KEY; the message names no part of @line but a type that is known and refused.
 * A line feed at the end (with or without a carriage return) may be there. */
SshKey *ssh_key_read (const char *line, GError **error);
/* The same of the bytes that the line has in base64. */
SshKey *ssh_key_read_blob (const guint8 *blob, gsize len, GError **error);
void ssh_key_free (SshKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SshKey, ssh_key_free)

/* What they return is borrowed. */
const char *ssh_key_type (const SshKey *key);             /* "ssh-ed25519" */
const char *ssh_key_certificate_type (const SshKey *key); /* "ssh-ed25519-cert-v01@openssh.com" */
const char *ssh_key_words (const SshKey *key);            /* "RSA 3072 bits" */
GBytes *ssh_key_blob (const SshKey *key);                 /* RFC 4253, section 6.6 */
/* The blob without its type: what a certificate repeats. */
const guint8 *ssh_key_fields (const SshKey *key, gsize *len);

/* "SHA256:" and base64 without padding, as ssh-keygen -l prints it. g_free(). */
char *ssh_fingerprint (const void *blob, gsize len);
/* "ssh-ed25519 AAAA…" of a raw Ed25519 public key, and its blob. g_free(); g_bytes_unref(). */
char *ssh_ed25519_line (const guint8 key[32]);
GBytes *ssh_ed25519_blob (const guint8 key[32]);
