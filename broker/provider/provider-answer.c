/* SPDX-License-Identifier: MIT */
#include "broker/provider/provider-answer.h"

#include <stdio.h>
#include <string.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"

#define MAX_RETRY (24 * 60 * 60) /* seconds; who asks for more does not want us */
#define MAX_LIFE (36 * 60 * 60)  /* seconds; nothing that is issued here lasts longer */

gboolean
provider_answer_refuse (ProviderRead *read, const char *code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_free (read->code);
  g_free (read->message);
  read->ok = FALSE;
  read->code = g_strdup (code);
  read->message = g_strdup_vprintf (format, args);
  va_end (args);
  return FALSE;
}

/* --- Times --- */

gint64
provider_answer_time (const char *text)
{
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time != NULL ? g_date_time_to_unix (time) : -1;
}

gint64
provider_answer_date (const char *text)
{
  static const char *const months[]
      = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  char name[4];
  int day, year, hour, minute, second, end = 0;

  if (text == NULL
      || sscanf (text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, name, &year,
                 &hour, &minute, &second, &end)
             != 6
      || end == 0 || text[end] != '\0')
    return -1;
  for (int month = 0; month < 12; month++)
    if (strcmp (name, months[month]) == 0)
      {
        g_autoptr (GDateTime) time
            = g_date_time_new_utc (year, month + 1, day, hour, minute, MIN (second, 59));
        return time != NULL ? g_date_time_to_unix (time) : -1;
      }
  return -1;
}

/* Seconds that the clock of who answered is ahead of ours; 0 when it does not tell. */
static gint64
skew (const ProviderReply *reply)
{
  gint64 date = provider_answer_date (reply->date);

  return date >= 0 ? date - reply->now : 0;
}

gboolean
provider_answer_skewed (const ProviderReply *reply)
{
  return ABS (skew (reply)) > PROVIDER_MAX_SKEW;
}

gboolean
provider_answer_expires (const ProviderReply *reply, ProviderRead *read, gint64 end,
                         const char *what)
{
  gint64 ours = end - skew (reply);

  if (end < 0)
    return provider_answer_refuse (read, "answer",
                                   "%s came without the time at which it ends; "
                                   "it was thrown away",
                                   what);
  if (ours <= reply->now)
    return provider_answer_refuse (read, "expired",
                                   "%s had ended when it came; see that the clock of this machine "
                                   "is right, then ask again",
                                   what);
  if (ours - reply->now > MAX_LIFE)
    return provider_answer_refuse (
        read, "answer",
        "%s came with a time at which it ends that is not as documented; "
        "it was thrown away",
        what);
  json_object_set_new (read->fields, "expires_at", json_integer (ours));
  return TRUE;
}

/* --- Status --- */

static gint64
retry_after (const ProviderReply *reply)
{
  guint64 seconds;
  gint64 date = provider_answer_date (reply->retry_after);

  if (date >= 0)
    return CLAMP (date - reply->now - skew (reply), 1, MAX_RETRY);
  if (reply->retry_after != NULL
      && g_ascii_string_to_unsigned (reply->retry_after, 10, 0, G_MAXUINT64, &seconds, NULL))
    return CLAMP (seconds, 1, MAX_RETRY);
  return 0;
}

static gboolean
refuse_rate (const ProviderReply *reply, ProviderRead *read, const char *who)
{
  read->retry_after = retry_after (reply);
  if (read->retry_after == 0)
    return provider_answer_refuse (
        read, "rate_limited", "%s was asked too often; wait some minutes, then ask again", who);
  g_autofree char *wait = text_format_duration (read->retry_after);
  return provider_answer_refuse (read, "rate_limited",
                                 "%s was asked too often; ask again in %s, not before", who, wait);
}

static gboolean
refuse_clock (const ProviderReply *reply, ProviderRead *read, const char *who)
{
  gint64 ahead = skew (reply);
  g_autofree char *off = text_format_duration (ABS (ahead));

  return provider_answer_refuse (read, "clock",
                                 "the clock of this machine is %s %s that of %s, which therefore "
                                 "refused; set it right, then ask again",
                                 off, ahead > 0 ? "behind" : "ahead of", who);
}

