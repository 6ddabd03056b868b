/* SPDX-License-Identifier: MIT
 *
 * `audit follow`: records as they are written, from file to file, whichever broker writes them.
 */
#include "broker/cli/audit/cli-audit-search.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/audit/audit-file.h"
#include "broker/cli/audit/cli-audit-watch.h"
#include "broker/cli/cli-output.h"
#include "broker/client/client-system.h"

#define SHOWN_FIRST 10

typedef struct
{
  const Cli *cli;
  CliSearch *search;
  gboolean handed; /* the files are handed over by the broker */
  guint number;    /* of the file that is read; 0: none yet */
  ino_t inode;
  guint64 offset;            /* of its next line */
  guint64 last_seq;          /* what is before it is not shown again */
  guint64 jumped;            /* the last that did not go on from there; 0: none did */
  char first[AUDIT_HEX_LEN]; /* MAC of its first record; begins with NUL before it is read */
} Follow;

/* ---- the broker comes and goes ---- */

/* Records are shown either way; what is sealed in them only while the broker can be asked. */
static gboolean
flush (Follow *follow)
{
  CliSearch *search = follow->search;
  CliTrail *trail = search->trail;

  /* What is shown sealed stays so: the next broker is looked for before, not after. */
  if (trail->client == NULL && search->batch->len > 0)
    cli_trail_return (follow->cli, trail, follow->number);
  if (!cli_search_flush (search))
    {
      g_clear_error (&search->error);
      if (!cli_trail_return (follow->cli, trail, follow->number) || !cli_search_flush (search))
        {
          g_clear_error (&search->error);
          g_clear_pointer (&trail->client, client_free);
          cli_search_flush (search);
        }
    }
  cli_listing_flush (search->listing);
  return fflush (stdout) == 0 && search->error == NULL;
}

/* In system mode, and where the broker was away, there may be something to catch up with. */
static void
catch_up (Follow *follow)
{
  CliTrail *trail = follow->search->trail;

  if (trail->client == NULL)
    cli_trail_return (follow->cli, trail, follow->number);
  if (follow->handed && trail->client != NULL && !cli_trail_refresh (trail, NULL))
    cli_trail_return (follow->cli, trail, follow->number);
}

/* ---- reading ---- */

/* A line with a number far ahead is shown, and does not have those behind it taken for old ones:
 * anybody of that user can write one, and the broker takes it away again. */
static void
note_number (Follow *follow, guint64 seq)
{
  gboolean goes_on = follow->last_seq == 0 || seq == follow->last_seq + 1;

  if (!goes_on && seq != follow->jumped + 1)
    g_printerr ("Record %" G_GUINT64_FORMAT " stands where record %" G_GUINT64_FORMAT
                " must be: countersign audit verify says more.\n",
                seq, follow->last_seq + 1);
  if (goes_on)
    follow->last_seq = seq;
  else
    follow->jumped = seq;
}

static gboolean
take_line (Follow *follow, const AuditLine *scanned, const char *line, gsize len)
{
  AuditWish wish = cli_search_wish (follow->search);

  if (scanned->seq <= follow->last_seq)
    return TRUE;
  note_number (follow, scanned->seq);
  return !audit_wish_fits (&wish, scanned, line)
         || (cli_search_take (follow->search, scanned, line, len)
             && (!cli_search_is_full (follow->search) || flush (follow)));
}

static void
begin_anew (Follow *follow)
{
  follow->last_seq = follow->jumped = 0;
  g_printerr ("A new trail has begun.\n");
}

/* A file that is read from its beginning once more: mended, it has the same records; with another
 * first one it is another trail's. */
static void
note_first (Follow *follow, const AuditLine *scanned)
{
  if (follow->first[0] != '\0' && memcmp (follow->first, scanned->mac, AUDIT_HEX_LEN) != 0)
    begin_anew (follow);
  memcpy (follow->first, scanned->mac, AUDIT_HEX_LEN);
}

/* What has come to the file that is open as @fd (taken): whole lines alone. */
static gboolean
read_lines (Follow *follow, int fd)
{
  g_autoptr (AuditReader) reader = audit_reader_new (fd, follow->offset);
  AuditLine scanned;
  const char *line;
  gsize len;

  while (audit_reader_next (reader, &line, &len, NULL) == AUDIT_READ_LINE)
    {
      if (audit_line_scan (line, len, &scanned))
        {
          if (follow->offset == 0)
            note_first (follow, &scanned);
          if (!take_line (follow, &scanned, line, len))
            return FALSE;
        }
      else
        g_printerr ("File %u of the trail has a line that is no record, at byte %" G_GUINT64_FORMAT
                    ": countersign audit verify says more.\n",
                    follow->number, follow->offset);
      follow->offset += len + 1;
    }
  return TRUE;
}

