/* SPDX-License-Identifier: MIT */
#include "tests/unit/rfc5424.h"

#include <string.h>

typedef struct
{
  const char *at, *end;
  const char *rule; /* that does not hold; NULL: all do */
} Reader;

static gboolean
must (Reader *reader, gboolean holds, const char *rule)
{
  if (!holds && reader->rule == NULL)
    reader->rule = rule;
  return reader->rule == NULL;
}

static gboolean
take (Reader *reader, char wanted, const char *rule)
{
  if (!must (reader, reader->at < reader->end && *reader->at == wanted, rule))
    return FALSE;
  reader->at++;
  return TRUE;
}

/* 1*@max PRINTUSASCII, but for those in @except. */
static char *
printable (Reader *reader, gsize max, const char *except, const char *rule)
{
  const char *from = reader->at;

  while (reader->at < reader->end && *reader->at >= 33 && *reader->at <= 126
         && strchr (except, *reader->at) == NULL)
    reader->at++;
  must (reader, reader->at > from && (gsize) (reader->at - from) <= max, rule);
  return g_strndup (from, (gsize) (reader->at - from));
}

static void
read_priority (Reader *reader, Rfc5424 *message)
{
  guint value = 0, digits = 0;

  take (reader, '<', "PRI");
  for (; reader->at < reader->end && g_ascii_isdigit (*reader->at) && digits < 3; digits++)
    value = value * 10 + (guint) (*reader->at++ - '0');
  must (reader, digits > 0 && value <= 191, "PRIVAL");
  message->facility = (int) value / 8;
  message->severity = (int) value % 8;
  take (reader, '>', "PRI");
  take (reader, '1', "VERSION");
}

/* FULL-DATE "T" PARTIAL-TIME TIME-OFFSET; each # is a digit. */
static void
read_time (Reader *reader, Rfc5424 *message)
{
  static const char form[] = "####-##-##T##:##:##.###Z";
  gsize len = strlen (form);

  if (!must (reader, (gsize) (reader->end - reader->at) >= len, "TIMESTAMP"))
    return;
  for (gsize i = 0; i < len; i++)
    must (reader, form[i] == '#' ? g_ascii_isdigit (reader->at[i]) : form[i] == reader->at[i],
          "TIMESTAMP");
  message->time = g_strndup (reader->at, len);
  reader->at += len;
}

static void
read_param (Reader *reader, Rfc5424 *message, const char *id)
{
  g_autofree char *name = printable (reader, 32, "= ]\"", "PARAM-NAME");
  g_autoptr (GString) value = g_string_new (NULL);

  take (reader, '=', "SD-PARAM");
  take (reader, '"', "SD-PARAM");
  while (reader->rule == NULL && reader->at < reader->end && *reader->at != '"')
    {
      if (*reader->at == '\\' && reader->at + 1 < reader->end)
        reader->at++;
      else
        must (reader, *reader->at != ']' && *reader->at != '\\', "PARAM-VALUE");
      g_string_append_c (value, *reader->at++);
    }
  take (reader, '"', "SD-PARAM");
  must (reader, g_utf8_validate (value->str, (gssize) value->len, NULL), "UTF-8-STRING");
  g_ptr_array_add (message->params, g_strdup_printf ("%s %s=%s", id, name, value->str));
}

static void
read_element (Reader *reader, Rfc5424 *message)
{
  take (reader, '[', "SD-ELEMENT");
  g_autofree char *id = printable (reader, 32, "= ]\"", "SD-ID");
  const char *number = strchr (id, '@');

  /* Without "@" it is IANA's to give. */
  must (reader,
        number != NULL
            ? number[1] != '\0' && strspn (number + 1, "0123456789.") == strlen (number + 1)
            : strcmp (id, "meta") == 0 || strcmp (id, "origin") == 0
                  || strcmp (id, "timeQuality") == 0,
        "SD-ID");
  while (reader->rule == NULL && reader->at < reader->end && *reader->at == ' ')
    {
      reader->at++;
      read_param (reader, message, id);
    }
  take (reader, ']', "SD-ELEMENT");
}

static void
read_data (Reader *reader, Rfc5424 *message)
{
  if (reader->at < reader->end && *reader->at == '-')
    reader->at++;
  else
    do
      read_element (reader, message);
    while (reader->rule == NULL && reader->at < reader->end && *reader->at == '[');
}

static void
read_message (Reader *reader, Rfc5424 *message)
{
  if (reader->rule != NULL || reader->at == reader->end)
    return;
  take (reader, ' ', "MSG");
  message->marked = reader->end - reader->at >= 3 && memcmp (reader->at, "\xef\xbb\xbf", 3) == 0;
  reader->at += message->marked ? 3 : 0;
  message->message = g_strndup (reader->at, (gsize) (reader->end - reader->at));
  must (reader, g_utf8_validate (message->message, -1, NULL), "MSG-UTF8");
}

static void
read_header (Reader *reader, Rfc5424 *message)
{
  read_priority (reader, message);
  take (reader, ' ', "HEADER");
  read_time (reader, message);
  take (reader, ' ', "HEADER");
  message->host = printable (reader, 255, "", "HOSTNAME");
  take (reader, ' ', "HEADER");
  message->app = printable (reader, 48, "", "APP-NAME");
  take (reader, ' ', "HEADER");
  message->procid = printable (reader, 128, "", "PROCID");
  take (reader, ' ', "HEADER");
  message->msgid = printable (reader, 32, "", "MSGID");
  take (reader, ' ', "HEADER");
}

gboolean
rfc5424_read (const char *text, gsize len, Rfc5424 *message, const char **rule)
{
  Reader reader = { text, text + len, NULL };

  *message = (Rfc5424){ .params = g_ptr_array_new_with_free_func (g_free) };
  read_header (&reader, message);
  read_data (&reader, message);
  read_message (&reader, message);
  *rule = reader.rule;
  return reader.rule == NULL;
}

void
rfc5424_clear (Rfc5424 *message)
{
  g_free (message->time);
  g_free (message->host);
  g_free (message->app);
  g_free (message->procid);
  g_free (message->msgid);
  g_free (message->message);
  g_ptr_array_unref (message->params);
}

const char *
rfc5424_param (const Rfc5424 *message, const char *id, const char *name)
{
  g_autofree char *begin = g_strdup_printf ("%s %s=", id, name);

  for (guint i = 0; i < message->params->len; i++)
    if (g_str_has_prefix (message->params->pdata[i], begin))
      return (const char *) message->params->pdata[i] + strlen (begin);
  return NULL;
}
