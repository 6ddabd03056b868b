/* SPDX-License-Identifier: MIT
 *
 * What STS answers, which is XML: AssumeRole and AssumeRoleWithWebIdentity (AWS Security Token
 * Service API Reference, 2011-06-15).
 *
 * MUST
 *  - read elements, attributes and the five entities of XML, and nothing else: a document type, a
 *    processing instruction, a section of raw text make it no answer
 *  - take credentials from their one place, each once
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-answer.h"
#include "broker/provider/provider-readers.h"

#define WHO "AWS"
#define MAX_DEPTH 8
#define MAX_TEXT 8192 /* bytes of one element's; a session token has 400 to 4096 */

typedef struct
{
  const char *path; /* from below the root, which is of another name for each action */
  const char *name;
} Element;

static const Element elements[] = {
  { "AssumeRoleResult/Credentials/AccessKeyId", "AccessKeyId" },
  { "AssumeRoleResult/Credentials/SecretAccessKey", "SecretAccessKey" },
  { "AssumeRoleResult/Credentials/SessionToken", "SessionToken" },
  { "AssumeRoleResult/Credentials/Expiration", "Expiration" },
  { "AssumeRoleWithWebIdentityResult/Credentials/AccessKeyId", "AccessKeyId" },
  { "AssumeRoleWithWebIdentityResult/Credentials/SecretAccessKey", "SecretAccessKey" },
  { "AssumeRoleWithWebIdentityResult/Credentials/SessionToken", "SessionToken" },
  { "AssumeRoleWithWebIdentityResult/Credentials/Expiration", "Expiration" },
  { "Error/Code", "Code" },
};

typedef struct
{
  GString *path;      /* "Error/Code" */
  guint depth;        /* elements that are open */
  json_t *found;      /* name → text */
  const char *inside; /* of elements, the one that is open; NULL: none of them */
} Parse;

static void
on_start (GMarkupParseContext *context, const char *name, const char **attributes,
          const char **values, gpointer data, GError **error)
{
  Parse *parse = data;

  if (++parse->depth > MAX_DEPTH)
    g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_PARSE, "too deep");
  else if (parse->inside != NULL)
    g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_PARSE, "an element where a text belongs");
  else if (parse->depth > 1)
    {
      g_string_append_printf (parse->path, "/%s", name);
      for (gsize i = 0; i < G_N_ELEMENTS (elements); i++)
        if (strcmp (parse->path->str + 1, elements[i].path) == 0)
          parse->inside = elements[i].name;
      if (parse->inside != NULL && json_object_get (parse->found, parse->inside) != NULL)
        g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_PARSE, "twice");
    }
}

static void
on_end (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  Parse *parse = data;
  const char *slash = strrchr (parse->path->str, '/');

  parse->depth--;
  parse->inside = NULL;
  if (slash != NULL)
    g_string_truncate (parse->path, slash - parse->path->str);
}

/* Called once for all the text of an element that holds nothing else. */
static void
on_text (GMarkupParseContext *context, const char *text, gsize len, gpointer data, GError **error)
{
  Parse *parse = data;

  if (parse->inside == NULL)
    return;
  if (len > MAX_TEXT || json_object_get (parse->found, parse->inside) != NULL)
    g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_PARSE, "too long, or in pieces");
  else
    json_object_set_new (parse->found, parse->inside, json_stringn (text, len));
}

/* Comments, processing instructions, document types, raw text: all but the first line's <?xml ?>.
 */
static void
on_other (GMarkupParseContext *context, const char *text, gsize len, gpointer data, GError **error)
{
  Parse *parse = data;

  if (parse->depth > 0 || len < 6 || memcmp (text, "<?xml ", 6) != 0)
    g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_PARSE, "not an element");
}

/* What is found of @elements, as an object; NULL when it is no such XML. */
static json_t *
parse_xml (const ProviderReply *reply)
{
  static const GMarkupParser parser = { on_start, on_end, on_text, on_other, NULL };
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (json_t) found = json_object ();
  Parse parse = { path, 0, found, NULL };
  g_autoptr (GMarkupParseContext) context
      = g_markup_parse_context_new (&parser, (GMarkupParseFlags) 0, &parse, NULL);

  if (reply->len == 0 || reply->len > PROVIDER_MAX_ANSWER
      || !g_markup_parse_context_parse (context, reply->body, reply->len, NULL)
      || !g_markup_parse_context_end_parse (context, NULL))
    return NULL;
  return g_steal_pointer (&found);
}

/* --- Refusals --- */

typedef struct
{
  const char *code; /* AWS's */
  const char *ours, *message;
} Fault;

