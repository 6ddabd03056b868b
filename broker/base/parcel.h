/* SPDX-License-Identifier: MIT
 *
 * An answer that must not get lost, on its way from who read it to who keeps it: a file that only
 * one key opens.
 *
 * MUST
 *  - be whole or nothing: what was cut or changed does not open
 *  - hold no value that can be read without the key
 */
#pragma once

#include <jansson.h>

#include "broker/base/crypt.h"

/* crypt_seal() of {"fields":{},"values":{NAME:BASE64…}}. @names: of char*; @values: of Secret, as
 * many. */
GBytes *parcel_seal (const Secret *key, const json_t *fields, const GPtrArray *names,
                     const GPtrArray *values, GError **error);

typedef struct
{
  json_t *fields;
  GHashTable *values; /* char* → Secret */
} Parcel;

/* All of the file @fd. CRYPT_ERROR_FORMAT: nothing, or only a part, was put into it;
 * CRYPT_ERROR_OPEN: it is another key's, or was changed. */
Parcel *parcel_open (int fd, const Secret *key, GError **error);
void parcel_free (Parcel *parcel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Parcel, parcel_free)
