/* SPDX-License-Identifier: MIT */
#include "broker/caller/bearer-judge.h"

#include <string.h>

#include "broker/base/wire.h"
#include "policy/policy-words.h"

G_DEFINE_QUARK (countersign_bearer_error, bearer_error)

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list list;

  va_start (list, format);
  g_autofree char *message = g_strdup_vprintf (format, list);
  va_end (list);
  g_set_error_literal (error, BEARER_ERROR, BEARER_ERROR_TOKEN, message);
  return FALSE;
}

/* ---- before the signature ---- */

/* The @nth of the parts between dots, unverified; NULL when it is no object. */
static json_t *
part_of (const char *token, gsize len, guint nth)
{
  const char *end = token + len, *from = token;

  for (; nth > 0 && from != NULL; nth--)
    {
      from = memchr (from, '.', (gsize) (end - from));
      from = from != NULL ? from + 1 : NULL;
    }
  const char *dot = from != NULL ? memchr (from, '.', (gsize) (end - from)) : NULL;
  gsize bytes_len;
  g_autofree guint8 *bytes
      = dot != NULL ? token_unbase64 (from, (gsize) (dot - from), &bytes_len) : NULL;

  return bytes != NULL ? wire_parse ((const char *) bytes, bytes_len, FALSE, NULL) : NULL;
}

char *
bearer_issuer_of (const char *token, gsize len, GError **error)
{
  g_autoptr (json_t) claims = len <= TOKEN_MAX ? part_of (token, len, 1) : NULL;
  const char *issuer = wire_string (claims, "iss");

  if (claims == NULL)
    refuse (error, "the token is no JSON Web Token that is signed");
  else if (issuer == NULL)
    refuse (error, "the token names no issuer (iss)");
  return g_strdup (issuer);
}

/* "application/at+jwt" is the same as "at+jwt" (RFC 7515, section 4.1.9). */
static gboolean
is_type (const char *type, char **types)
{
  static const char prefix[] = "application/";

  if (type == NULL)
    type = "JWT"; /* none at all was never more than that */
  else if (g_ascii_strncasecmp (type, prefix, strlen (prefix)) == 0)
    type += strlen (prefix);
  for (; *types != NULL; types++)
    if (g_ascii_strcasecmp (*types, type) == 0)
      return TRUE;
  return FALSE;
}

/* What the file says of the header, which the signature covers. */
static gboolean
check_head (const CallerIssuer *issuer, const json_t *head, GError **error)
{
  const json_t *type = json_object_get (head, "typ");
  TokenAlgorithm algorithm = token_algorithm_find (wire_string (head, "alg"));

  if (algorithm == TOKEN_NO_ALGORITHM || (issuer->algorithms & (1u << algorithm)) == 0)
    return refuse (error, "its algorithm (alg) is not one that %s accepts", issuer->file);
  if (type != NULL && !json_is_string (type))
    return refuse (error, "its type (typ) is no text");
  if (issuer->types != NULL && !is_type (json_string_value (type), issuer->types))
    return refuse (error, "its type (typ) is not one that %s accepts", issuer->file);
  return TRUE;
}

/* ---- behind it ---- */

static gboolean
is_one_of (const char *audience, const CallerIssuer *issuer, const char *resource)
{
  return audience != NULL
         && (issuer->own_audience
                 ? strcmp (audience, resource) == 0
                 : g_strv_contains ((const char *const *) issuer->audiences, audience));
}

static gboolean
check_audience (const CallerIssuer *issuer, const json_t *claims, const char *resource,
                GError **error)
{
  const json_t *aud = json_object_get (claims, "aud"), *one;
  gboolean found = issuer->any_audience || is_one_of (json_string_value (aud), issuer, resource);
  gsize i;

  json_array_foreach (aud, i, one) found |= is_one_of (json_string_value (one), issuer, resource);
  return found
         || refuse (error, "it is for somebody else: its audience (aud) is not %s",
                    issuer->own_audience ? resource : "one that its issuer's file names");
}

static gboolean
is_value (const json_t *said, const char *value)
{
  if (json_is_boolean (said))
    return strcmp (value, json_is_true (said) ? "true" : "false") == 0;
  if (json_is_integer (said))
    {
      g_autofree char *number
          = g_strdup_printf ("%" JSON_INTEGER_FORMAT, json_integer_value (said));
      return strcmp (value, number) == 0;
    }
  return g_strcmp0 (json_string_value (said), value) == 0;
}

