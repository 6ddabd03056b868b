/* SPDX-License-Identifier: MIT */
#include "broker/cli/audit/cli-audit-search.h"

#include <string.h>

#include "broker/audit/audit-member.h"
#include "broker/base/wire.h"

#define BATCH 64 /* records that are opened at once */

void
cli_search_clear (CliSearch *search)
{
  g_clear_pointer (&search->batch, g_ptr_array_unref);
  g_clear_pointer (&search->gathered, g_ptr_array_unref);
  g_clear_error (&search->error);
}

void
cli_search_init (CliSearch *search, CliTrail *trail, CliChoose *choose, CliListing *listing)
{
  *search = (CliSearch){ .trail = trail, .choose = choose, .listing = listing };
  search->batch = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  search->gathered = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
}

static gboolean
is_enough (const CliSearch *search)
{
  return search->last > 0 && search->shown >= search->last;
}

/* Of the newest so many, found from the oldest on, more than twice that need not be kept. */
static void
keep (CliSearch *search, json_t *record)
{
  guint last = (guint) MIN (search->last, G_MAXUINT / 2);

  g_ptr_array_add (search->gathered, json_incref (record));
  if (cli_filter_needs_order (&search->choose->filter))
    {
      if (last > 0 && search->gathered->len >= 2 * last)
        g_ptr_array_remove_range (search->gathered, 0, search->gathered->len - last);
    }
  else
    search->shown++;
}

static void
take (CliSearch *search, json_t *record)
{
  if (is_enough (search) || !cli_filter_fits (&search->choose->filter, record))
    return;
  if (search->gather)
    keep (search, record);
  else
    {
      cli_listing_add (search->listing, record);
      search->shown++;
    }
}

/* Into the record that is shown for all of them. */
static void
settle_fold (CliSearch *search)
{
  if (search->folded == 0)
    return;
  cli_listing_fold (search->batch->pdata[search->batch->len - 1], search->folded,
                    search->folded_to);
  search->folded = 0;
}

/* Nine of ten records are uses under a grant that others stand before: what is one row with them
 * need not be parsed. */
static gboolean
fold (CliSearch *search, const AuditLine *scanned, const char *line)
{
  gboolean rows = cli_listing_has_rows (search->listing) && search->last == 0 && !search->reverse;
  AuditMember grant = { .name = "grant_id" };

  if (!rows || search->batch->len == 0 || !audit_line_is_event (scanned, "grant_used"))
    return FALSE;
  const json_t *last = search->batch->pdata[search->batch->len - 1];
  const char *before = wire_string (last, "grant_id");
  audit_line_members (line, scanned, &grant, 1);
  if (before == NULL || g_strcmp0 (wire_string (last, "event"), "grant_used") != 0
      || !audit_member_is (&grant, before))
    return FALSE;
  search->folded++;
  memcpy (search->folded_to, scanned->time, AUDIT_TIME_LEN);
  return TRUE;
}

gboolean
cli_search_flush (CliSearch *search)
{
  settle_fold (search);
  if (!search->choose->no_names && !cli_audit_unseal (search->trail, search->batch, &search->error))
    return FALSE;
  for (guint i = 0; i < search->batch->len; i++)
    cli_listing_learn (search->listing, search->batch->pdata[i]);
  for (guint i = 0; i < search->batch->len; i++)
    take (search, search->batch->pdata[i]);
  g_ptr_array_set_size (search->batch, 0);
  return TRUE;
}

gboolean
cli_search_take (CliSearch *search, const AuditLine *scanned, const char *line, gsize len)
{
  search->newest = MAX (search->newest, scanned->seq);
  if (fold (search, scanned, line))
    return TRUE;
  settle_fold (search);
  json_t *record = audit_parse_line (line, len, &search->error);
  if (record == NULL)
    return FALSE;
  if (cli_filter_may (&search->choose->filter, record))
    g_ptr_array_add (search->batch, record);
  else
    json_decref (record);
  return TRUE;
}

gboolean
cli_search_is_full (const CliSearch *search)
{
  return search->batch->len >= BATCH;
}

static gboolean
on_line (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  CliSearch *search = user;

  return cli_search_take (search, scanned, line, len)
         && (!cli_search_is_full (search) || (cli_search_flush (search) && !is_enough (search)));
}

/* @oldest_first: the order in which they were gathered. */
static void
show_gathered (CliSearch *search, gboolean oldest_first)
{
  guint n = search->gathered->len, skip = 0;

  if (oldest_first && search->last > 0 && n > search->last)
    skip = n - (guint) search->last;
  for (guint i = skip; i < n; i++)
    {
      guint at = oldest_first == search->reverse ? n - 1 - (i - skip) : i;
      cli_listing_add (search->listing, search->gathered->pdata[at]);
    }
}

AuditWish
cli_search_wish (const CliSearch *search)
{
  const CliAuditChoice *choice = &search->choose->choice;

  return (AuditWish){ choice->since, choice->until,    choice->event,
                      choice->id,    choice->resource, choice->seq };
}

/* Backward where that ends sooner, unless what comes first decides about what comes later. */
gboolean
cli_search_all (CliSearch *search)
{
  gboolean order = cli_filter_needs_order (&search->choose->filter);
  gboolean backward = (search->last > 0 || search->reverse) && !order;
  AuditWish wish = cli_search_wish (search);

  search->gather = (search->last > 0 || search->reverse) && (order || !search->reverse);
  if (!audit_walk (search->trail->dir, search->trail->cache, &wish, backward, on_line, search,
                   &search->error)
      || search->error != NULL || !cli_search_flush (search))
    return FALSE;
  if (search->gather)
    show_gathered (search, order);
  return TRUE;
}
