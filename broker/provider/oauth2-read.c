/* SPDX-License-Identifier: MIT
 *
 * Answers of a token endpoint, of a device authorization endpoint, and of revocation.
 *
 * MUST
 *  - take no token that a header could not carry
 *  - take no address that a person's browser should not be sent to
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-readers.h"
#include "broker/provider/oauth2-answer.h"

#define MAX_TOKEN (32 * 1024)
#define MAX_SCOPE 8192
#define MAX_LIFE G_MAXINT32    /* seconds */
#define MAX_INTERVAL (10 * 60) /* seconds between two polls */
#define INTERVAL 5             /* RFC 8628, 3.2 */

/* --- Tokens --- */

/* RFC 6749, A.12: VSCHAR. */
static gboolean
take_token (OAuth2Answer *answer, const char *name, gboolean required)
{
  const json_t *value = json_object_get (answer->root, name);
  if (value == NULL || json_is_null (value))
    return !required || oauth2_answer_shape (answer, "no token in it");
  const char *text = json_string_value (value);
  gsize len = json_string_length (value);
  if (text == NULL || len == 0 || len > MAX_TOKEN)
    return oauth2_answer_shape (answer, "a token that is none");
  for (gsize i = 0; i < len; i++)
    if (!g_ascii_isprint (text[i]))
      return oauth2_answer_shape (answer, "a token that no header could carry");
  provider_answer_value (answer->read, name, text, len);
  return TRUE;
}

static gboolean
take_type (OAuth2Answer *answer)
{
  const char *type = json_string_value (json_object_get (answer->root, "token_type"));
  if (type == NULL)
    return oauth2_answer_shape (answer, "no token_type");
  if (g_ascii_strcasecmp (type, "bearer") != 0)
    return provider_answer_refuse (answer->read, "unsupported",
                                   "%s gives tokens that want more than to be shown; only bearer "
                                   "tokens can be used here",
                                   answer->who);
  json_object_set_new (answer->read->fields, "token_type", json_string ("Bearer"));
  return TRUE;
}

/* Some write the number as text. */
static gboolean
read_seconds (const OAuth2Answer *answer, const char *name, gint64 *seconds)
{
  guint64 number;
  const char *text = json_string_value (json_object_get (answer->root, name));
  if (text == NULL)
    return provider_answer_number (answer->root, name, MAX_LIFE, seconds);
  if (!g_ascii_string_to_unsigned (text, 10, 0, MAX_LIFE, &number, NULL))
    return FALSE;
  *seconds = (gint64) number;
  return TRUE;
}

static gboolean
take_life (OAuth2Answer *answer, gboolean required)
{
  gint64 seconds;
  const json_t *value = json_object_get (answer->root, "expires_in");
  if (value == NULL || json_is_null (value))
    return !required || oauth2_answer_shape (answer, "no expires_in");
  if (!read_seconds (answer, "expires_in", &seconds))
    return oauth2_answer_shape (answer, "expires_in is not seconds");
  if (seconds == 0)
    return provider_answer_refuse (answer->read, "expired",
                                   "%s gave what has already expired; ask again", answer->who);
  json_object_set_new (answer->read->fields, "expires_in", json_integer (seconds));
  return TRUE;
}

static gboolean
take_scope (OAuth2Answer *answer)
{
  gboolean commas = json_is_true (json_object_get (answer->reply->expect, "commas"));
  const json_t *value = json_object_get (answer->root, "scope");
  if (value == NULL || json_is_null (value))
    return TRUE;
  const char *text = json_string_value (value);
  if (text == NULL || json_string_length (value) > MAX_SCOPE)
    return oauth2_answer_shape (answer, "scope is not words");
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isprint (*p) || *p == '"' || *p == '\\')
      return oauth2_answer_shape (answer, "scope is not words");
  g_autofree char *scope = g_strdup (text);
  if (commas)
    g_strdelimit (scope, ",", ' ');
  json_object_set_new (answer->read->fields, "scope", json_string (scope));
  return TRUE;
}

