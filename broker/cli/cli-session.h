/* SPDX-License-Identifier: MIT
 *
 * A person's connection to the broker: opening it, proving the PIN, calls that widen.
 */
#pragma once

#include "broker/base/secret.h"
#include "broker/cli/cli.h"
#include "broker/client/client.h"

/* Codes of error answers (CLIENT_ANSWER_ERROR) that change what we do; PROTOCOL.md has them all. */
enum
{
  CLI_ANSWER_NOT_INITIALISED = 1,
  CLI_ANSWER_LOCKED = 3,
  CLI_ANSWER_REFUSED = 4,
  CLI_ANSWER_NOT_FOUND = 5,
  CLI_ANSWER_EXISTS = 8
};

/* What starts a broker here: "countersign init", or "countersign unlock" when there is a store; in
 * system mode what root does. Never freed. */
const char *cli_starter (void);

/* Connected, nothing proved: enough for status and for all that narrows. */
Client *cli_connect (const Cli *cli, GError **error);
/* Connected, PIN asked and accepted: for what reads. @pin (may be NULL) gets it. An error says so
 * before the PIN is asked when the broker is locked. */
Client *cli_connect_with_pin (const Cli *cli, Secret **pin, GError **error);

/* The whole of a listing that comes in pages: the array @member of each answer. */
json_t *cli_list (Client *client, const char *method, const char *member, GError **error);
/* Such a listing, read with the PIN, as what a command prints: by @print, or as JSON in which
 * @key is the id. */
CliStatus cli_print_list (Cli *cli, const char *method, const char *member, const char *key,
                          void (*print) (const json_t *rows));

/* A call that widens, with the PIN in it: @params is added to, and without the PIN again
 * afterwards. @fd goes along unless it is -1. At a terminal a wrong PIN is asked again. */
json_t *cli_widen (const Cli *cli, Client *client, const char *method, json_t *params, int fd,
                   GError **error);

/* Puts @secret, which is text, into @object. */
void cli_set_secret (json_t *object, const char *key, const Secret *secret);
