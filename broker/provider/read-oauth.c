/* SPDX-License-Identifier: MIT
 *
 * Answers of a token endpoint, of a device authorization endpoint, and of revocation.
 *
 * MUST
 *  - take an error for one whatever status it came with
 *  - compare the words of an error with a list, and pass on none of them
 *  - take no token that a header could not carry
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-answer.h"
#include "broker/provider/provider-readers.h"

#define WHO "the login's server"
#define MAX_TOKEN (32 * 1024)
#define MAX_SCOPE 8192
#define MAX_LIFE G_MAXINT32    /* seconds */
#define MAX_INTERVAL (10 * 60) /* seconds between two polls */
#define INTERVAL 5             /* RFC 8628, 3.2 */

/* --- Errors --- */

/* Of RFC 6749, 7009 and 8628, and what GitHub, Google and Azure say instead. */
static const struct
{
  const char *word, *code, *message;
} errors[] = {
  { "authorization_pending", "authorization_pending", "the person has not decided yet" },
  { "slow_down", "slow_down", "asked too often; wait five seconds more between two questions" },
  { "access_denied", "access_denied", "the person refused, or may not grant this" },
  { "authorization_declined", "access_denied", "the person refused, or may not grant this" },
  { "expired_token", "expired_token", "the code was not used in time; begin the login again" },
  { "code_expired", "expired_token", "the code was not used in time; begin the login again" },
  { "invalid_grant", "invalid_grant",
    "the code or the refresh token is not valid any more; log in again" },
  { "bad_verification_code", "invalid_grant",
    "the code or the refresh token is not valid any more; log in again" },
  { "incorrect_device_code", "invalid_grant",
    "the code or the refresh token is not valid any more; log in again" },
  { "bad_refresh_token", "invalid_grant",
    "the code or the refresh token is not valid any more; log in again" },
  { "interaction_required", "invalid_grant", "the person is wanted there again; log in again" },
  { "consent_required", "invalid_grant", "the person is wanted there again; log in again" },
  { "login_required", "invalid_grant", "the person is wanted there again; log in again" },
  { "invalid_client", "invalid_client",
    "the client is not known there, or its secret is wrong; set it up again" },
  { "incorrect_client_credentials", "invalid_client",
    "the client is not known there, or its secret is wrong; set it up again" },
  { "unauthorized_client", "invalid_client",
    "the client may not log in this way; allow it where the client is registered" },
  { "invalid_scope", "invalid_scope",
    "one of the scopes is not known there, or not for this client; ask for others" },
  { "redirect_uri_mismatch", "refused",
    "the callback URL is not the one that the client is registered with; register ours" },
  { "device_flow_disabled", "unsupported",
    "a login by a code on another device is switched off for this client; allow it where the "
    "client is registered" },
  { "unsupported_grant_type", "unsupported", "this way to log in is not offered there" },
  { "unsupported_response_type", "unsupported", "this way to log in is not offered there" },
  { "unsupported_token_type", "unsupported", "tokens of this kind are not taken back there" },
  { "rate_limit_exceeded", "rate_limited", "asked too often; wait some minutes, then ask again" },
  { "temporarily_unavailable", "unavailable", "it cannot now; ask again later" },
  { "server_error", "unavailable", "it cannot now; ask again later" },
};

/* TRUE when @word is in the list, and the read refused by it. */
static gboolean
refuse_word (ProviderRead *read, const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (errors); i++)
    if (strcmp (errors[i].word, word) == 0)
      {
        provider_answer_refuse (read, errors[i].code, WHO ": %s", errors[i].message);
        return TRUE;
      }
  return FALSE;
}

/* RFC 8628, 3.5: five seconds more; GitHub says how many it is now. */
static void
note_interval (ProviderRead *read, const json_t *root)
{
  gint64 interval;
  if (strcmp (read->code, "slow_down") == 0
      && provider_answer_number (root, "interval", MAX_INTERVAL, &interval))
    read->retry_after = interval;
}