void
provider_read_oauth_token (const ProviderReply *reply, ProviderRead *read)
{
  g_auto (OAuth2Answer) answer;
  oauth2_answer_init (&answer, reply, read);
  read->ok = oauth2_answer_read (&answer) && take_type (&answer) && take_life (&answer, FALSE)
             && take_scope (&answer) && take_token (&answer, "access_token", TRUE)
             && take_token (&answer, "refresh_token", FALSE)
             && take_token (&answer, "id_token", FALSE);
}

/* --- A code for another device --- */

/* What a person types: short, and nothing that a screen would hide. */
static gboolean
take_user_code (OAuth2Answer *answer)
{
  const json_t *value = json_object_get (answer->root, "user_code");
  const char *text = json_string_value (value);
  gsize len = json_string_length (value);
  if (text == NULL || len == 0 || len > 64)
    return oauth2_answer_shape (answer, "no user_code");
  for (gsize i = 0; i < len; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("- .", text[i]) == NULL)
      return oauth2_answer_shape (answer, "a user_code that cannot be typed");
  json_object_set (answer->read->fields, "user_code", (json_t *) value);
  return TRUE;
}

/* A person's browser is sent there: over TLS, or to this machine. */
static gboolean
take_browser_url (OAuth2Answer *answer, const char *name, const char *as, gboolean required)
{
  const json_t *value = json_object_get (answer->root, name);
  if (value == NULL || json_is_null (value))
    return !required || oauth2_answer_shape (answer, "no verification_uri");
  if (!provider_url_is_safe (json_string_value (value)))
    return oauth2_answer_shape (answer, "a verification_uri that no browser should be sent to");
  json_object_set (answer->read->fields, as, (json_t *) value);
  return TRUE;
}

static gboolean
take_interval (OAuth2Answer *answer)
{
  gint64 interval = INTERVAL;
  const json_t *value = json_object_get (answer->root, "interval");
  if (value != NULL && !json_is_null (value)
      && !provider_answer_number (answer->root, "interval", MAX_INTERVAL, &interval))
    return oauth2_answer_shape (answer, "interval is not seconds");
  json_object_set_new (answer->read->fields, "interval", json_integer (MAX (interval, 1)));
  return TRUE;
}

/* Google calls it verification_url. */
static gboolean
take_browser_urls (OAuth2Answer *answer)
{
  static const char *const names[] = { "verification_uri", "verification_url" };
  gboolean google = json_object_get (answer->root, names[0]) == NULL;
  return take_browser_url (answer, names[google], "verification_uri", TRUE)
         && take_browser_url (answer, "verification_uri_complete", "verification_uri_complete",
                              FALSE);
}

void
provider_read_oauth_device (const ProviderReply *reply, ProviderRead *read)
{
  g_auto (OAuth2Answer) answer;
  oauth2_answer_init (&answer, reply, read);
  read->ok = oauth2_answer_read (&answer) && take_user_code (&answer) && take_interval (&answer)
             && take_browser_urls (&answer) && take_life (&answer, TRUE)
             && take_token (&answer, "device_code", TRUE);
}

/* --- Taken back --- */

/* RFC 7009, 2.2: 200, also for a token that was not known. Where @reply->expect has "gone", the
 * address is of the token itself, and 404 or 422 says that it is no more. */
void
provider_read_oauth_revoked (const ProviderReply *reply, ProviderRead *read)
{
  g_auto (OAuth2Answer) answer;
  oauth2_answer_init (&answer, reply, read);
  g_autofree char *word = oauth2_answer_error_word (&answer);
  gboolean gone = json_is_true (json_object_get (reply->expect, "gone"))
                  && (reply->status == 404 || reply->status == 422);
  read->ok
      = gone || g_strcmp0 (word, "invalid_token") == 0
        || (!oauth2_answer_is_error (&answer) && provider_answer_status (reply, read, answer.who));
}
