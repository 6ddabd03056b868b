/* SPDX-License-Identifier: MIT
 *
 * The audit trail at the command line: reading records and, with the PIN, what is sealed in them.
 */
#pragma once

#include <jansson.h>

#include "broker/audit/audit-walk.h"
#include "broker/cli/cli.h"
#include "broker/client/client.h"

/* Which records; NULL and 0 do not choose. */
typedef struct
{
  const char *event;
  const char *id; /* a request's or a grant's: every record of that request */
  guint64 seq;
  char *since, *until;  /* as records write times */
  gint64 last;          /* only so many, the newest */
  const char *resource; /* its token */
} CliAuditChoice;

typedef struct
{
  char *dir;
  Client *client;    /* opened with the PIN; NULL: the trail can be read without */
  AuditCache *cache; /* NULL: without indexes */
  gboolean keep_pin; /* set before it is opened: for cli_trail_return() */
  Secret *pin;
} CliTrail;

/* Finds the trail, or in system mode asks the PIN and the broker for it. FALSE with an error; then
 * there is nothing to clear. */
gboolean cli_trail_open (const Cli *cli, CliTrail *trail, GError **error);
void cli_trail_clear (CliTrail *trail);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliTrail, cli_trail_clear)
/* In system mode: files that the broker has begun since. */
gboolean cli_trail_refresh (CliTrail *trail, GError **error);
/* Connects again, by the PIN that was kept, to a broker that was replaced; in system mode @number
 * is fetched anew. FALSE: it cannot be asked now, or takes that PIN no longer. */
gboolean cli_trail_return (const Cli *cli, CliTrail *trail, guint number);

/* Asks the PIN, where it has not been: from then on what is sealed can be opened, and indexes are
 * used. Where the broker cannot be asked it says why on standard error, and the trail is read all
 * the same; FALSE with an error when it was asked and refused. */
gboolean cli_trail_unseal (const Cli *cli, CliTrail *trail, GError **error);

/* Before records that @wish chooses are looked for: makes the indexes that are missing, and tells
 * how far it is where somebody waits at a terminal. Before a pager is started. */
void cli_trail_prepare (const CliTrail *trail, const AuditWish *wish);

/* Those records, oldest first, of json_t; NULL with an error when the trail cannot be read. */
GPtrArray *cli_audit_read (const CliTrail *trail, const CliAuditChoice *choice, GError **error);

/* Puts what is sealed in @records in its place, where the broker can be asked; says on standard
 * error why where it cannot. FALSE with an error when it was asked and refused. */
gboolean cli_audit_open (const Cli *cli, const CliTrail *trail, GPtrArray *records, GError **error);
/* The same, by the trail's own connection; without one they stay as they are. */
gboolean cli_audit_unseal (const CliTrail *trail, GPtrArray *records, GError **error);
