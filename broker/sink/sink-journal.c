/* SPDX-License-Identifier: MIT */
#include "broker/sink/sink-journal.h"

#include <syslog.h>

/* A value is one line (sink-record.h): the form for values of several lines is not needed. */
static void
append_field (GString *out, const char *name, const char *value)
{
  g_autofree char *upper = g_ascii_strup (name, -1);

  g_string_append_printf (out, "COUNTERSIGN_%s=%s\n", upper, value);
}

GString *
sink_journal_format (const SinkRecord *record, const char *log_id)
{
  GString *out = g_string_new (NULL);

  g_string_printf (out,
                   "MESSAGE=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=countersign\nSYSLOG_FACILITY=%d\n"
                   "COUNTERSIGN_SEQ=%" G_GUINT64_FORMAT "\n",
                   record->message, record->priority, LOG_FAC (LOG_AUTHPRIV), record->seq);
  append_field (out, "log", log_id);
  append_field (out, "time", record->time);
  append_field (out, "event", record->event);
  append_field (out, "hash", record->hash);
  for (guint i = 0; i < record->members->len; i++)
    {
      const SinkMember *member = &g_array_index (record->members, SinkMember, i);
      append_field (out, member->name, member->value);
    }
  return out;
}
