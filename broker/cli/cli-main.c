/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "approve-ui/card/i18n.h"
#include "broker/base/wire.h"
#include "broker/cli/cli-output.h"

static const CliCommand commands[] = {
  { "init", "", "Make the store: sets passphrase and PIN, accepts a policy, starts the broker",
    cli_init },
  { "unlock", "", "Start or replace the broker and open the store with the passphrase",
    cli_unlock },
  { "serve", "", "Unlock as above, stay in the foreground, and lock when that ends", cli_serve },
  { "lock", "", "Wipe the keys from memory; what is held stays held", cli_lock },
  { "status", "", "Show how the broker is doing", cli_status },
  { "doctor", "", "Check this machine and name the command that mends each fault", cli_doctor },
  { "panic", "", "Revoke everything, deny what is held, lock, refuse agents until the passphrase",
    cli_panic },
  { "passwd", "", "Change the passphrase", cli_passwd },
  { "pin", "", "Set a new PIN, with the passphrase", cli_pin },
  { "secret set", "NAME", "Store a secret: its value comes from standard input, a file or a prompt",
    cli_secret_set },
  { "secret list", "", "List the secrets' names", cli_secret_list },
  { "secret show", "NAME", "Show a secret's name, tags and dates; its value only with --reveal",
    cli_secret_show },
  { "secret rm", "NAME", "Delete a secret", cli_secret_rm },
  { "secret mv", "NAME NEW-NAME", "Rename a secret", cli_secret_mv },
  { "secret generate", "NAME", "Store a random value, which nobody sees", cli_secret_generate },
  { "pending", "[ID]", "List the requests that wait for a person, or show one whole", cli_pending },
  { "approve", "[ID]", "Answer requests at this terminal, or grant one by its ID", cli_approve },
  { "deny", "ID", "Deny a request", cli_deny },
  { "ui", "", "Show the window: what waits, what is granted, what was", cli_ui },
  { "grants", "", "List the grants that are live", cli_grants },
  { "revoke", "[ID]", "End a grant, or all of them", cli_revoke },
  { "rules", "", "List the standing rules that “always” made", cli_rules },
  { "rules rm", "ID", "Delete a standing rule", cli_rules_rm },
  { "key add", "", "Enrol the security key that is plugged in, by a touch", cli_key_add },
  { "key list", "", "List the enrolled security keys", cli_key_list },
  { "key rm", "ID", "Remove a security key: a touch of it grants nothing any more", cli_key_rm },
  { "policy check", "[FILE]…", "Check policy files, by default those in the configuration folder",
    cli_policy_check },
  { "policy apply", "",
    "Show how the policy files differ from the accepted policy, and accept them",
    cli_policy_apply },
  { "policy explain", "REQUEST|OPERATION [NAME] [WORD VALUE]…",
    "Tell why a request is denied, asked or allowed: one that was made, or one that is described",
    cli_policy_explain },
  { "policy replay", "", "Count what the policy files would change about the requests of the past",
    cli_policy_replay },
  { "policy show", "", "Show the accepted policy", cli_policy_show },
  { "policy test", "FILE…", "Hold the policy files against what is expected of them",
    cli_policy_test },
  { "service add", "PRESET|NAME",
    "Accept a service: one that comes with the program, or one in the configuration folder",
    cli_service_add },
  { "service list", "", "List the accepted services: where credentials may be sent, and for what",
    cli_service_list },
  { "service show", "NAME", "Show an accepted service whole", cli_service_show },
  { "service rm", "NAME", "Remove a service: its credential is sent there no more",
    cli_service_rm },
  { "service test", "NAME", "Send a service its test call, with the credential", cli_service_test },
  { "login", "PROVIDER", "Log in to a provider in the browser; the broker keeps the token",
    cli_login },
  { "logout", "PROVIDER|SECRET", "End a login: at the provider, and in the store", cli_logout },
  { "provider list", "", "List the accepted providers of credentials", cli_provider_list },
  { "provider show", "NAME", "Show an accepted provider whole", cli_provider_show },
  { "caller add", "NAME", "Make a local token for who calls over HTTP; it is shown this once",
    cli_caller_add },
  { "caller list", "", "List who may call over HTTP: accepted issuers, and local tokens",
    cli_caller_list },
  { "caller rm", "NAME", "Remove a local token: what its holder has ends at once", cli_caller_rm },
  { "caller trust", "URL", "Accept an issuer, whose tokens say who calls over HTTP",
    cli_caller_trust },
  { "token list", "", "List the tokens that were minted and have not expired", cli_token_list },
  { "token verify", "", "Tell whether a token is one of ours, and still good", cli_token_verify },
  { "token revoke", "ID", "Revoke a token: whoever asks about it hears that it is over",
    cli_token_revoke },
  { "token keys", "", "List the keys that sign tokens, or verify them still", cli_token_keys },
  { "token rotate", "", "Sign tokens with a new key from here on", cli_token_rotate },
  { "ssh-ca show", "", "Show the public key of the SSH CA, for a server's TrustedUserCAKeys",
    cli_ssh_ca_show },
  { "ssh-ca list", "", "List the SSH certificates that were signed and have not long ended",
    cli_ssh_ca_list },
  { "ssh-ca krl", "", "Write the list of revoked certificates, for a server's RevokedKeys",
    cli_ssh_ca_krl },
  { "ssh-ca revoke", "SERIAL|KEYID", "Revoke an SSH certificate", cli_ssh_ca_revoke },
  { "audit list", "", "List the records of the audit trail", cli_audit_list },
  { "audit follow", "", "Show records as they are written", cli_audit_follow },
  { "audit show", "ID|SEQ", "Show the whole life of one request", cli_audit_show },
  { "audit stats", "", "Count what was asked, and how it was answered", cli_audit_stats },
  { "audit verify", "[DIR]", "Prove that the trail is whole and unchanged", cli_audit_verify },
  { "audit export", "[DIR]", "Copy the trail, write a checkpoint, or send the records on",
    cli_audit_export },
  { "audit retention", "[DAYS|forever]", "Say how long the trail is kept, or show it",
    cli_audit_retention },
  { "audit export-key", "", "Write the key that verifies the trail elsewhere",
    cli_audit_export_key },
  { "run", "COMMAND [ARGUMENT]…",
    "Start a program with secrets in its environment, once a person has approved it", cli_run },
  { "aws-credentials", "", "Print credentials for an AWS role, as AWS tools ask a program for them",
    cli_aws_credentials },
  { "read", "REFERENCE…", "Print the values that references stand for", cli_read },
  { "inject", "", "Put values in place of the references in a template", cli_inject },
  { "mcp", "[ARGUMENT]…", "Serve MCP on standard input and output: what an MCP client starts",
    cli_mcp },
};

