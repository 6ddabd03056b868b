/* SPDX-License-Identifier: MIT
 *
 * What Vouch answers: an id token for AWS, a token of GitHub, an SSH certificate.
 *
 * MUST
 *  - take an id token of the issuer that was asked, for AWS, and of nobody else
 *  - take a certificate for the key that was sent, and for no other
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-answer.h"
#include "broker/provider/provider-jwt.h"
#include "broker/provider/provider-readers.h"
#include "broker/provider/provider-repositories.h"
#include "broker/provider/provider-vouch-certificate.h"

#define WHO "Vouch"
#define MAX_CERTIFICATE 16384 /* bytes */
#define MAX_VALID (30 * 24 * 60 * 60)

#define LOGIN                                                                                      \
  "Vouch does not take this login any more; a person logs in anew with `countersign login`"

/* --- Refusals: {"code","message"}, {"error","error_description"}, {"error"} --- */

static const struct
{
  const char *word, *code, *message;
} faults[] = {
  { "invalid_token", "expired", LOGIN },
  { "token_expired", "expired", LOGIN },
  { "expired_token", "expired", LOGIN },
  { "session_expired", "expired", LOGIN },
  { "unauthorized", "expired", LOGIN },
  { "insufficient_scope", "invalid_scope",
    "this login at Vouch is not for that; a person logs in anew with `countersign login` and the "
    "scope it needs" },
  { "access_denied", "access_denied", "Vouch does not let this person have that" },
  { "forbidden", "access_denied", "Vouch does not let this person have that" },
  { "rate_limited", "rate_limited", "Vouch was asked too often; wait a minute, then ask again" },
  { "rate_limit_exceeded", "rate_limited",
    "Vouch was asked too often; wait a minute, then ask again" },
  { "slow_down", "rate_limited", "Vouch was asked too often; wait a minute, then ask again" },
  { "temporarily_unavailable", "unavailable", "Vouch cannot now; ask again later" },
  { "server_error", "unavailable", "Vouch cannot now; ask again later" },
  { "unsupported_key_type", "unsupported",
    "Vouch signs no keys of this type; make an Ed25519 key" },
  { "not_configured", "unsupported", "this Vouch is not set up for that" },
};

static gboolean
refuse_fault (const ProviderReply *reply, ProviderRead *read)
{
  g_autoptr (json_t) error = provider_answer_error (reply);
  const char *word = wire_string (error, "code");

  if (word == NULL)
    word = wire_string (error, "error");
  for (gsize i = 0; word != NULL && i < G_N_ELEMENTS (faults); i++)
    if (g_ascii_strcasecmp (word, faults[i].word) == 0)
      return !provider_answer_refuse (read, faults[i].code, "%s", faults[i].message);
  return reply->status == 401 && !provider_answer_refuse (read, "expired", LOGIN);
}

/* NULL: refused. */
static json_t *
read_answer (const ProviderReply *reply, ProviderRead *read)
{
  gboolean plain = reply->status >= 400 && reply->status < 500 && reply->status != 429;

  if (plain && reply->retry_after == NULL && !provider_answer_skewed (reply)
      && refuse_fault (reply, read))
    return NULL;
  return provider_answer_status (reply, read, WHO) ? provider_answer_json (reply, read, WHO) : NULL;
}

static gboolean
refuse_form (ProviderRead *read)
{
  return provider_answer_refuse (
      read, "answer",
      "the answer of Vouch is not as documented; see that its address is "
      "right, then ask again");
}

/* --- The id token --- */

static gboolean
check_audience (const json_t *claims, ProviderRead *read)
{
  const json_t *aud = json_object_get (claims, "aud");
  const json_t *only = json_array_size (aud) == 1 ? json_array_get (aud, 0) : aud;

  return g_strcmp0 (json_string_value (only), "sts.amazonaws.com") == 0
         || provider_answer_refuse (read, "answer",
                                    "Vouch gave an identity that is not for AWS; it was thrown "
                                    "away");
}

static gboolean
check_identity (const ProviderReply *reply, const json_t *claims, ProviderRead *read)
{
  const char *issuer = wire_string (reply->expect, "issuer");
  gint64 exp;

  if (claims == NULL
      || !provider_answer_number (claims, "exp", G_MAXINT32 * G_GINT64_CONSTANT (4), &exp))
    return refuse_form (read);
  if (g_strcmp0 (wire_string (claims, "iss"), issuer) != 0)
    return provider_answer_refuse (read, "answer",
                                   "Vouch gave an identity of another issuer than the one that is "
                                   "set up; it was thrown away");
  return check_audience (claims, read)
         && provider_answer_expires (reply, read, exp, "the identity that Vouch gave");
}

void
provider_read_vouch_aws (const ProviderReply *reply, ProviderRead *read)
{
  g_autoptr (json_t) answer = read_answer (reply, read);
  const char *token = provider_answer_word (answer, "id_token", PROVIDER_MAX_JWT);

  if (answer == NULL)
    return;
  if (token == NULL)
    {
      refuse_form (read);
      return;
    }
  g_autoptr (json_t) claims = provider_jwt_claims (token, strlen (token));
  if (check_identity (reply, claims, read))
    {
      provider_answer_value (read, "id_token", token, strlen (token));
      read->ok = TRUE;
    }
}

/* --- The token of GitHub --- */

/* "expires_at" as text or as seconds, or "expires_in". */
static gint64
end_of (const ProviderReply *reply, const json_t *answer)
{
  gint64 date = provider_answer_date (reply->date), seconds;

  if (provider_answer_word (answer, "expires_at", 64) != NULL)
    return provider_answer_time (wire_string (answer, "expires_at"));
  if (provider_answer_number (answer, "expires_at", G_MAXINT32 * G_GINT64_CONSTANT (4), &seconds))
    return seconds;
  if (provider_answer_number (answer, "expires_in", MAX_VALID, &seconds))
    return (date >= 0 ? date : reply->now) + seconds;
  return -1;
}

void
provider_read_vouch_github (const ProviderReply *reply, ProviderRead *read)
{
  g_autoptr (json_t) answer = read_answer (reply, read);

  if (answer != NULL && repositories_read (answer, reply->expect, read, WHO)
      && provider_answer_expires (reply, read, end_of (reply, answer), "the token of Vouch"))
    repositories_token (answer, read, WHO);
}

/* --- The certificate --- */

void
provider_read_vouch_ssh (const ProviderReply *reply, ProviderRead *read)
{
  g_autoptr (json_t) answer = read_answer (reply, read);
  const char *line = wire_string (answer, "certificate");
  const char *key = wire_string (reply->expect, "public_key");
  VouchCertificate certificate;

  if (answer == NULL)
    return;
  if (line == NULL || key == NULL || strlen (line) > MAX_CERTIFICATE
      || !vouch_certificate_read (line, key, &certificate))
    {
      provider_answer_refuse (read, "answer",
                              "Vouch gave no user certificate for the key that was sent; it was "
                              "thrown away");
      return;
    }
  if (provider_answer_expires (reply, read, certificate.valid_before, "the certificate of Vouch"))
    {
      g_autofree char *serial = g_strdup_printf ("%" G_GUINT64_FORMAT, certificate.serial);
      json_object_set_new (read->fields, "serial", json_string (serial));
      json_object_set (read->fields, "principals", certificate.principals);
      provider_answer_credential (read, json_pack ("{s:s}", "certificate", certificate.line));
      read->ok = TRUE;
    }
  vouch_certificate_clear (&certificate);
}
