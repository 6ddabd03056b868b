/* SPDX-License-Identifier: MIT
 *
 * What is plugged in. Apart from key-device.c, so that a test links another one.
 */
#pragma once

#include <fido.h>
#include <glib.h>

typedef struct
{
  char *path, *product; /* product "" when the device does not say */
} KeyPlugged;

/* Array of KeyPlugged, which may be empty; free with g_ptr_array_unref(). */
GPtrArray *key_io_list (void);
/* An open device, or NULL with @result set to libfido2's code. fido_dev_close(), fido_dev_free().
 */
fido_dev_t *key_io_open (const char *path, int *result);
