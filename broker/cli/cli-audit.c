/* SPDX-License-Identifier: MIT
 *
 * `audit list`: records as they are found, so that the first are shown before the last is read.
 */
#include "broker/cli/cli-audit.h"

#include <stdio.h>
#include <string.h>

#include "broker/base/wire.h"
#include "broker/cli/cli-audit-choose.h"
#include "broker/cli/cli-audit-print.h"
#include "broker/cli/cli-output.h"

#define BATCH 64 /* records that are opened at once */

typedef struct
{
  CliTrail *trail;
  CliChoose *choose;
  CliListing *listing;
  gint64 last;
  gboolean reverse, gather; /* gather: the order of showing is not that of finding */
  GPtrArray *batch;         /* json_t: found, and not opened yet */
  GPtrArray *gathered;      /* json_t */
  gint64 shown;
  GError *error;
} Run;

static gboolean
is_enough (const Run *run)
{
  return run->last > 0 && run->shown >= run->last;
}

/* Of the newest so many, found from the oldest on, more than twice that need not be kept. */
static void
keep (Run *run, json_t *record)
{
  guint last = (guint) MIN (run->last, G_MAXUINT / 2);

  g_ptr_array_add (run->gathered, json_incref (record));
  if (cli_filter_needs_order (&run->choose->filter))
    {
      if (last > 0 && run->gathered->len >= 2 * last)
        g_ptr_array_remove_range (run->gathered, 0, run->gathered->len - last);
    }
  else
    run->shown++;
}

static void
take (Run *run, json_t *record)
{
  if (is_enough (run) || !cli_filter_fits (&run->choose->filter, record))
    return;
  if (run->gather)
    keep (run, record);
  else
    {
      cli_listing_add (run->listing, record);
      run->shown++;
    }
}

/* FALSE with run->error. */
static gboolean
empty_batch (Run *run)
{
  if (!run->choose->no_names && !cli_audit_unseal (run->trail, run->batch, &run->error))
    return FALSE;
  for (guint i = 0; i < run->batch->len; i++)
    cli_listing_learn (run->listing, run->batch->pdata[i]);
  for (guint i = 0; i < run->batch->len; i++)
    take (run, run->batch->pdata[i]);
  g_ptr_array_set_size (run->batch, 0);
  return TRUE;
}

static gboolean
on_line (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  Run *run = user;
  json_t *record = audit_parse_line (line, len, &run->error);

  if (record == NULL)
    return FALSE;
  if (cli_filter_may (&run->choose->filter, record))
    g_ptr_array_add (run->batch, record);
  else
    json_decref (record);
  return run->batch->len < BATCH || (empty_batch (run) && !is_enough (run));
}

/* @oldest_first: the order in which they were gathered. */
static void
show_gathered (Run *run, gboolean oldest_first)
{
  guint n = run->gathered->len, skip = 0;

  if (oldest_first && run->last > 0 && n > run->last)
    skip = n - (guint) run->last;
  for (guint i = skip; i < n; i++)
    {
      guint at = oldest_first == run->reverse ? n - 1 - (i - skip) : i;
      cli_listing_add (run->listing, run->gathered->pdata[at]);
    }
}

/* Backward where that ends sooner, unless what comes first decides about what comes later. */
static gboolean
show_all (Run *run)
{
  const CliAuditChoice *choice = &run->choose->choice;
  gboolean order = cli_filter_needs_order (&run->choose->filter);
  gboolean backward = (run->last > 0 || run->reverse) && !order;
  AuditWish wish
      = { choice->since, choice->until, choice->event, choice->id, choice->resource, choice->seq };

  run->gather = (run->last > 0 || run->reverse) && (order || !run->reverse);
  if (!audit_walk (run->trail->dir, run->trail->cache, &wish, backward, on_line, run, &run->error)
      || run->error != NULL || !empty_batch (run))
    return FALSE;
  if (run->gather)
    show_gathered (run, order);
  cli_listing_end (run->listing);
  return TRUE;
}

static CliStatus
list (Cli *cli, CliChoose *choose, gint64 last, gboolean reverse, CliListingFormat format)
{
  g_auto (CliTrail) trail = { 0 };
  CliScreen screen = cli_screen ();
  g_autoptr (CliListing) listing = cli_listing_new (format, &screen);
  g_autoptr (GPtrArray) batch = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  g_autoptr (GPtrArray) gathered = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  Run run = { .trail = &trail,
              .choose = choose,
              .listing = listing,
              .last = last,
              .reverse = reverse,
              .batch = batch,
              .gathered = gathered };
  GError *error = NULL;

  if (!cli_trail_open (cli, &trail, &error)
      || (!choose->no_names && !cli_trail_unseal (cli, &trail, &error))
      || !cli_choose_resolve (choose, &trail, &error))
    return cli_fail (cli, error);
  cli_pager_start ();
  gboolean shown = show_all (&run);
  cli_pager_end ();
  return shown ? CLI_DONE : cli_fail (cli, run.error);
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
