/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-reveal.h"

#include "broker/cli/cli-ask.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"
#include "broker/cli/cli-value.h"

static void
free_secret (gpointer secret)
{
  secret_free (secret);
}

/* The PIN is in each call that reveals, and asked once. */
static Secret *
show (Client *client, const char *name, const Secret *pin, GError **error)
{
  g_autoptr (json_t) params = json_pack ("{s:s, s:b}", "name", name, "reveal", TRUE);
  g_autoptr (json_t) result = NULL;
  int fd = -1;

  cli_set_secret (params, "pin", pin);
  result = client_call (client, "secret_show", params, -1, &fd, error);
  if (result != NULL)
    return cli_value_take (result, fd, error);
  g_prefix_error (error, "%s: ", name);
  return NULL;
}

static GPtrArray *
by_pin (Cli *cli, const char *const *names, guint n, GError **error)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (free_secret);
  g_autoptr (Client) client = NULL;
  g_autoptr (Secret) pin = NULL;

  client = cli_connect_with_pin (cli, &pin, error);
  if (client == NULL)
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      Secret *value = show (client, names[i], pin, error);
      if (value == NULL)
        return NULL;
      g_ptr_array_add (values, value);
    }
  return g_steal_pointer (&values);
}

static GPtrArray *
by_asking (const Cli *cli, const char *const *names, guint n, GError **error)
{
  g_autoptr (json_t) list = json_array (), params = json_pack ("{s:O}", "names", list);
  g_autofree char *what = NULL;
  g_autoptr (GError) why = NULL;
  GPtrArray *values;

  for (guint i = 0; i < n; i++)
    json_array_append_new (list, json_string (names[i]));
  what = n == 1 ? g_strdup_printf ("the value of %s", names[0])
                : g_strdup_printf ("the values of %u secrets", n);
  values = cli_ask_values (
      cli,
      &(CliQuestion){ .method = "read_secrets", .params = params, .fd = -1, .n = n, .what = what },
      NULL, &why);
  if (values != NULL)
    return values;
  if (g_error_matches (why, CLI_ASK_ERROR, CLI_ASK_ERROR_DENIED))
    g_set_error (error, why->domain, why->code,
                 "%s. To give a secret to one program, use countersign run; at a terminal, or with "
                 "--pin-fd, the PIN is asked instead",
                 why->message);
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

GPtrArray *
cli_reveal (Cli *cli, const char *const *names, guint n, GError **error)
{
  gboolean person = cli->pin_fd != -1 || cli_has_terminal ();

  return person ? by_pin (cli, names, n, error) : by_asking (cli, names, n, error);
}
