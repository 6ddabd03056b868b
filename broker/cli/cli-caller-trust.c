/* SPDX-License-Identifier: MIT
 *
 * One issuer more whose tokens say who calls over HTTP: its file written, shown, and accepted with
 * the PIN.
 */
#include "broker/cli/cli-accept-file.h"

#include <string.h>
#include <unistd.h>

#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"
#include "broker/provider/provider-module.h"
#include "policy/policy-words.h"

typedef struct
{
  char *name, *audience, *network; /* the options */
  char *file, *path, *text;
  gboolean written;
} Trust;

static void
trust_clear (Trust *trust)
{
  g_free (trust->name);
  g_free (trust->audience);
  g_free (trust->network);
  g_free (trust->file);
  g_free (trust->path);
  g_free (trust->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trust, trust_clear)

/* "example" of https://login.example.com/tenant; g_free(). */
static char *
name_of (const char *url)
{
  const char *host = strstr (url, "://");
  host = host != NULL ? host + strlen ("://") : url;
  g_autofree char *authority = g_strndup (host, strcspn (host, "/:?#"));
  g_auto (GStrv) labels = g_strsplit (authority, ".", -1);
  guint n = g_strv_length (labels);
  gboolean address = n == 0 || g_hostname_is_ip_address (authority) || *host == '[';

  return g_ascii_strdown (address || n < 2 ? "issuer" : labels[n - 2], -1);
}

/* What `audience` says; words that mean something are themselves, all else is a text. */
static char *
write_text (const Trust *trust, const char *url)
{
  g_autofree char *shown = policy_quote (url);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "issuer %s\n", shown);
  if (trust->audience == NULL || strcmp (trust->audience, "none") == 0
      || strcmp (trust->audience, "resource") == 0)
    g_string_append_printf (text, "audience %s\n",
                            trust->audience != NULL ? trust->audience : "resource");
  else
    {
      g_autofree char *audience = policy_quote (trust->audience);
      g_string_append_printf (text, "audience %s\n", audience);
    }
  if (trust->network != NULL)
    g_string_append_printf (text, "network %s\n", trust->network);
  return g_string_free (text, FALSE);
}

static gboolean
accept_trusted (const Cli *cli, Trust *trust, gboolean *changed, GError **error)
{
  g_autoptr (Client) client = cli_connect_with_pin (cli, NULL, error);
  g_autoptr (GPtrArray) accepted = client != NULL ? cli_accepted (client, error) : NULL;
  g_autoptr (GPtrArray) proposed = accepted != NULL ? cli_proposals (error) : NULL;
  g_autoptr (GPtrArray) with = NULL;

  if (proposed == NULL)
    return FALSE;
  with = cli_accept_with (accepted, trust->file, trust->text, proposed);
  *changed = !cli_proposals_equal (accepted, with);
  return !*changed || cli_accept_changed (cli, client, accepted, with, error);
}

static gboolean
find_text (Trust *trust, const char *url, GError **error)
{
  if (!g_file_test (trust->path, G_FILE_TEST_EXISTS))
    {
      trust->text = write_text (trust, url);
      return TRUE;
    }
  if (!g_file_get_contents (trust->path, &trust->text, NULL, error))
    return FALSE;
  g_autofree char *there = write_text (trust, url);
  if (strcmp (there, trust->text) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
               "%s is there already, and says something else; accept that with `countersign policy "
               "apply`, or give another --name",
               trust->path);
  return FALSE;
}

static CliStatus
trust_issuer (Cli *cli, Trust *trust)
{
  const char *url = cli->args[0];
  GError *error = NULL;
  gboolean changed;

  if (trust->name == NULL)
    trust->name = name_of (url);
  if (!cli_accept_check_word (cli, "--name", trust->name, FALSE))
    return cli->status;
  trust->file = cli_accept_name (CALLER_FOLDER, trust->name);
  trust->path = cli_accept_path (trust->file);
  if (!cli_read_pin_first (cli, &error) || !find_text (trust, url, &error)
      || !cli_accept_write (trust->path, trust->text, &trust->written, &error))
    return cli_fail (cli, error);
  if (!accept_trusted (cli, trust, &changed, &error))
    {
      /* A proposal that nobody meant to leave would turn up in the next policy apply. */
      if (trust->written)
        unlink (trust->path);
      return cli_fail (cli, error);
    }
  return cli_accept_report (cli, trust->name, trust->path,
                            changed ? "accepted: its tokens say who calls over HTTP"
                                    : "is accepted already, just as it is",
                            changed);
}

CliStatus
cli_caller_trust (Cli *cli)
{
  g_auto (Trust) trust = { 0 };
  const GOptionEntry entries[]
      = { { "name", 0, 0, G_OPTION_ARG_FILENAME, &trust.name,
            "Call it NAME in the policy; after its host when left out", "NAME" },
          { "audience", 0, 0, G_OPTION_ARG_FILENAME, &trust.audience,
            "Whom its tokens must be for: resource (this server), none, or a URI", "WORD" },
          { "network", 0, 0, G_OPTION_ARG_FILENAME, &trust.network,
            "Where its address may be: public, private or loopback", "KIND" },
          G_OPTION_ENTRY_NULL };

  if (!cli_options (cli, entries, 1, 1) || !cli_accept_check_network (cli, trust.network))
    return cli->status;
  g_autofree char *problem
      = provider_url_problem (cli->args[0], trust.network != NULL ? trust.network : "public");
  if (problem != NULL)
    /* What a file is told by a line is told by an option here. */
    return cli_usage (cli, "the URL: %s%s", problem,
                      strstr (problem, "line: network") != NULL ? " (here: --network loopback)"
                                                                : "");
  return trust_issuer (cli, &trust);
}