const CliCommand *
cli_commands (gsize *n)
{
  *n = G_N_ELEMENTS (commands);
  return commands;
}

static void
print_commands (FILE *stream, const char *prefix)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_has_prefix (commands[i].name, prefix))
      fprintf (stream, "  %-18s%s\n", commands[i].name, commands[i].summary);
}

static void
print_help (FILE *stream)
{
  fputs ("Usage:\n  countersign [OPTION…] COMMAND [ARGUMENT…]\n\n"
         "Stands between AI agents and credentials: what they ask for is held until a person\n"
         "countersigns it.\n\nCommands:\n",
         stream);
  print_commands (stream, "");
  fputs ("\nOptions of every command:\n"
         "  --json               Print JSON\n"
         "  --socket PATH        The broker's human.sock\n"
         "  --state-dir DIR      Keep configuration, store, audit trail and sockets below DIR\n"
         "  --pin-fd N           Read the PIN from a descriptor: one line\n"
         "  --passphrase-fd N    Read the passphrase from a descriptor: one line\n"
         "  -h, --help           Show help; after a command, that command's\n"
         "  --version            Show the version\n\n"
         "Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 no broker, 4 locked.\n",
         stream);
}

static const CliCommand *
find_command (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

static gboolean
is_group (const char *word)
{
  g_autofree char *prefix = g_strconcat (word, " ", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_has_prefix (commands[i].name, prefix))
      return TRUE;
  return FALSE;
}

static CliStatus
group_help (const char *group, gboolean asked)
{
  g_autofree char *prefix = g_strconcat (group, " ", NULL);
  FILE *stream = asked ? stdout : stderr;

  fprintf (stream, "Usage:\n  countersign %s COMMAND [ARGUMENT…]\n\nCommands:\n", group);
  print_commands (stream, prefix);
  return asked ? CLI_DONE : CLI_USAGE;
}

/* What was the command becomes the program, which option parsing wants in front. */
static void
shift (char **words)
{
  g_free (words[0]);
  memmove (words, words + 1, sizeof *words * (g_strv_length (words + 1) + 1));
}

/* words[0] is the command, or its last word. */
static CliStatus
run_command (Cli *cli, const char *name, char ***words)
{
  cli->command = find_command (name);
  if (cli->command == NULL)
    return cli_usage (cli, "there is no command “%s”", name);
  cli->args = *words;
  CliStatus status = cli->command->run (cli);
  *words = cli->args;
  return status;
}

/* TRUE when @group is itself a command, and no word after it names one of its own. */
static gboolean
stands_alone (const char *group, char **after)
{
  if (find_command (group) == NULL)
    return FALSE;
  for (; *after != NULL; after++)
    {
      g_autofree char *name = g_strjoin (" ", group, *after, NULL);
      if (find_command (name) != NULL)
        return FALSE;
    }
  return TRUE;
}

/* words[0] is the group; options may stand before the command too. */
static CliStatus
run_in_group (Cli *cli, char ***words)
{
  g_autofree char *group = g_strdup ((*words)[0]), *name = NULL;
  gboolean help, version;

  if (stands_alone (group, *words + 1))
    return run_command (cli, group, words);
  if (!cli_options_before (cli, words, &help, &version))
    return CLI_USAGE;
  if (help || (*words)[1] == NULL)
    return group_help (group, help);
  name = g_strjoin (" ", group, (*words)[1], NULL);
  shift (*words);
  return run_command (cli, name, words);
}

static CliStatus
run (Cli *cli, char ***words)
{
  gboolean help, version;

  if (!cli_options_before (cli, words, &help, &version))
    return CLI_USAGE;
  if (help || version)
    {
      if (help)
        print_help (stdout);
      else
        puts ("countersign " COUNTERSIGN_VERSION);
      return CLI_DONE;
    }
  if ((*words)[1] == NULL)
    {
      print_help (stderr);
      return CLI_USAGE;
    }
  shift (*words);
  if (is_group ((*words)[0]))
    return run_in_group (cli, words);
  g_autofree char *name = g_strdup ((*words)[0]);
  return run_command (cli, name, words);
}

/* A descriptor that is opened later must not become standard input, output or error by chance. */
static void
fill_stdio (void)
{
  int fd;

  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= 2);
  if (fd > 2)
    close (fd);
}

int
main (int argc, char **argv)
{
  Cli cli = { .pin_fd = -1, .passphrase_fd = -1 };
  g_auto (GStrv) words = g_strdupv (argv);
  CliStatus status;

  fill_stdio ();
  i18n_init ();
  wire_init ();
  g_set_prgname ("countersign");
  if (argc < 1)
    return CLI_USAGE;
  status = run (&cli, &words);
  g_free (cli.socket);
  g_free (cli.state_dir);
  secret_free (cli.pin);
  if (fflush (stdout) != 0 && status == CLI_DONE)
    status = CLI_FAILED;
  return status;
}
