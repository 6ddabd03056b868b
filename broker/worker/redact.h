/* SPDX-License-Identifier: MIT
 *
 * Takes the values of secrets, and what looks like a credential, out of what goes back to an agent.
 *
 * MUST
 *  - replace each value in each of its forms (SECURITY.md lists them, and what cannot be caught)
 *    however its bytes were cut into pieces, and leave all else as it is
 *  - give the same output for the same bytes, whatever the pieces
 *  - keep what is derived from values in locked memory: the index of what forms begin with. No
 *    encoded form is ever stored, each character is computed as it is compared
 *  - wipe what was held of a stream: it is ordinary memory, as is all that a program printed
 *  - refuse when locked memory has no room
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "broker/base/secret.h"

typedef struct
{
  const char *name; /* as it is shown: [redacted:NAME] */
  const Secret *value;
} RedactSecret;

/* What is looked for. One thread. */
typedef struct _Redactor Redactor;

/* @secrets may be freed afterwards. NULL with a SecretError when locked memory has no room: then
 * nothing may be shown. Needs secret_init(), unless @n is 0 (then shapes alone are looked for). */
Redactor *redactor_new (const RedactSecret *secrets, gsize n, GError **error);
void redactor_free (Redactor *redactor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Redactor, redactor_free)

/* How often each was replaced so far, over all streams: {"NAME":n,"aws-access-key":m}; empty when
 * nothing was. */
json_t *redactor_counts (const Redactor *redactor);

/* One direction of bytes. What may be the beginning of a value is held until more, or the end,
 * comes. Its redactor outlives it. */
typedef struct _RedactStream RedactStream;

RedactStream *redact_stream_new (Redactor *redactor);
/* Appends to @out what can be shown by now. */
void redact_stream_feed (RedactStream *stream, const void *data, gsize len, GByteArray *out);
/* Appends the rest; nothing may be fed after it. */
void redact_stream_end (RedactStream *stream, GByteArray *out);
void redact_stream_free (RedactStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RedactStream, redact_stream_free)

/* All of @text at once, @len bytes or, when negative, up to its NUL. g_free(). Bytes that are not
 * UTF-8 stay what they are. */
char *redact_text (Redactor *redactor, const char *text, gssize len);
