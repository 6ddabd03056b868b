/* SPDX-License-Identifier: MIT
 *
 * Whether an answer of OAuth 2 is one, or which error it is.
 *
 * MUST
 *  - take an error for one whatever status it came with: GitHub answers 200
 *  - compare the words of an error with a list, and pass on none of them
 */
#include "broker/provider/oauth2-answer.h"

#include <string.h>

#include "broker/base/wire.h"

#define MAX_INTERVAL (10 * 60) /* seconds between two polls */

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
    "the client is not known there, its secret is wrong, or it proves itself in another way than "
    "is wanted there (client-auth); set it up again" },
  { "incorrect_client_credentials", "invalid_client",
    "the client is not known there, its secret is wrong, or it proves itself in another way than "
    "is wanted there (client-auth); set it up again" },
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

void
oauth2_answer_init (OAuth2Answer *answer, const ProviderReply *reply, ProviderRead *read)
{
  const char *name = wire_string (reply->expect, "provider");
  answer->reply = reply;
  answer->read = read;
  answer->who = name == NULL ? g_strdup ("the provider") : g_strconcat ("provider ", name, NULL);
  answer->root = NULL;
}

void
oauth2_answer_clear (OAuth2Answer *answer)
{
  g_clear_pointer (&answer->who, g_free);
  g_clear_pointer (&answer->root, json_decref);
}

gboolean
oauth2_answer_shape (const OAuth2Answer *answer, const char *what)
{
  return provider_answer_refuse (answer->read, "answer",
                                 "the answer of %s is not as documented: %s", answer->who, what);
}

/* TRUE when @word is in the list, and the read refused by it. */
static gboolean
refuse_word (OAuth2Answer *answer, const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (errors); i++)
    if (strcmp (errors[i].word, word) == 0)
      {
        provider_answer_refuse (answer->read, errors[i].code, "%s: %s", answer->who,
                                errors[i].message);
        return TRUE;
      }
  return FALSE;
}

/* RFC 8628, 3.5: five seconds more; GitHub says how many it is now. */
static void
note_interval (OAuth2Answer *answer, const json_t *said)
{
  gint64 interval;
  if (strcmp (answer->read->code, "slow_down") == 0
      && provider_answer_number (said, "interval", MAX_INTERVAL, &interval))
    answer->read->retry_after = interval;
}

static const char *
error_word (const json_t *said)
{
  const char *word = json_string_value (json_object_get (said, "error"));
  return word == NULL ? json_string_value (json_object_get (said, "error_code")) : word;
}

char *
oauth2_answer_error_word (const OAuth2Answer *answer)
{
  g_autoptr (json_t) said = provider_answer_error (answer->reply);
  return g_strdup (error_word (said));
}

gboolean
oauth2_answer_is_error (OAuth2Answer *answer)
{
  long status = answer->reply->status;
  if (status == 429 || status >= 500)
    return FALSE; /* says more than any word */
  g_autoptr (json_t) said = provider_answer_error (answer->reply);
  const char *word = error_word (said);
  if (word == NULL)
    return FALSE;
  if (refuse_word (answer, word))
    note_interval (answer, said);
  else if (status >= 400)
    return FALSE; /* says more than a word that is not known */
  else
    provider_answer_refuse (answer->read, "refused",
                            "%s refused, and did not say why in words that are known; see that "
                            "the client is set up right",
                            answer->who);
  return TRUE;
}

gboolean
oauth2_answer_read (OAuth2Answer *answer)
{
  if (oauth2_answer_is_error (answer)
      || !provider_answer_status (answer->reply, answer->read, answer->who))
    return FALSE;
  answer->root = provider_answer_json (answer->reply, answer->read, answer->who);
  return answer->root != NULL;
}
