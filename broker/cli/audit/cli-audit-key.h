/* SPDX-License-Identifier: MIT */
#pragma once

#include "broker/base/crypt.h"

/* The file that `audit export-key` writes: 64 hexadecimal digits. NULL with an error. */
Secret *cli_audit_key_read (const char *path, GError **error);
