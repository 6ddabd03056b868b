/* SPDX-License-Identifier: MIT
 *
 * A secret's value on its way in and out.
 *
 * MUST
 *  - read it into locked memory, from standard input, a file or a prompt, never from an argument
 *  - write it out unbuffered, and to a terminal only when it cannot act on it
 */
#pragma once

#include <jansson.h>

#include "broker/base/secret.h"
#include "broker/cli/cli.h"

/* @file when it is given, else standard input when that is no terminal, else a prompt. One trailing
 * newline is dropped unless @raw. An empty value is refused. */
Secret *cli_value_read (const char *file, gboolean raw, GError **error);
/* Puts @value into @params. One over 4 KiB, or that JSON cannot carry, goes by the descriptor that
 * @fd gets: the caller passes it along and closes it; else @fd gets -1. */
gboolean cli_value_set (json_t *params, const Secret *value, int *fd, GError **error);
/* The value in an answer, or in the descriptor (taken) that came with it. */
Secret *cli_value_take (const json_t *answer, int fd, GError **error);
/* To standard output; with a newline after it at a terminal, and where @end_line. */
gboolean cli_value_write (const Secret *value, gboolean end_line, GError **error);