/* A file that was put in the place of this one is read from its beginning. */
static gboolean
read_file (Follow *follow)
{
  g_autofree char *path = audit_file_path (follow->search->trail->dir, follow->number);
  struct stat st;
  int fd = audit_file_open (path, &st, NULL);

  if (fd < 0)
    return TRUE; /* gone, or not there yet: the folder tells */
  if (st.st_ino != follow->inode || (guint64) st.st_size < follow->offset)
    follow->offset = 0;
  follow->inode = st.st_ino;
  return read_lines (follow, fd);
}

/* The file to go over to once the one that is read has nothing more: the next, or, when that one is
 * no longer there, the first of what is in its place. 0: stay. One with a gap before it is
 * nobody's: who waited for that to grow would see nothing of what is written here. */
static guint
next_file (const Follow *follow)
{
  g_autoptr (GArray) list = audit_file_list (follow->search->trail->dir, NULL);
  gboolean there = FALSE;

  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      guint number = g_array_index (list, guint, i);
      there |= number == follow->number;
      if (number == follow->number + 1 || (!there && number > follow->number))
        return number;
    }
  return there || list == NULL || list->len == 0 ? 0 : g_array_index (list, guint, 0);
}

/* Asked for the next file first, and read then: nothing comes to a file once there is a next. */
static gboolean
read_on (Follow *follow)
{
  for (;;)
    {
      guint next = next_file (follow);
      if (follow->number != 0 && !read_file (follow))
        return FALSE;
      if (next == 0)
        return flush (follow);
      if (next < follow->number)
        begin_anew (follow);
      follow->number = next;
      follow->offset = follow->inode = 0;
      follow->first[0] = '\0';
    }
}

/* ---- the beginning ---- */

static gboolean
on_newest (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  *(guint64 *) user = scanned->seq;
  return FALSE;
}

/* Shows the last few; from then on it is read from the file that is being written. */
static gboolean
begin (Follow *follow, gint64 last, GError **error)
{
  CliSearch *search = follow->search;
  g_autoptr (GArray) list = audit_file_list (search->trail->dir, error);
  AuditWish any = { 0 };
  guint64 newest = 0;

  if (list == NULL || !audit_walk (search->trail->dir, NULL, &any, TRUE, on_newest, &newest, error))
    return FALSE;
  search->last = last;
  if (last > 0 && !cli_search_all (search))
    {
      g_propagate_error (error, g_steal_pointer (&search->error));
      return FALSE;
    }
  follow->last_seq = MAX (newest, search->newest);
  follow->number = list->len > 0 ? g_array_index (list, guint, list->len - 1) : 0;
  search->last = search->shown = 0;
  search->gather = FALSE;
  return TRUE;
}

static gboolean
follow_all (Follow *follow, gint64 last, GError **error)
{
  g_autoptr (CliWatch) watch = cli_watch_new (follow->search->trail->dir, follow->handed, error);

  if (watch == NULL || !begin (follow, last, error))
    return FALSE;
  while (read_on (follow) && cli_watch_wait (watch))
    catch_up (follow);
  if (follow->search->error != NULL)
    g_propagate_error (error, g_steal_pointer (&follow->search->error));
  return *error == NULL;
}

static CliStatus
start (Cli *cli, CliChoose *choose, gint64 last)
{
  g_auto (CliTrail) trail = { .keep_pin = TRUE };
  CliScreen screen = cli_screen ();
  g_autoptr (CliListing) listing
      = cli_listing_new (cli->json ? CLI_LISTING_LINES : CLI_LISTING_HUMAN, &screen);
  g_auto (CliSearch) search = { 0 };
  Follow follow = { .cli = cli, .search = &search, .handed = client_is_system (cli->socket) };
  GError *error = NULL;

  cli_search_init (&search, &trail, choose, listing);
  gboolean done = cli_trail_open (cli, &trail, &error)
                  && (choose->no_names || cli_trail_unseal (cli, &trail, &error))
                  && cli_choose_resolve (choose, &trail, &error)
                  && follow_all (&follow, last, &error);
  return done ? CLI_DONE : cli_fail (cli, error);
}

CliStatus
cli_audit_follow (Cli *cli)
{
  g_auto (CliChoose) choose = { 0 };
  gint last = SHOWN_FIRST;
  const GOptionEntry entries[] = { CLI_CHOOSE_ENTRIES (choose),
                                   { "last", 'n', 0, G_OPTION_ARG_INT, &last,
                                     "Begin with the newest N that there are; else with 10", "N" },
                                   G_OPTION_ENTRY_NULL };

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  if (last < 0)
    return cli_usage (cli, "--last: must not be negative");
  return cli_choose_check (cli, &choose) ? start (cli, &choose, last) : CLI_USAGE;
}
