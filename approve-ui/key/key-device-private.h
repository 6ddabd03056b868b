/* SPDX-License-Identifier: MIT
 *
 * What enrolling and asserting share.
 */
#pragma once

#include "approve-ui/key/key-device-io.h"
#include "approve-ui/key/key-device.h"

gboolean key_touch_is_cancelled (KeyTouch *touch);

/* What libfido2's @result means to a person. */
void key_device_failure (GError **error, KeyTouch *touch, int result);
void key_device_absent (GError **error, const char *message);

fido_dev_t *key_device_open (const KeyPlugged *plugged, GError **error);
void key_device_close (fido_dev_t *dev);
/* The result of @call, which may be cancelled meanwhile. A key that said nothing for so long is
 * still blinking: it is told that nobody waits any more. */
int key_device_wait (KeyTouch *touch, fido_dev_t *dev, int (*call) (fido_dev_t *dev, gpointer data),
                     gpointer data);
