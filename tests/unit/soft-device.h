/* SPDX-License-Identifier: MIT
 *
 * Security keys in software, as libfido2 talks to them (CTAP 2.1 and U2F, below the USB frames). A
 * fake: what links it in place of approve-ui/key/key-device-io.c finds these plugged in, and no
 * others.
 *
 * Plugged in is each file in the folder that $SOFT_KEYS names, or else in soft-keys beside the
 * program: a GKeyFile, which may be empty.
 * [key] behaviour: "touch" (or nothing): touched at once; "untouched": never; "refuses"; "pin":
 * asks for a PIN of its own before it makes a credential; "u2f": the same, but not by U2F. The rest
 * of it is the device's: its private key, and how often it has signed.
 */
#pragma once

#include "approve-ui/key/key-device-io.h"

/* NULL: as above. */
extern char *soft_keys_folder;
