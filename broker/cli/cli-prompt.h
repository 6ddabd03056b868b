/* SPDX-License-Identifier: MIT
 *
 * PINs and passphrases: from a descriptor, or typed at the terminal that controls this process.
 *
 * MUST
 *  - make this process unreadable to others of the same user before the first such byte is read
 *  - read straight into locked memory, without echo, discarding what was typed before
 *  - never take them from arguments or the environment
 */
#pragma once

#include "broker/base/secret.h"
#include "broker/cli/cli.h"

#define CLI_PASSPHRASE_MIN 8 /* characters */
#define CLI_PIN_MIN 6

#define CLI_PROMPT_ERROR (cli_prompt_error_quark ())
typedef enum
{
  CLI_PROMPT_ERROR_NO_TERMINAL,
  CLI_PROMPT_ERROR_CANCELLED,
  CLI_PROMPT_ERROR_UNFIT /* empty, too long, too short, not text, not the same twice */
} CliPromptError;
GQuark cli_prompt_error_quark (void);

/* No core files, no tracing, no reading of /proc/self by others. Before connecting: the broker
 * compares what it can read of its peer, and takes one that can be read no more for another
 * program. */
gboolean cli_shut_off (GError **error);
/* The same, and the locked pool. Once is enough; each function below does it. */
gboolean cli_guard (GError **error);

/* From --pin-fd (the next line of it, the rest stays unread), else asked. */
Secret *cli_read_pin (const Cli *cli, GError **error);
/* When the PIN comes from a descriptor: reads it now, for when it is needed, so that what follows
 * it on the same descriptor can be read as something else. */
gboolean cli_read_pin_first (Cli *cli, GError **error);
/* From --passphrase-fd, else asked. */
Secret *cli_read_passphrase (const Cli *cli, GError **error);
/* The same for ones to be set: asked twice, and long enough. */
Secret *cli_read_new_pin (const Cli *cli, GError **error);
Secret *cli_read_new_passphrase (const Cli *cli, GError **error);

/* Asks at the terminal, unseen. The errors say what to use where there is none. */
Secret *cli_ask_hidden (const char *prompt, const char *instead, GError **error);
/* Asks at the terminal, seen: for what is no secret. Without blanks around it; g_free(). */
char *cli_ask_text (const char *prompt, const char *instead, GError **error);
/* Asks at the terminal, seen; FALSE for anything but @word. */
gboolean cli_ask_word (const char *prompt, const char *word, GError **error);
/* TRUE when there is a terminal to ask at. */
gboolean cli_has_terminal (void);
