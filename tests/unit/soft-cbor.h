/* SPDX-License-Identifier: MIT
 *
 * As much CBOR (RFC 8949) as a security key in software needs.
 */
#pragma once

#include <glib.h>

/* Writing: heads (major type and value), and strings. */
void soft_cbor_head (GByteArray *out, guint8 major, guint64 value);
void soft_cbor_bytes (GByteArray *out, const void *data, gsize len);
void soft_cbor_text (GByteArray *out, const char *text);

/* Reading, of what libfido2 wrote: anything else aborts the test. */
typedef struct
{
  const guint8 *at, *end;
} SoftCbor;

/* Goes to the value of @key (a whole number) in the map at @self. FALSE: there is none. */
gboolean soft_cbor_find (SoftCbor self, gint64 key, SoftCbor *value);
/* The same for a text. */
gboolean soft_cbor_find_text (SoftCbor self, const char *key, SoftCbor *value);
/* The string at @self, of bytes or text. g_bytes_unref(). */
GBytes *soft_cbor_string (SoftCbor self);
gboolean soft_cbor_is_true (SoftCbor self);
/* Of an array: how many; each is then skipped by soft_cbor_next(). */
gsize soft_cbor_enter (SoftCbor *self);
void soft_cbor_next (SoftCbor *self);
