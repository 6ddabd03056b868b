/* SPDX-License-Identifier: MIT
 *
 * What the broker's own issuer minted: which tokens are good, whether one is, ending one, its keys.
 */
#include <stdio.h>
#include <unistd.h>

#include "broker/base/text.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"
#include "broker/cli/cli-value.h"

/* ---- list, keys ---- */

static void
print_tokens (const json_t *tokens)
{
  const char *const headings[]
      = { "ID", "STATE", "EXPIRES", "PROVIDER", "AUDIENCE", "SCOPES", "HOLDER", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);
  const json_t *token;
  gsize i;

  json_array_foreach (tokens, i, token)
  {
    g_autofree char *scopes = cli_join (json_object_get (token, "scopes"), ", ");
    cli_table_cell (table, wire_string (token, "token_id"));
    cli_table_cell (table, wire_string (token, "state"));
    cli_table_cell (table, wire_string (token, "expires_at"));
    cli_table_cell (table, wire_string (token, "provider"));
    cli_table_cell (table, wire_string (token, "audience"));
    cli_table_cell (table, scopes);
    cli_table_cell (table, wire_string (token, "holder"));
  }
  cli_table_print (table);
}

CliStatus
cli_token_list (Cli *cli)
{
  return cli_options (cli, NULL, 0, 0)
             ? cli_print_list (cli, "token_list", "tokens", "token_id", print_tokens)
             : cli->status;
}

static void
print_keys (const json_t *keys)
{
  const char *const headings[] = { "KEY ID", "ALGORITHM", "MADE", "STATE", "UNTIL", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);
  const json_t *key;
  gsize i;

  json_array_foreach (keys, i, key)
  {
    cli_table_cell (table, wire_string (key, "kid"));
    cli_table_cell (table, wire_string (key, "algorithm"));
    cli_table_cell (table, wire_string (key, "made_at"));
    cli_table_cell (table, wire_string (key, "state"));
    cli_table_cell (table, wire_string (key, "until"));
  }
  cli_table_print (table);
}

CliStatus
cli_token_keys (Cli *cli)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (json_t) result = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 0))
    return cli->status;
  if ((client = cli_connect_with_pin (cli, NULL, &error)) == NULL
      || (result = client_call (client, "token_keys", NULL, -1, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json_list (json_object_get (result, "keys"), "kid");
  else
    {
      cli_line ("Issuer", "%s", wire_string (result, "issuer"));
      print_keys (json_object_get (result, "keys"));
    }
  return CLI_DONE;
}

/* ---- verify ---- */

/* Why a token is not good, by the word of the broker's answer. */
static const char *
reason_words (const char *reason)
{
  static const struct
  {
    const char *reason, *words;
  } reasons[] = {
    { "malformed", "it is no token" },
    { "algorithm", "its algorithm is none that the issuer signs with" },
    { "critical", "its header demands something that is not known here" },
    { "type", "it is a token of another type" },
    { "unknown_key", "no key of this issuer's signed it, or one that was given up" },
    { "signature", "its signature does not hold" },
    { "claims", "its claims are not those of a token minted here" },
    { "issuer", "it was minted by another issuer" },
    { "audience", "it is for somebody else" },
    { "expired", "it has expired" },
    { "not_yet", "its time has not begun" },
    { "revoked", "it was revoked" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_strcmp0 (reasons[i].reason, reason) == 0)
      return reasons[i].words;
  return reason;
}

static void
print_claim (const json_t *claims, const char *label, const char *name)
{
  const json_t *value = json_object_get (claims, name);

  if (json_is_string (value))
    cli_line (label, "%s", json_string_value (value));
}

static void
print_verdict (const json_t *result)
{
  const json_t *claims = json_object_get (result, "claims");
  const char *reason = wire_string (result, "reason");

  cli_line ("Verdict", "%s%s",
            reason == NULL ? "good" : "NOT GOOD: ", reason == NULL ? "" : reason_words (reason));
  print_claim (claims, "ID", "jti");
  print_claim (claims, "Issuer", "iss");
  print_claim (claims, "Holder", "sub");
  print_claim (claims, "Audience", "aud");
  print_claim (claims, "Provider", "provider");
  print_claim (claims, "Scopes", "scope");
  if (claims != NULL)
    {
      g_autofree char *expires
          = text_format_time (wire_integer (claims, "exp", 0) * G_USEC_PER_SEC);
      cli_line ("Expires", "%s", expires);
    }
}

static Secret *
read_token (const char *file, GError **error)
{
  if (file == NULL && isatty (STDIN_FILENO))
    return cli_ask_hidden ("Token: ", "standard input or --file", error);
  return cli_value_read (file, FALSE, error);
}

static json_t *
verify (const Cli *cli, const char *file, GError **error)
{
  g_autoptr (Client) client = cli_connect_with_pin (cli, NULL, error);
  g_autoptr (Secret) token = client != NULL ? read_token (file, error) : NULL;
  g_autoptr (json_t) params = json_object ();

  if (token == NULL)
    return NULL;
  if (!secret_is_text (token))
    {
      g_set_error_literal (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT,
                           "what was given is no text, so it is no token");
      return NULL;
    }
  cli_set_secret (params, "token", token);
  return client_call (client, "token_verify", params, -1, NULL, error);
}

CliStatus
cli_token_verify (Cli *cli)
{
  char *file = NULL;
  const GOptionEntry entries[] = { { "file", 0, 0, G_OPTION_ARG_FILENAME, &file,
                                     "Read the token from FILE, not from standard input", "FILE" },
                                   G_OPTION_ENTRY_NULL };
  gboolean read = cli_options (cli, entries, 0, -1);
  g_autofree char *owned = file;
  g_autoptr (json_t) result = NULL;
  GError *error = NULL;

  if (!read)
    return cli->status;
  if (cli->n_args > 0) /* not repeated: it may be good */
    return cli_usage (cli, "a token is read from standard input or --file, not from an argument, "
                           "where others could read it");
  if ((result = verify (cli, owned, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    {
      const char *id = wire_string (json_object_get (result, "claims"), "jti");
      json_object_set_new (result, "id", id != NULL ? json_string (id) : json_null ());
      cli_json (result);
    }
  else
    print_verdict (result);
  return json_is_true (json_object_get (result, "active")) ? CLI_DONE : CLI_FAILED;
}

/* ---- revoke, rotate ---- */

CliStatus
cli_token_revoke (Cli *cli)
{
  g_autoptr (json_t) params = NULL, result = NULL;
  g_autoptr (Client) client = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 1, 1))
    return cli->status;
  if ((params = json_pack ("{s:s}", "token_id", cli->args[0])) == NULL)
    return cli_usage (cli, "the ID is not UTF-8");
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = client_call (client, "token_revoke", params, -1, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  json_object_set_new (result, "id", json_string (cli->args[0]));
  if (cli->json)
    cli_json (result);
  else
    puts (
        "Revoked. Whoever asks about it here hears so; who looks at its signature alone does not.\n"
        "While its grant lives, its program may be given another: countersign grants");
  return CLI_DONE;
}

CliStatus
cli_token_rotate (Cli *cli)
{
  g_autoptr (json_t) params = json_object (), result = NULL;
  g_autoptr (Client) client = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 0))
    return cli->status;
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = cli_widen (cli, client, "token_rotate", params, -1, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json_list (json_object_get (result, "keys"), "kid");
  else
    {
      puts ("A new key signs from here on; what the old one signed stays good until it expires.");
      print_keys (json_object_get (result, "keys"));
    }
  return CLI_DONE;
}
