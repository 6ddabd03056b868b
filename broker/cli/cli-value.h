/* SPDX-License-Identifier: MIT
 *
 * A secret's value on its way in and out.
 *
 * MUST
 *  - read it into locked memory, from standard input, a file or a prompt, never from an argument
 *  - write it out unbuffered, and to a terminal only when it cannot act on it
 */
#pragma once

#include "broker/base/secret.h"
#include "broker/cli/cli.h"

/* @file when it is given, else standard input when that is no terminal, else a prompt. One trailing
 * newline is dropped unless @raw. An empty value is refused. */
Secret *cli_value_read (const char *file, gboolean raw, GError **error);
/* To standard output; at a terminal with a newline after it. */
gboolean cli_value_write (const Secret *value, GError **error);