static gboolean
has_claim (const json_t *claims, const CallerRequire *require)
{
  const json_t *said = json_object_get (claims, require->claim), *one;
  gsize i;

  if (require->value == NULL)
    return said != NULL && !json_is_null (said) && !json_is_false (said);
  json_array_foreach (said, i, one)
  {
    if (is_value (one, require->value))
      return TRUE;
  }
  return said != NULL && is_value (said, require->value);
}

static gboolean
check_required (const CallerIssuer *issuer, const json_t *claims, GError **error)
{
  for (guint i = 0; i < issuer->requires->len; i++)
    {
      const CallerRequire *require = g_ptr_array_index (issuer->requires, i);
      if (!has_claim (claims, require))
        return refuse (error, "its claim \"%s\" is not as %s requires", require->claim,
                       issuer->file);
    }
  /* Whoever copied it from where it was read has not the key that it is bound to (RFC 7800). */
  if (!issuer->bound && json_object_get (claims, "cnf") != NULL)
    return refuse (error,
                   "it is bound to a key (cnf), which is not looked at here; \"cnf ignore\" in %s "
                   "takes such tokens all the same",
                   issuer->file);
  return TRUE;
}

static void
add_scopes (GPtrArray *scopes, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", " ", -1);

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0' && scopes->len < SUBJECT_SCOPES_MAX)
      g_ptr_array_add (scopes, g_strdup (*word));
}

/* Words with blanks between, or a list of such: "scope" (RFC 8693), "scp". g_strfreev(). */
static char **
scopes_of (const json_t *claims)
{
  GPtrArray *scopes = g_ptr_array_new ();
  const json_t *said = json_object_get (claims, "scope"), *one;
  gsize i;

  if (said == NULL)
    said = json_object_get (claims, "scp");
  add_scopes (scopes, json_string_value (said));
  json_array_foreach (said, i, one) add_scopes (scopes, json_string_value (one));
  g_ptr_array_add (scopes, NULL);
  return (char **) g_ptr_array_free (scopes, FALSE);
}

static gboolean
check_scopes (const CallerIssuer *issuer, char **scopes, GError **error)
{
  for (char **one = issuer->scopes; *one != NULL; one++)
    if (!g_strv_contains ((const char *const *) scopes, *one))
      {
        g_set_error (error, BEARER_ERROR, BEARER_ERROR_SCOPE,
                     "the token has not the scope %s, which %s requires", *one, issuer->file);
        return FALSE;
      }
  return TRUE;
}

/* ---- whose it is ---- */

/* A text that can be shown, and compared by looking at it. */
static gboolean
is_plain (const char *text)
{
  gsize len = strlen (text);

  if (len == 0 || len > SUBJECT_BYTES_MAX || !g_utf8_validate (text, (gssize) len, NULL))
    return FALSE;
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (*text == '\n' || *text == '\t' || policy_hidden (g_utf8_get_char (text)))
      return FALSE;
  return TRUE;
}

/* What a label says of a token, nobody has for a name. */
static gboolean
is_name (const char *text)
{
  g_autofree char *plain = is_plain (text) ? g_utf8_casefold (text, -1) : NULL;

  return plain != NULL && strstr (plain, "hardware-verified") == NULL
         && strstr (plain, "(local token)") == NULL;
}

/* The first of the claims that is there. An address that the issuer says it has not verified names
 * nobody: anybody can claim it. */
static const char *
person_of (const CallerIssuer *issuer, const json_t *claims)
{
  const json_t *verified = json_object_get (claims, "email_verified");

  for (char **claim = issuer->subjects; *claim != NULL; claim++)
    {
      const json_t *said = json_object_get (claims, *claim);
      if (strcmp (*claim, "email") == 0 && verified != NULL && !json_is_true (verified))
        continue;
      if (said != NULL)
        return json_string_value (said);
    }
  return NULL;
}

static char *
label_of (const char *person, const json_t *claims)
{
  const json_t *hardware = json_object_get (claims, "hardware_verified");

  return g_strconcat (person,
                      json_is_true (hardware)    ? ", hardware-verified"
                      : json_is_false (hardware) ? ", not hardware-verified"
                                                 : "",
                      NULL);
}

