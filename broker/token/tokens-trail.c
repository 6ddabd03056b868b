/* SPDX-License-Identifier: MIT
 *
 * What was minted before this broker began: the audit trail knows. It may be long, so it is read on
 * a thread of its own, and only as far back as a token can live.
 */
#include "broker/token/tokens-private.h"

#include <string.h>

#include "broker/audit/audit-file.h"
#include "broker/audit/audit-verify.h"
#include "broker/base/text.h"

#define MARGIN 3600 /* seconds that the clock may have been set back */

typedef struct
{
  Tokens *tokens;
  guint opening;
  char *dir;
  gint64 now;
  gint64 panic;       /* seconds since 1970: the last one; 0: none */
  GPtrArray *records; /* json_t: token_minted, _revoked and _key_made behind it, in their order */
} Trail;

static void
trail_free (Trail *trail)
{
  g_ptr_array_unref (trail->records);
  g_free (trail->dir);
  g_free (trail);
}

/* ---- on the thread ---- */

static gint64
seconds_of (const char *time)
{
  g_autofree char *text = g_strndup (time, AUDIT_TIME_LEN);
  g_autoptr (GDateTime) date = g_date_time_new_from_iso8601 (text, NULL);

  return date != NULL ? g_date_time_to_unix (date) : 0;
}

static void
take (Trail *trail, const AuditLine *scanned, const char *line, gsize len)
{
  if (audit_line_is_event (scanned, "broker_panic"))
    {
      g_ptr_array_set_size (trail->records, 0); /* its keys are void */
      trail->panic = seconds_of (scanned->time);
    }
  if (!audit_line_is_event (scanned, "token_minted")
      && !audit_line_is_event (scanned, "token_revoked")
      && !audit_line_is_event (scanned, "token_key_made"))
    return;
  json_t *record = audit_parse_line (line, len, NULL);
  if (record != NULL)
    g_ptr_array_add (trail->records, record);
}

/* @time: when the file begins, "" when it has no record. */
static gboolean
read_file (Trail *trail, guint number, gboolean first_only, char time[AUDIT_TIME_LEN + 1],
           GError **error)
{
  g_autofree char *path = audit_file_path (trail->dir, number);
  struct stat st;
  int fd = audit_file_open (path, &st, error);
  const char *line;
  AuditLine scanned;
  gsize len;

  time[0] = '\0';
  if (fd < 0)
    return FALSE;
  g_autoptr (AuditReader) reader = audit_reader_new (fd, 0);
  while (audit_reader_next (reader, &line, &len, NULL) == AUDIT_READ_LINE
         && audit_line_scan (line, len, &scanned))
    {
      if (time[0] == '\0')
        g_strlcpy (time, scanned.time, AUDIT_TIME_LEN + 1);
      if (first_only)
        break;
      take (trail, &scanned, line, len);
    }
  return TRUE;
}

/* The file in which the oldest token begins that can still be good. */
static guint
first_needed (Trail *trail, const GArray *numbers)
{
  g_autofree char *since
      = text_format_time ((trail->now - TOKENS_LIFE_MAX - MARGIN) * G_USEC_PER_SEC);
  char time[AUDIT_TIME_LEN + 1];
  guint i = numbers->len;

  while (i > 0)
    {
      i--;
      if (read_file (trail, g_array_index (numbers, guint, i), TRUE, time, NULL) && time[0] != '\0'
          && strcmp (time, since) < 0)
        break;
    }
  return i;
}

static gboolean
run (gpointer data, GError **error)
{
  Trail *trail = data;
  g_autoptr (GArray) numbers = audit_file_list (trail->dir, error);
  char time[AUDIT_TIME_LEN + 1];

  if (numbers == NULL)
    return FALSE;
  for (guint i = first_needed (trail, numbers); i < numbers->len; i++)
    if (!read_file (trail, g_array_index (numbers, guint, i), FALSE, time, error))
      return FALSE;
  return TRUE;
}

/* ---- on the main loop ---- */

/* Who it is for and whose it is are sealed. */
static void
add_minted (Tokens *self, const json_t *record)
{
  const char *sealed = wire_string (record, "sealed"), *id = wire_string (record, "jti");
  g_autofree char *text = sealed != NULL ? audit_open_text (self->vault->audit, sealed,
                                                            wire_integer (record, "seq", 0), NULL)
                                         : NULL;
  g_autoptr (json_t) opened = text != NULL ? json_loads (text, 0, NULL) : NULL;

  if (id == NULL || !tokens_is_id (id) || self->order.length >= TOKENS_MOST)
    return;
  TokenEntry *entry = g_new0 (TokenEntry, 1);
  entry->id = g_strdup (id);
  entry->provider = g_strdup (wire_string (record, "provider"));
  entry->audience = g_strdup (wire_string (opened, "audience"));
  entry->subject = g_strdup (wire_string (opened, "subject"));
  entry->scopes = wire_texts (json_object_get (record, "scopes"));
  entry->grant_id = g_strdup (wire_string (record, "grant_id"));
  entry->expires_at = wire_integer (record, "exp", 0);
  entry->owner = g_strdup (wire_string (opened, "owner"));
  entry->pid = (pid_t) wire_integer (record, "pid", 0);
  entry->start = (guint64) wire_integer (record, "start", 0);
  entry->boot = g_strdup (wire_string (record, "boot"));
  tokens_add (self, entry);
}

static void
take_record (Tokens *self, const json_t *record)
{
  const char *event = wire_string (record, "event"), *id = wire_string (record, "jti");
  const char *kid = wire_string (record, "kid");
  gint64 until = wire_integer (record, "until", 0);

  if (g_strcmp0 (event, "token_minted") == 0)
    add_minted (self, record);
  else if (g_strcmp0 (event, "token_key_made") == 0 && kid != NULL)
    g_hash_table_add (self->since, g_strdup (kid));
  else if (id != NULL && until > tokens_now ())
    tokens_note_revoked (self, id, until);
}

/* What the store knows was revoked is known already; that the trail knows more can be after a
 * crash, or when an old store was put back. */
static void
on_read (gpointer data, const GError *error)
{
  Trail *trail = data;
  Tokens *self = trail->tokens;

  if (trail->opening == self->opening && self->begun)
    {
      for (guint i = 0; i < trail->records->len; i++)
        take_record (self, trail->records->pdata[i]);
      self->listed = TRUE;
      tokens_end_belated (self);
      tokens_keys_distrust (self, trail->panic);
      tokens_wake (&self->want_listed, NULL);
      tokens_keys_wake (self);
    }
  trail_free (trail);
}

void
tokens_trail_begin (Tokens *self)
{
  Trail *trail = g_new0 (Trail, 1);

  trail->tokens = self;
  trail->opening = self->opening;
  trail->dir = g_strdup (audit_dir (self->vault->audit));
  trail->now = tokens_now ();
  trail->records = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  writer_push (tokens_aside (self), NULL, run, on_read, trail);
}
