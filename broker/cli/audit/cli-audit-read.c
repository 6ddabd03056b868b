/* SPDX-License-Identifier: MIT */
#include "broker/cli/audit/cli-audit.h"

#include <string.h>

#include "broker/base/wire.h"

/* Lines are kept, not records, which take five times the room. */
typedef struct
{
  const CliAuditChoice *choice;
  GPtrArray *lines; /* char* */
} Reading;

static gboolean
on_record (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  Reading *reading = user;

  g_ptr_array_add (reading->lines, g_strndup (line, len));
  return reading->choice->seq == 0
         && (reading->choice->last == 0 || reading->lines->len < reading->choice->last);
}

static gboolean
add_record (GPtrArray *records, const char *line, GError **error)
{
  json_t *record = audit_parse_line (line, strlen (line), error);

  if (record == NULL)
    return FALSE;
  g_ptr_array_add (records, record);
  return TRUE;
}

/* The newest so many are found from the end. */
GPtrArray *
cli_audit_read (const CliTrail *trail, const CliAuditChoice *choice, GError **error)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  gboolean backward = choice->last > 0;
  Reading reading = { choice, lines };
  AuditWish wish
      = { choice->since, choice->until, choice->event, choice->id, choice->resource, choice->seq };

  cli_trail_prepare (trail, &wish);
  if (!audit_walk (trail->dir, trail->cache, &wish, backward, on_record, &reading, error))
    return NULL;
  for (guint i = 0; i < lines->len; i++)
    if (!add_record (records, lines->pdata[backward ? lines->len - 1 - i : i], error))
      return NULL;
  return g_steal_pointer (&records);
}
