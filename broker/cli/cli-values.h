/* SPDX-License-Identifier: MIT
 *
 * Several values of secrets in one memfd: for each, in order, 4 bytes of length (big-endian) and
 * the bytes.
 */
#pragma once

#include "broker/base/secret.h"

#define CLI_VALUES_ERROR (cli_values_error_quark ())
typedef enum
{
  CLI_VALUES_ERROR_FORM
} CliValuesError;
GQuark cli_values_error_quark (void);

/* Exactly @n values: array of Secret. @fd stays the caller's; -1: none came. */
GPtrArray *cli_values_read (int fd, gsize n, GError **error);
