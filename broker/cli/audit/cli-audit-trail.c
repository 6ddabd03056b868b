/* SPDX-License-Identifier: MIT
 *
 * Where the trail is read from: its folder, or in system mode, where that is closed to the person,
 * the files that the broker hands over open.
 */
#include "broker/cli/audit/cli-audit.h"

#include <string.h>
#include <unistd.h>

#include "broker/audit/audit-file.h"
#include "broker/base/paths.h"
#include "broker/base/wire.h"
#include "broker/cli/cli-session.h"
#include "broker/client/client-system.h"

void
cli_trail_clear (CliTrail *trail)
{
  g_clear_pointer (&trail->dir, g_free);
  g_clear_pointer (&trail->client, client_free);
  g_clear_pointer (&trail->cache, audit_cache_free);
  g_clear_pointer (&trail->pin, secret_free);
}

static gboolean
fetch_file (CliTrail *trail, const char *name, GError **error)
{
  g_autoptr (json_t) params = json_pack ("{s:s}", "name", name);
  int fd = -1;
  g_autoptr (json_t) result = client_call (trail->client, "audit_file", params, -1, &fd, error);

  if (result == NULL)
    return FALSE;
  if (fd < 0)
    {
      g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL,
                   "the broker sent no descriptor for %s", name);
      return FALSE;
    }
  audit_file_give (trail->dir, name, fd);
  return TRUE;
}

static gboolean
has_file (const CliTrail *trail, const GArray *numbers, const char *name)
{
  g_autofree char *path = g_build_filename (trail->dir, name, NULL);

  for (guint i = 0; numbers != NULL && i < numbers->len; i++)
    {
      g_autofree char *there = audit_file_path (trail->dir, g_array_index (numbers, guint, i));
      if (strcmp (there, path) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Those that have not been handed over yet. */
static gboolean
fetch_all (CliTrail *trail, GError **error)
{
  g_autoptr (json_t) listing = client_call (trail->client, "audit_files", NULL, -1, NULL, error);
  const json_t *name;
  gsize i;

  if (listing == NULL)
    return FALSE;
  if (trail->dir == NULL)
    trail->dir = g_strdup (wire_string (listing, "dir"));
  g_autoptr (GArray) numbers = audit_file_list (trail->dir, NULL);
  json_array_foreach (json_object_get (listing, "names"), i, name)
  {
    if (!json_is_string (name))
      return FALSE;
    if (!has_file (trail, numbers, json_string_value (name))
        && !fetch_file (trail, json_string_value (name), error))
      return FALSE;
  }
  return TRUE;
}

gboolean
cli_trail_refresh (CliTrail *trail, GError **error)
{
  return fetch_all (trail, error);
}

gboolean
cli_trail_open (const Cli *cli, CliTrail *trail, GError **error)
{
  if (!client_is_system (cli->socket))
    {
      trail->dir = paths_audit_dir ();
      return TRUE;
    }
  trail->client = cli_connect_with_pin (cli, trail->keep_pin ? &trail->pin : NULL, error);
  if (trail->client != NULL && fetch_all (trail, error))
    return TRUE;
  cli_trail_clear (trail);
  return FALSE;
}

gboolean
cli_trail_return (const Cli *cli, CliTrail *trail, guint number)
{
  /* Tried once, and not asked for: nobody sits there who could type it. */
  Cli again = { .command = cli->command,
                .socket = cli->socket,
                .state_dir = cli->state_dir,
                .pin = trail->pin,
                .pin_fd = 0,
                .passphrase_fd = -1 };
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&trail->client, client_free);
  if (trail->pin == NULL)
    return FALSE;
  trail->client = cli_connect_with_pin (&again, NULL, &error);
  /* A wrong one that is tried again and again would shut the person out. */
  if (g_error_matches (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_REFUSED))
    g_clear_pointer (&trail->pin, secret_free);
  if (trail->client == NULL || !client_is_system (cli->socket))
    return trail->client != NULL;
  g_autofree char *path = audit_file_path (trail->dir, number);
  g_autofree char *name = g_path_get_basename (path);
  return fetch_file (trail, name, NULL) && fetch_all (trail, NULL);
}

/* Over one line, which is gone again when it is done. */
static void
show_progress (guint done, guint all, gpointer user)
{
  g_printerr (done < all ? "\rIndex of the trail, made once: file %u of %u" : "\r\033[K", done,
              all);
}

void
cli_trail_prepare (const CliTrail *trail, const AuditWish *wish)
{
  const char *term = g_getenv ("TERM");
  gboolean seen = isatty (STDERR_FILENO) && g_strcmp0 (term, "dumb") != 0;
  gboolean chooses = wish->since != NULL || wish->until != NULL || wish->event != NULL
                     || wish->id != NULL || wish->resource != NULL || wish->seq != 0;

  if (trail->cache != NULL && chooses)
    audit_cache_make_all (trail->cache, trail->dir, seen ? show_progress : NULL, NULL);
}