/* TRUE when @root is an error, and the read is refused by it. */
static gboolean
is_error (const ProviderReply *reply, ProviderRead *read, const json_t *root)
{
  const char *word = json_string_value (json_object_get (root, "error"));
  if (word == NULL)
    word = json_string_value (json_object_get (root, "error_code"));
  if (word == NULL)
    return FALSE;
  if (refuse_word (read, word))
    note_interval (read, root);
  else if (reply->status >= 400)
    return FALSE; /* its status says more than a word that is not known */
  else
    provider_answer_refuse (read, "refused",
                            WHO " refused, and did not say why in words that are "
                                "known; see that the client is set up right");
  return TRUE;
}

/* The body of an answer that is no error of any kind, or NULL and it is refused. */
static json_t *
read_object (const ProviderReply *reply, ProviderRead *read)
{
  g_autoptr (json_t) said
      = reply->status == 429 || reply->status >= 500 ? NULL : provider_answer_error (reply);
  if ((said != NULL && is_error (reply, read, said)) || !provider_answer_status (reply, read, WHO))
    return NULL;
  return provider_answer_json (reply, read, WHO);
}

/* --- Tokens --- */

static gboolean
refuse_shape (ProviderRead *read, const char *what)
{
  return provider_answer_refuse (read, "answer", "the answer of " WHO " is not as documented: %s",
                                 what);
}

/* RFC 6749, A.12: VSCHAR. */
static gboolean
take_token (ProviderRead *read, const json_t *root, const char *name, gboolean required)
{
  const json_t *value = json_object_get (root, name);
  if (value == NULL || json_is_null (value))
    return !required || refuse_shape (read, "no token in it");
  const char *text = json_string_value (value);
  gsize len = json_string_length (value);
  if (text == NULL || len == 0 || len > MAX_TOKEN)
    return refuse_shape (read, "a token that is none");
  for (gsize i = 0; i < len; i++)
    if (!g_ascii_isprint (text[i]))
      return refuse_shape (read, "a token that no header could carry");
  provider_answer_value (read, name, text, len);
  return TRUE;
}

static gboolean
take_type (ProviderRead *read, const json_t *root)
{
  const char *type = json_string_value (json_object_get (root, "token_type"));
  if (type == NULL)
    return refuse_shape (read, "no token_type");
  if (g_ascii_strcasecmp (type, "bearer") != 0)
    return provider_answer_refuse (read, "unsupported",
                                   WHO " gives tokens that want more than to be shown; only "
                                       "bearer tokens can be used here");
  json_object_set_new (read->fields, "token_type", json_string ("Bearer"));
  return TRUE;
}

/* Some write the number as text. */
static gboolean
read_seconds (const json_t *root, const char *name, gint64 *seconds)
{
  guint64 number;
  const char *text = json_string_value (json_object_get (root, name));
  if (text == NULL)
    return provider_answer_number (root, name, MAX_LIFE, seconds);
  if (!g_ascii_string_to_unsigned (text, 10, 0, MAX_LIFE, &number, NULL))
    return FALSE;
  *seconds = (gint64) number;
  return TRUE;
}

static gboolean
take_life (ProviderRead *read, const json_t *root, gboolean required)
{
  gint64 seconds;
  const json_t *value = json_object_get (root, "expires_in");
  if (value == NULL || json_is_null (value))
    return !required || refuse_shape (read, "no expires_in");
  if (!read_seconds (root, "expires_in", &seconds))
    return refuse_shape (read, "expires_in is not seconds");
  if (seconds == 0)
    return provider_answer_refuse (read, "expired",
                                   WHO " gave what has already expired; ask again");
  json_object_set_new (read->fields, "expires_in", json_integer (seconds));
  return TRUE;
}

static gboolean
take_scope (const ProviderReply *reply, ProviderRead *read, const json_t *root)
{
  gboolean commas = json_is_true (json_object_get (reply->expect, "commas"));
  const json_t *value = json_object_get (root, "scope");
  if (value == NULL || json_is_null (value))
    return TRUE;
  const char *text = json_string_value (value);
  if (text == NULL || json_string_length (value) > MAX_SCOPE)
    return refuse_shape (read, "scope is not words");
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isprint (*p) || *p == '"' || *p == '\\')
      return refuse_shape (read, "scope is not words");
  g_autofree char *scope = g_strdup (text);
  if (commas)
    g_strdelimit (scope, ",", ' ');
  json_object_set_new (read->fields, "scope", json_string (scope));
  return TRUE;
}

