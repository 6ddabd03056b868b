/* SPDX-License-Identifier: MIT
 *
 * `audit list`: records as they are found, so that the first are shown before the last is read.
 */
#include "broker/cli/audit/cli-audit-search.h"
#include "broker/cli/cli-output.h"

static CliStatus
list (Cli *cli, CliChoose *choose, gint64 last, gboolean reverse, CliListingFormat format)
{
  g_auto (CliTrail) trail = { 0 };
  CliScreen screen = cli_screen ();
  g_autoptr (CliListing) listing = cli_listing_new (format, &screen);
  g_auto (CliSearch) search = { 0 };
  GError *error = NULL;

  cli_search_init (&search, &trail, choose, listing);
  search.last = last;
  search.reverse = reverse;

  if (!cli_trail_open (cli, &trail, &error)
      || (!choose->no_names && !cli_trail_unseal (cli, &trail, &error))
      || !cli_choose_resolve (choose, &trail, &error))
    return cli_fail (cli, error);
  AuditWish wish = cli_search_wish (&search);
  cli_trail_prepare (&trail, &wish);
  cli_pager_start ();
  gboolean shown = cli_search_all (&search);
  if (shown)
    cli_listing_end (listing);
  cli_pager_end ();
  return shown ? CLI_DONE : cli_fail (cli, g_steal_pointer (&search.error));
}

CliStatus
cli_audit_list (Cli *cli)
{
  g_auto (CliChoose) choose = { 0 };
  gboolean reverse = FALSE, csv = FALSE;
  gint last = 0;
  const GOptionEntry entries[]
      = { CLI_SINCE_ENTRY (choose),
          CLI_UNTIL_ENTRY (choose),
          CLI_CHOOSE_ENTRIES (choose),
          { "last", 'n', 0, G_OPTION_ARG_INT, &last, "Only the newest N", "N" },
          { "reverse", 0, 0, G_OPTION_ARG_NONE, &reverse, "Newest first", NULL },
          { "csv", 0, 0, G_OPTION_ARG_NONE, &csv, "Print comma-separated values", NULL },
          G_OPTION_ENTRY_NULL };

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  if (last < 0)
    return cli_usage (cli, "--last: must not be negative");
  if (csv && cli->json)
    return cli_usage (cli, "--csv and --json are two formats; choose one");
  if (!cli_choose_check (cli, &choose))
    return CLI_USAGE;
  return list (cli, &choose, last, reverse,
               csv         ? CLI_LISTING_CSV
               : cli->json ? CLI_LISTING_JSON
                           : CLI_LISTING_HUMAN);
}
