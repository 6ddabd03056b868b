/* SPDX-License-Identifier: MIT
 *
 * Bytes that must not be seen: locked memory, left out of core files, wiped on free.
 *
 * MUST
 *  - never fall back to ordinary heap: when the locked pool is full, say so
 *  - never appear in GString, GVariant, GError, JSON that outlives a call, or a log
 */
#pragma once

#include <glib.h>

#define SECRET_MAX (1024 * 1024) /* the largest single value */

#define SECRET_ERROR (secret_error_quark ())
typedef enum
{
  SECRET_ERROR_LOCK, /* memory cannot be locked; the message names the limit and how to raise it */
  SECRET_ERROR_FULL, /* the pool has no room now: the caller answers "busy" */
  SECRET_ERROR_READ,
  SECRET_ERROR_TOO_LARGE
} SecretError;
GQuark secret_error_quark (void);

typedef struct _Secret Secret;

/* Makes the locked pool (4 MiB, OpenSSL's secure heap). Once per process, before any Secret. */
gboolean secret_init (GError **error);

Secret *secret_new (gsize len, GError **error); /* zeroed */
Secret *secret_new_from (const void *data, gsize len, GError **error);
Secret *secret_copy (const Secret *secret, GError **error);
void secret_free (Secret *secret); /* wipes; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Secret, secret_free)

guint8 *secret_data (Secret *secret);
const guint8 *secret_peek (const Secret *secret);
gsize secret_len (const Secret *secret);
void secret_truncate (Secret *secret, gsize len);         /* wipes the rest; only ever shorter */
gboolean secret_equal (const Secret *a, const Secret *b); /* constant time for equal lengths */
/* TRUE when the bytes are UTF-8 without NUL, so that JSON can carry them. */
gboolean secret_is_text (const Secret *secret);

/* All of @fd up to end of file, straight into locked memory. */
Secret *secret_read_fd (int fd, gsize max, GError **error);
/* From a memfd that a peer passed: its seals must include F_SEAL_SHRINK, F_SEAL_GROW and
 * F_SEAL_WRITE, or it is refused, because its sender could still change it. */
Secret *secret_read_memfd (int fd, gsize max, GError **error);
/* A sealed memfd with the bytes, close-on-exec. -1 with an error. */
int secret_to_memfd (const Secret *secret, GError **error);
