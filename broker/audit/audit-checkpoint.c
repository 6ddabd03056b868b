/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-checkpoint.h"

#include "broker/base/wire.h"

#include <string.h>

#define SEGMENT_MAX 999999

static const WireField fields[] = {
  { "format", WIRE_INTEGER, TRUE, 1, 1, NULL, NULL, 0 },
  { "log", WIRE_STRING, TRUE, 1, 64, NULL, NULL, 0 },
  { "seq", WIRE_INTEGER, TRUE, 1, G_MAXINT64, NULL, NULL, 0 },
  { "hash", WIRE_STRING, TRUE, AUDIT_HEX_LEN, AUDIT_HEX_LEN, NULL, NULL, 0 },
  { "segment", WIRE_INTEGER, TRUE, 1, SEGMENT_MAX, NULL, NULL, 0 },
  { "time", WIRE_STRING, TRUE, AUDIT_TIME_LEN, AUDIT_TIME_LEN, NULL, NULL, 0 },
  { "first_key", WIRE_STRING, FALSE, AUDIT_HEX_LEN, AUDIT_HEX_LEN, NULL, NULL, 0 },
  { "key", WIRE_STRING, FALSE, AUDIT_HEX_LEN, AUDIT_HEX_LEN, NULL, NULL, 0 },
  { "begins", WIRE_OBJECT, FALSE, 0, 0, NULL, NULL, 0 },
};

static const WireField begins_fields[] = {
  { "segment", WIRE_INTEGER, TRUE, 1, SEGMENT_MAX, NULL, NULL, 0 },
  { "seq", WIRE_INTEGER, TRUE, 1, G_MAXINT64, NULL, NULL, 0 },
  { "prev", WIRE_STRING, TRUE, AUDIT_HEX_LEN, AUDIT_HEX_LEN, NULL, NULL, 0 },
  { "key", WIRE_STRING, FALSE, AUDIT_HEX_LEN, AUDIT_HEX_LEN, NULL, NULL, 0 },
};

/* Its length is right already; NULL: there is none. */
static gboolean
take_hex (const json_t *object, const char *name, char *out, GError **error)
{
  const char *text = wire_string (object, name);

  if (text != NULL && strspn (text, "0123456789abcdef") != AUDIT_HEX_LEN)
    {
      g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s: must be %d lower-case hex digits",
                   name, AUDIT_HEX_LEN);
      return FALSE;
    }
  if (text != NULL)
    memcpy (out, text, AUDIT_HEX_LEN + 1);
  return TRUE;
}

/* It is printed, and is somebody else's text. */
static gboolean
is_plain (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr ("-:.", *text) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
take_begins (const json_t *object, AuditCheckpoint *out, GError **error)
{
  if (object == NULL)
    return TRUE;
  if (!wire_check (begins_fields, G_N_ELEMENTS (begins_fields), object, error)
      || !take_hex (object, "prev", out->begins_prev, error)
      || !take_hex (object, "key", out->begins_key, error))
    {
      g_prefix_error (error, "begins.");
      return FALSE;
    }
  out->begins.segment = (guint) wire_integer (object, "segment", 0);
  out->begins.seq = (guint64) wire_integer (object, "seq", 0);
  return TRUE;
}

gboolean
audit_checkpoint_parse (const char *text, gsize len, AuditCheckpoint *out, GError **error)
{
  g_autoptr (json_t) object = wire_parse (text, len, FALSE, error);

  memset (out, 0, sizeof *out);
  if (object == NULL || !wire_check (fields, G_N_ELEMENTS (fields), object, error))
    return FALSE;
  if (!is_plain (wire_string (object, "log")) || !is_plain (wire_string (object, "time")))
    {
      g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD,
                           "log, time: must be letters, digits, “-”, “:” and “.”");
      return FALSE;
    }
  g_strlcpy (out->log_id, wire_string (object, "log"), sizeof out->log_id);
  g_strlcpy (out->time, wire_string (object, "time"), sizeof out->time);
  out->seq = (guint64) wire_integer (object, "seq", 0);
  out->segment = (guint) wire_integer (object, "segment", 0);
  return take_hex (object, "hash", out->hash, error)
         && take_hex (object, "first_key", out->first_key, error)
         && take_hex (object, "key", out->key, error)
         && take_begins (json_object_get (object, "begins"), out, error);
}

static void
put (json_t *object, const char *name, const char *text)
{
  if (*text != '\0')
    json_object_set_new (object, name, json_string (text));
}

char *
audit_checkpoint_print (const AuditCheckpoint *checkpoint)
{
  g_autoptr (json_t) object
      = json_pack ("{s:i, s:s, s:I, s:s, s:i, s:s}", "format", 1, "log", checkpoint->log_id, "seq",
                   (json_int_t) checkpoint->seq, "hash", checkpoint->hash, "segment",
                   (int) checkpoint->segment, "time", checkpoint->time);

  put (object, "first_key", checkpoint->first_key);
  put (object, "key", checkpoint->key);
  if (checkpoint->begins.segment > 0)
    {
      json_t *begins
          = json_pack ("{s:i, s:I, s:s}", "segment", (int) checkpoint->begins.segment, "seq",
                       (json_int_t) checkpoint->begins.seq, "prev", checkpoint->begins_prev);
      put (begins, "key", checkpoint->begins_key);
      json_object_set_new (object, "begins", begins);
    }
  return wire_dump (object, NULL);
}

gboolean
audit_checkpoint_take (AuditCheckpoint *out, const AuditReport *report, const char *time)
{
  memset (out, 0, sizeof *out);
  if (report->log_id == NULL || report->records == 0)
    return FALSE;
  g_strlcpy (out->log_id, report->log_id, sizeof out->log_id);
  g_strlcpy (out->time, time, sizeof out->time);
  out->seq = report->last_seq;
  out->segment = report->last_segment;
  memcpy (out->hash, report->last_hash, sizeof out->hash);
  memcpy (out->first_key, report->first_key, sizeof out->first_key);
  memcpy (out->key, report->next_key, sizeof out->key);
  if (report->first_segment == 1)
    return TRUE;
  out->begins.segment = report->first_segment;
  out->begins.seq = report->first_seq;
  memcpy (out->begins_prev, report->first_prev, sizeof out->begins_prev);
  memcpy (out->begins_key, report->first_key, sizeof out->begins_key);
  return TRUE;
}

void
audit_checkpoint_expect (const AuditCheckpoint *checkpoint, AuditExpect *expect)
{
  expect->log_id = checkpoint->log_id;
  expect->head_seq = checkpoint->seq;
  expect->head_hash = checkpoint->hash;
  expect->head_key = *checkpoint->key != '\0' ? checkpoint->key : NULL;
  if (checkpoint->begins.segment == 0)
    return;
  expect->begins = checkpoint->begins;
  expect->begins.prev = checkpoint->begins_prev;
  expect->begins.key = *checkpoint->begins_key != '\0' ? checkpoint->begins_key : NULL;
}
