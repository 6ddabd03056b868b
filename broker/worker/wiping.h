/* SPDX-License-Identifier: MIT
 *
 * Memory that is wiped when it is freed, for libraries that copy what they are given.
 */
#pragma once

#include <glib.h>

void wiping_free (void *memory); /* of malloc(); NULL is fine */
/* As realloc(). Never grows in place, which could move: what is left behind would not be wiped. */
void *wiping_realloc (void *memory, size_t size);
/* OpenSSL's records and keys from now on. FALSE when it has memory already. */
gboolean wiping_openssl (void);
