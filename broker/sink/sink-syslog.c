/* SPDX-License-Identifier: MIT */
#include "broker/sink/sink-syslog.h"

#include <string.h>
#include <syslog.h>

#define HOST_MAX 255
#define EVENT_MAX 32
#define MESSAGE_MAX 256
#define SEQUENCE_MAX 2147483647 /* RFC 5424, 7.3.1; after it comes 1 */
/* Numbers of enterprises are given out by IANA; we have none. 32473 stands for that (RFC 5612). */
#define OURS "countersign@32473"
#define BOM "\xef\xbb\xbf"

char *
sink_syslog_host (const char *name)
{
  gsize len = strlen (name);

  for (gsize i = 0; i < len; i++)
    if (name[i] < 33 || name[i] > 126)
      return g_strdup ("-");
  return len == 0 || len > HOST_MAX ? g_strdup ("-") : g_strdup (name);
}

/* PARAM-VALUE: the three characters that end or begin something stand behind a backslash. */
static void
append_param (GString *out, const char *name, const char *value)
{
  g_string_append_printf (out, " %s=\"", name);
  for (; *value != '\0'; value++)
    {
      if (*value == '"' || *value == '\\' || *value == ']')
        g_string_append_c (out, '\\');
      g_string_append_c (out, *value);
    }
  g_string_append_c (out, '"');
}

static void
append_data (GString *out, const SinkRecord *record, const char *log_id, const GHashTable *left_out,
             const char *names)
{
  g_autofree char *seq = g_strdup_printf ("%" G_GUINT64_FORMAT, record->seq);

  g_string_append (out, "[" OURS);
  append_param (out, "log", log_id);
  append_param (out, "seq", seq);
  append_param (out, "event", record->event);
  append_param (out, "hash", record->hash);
  for (guint i = 0; i < record->members->len; i++)
    {
      const SinkMember *member = &g_array_index (record->members, SinkMember, i);
      if (!g_hash_table_contains ((GHashTable *) left_out, member->name))
        append_param (out, member->name, member->value);
    }
  if (*names != '\0')
    append_param (out, "left_out", names);
  g_string_append (out, "]");
}

static gboolean
is_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guchar) *text >= 0x80)
      return FALSE;
  return TRUE;
}

static void
append_message (GString *out, const SinkRecord *record)
{
  g_string_append_c (out, ' ');
  if (strlen (record->message) > MESSAGE_MAX)
    g_string_append_printf (out, "record %" G_GUINT64_FORMAT, record->seq);
  else
    g_string_append_printf (out, "%s%s", is_ascii (record->message) ? "" : BOM, record->message);
}

static GString *
format (const SinkRecord *record, const char *log_id, const char *host, const GHashTable *left_out,
        const char *names)
{
  GString *out = g_string_new (NULL);

  g_string_printf (out, "<%d>1 %s %s countersign - %.*s ", LOG_AUTHPRIV | record->priority,
                   record->time, host, EVENT_MAX, record->event);
  append_data (out, record, log_id, left_out, names);
  g_string_append_printf (out, "[meta sequenceId=\"%" G_GUINT64_FORMAT "\"]",
                          record->seq == 0 ? 1 : (record->seq - 1) % SEQUENCE_MAX + 1);
  append_message (out, record);
  return out;
}

/* A name with all its values: half a list would be read as the whole. */
static const char *
longest (const SinkRecord *record, const GHashTable *left_out)
{
  g_autoptr (GHashTable) sizes = g_hash_table_new (g_str_hash, g_str_equal);
  const char *found = NULL;
  gsize most = 0;

  for (guint i = 0; i < record->members->len; i++)
    {
      const SinkMember *member = &g_array_index (record->members, SinkMember, i);
      gsize size = GPOINTER_TO_SIZE (g_hash_table_lookup (sizes, member->name))
                   + strlen (member->name) + strlen (member->value) + 4;
      g_hash_table_insert (sizes, member->name, GSIZE_TO_POINTER (size));
      if (size > most && !g_hash_table_contains ((GHashTable *) left_out, member->name))
        {
          most = size;
          found = member->name;
        }
    }
  return found;
}

GString *
sink_syslog_format (const SinkRecord *record, const char *log_id, const char *host, gsize max)
{
  g_autoptr (GHashTable) left_out = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) names = g_string_new (NULL);
  GString *out = format (record, log_id, host, left_out, "");
  const char *name;

  while (out->len > max && (name = longest (record, left_out)) != NULL)
    {
      g_hash_table_add (left_out, (gpointer) name);
      /* What a forged record has hundreds of is not all named. */
      if (names->len < 256)
        g_string_append_printf (names, "%s%s", names->len > 0 ? "," : "", name);
      g_string_free (out, TRUE);
      out = format (record, log_id, host, left_out, names->str);
    }
  return out;
}