#define CLOCK                                                                                      \
  "AWS did not take the time of the request; see that the clock of this machine is right, then "   \
  "ask "                                                                                           \
  "again"
#define KEYS                                                                                       \
  "AWS does not take the keys that this provider is set up with; a person stores current ones"

static const Fault faults[] = {
  { "Throttling", "rate_limited", "AWS was asked too often; wait a minute, then ask again" },
  { "ThrottlingException", "rate_limited",
    "AWS was asked too often; wait a minute, then ask again" },
  { "RequestLimitExceeded", "rate_limited",
    "AWS was asked too often; wait a minute, then ask again" },
  { "ExpiredToken", "expired", "what we are vouched for with had expired; ask again" },
  { "ExpiredTokenException", "expired", "what we are vouched for with had expired; ask again" },
  { "ExpiredTokenIssue", "expired", "what we are vouched for with had expired; ask again" },
  { "RequestExpired", "clock", CLOCK },
  { "RequestTimeTooSkewed", "clock", CLOCK },
  { "IDPCommunicationError", "unavailable",
    "AWS could not reach the issuer of the identity to fetch its keys; see that its address can be "
    "reached from everywhere, then ask again" },
  { "AccessDenied", "refused",
    "AWS does not let us take this role: its trust policy has to name whom we come as" },
  { "AccessDeniedException", "refused",
    "AWS does not let us take this role: its trust policy has to name whom we come as" },
  { "InvalidIdentityToken", "refused",
    "AWS does not take the identity: see that its issuer is an identity provider of the account, "
    "for the audience sts.amazonaws.com" },
  { "IDPRejectedClaim", "refused",
    "AWS does not take the identity: see that its issuer is an identity provider of the account, "
    "for the audience sts.amazonaws.com" },
  { "InvalidClientTokenId", "refused", KEYS },
  { "UnrecognizedClientException", "refused", KEYS },
  { "SignatureDoesNotMatch", "refused", KEYS },
  { "IncompleteSignature", "refused", KEYS },
  { "MalformedPolicyDocument", "invalid_scope",
    "AWS does not know one of the actions or resources; see that each scope is written as "
    "\"s3:GetObject arn:aws:s3:::bucket/*\"" },
  { "PackedPolicyTooLarge", "invalid_scope",
    "the scopes are more than AWS takes in one session policy; ask for fewer" },
  { "RegionDisabledException", "refused",
    "this region is not switched on for the account; a person switches it on, or sets up another" },
  { "ValidationError", "refused",
    "AWS did not take a value; most often the time asked for is longer than the role's maximum "
    "session duration: ask for less, or a person lowers max" },
};

static gboolean
refuse_fault (const ProviderReply *reply, ProviderRead *read)
{
  g_autoptr (json_t) found = parse_xml (reply);
  const char *code = found != NULL ? json_string_value (json_object_get (found, "Code")) : NULL;

  for (gsize i = 0; code != NULL && i < G_N_ELEMENTS (faults); i++)
    if (strcmp (code, faults[i].code) == 0)
      return !provider_answer_refuse (read, faults[i].ours, "%s", faults[i].message);
  return FALSE;
}

/* --- Credentials --- */

static const char *const parts[]
    = { "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration" };

static gboolean
take_credentials (ProviderRead *read, const json_t *found)
{
  json_t *credential = json_object ();

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      const char *text = provider_answer_word (found, parts[i], MAX_TEXT);
      if (text == NULL)
        {
          json_decref (credential);
          return provider_answer_refuse (read, "answer",
                                         "the answer of AWS holds no whole credentials; ask again");
        }
      json_object_set_new (credential, parts[i], json_string (text));
    }
  provider_answer_credential (read, credential);
  read->ok = TRUE;
  return TRUE;
}

void
provider_read_aws_sts (const ProviderReply *reply, ProviderRead *read)
{
  g_autoptr (json_t) found = NULL;
  gboolean plain = reply->status >= 400 && reply->status < 500 && reply->status != 429;

  /* A clock that is wrong is what is wrong, whatever AWS makes of it. */
  if (plain && !provider_answer_skewed (reply) && refuse_fault (reply, read))
    return;
  if (!provider_answer_status (reply, read, WHO))
    return;
  if ((found = parse_xml (reply)) == NULL)
    provider_answer_refuse (read, "answer",
                            "the answer is not one of AWS STS, or not a whole one; see that region "
                            "and endpoint are right, then ask again");
  else if (provider_answer_expires (
               reply, read, provider_answer_time (provider_answer_word (found, "Expiration", 64)),
               "what AWS issued"))
    take_credentials (read, found);
}