gboolean
provider_answer_status (const ProviderReply *reply, ProviderRead *read, const char *who)
{
  long status = reply->status;

  if (status == 429 || ((status == 403 || status == 503) && reply->retry_after != NULL))
    return refuse_rate (reply, read, who);
  if (status >= 500)
    return provider_answer_refuse (read, "unavailable",
                                   "%s answered with status %ld: it cannot now; ask again later",
                                   who, status);
  if (status >= 400 && provider_answer_skewed (reply))
    return refuse_clock (reply, read, who);
  if (status >= 400)
    return provider_answer_refuse (read, "refused",
                                   "%s refused with status %ld; see that what is set up for it is "
                                   "right: `countersign provider show` names it",
                                   who, status);
  if (status < 200 || status >= 300)
    return provider_answer_refuse (read, "answer",
                                   "%s answered with status %ld, which is not followed; see that "
                                   "the address that is set up for it is right",
                                   who, status);
  if (reply->len > PROVIDER_MAX_ANSWER)
    return provider_answer_refuse (read, "answer", "the answer of %s is too large: over 1 MiB",
                                   who);
  return TRUE;
}

/* --- JSON --- */

static json_t *
load (const ProviderReply *reply, json_error_t *error)
{
  json_t *root = json_loadb (reply->body, reply->len, JSON_REJECT_DUPLICATES, error);

  /* A serial of an SSH certificate has 64 bits without a sign. */
  if (root == NULL && json_error_code (error) == json_error_numeric_overflow)
    root = json_loadb (reply->body, reply->len, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL,
                       error);
  return root;
}

static gboolean
is_page (const ProviderReply *reply)
{
  gsize at = 0;

  while (at < reply->len && g_ascii_isspace (reply->body[at]))
    at++;
  return (at < reply->len && reply->body[at] == '<')
         || (reply->content_type != NULL
             && g_ascii_strncasecmp (reply->content_type, "text/html", 9) == 0);
}

json_t *
provider_answer_json (const ProviderReply *reply, ProviderRead *read, const char *who)
{
  json_error_t error = { 0 };
  g_autoptr (json_t) root = NULL;

  if (is_page (reply))
    provider_answer_refuse (read, "answer",
                            "%s answered with a page for people; see that the address that is set "
                            "up for it is right, and that no portal stands between",
                            who);
  else if ((root = reply->len > 0 ? load (reply, &error) : NULL) == NULL)
    provider_answer_refuse (read, "answer",
                            reply->len == 0
                                    || json_error_code (&error) == json_error_premature_end_of_input
                                ? "the answer of %s ends too early; ask again"
                                : "the answer of %s is not JSON; see that the address that is set "
                                  "up for it is right",
                            who);
  else if (!json_is_object (root))
    provider_answer_refuse (read, "answer", "the answer of %s is not as documented", who);
  else
    return g_steal_pointer (&root);
  return NULL;
}

json_t *
provider_answer_error (const ProviderReply *reply)
{
  json_error_t error;
  g_autoptr (json_t) root = NULL;

  if (reply->len > 0 && reply->len <= PROVIDER_MAX_ANSWER)
    root = load (reply, &error);
  return json_is_object (root) ? g_steal_pointer (&root) : NULL;
}

const char *
provider_answer_word (const json_t *object, const char *name, gsize max)
{
  const json_t *value = json_object_get (object, name);
  const char *text = json_string_value (value);
  gsize len = json_string_length (value);

  if (text == NULL || len == 0 || len > max)
    return NULL;
  for (gsize i = 0; i < len; i++)
    if (!g_ascii_isgraph (text[i]))
      return NULL;
  return text;
}

gboolean
provider_answer_number (const json_t *object, const char *name, gint64 max, gint64 *number)
{
  const json_t *value = json_object_get (object, name);
  double real = json_number_value (value);

  if (!json_is_number (value) || !(real >= 0 && real <= (double) max))
    return FALSE;
  *number = json_is_integer (value) ? json_integer_value (value) : (gint64) real;
  return json_is_integer (value) || (double) *number == real;
}

/* --- Values --- */

void
provider_answer_value (ProviderRead *read, const char *name, const char *bytes, gsize len)
{
  ProviderValue *value = g_new0 (ProviderValue, 1);

  value->name = g_strdup (name);
  value->bytes = g_malloc (len + 1);
  memcpy (value->bytes, bytes, len);
  value->bytes[len] = '\0';
  value->len = len;
  g_ptr_array_add (read->values, value);
}

void
provider_answer_credential (ProviderRead *read, json_t *object)
{
  gsize len;
  char *text = wire_dump (object, &len);

  if (text != NULL)
    {
      provider_answer_value (read, "credential", text, len - 1); /* without its newline */
      wire_text_free (text, len);
    }
  json_decref (object);
}
