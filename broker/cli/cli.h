/* SPDX-License-Identifier: MIT
 *
 * The frame of the `countersign` command: one table of commands, one set of options that all of
 * them take, one meaning for each exit status.
 *
 * A command is a function. It begins with cli_options(), which reads its own options and the common
 * ones, and returns a status:
 *
 *   if (!cli_options (cli, entries, 1, 1))
 *     return cli->status;
 */
#pragma once

#include "broker/base/secret.h"

typedef enum
{
  CLI_DONE = 0,
  CLI_FAILED = 1, /* refused, or could not be done */
  CLI_USAGE = 2,
  CLI_UNREACHABLE = 3, /* no broker answers */
  CLI_LOCKED = 4,
  /* What `run` leaves with when it has not become another program, as env(1) does. */
  CLI_RUN_FAILED = 125,
  CLI_RUN_NOT_EXECUTABLE = 126,
  CLI_RUN_NOT_FOUND = 127
} CliStatus;

typedef struct _Cli Cli;
typedef CliStatus (*CliRun) (Cli *cli);

typedef struct
{
  const char *name;      /* "secret set" */
  const char *arguments; /* "NAME", as the usage line shows them */
  const char *summary;   /* what it does, in one line */
  CliRun run;
} CliCommand;

struct _Cli
{
  const CliCommand *command;
  char **args; /* after cli_options(): the words that are no options */
  int n_args;
  CliStatus status; /* what to return when cli_options() said FALSE */

  gboolean json;
  char *socket;      /* human.sock when it is not where it should be, or NULL */
  char *state_dir;   /* absolute: everything lives below it, or NULL */
  int pin_fd;        /* -1: ask at the terminal */
  int passphrase_fd; /* -1: ask at the terminal */
  Secret *pin;       /* read before its turn, or NULL: cli_read_pin_first() */
};

const CliCommand *cli_commands (gsize *n);

/* Reads options out of cli->args; @entries (may be NULL) are the command's own. Strings that they
 * take are G_OPTION_ARG_FILENAME: g_free(). From @min to @max words must be left (@max -1: any
 * number). */
gboolean cli_options (Cli *cli, const GOptionEntry *entries, int min, int max);
/* The same where a command of another program follows: reads as far as its first word, or a "--",
 * and leaves the rest as it is; at least one word. */
gboolean cli_options_then_command (Cli *cli, const GOptionEntry *entries);
/* The common options only, and only as far as the first word that is none. */
gboolean cli_options_before (Cli *cli, char ***words, gboolean *help, gboolean *version);
/* Says what is wrong with the command line; returns CLI_USAGE. */
CliStatus cli_usage (const Cli *cli, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* An option's duration. 0 when @text is NULL, -1 when it was refused and said so. */
gint64 cli_option_duration (const Cli *cli, const char *option, const char *text, gint64 max);

/* The commands, by the file that has them. */
CliStatus cli_approve (Cli *cli);
CliStatus cli_audit_export (Cli *cli);
CliStatus cli_audit_export_key (Cli *cli);
CliStatus cli_audit_follow (Cli *cli);
CliStatus cli_audit_list (Cli *cli);
CliStatus cli_audit_retention (Cli *cli);
CliStatus cli_audit_show (Cli *cli);
CliStatus cli_audit_stats (Cli *cli);
CliStatus cli_audit_verify (Cli *cli);
CliStatus cli_aws_credentials (Cli *cli);
CliStatus cli_caller_add (Cli *cli);
CliStatus cli_caller_list (Cli *cli);
CliStatus cli_caller_rm (Cli *cli);
CliStatus cli_caller_trust (Cli *cli);
CliStatus cli_deny (Cli *cli);
CliStatus cli_doctor (Cli *cli);
CliStatus cli_grants (Cli *cli);
CliStatus cli_init (Cli *cli);
CliStatus cli_inject (Cli *cli);
CliStatus cli_key_add (Cli *cli);
CliStatus cli_key_list (Cli *cli);
CliStatus cli_key_rm (Cli *cli);
CliStatus cli_lock (Cli *cli);
CliStatus cli_login (Cli *cli);
CliStatus cli_logout (Cli *cli);
CliStatus cli_mcp (Cli *cli);
CliStatus cli_panic (Cli *cli);
CliStatus cli_passwd (Cli *cli);
CliStatus cli_pending (Cli *cli);
CliStatus cli_pin (Cli *cli);
CliStatus cli_policy_apply (Cli *cli);
CliStatus cli_policy_check (Cli *cli);
CliStatus cli_policy_explain (Cli *cli);
CliStatus cli_policy_replay (Cli *cli);
CliStatus cli_policy_show (Cli *cli);
CliStatus cli_policy_test (Cli *cli);
CliStatus cli_provider_list (Cli *cli);
CliStatus cli_provider_show (Cli *cli);
CliStatus cli_read (Cli *cli);
CliStatus cli_revoke (Cli *cli);
CliStatus cli_rules (Cli *cli);
CliStatus cli_rules_rm (Cli *cli);
CliStatus cli_run (Cli *cli);
CliStatus cli_secret_generate (Cli *cli);
CliStatus cli_secret_list (Cli *cli);
CliStatus cli_secret_mv (Cli *cli);
CliStatus cli_secret_rm (Cli *cli);
CliStatus cli_secret_set (Cli *cli);
CliStatus cli_secret_show (Cli *cli);
CliStatus cli_serve (Cli *cli);
CliStatus cli_service_add (Cli *cli);
CliStatus cli_service_list (Cli *cli);
CliStatus cli_service_rm (Cli *cli);
CliStatus cli_service_show (Cli *cli);
CliStatus cli_service_test (Cli *cli);
CliStatus cli_ssh_ca_krl (Cli *cli);
CliStatus cli_ssh_ca_list (Cli *cli);
CliStatus cli_ssh_ca_revoke (Cli *cli);
CliStatus cli_ssh_ca_show (Cli *cli);
CliStatus cli_status (Cli *cli);
CliStatus cli_token_keys (Cli *cli);
CliStatus cli_token_list (Cli *cli);
CliStatus cli_token_revoke (Cli *cli);
CliStatus cli_token_rotate (Cli *cli);
CliStatus cli_token_verify (Cli *cli);
CliStatus cli_ui (Cli *cli);
CliStatus cli_unlock (Cli *cli);