void
provider_read_oauth_token (const ProviderReply *reply, ProviderRead *read)
{
  g_autoptr (json_t) root = read_object (reply, read);
  read->ok = root != NULL && take_type (read, root) && take_life (read, root, FALSE)
             && take_scope (reply, read, root) && take_token (read, root, "access_token", TRUE)
             && take_token (read, root, "refresh_token", FALSE)
             && take_token (read, root, "id_token", FALSE);
}

/* --- A code for another device --- */

/* What a person types: short, and nothing that a screen would hide. */
static gboolean
take_user_code (ProviderRead *read, const json_t *root)
{
  const json_t *value = json_object_get (root, "user_code");
  const char *text = json_string_value (value);
  gsize len = json_string_length (value);
  if (text == NULL || len == 0 || len > 64)
    return refuse_shape (read, "no user_code");
  for (gsize i = 0; i < len; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("- .", text[i]) == NULL)
      return refuse_shape (read, "a user_code that cannot be typed");
  json_object_set (read->fields, "user_code", (json_t *) value);
  return TRUE;
}

/* A person's browser is sent there: over TLS, or to this machine. */
static gboolean
take_browser_url (ProviderRead *read, const json_t *root, const char *name, const char *as,
                  gboolean required)
{
  const json_t *value = json_object_get (root, name);
  const char *url = json_string_value (value);
  if (value == NULL || json_is_null (value))
    return !required || refuse_shape (read, "no verification_uri");
  g_autofree char *far = url == NULL ? g_strdup ("") : provider_url_problem (url, "private");
  g_autofree char *near = url == NULL ? g_strdup ("") : provider_url_problem (url, "loopback");
  if (far != NULL && near != NULL)
    return refuse_shape (read, "a verification_uri that no browser should be sent to");
  json_object_set (read->fields, as, (json_t *) value);
  return TRUE;
}

static gboolean
take_interval (ProviderRead *read, const json_t *root)
{
  gint64 interval = INTERVAL;
  const json_t *value = json_object_get (root, "interval");
  if (value != NULL && !json_is_null (value)
      && !provider_answer_number (root, "interval", MAX_INTERVAL, &interval))
    return refuse_shape (read, "interval is not seconds");
  json_object_set_new (read->fields, "interval", json_integer (MAX (interval, 1)));
  return TRUE;
}

void
provider_read_oauth_device (const ProviderReply *reply, ProviderRead *read)
{
  g_autoptr (json_t) root = read_object (reply, read);
  /* Google calls it verification_url. */
  const char *uri = json_object_get (root, "verification_uri") == NULL ? "verification_url"
                                                                       : "verification_uri";
  read->ok = root != NULL && take_user_code (read, root) && take_interval (read, root)
             && take_browser_url (read, root, uri, "verification_uri", TRUE)
             && take_browser_url (read, root, "verification_uri_complete",
                                  "verification_uri_complete", FALSE)
             && take_life (read, root, TRUE) && take_token (read, root, "device_code", TRUE);
}

/* --- Taken back --- */

/* RFC 7009, 2.2: 200, also for a token that was not known. Where @reply->expect has "gone", the
 * address is of the token itself, and 404 or 422 says that it is no more. */
void
provider_read_oauth_revoked (const ProviderReply *reply, ProviderRead *read)
{
  g_autoptr (json_t) said
      = reply->status == 429 || reply->status >= 500 ? NULL : provider_answer_error (reply);
  const char *word = json_string_value (json_object_get (said, "error"));
  gboolean gone = json_is_true (json_object_get (reply->expect, "gone"))
                  && (reply->status == 404 || reply->status == 422);
  if (g_strcmp0 (word, "invalid_token") == 0 || gone)
    read->ok = TRUE;
  else
    read->ok = (said == NULL || !is_error (reply, read, said))
               && provider_answer_status (reply, read, WHO);
}