/* One that never ends, or ends in another era, is shown anew after a year. */
static gint64
end_of (const json_t *claims, gint64 now)
{
  gint64 exp = (gint64) json_number_value (json_object_get (claims, "exp"));

  return MIN (exp, now + CALLER_TOKEN_FOR_MAX);
}

static Subject *
subject_of (const CallerIssuer *issuer, const json_t *claims, gint64 now, GError **error)
{
  const char *subject = wire_string (claims, "sub"), *person = person_of (issuer, claims);
  g_auto (GStrv) scopes = scopes_of (claims);

  if (subject == NULL || !is_plain (subject))
    {
      refuse (error, "its subject (sub) is missing, or cannot be shown");
      return NULL;
    }
  if (person == NULL || !is_name (person))
    {
      refuse (error, "no claim that %s names people by can be shown", issuer->file);
      return NULL;
    }
  if (!check_scopes (issuer, scopes, error))
    return NULL;
  g_autofree char *label = label_of (person, claims);
  const Subject parts = { .caller = issuer->name,
                          .issuer = issuer->issuer,
                          .subject = (char *) subject,
                          .person = (char *) person,
                          .label = label,
                          .hardware = json_is_true (json_object_get (claims, "hardware_verified")),
                          .scopes = scopes,
                          .expires_at = end_of (claims, now) };
  return subject_new (&parts);
}

static gboolean
fail_verdict (TokenVerdict verdict, GError **error)
{
  static const char *const words[] = {
    [TOKEN_MALFORMED] = "it is no JSON Web Token that is signed",
    [TOKEN_BAD_ALGORITHM] = "its algorithm (alg) is not one that is accepted",
    [TOKEN_CRITICAL] = "its header demands what is not known here (crit, b64)",
    [TOKEN_BAD_TYPE] = "its type (typ) is not one that is accepted",
    [TOKEN_UNKNOWN_KEY] = "none of its issuer's keys is the one it names (kid), for its alg",
    [TOKEN_BAD_SIGNATURE] = "its signature does not hold",
    [TOKEN_BAD_CLAIMS] = "it has no times that can be read (exp, nbf, iat)",
    [TOKEN_BAD_ISSUER] = "it is of another issuer (iss)",
    [TOKEN_BAD_AUDIENCE] = "it is for somebody else (aud)",
    [TOKEN_EXPIRED] = "it has expired (exp)",
    [TOKEN_NOT_YET] = "it is not good yet (nbf, iat): the clocks differ",
    [TOKEN_REVOKED] = "it is revoked",
  };
  g_set_error_literal (error, BEARER_ERROR,
                       verdict == TOKEN_UNKNOWN_KEY ? BEARER_ERROR_KEY : BEARER_ERROR_TOKEN,
                       words[verdict]);
  return FALSE;
}

static json_t *
verify (const CallerIssuer *issuer, const GPtrArray *keys, const char *token, gsize len, gint64 now,
        GError **error)
{
  g_autoptr (json_t) head = len <= TOKEN_MAX ? part_of (token, len, 0) : NULL;
  json_t *claims = NULL;

  if (head == NULL)
    {
      fail_verdict (TOKEN_MALFORMED, error);
      return NULL;
    }
  if (!check_head (issuer, head, error))
    return NULL;
  const TokenExpect expect = {
    .issuer = issuer->issuer, .type = wire_string (head, "typ"), .now = now, .leeway = BEARER_LEEWAY
  };
  TokenVerdict verdict = token_jwt_verify (token, len, keys, &expect, &claims);
  if (verdict != TOKEN_GOOD)
    fail_verdict (verdict, error);
  return claims;
}

Subject *
bearer_judge (const CallerIssuer *issuer, const GPtrArray *keys, const char *token, gsize len,
              const char *resource, gint64 now, GError **error)
{
  g_autoptr (json_t) claims = verify (issuer, keys, token, len, now, error);

  if (claims == NULL || !check_audience (issuer, claims, resource, error)
      || !check_required (issuer, claims, error))
    return NULL;
  g_autoptr (Subject) subject = subject_of (issuer, claims, now, error);
  /* To the second: that clocks differ is no reason to go on past it. */
  if (subject != NULL && subject->expires_at <= now)
    {
      fail_verdict (TOKEN_EXPIRED, error);
      return NULL;
    }
  return g_steal_pointer (&subject);
}
