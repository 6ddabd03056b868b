/* SPDX-License-Identifier: MIT */
#include "broker/sink/sink-record.h"

#include <string.h>
#include <syslog.h>

#include "broker/audit/audit-verify.h"
#include "broker/base/text.h"
#include "broker/base/wire.h"

/* What somebody who watches a screen of many machines should see first. All else is a notice. */
static const struct
{
  const char *event;
  int priority;
} priorities[] = {
  { "trail_differs", LOG_CRIT },
  { "trail_restarted", LOG_CRIT },
  { "broker_panic", LOG_CRIT },
  { "key_counter", LOG_CRIT },
  { "records_dropped", LOG_ERR },
  { "unreleased", LOG_ERR },
  { "bearer_refused", LOG_WARNING },
  { "mended", LOG_WARNING },
  { "passphrase_wrong", LOG_WARNING },
  { "peer_refused", LOG_WARNING },
  { "pin_wrong", LOG_WARNING },
  { "reference_refused", LOG_WARNING },
  { "requests_refused", LOG_WARNING },
  { "closed", LOG_INFO },
  { "command_done", LOG_INFO },
  { "grant_used", LOG_INFO },
  { "http_done", LOG_INFO },
  { "segment", LOG_INFO },
  { "token_minted", LOG_INFO },
  { "token_refreshed", LOG_INFO },
};

static int
priority_of (const char *event)
{
  for (gsize i = 0; i < G_N_ELEMENTS (priorities); i++)
    if (strcmp (event, priorities[i].event) == 0)
      return priorities[i].priority;
  return LOG_NOTICE;
}

static void
member_clear (gpointer data)
{
  SinkMember *member = data;

  g_free (member->name);
  g_free (member->value);
}

static SinkRecord *
record_new (guint64 seq, char *event)
{
  SinkRecord *self = g_new0 (SinkRecord, 1);

  self->seq = seq;
  self->event = event;
  self->priority = priority_of (event);
  self->members = g_array_new (FALSE, FALSE, sizeof (SinkMember));
  g_array_set_clear_func (self->members, member_clear);
  return self;
}

void
sink_record_free (SinkRecord *self)
{
  g_array_unref (self->members);
  g_free (self->event);
  g_free (self->message);
  g_free (self);
}

void
sink_record_add (SinkRecord *self, const char *name, const char *value)
{
  SinkMember member = { g_strdup (name), text_escape (value) };

  g_array_append_val (self->members, member);
}

static void
add_value (SinkRecord *self, const char *name, const json_t *value)
{
  const json_t *item;
  gsize i;

  if (json_is_integer (value))
    {
      g_autofree char *number
          = g_strdup_printf ("%" JSON_INTEGER_FORMAT, json_integer_value (value));
      sink_record_add (self, name, number);
    }
  else if (json_is_string (value))
    sink_record_add (self, name, json_string_value (value));
  json_array_foreach (value, i, item) sink_record_add (self, name, json_string_value (item));
}

static gboolean
is_told_apart (const char *name, gboolean sealed)
{
  static const char *const always[] = { "seq", "time", "event", "log", "prev", "mac", NULL };

  return g_strv_contains (always, name) || (!sealed && strcmp (name, "sealed") == 0);
}

/* ", name value", in an order that reads. */
static void
say (GString *out, const json_t *record, const char *name, const char *label)
{
  const json_t *value = json_object_get (record, name);

  if (json_is_integer (value))
    g_string_append_printf (out, ", %s%" JSON_INTEGER_FORMAT, label, json_integer_value (value));
  else if (json_is_string (value))
    {
      g_autofree char *text = text_escape (json_string_value (value));
      g_string_append_printf (out, ", %s%s", label, text);
    }
}

static char *
message_of (const SinkRecord *self, const json_t *record)
{
  static const struct
  {
    const char *name, *label;
  } told[] = { { "operation", "" },      { "request_id", "request " },
               { "grant_id", "grant " }, { "pid", "process " },
               { "code", "" },           { "why", "" },
               { "failed", "" },         { "count", "count " } };
  GString *out = g_string_new (NULL);
  g_autofree char *words = g_strdelimit (g_strdup (self->event), "_", ' ');

  g_string_append_printf (out, "record %" G_GUINT64_FORMAT ": %s", self->seq, words);
  for (gsize i = 0; i < G_N_ELEMENTS (told); i++)
    say (out, record, told[i].name, told[i].label);
  return g_string_free (out, FALSE);
}

SinkRecord *
sink_record_new (const char *line, gsize len, const AuditLine *scanned,
                 const char hash[AUDIT_HEX_LEN], gboolean sealed, GError **error)
{
  g_autoptr (json_t) record = audit_parse_line (line, len, error);
  const char *name;
  json_t *value;

  if (record == NULL)
    return NULL;
  SinkRecord *self = record_new (scanned->seq, g_strndup (scanned->event, scanned->event_len));
  memcpy (self->time, scanned->time, AUDIT_TIME_LEN);
  memcpy (self->hash, hash, AUDIT_HEX_LEN);
  json_object_foreach (record, name, value)
  {
    if (!is_told_apart (name, sealed) && strlen (name) <= SINK_NAME_MAX)
      add_value (self, name, value);
  }
  self->message = message_of (self, record);
  return self;
}

SinkRecord *
sink_record_differs (guint64 seq, const char *hash, const char *why)
{
  SinkRecord *self = record_new (seq, g_strdup ("trail_differs"));
  g_autofree char *now = text_format_time (g_get_real_time ());
  g_autofree char *text = text_escape (why);

  g_strlcpy (self->time, now, sizeof self->time);
  g_strlcpy (self->hash, hash, sizeof self->hash);
  sink_record_add (self, "why", why);
  self->message = g_strdup_printf (
      "the trail does not go on from record %" G_GUINT64_FORMAT ", which was sent: %s", seq, text);
  return self;
}
