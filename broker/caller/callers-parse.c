/* SPDX-License-Identifier: MIT
 *
 * One callers.d/NAME.conf.
 */
#include "broker/caller/callers-private.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/caller/subject.h"
#include "broker/provider/provider-module.h"
#include "broker/provider/provider-vouch.h"
#include "broker/service/service-pem.h"

void
caller_issuer_free (CallerIssuer *issuer)
{
  g_free (issuer->name);
  g_free (issuer->file);
  g_free (issuer->digest);
  g_free (issuer->issuer);
  g_strfreev (issuer->audiences);
  g_free (issuer->keys);
  g_strfreev (issuer->types);
  g_strfreev (issuer->subjects);
  g_strfreev (issuer->scopes);
  g_ptr_array_unref (issuer->requires);
  g_free (issuer->relay);
  g_free (issuer->ca);
  g_free (issuer);
}

static void
require_free (gpointer data)
{
  CallerRequire *require = data;

  g_free (require->claim);
  g_free (require->value);
  g_free (require);
}

/* About the line @word, or about the whole file. Returns FALSE. */
static gboolean fail (const CallerParse *parse, CallerWord word, GError **error, const char *format,
                      ...) G_GNUC_PRINTF (4, 5);

static gboolean
fail (const CallerParse *parse, CallerWord word, GError **error, const char *format, ...)
{
  PolicyLexer lexer = { .source = parse->source };
  va_list list;

  va_start (list, format);
  g_autofree char *message = g_strdup_vprintf (format, list);
  va_end (list);
  return policy_fail (&lexer, MAX (parse->at[word], 1), 1, error, "%s", message);
}

/* --- What can be said only when all lines are read --- */

static gboolean
check_present (const CallerParse *parse, GError **error)
{
  if (parse->issuer->issuer == NULL)
    return fail (parse, WORD_ISSUER, error,
                 "no \"issuer\"; add a line as in: issuer https://login.example.com");
  if (parse->at[WORD_AUDIENCE] == 0)
    return fail (parse, WORD_AUDIENCE, error,
                 "no \"audience\": tokens that others were given would be taken too; add a line as "
                 "in: audience resource (or, where the issuer names none, audience none)");
  return TRUE;
}

static gboolean
check_url (const CallerParse *parse, CallerWord word, const char *url, GError **error)
{
  g_autofree char *problem
      = url != NULL ? provider_url_problem (url, parse->issuer->network) : NULL;

  return problem == NULL || fail (parse, word, error, "%s", problem);
}

static gboolean
check_relay (const CallerParse *parse, const Providers *providers, GError **error)
{
  const char *name = parse->issuer->relay;
  const Provider *provider = name != NULL ? providers_find (providers, name) : NULL;

  if (name == NULL)
    return TRUE;
  if (provider == NULL || provider_kind (provider) != PROVIDER_VOUCH)
    return fail (parse, WORD_RELAY, error,
                 "there is no provider %s of kind vouch; write one in " PROVIDER_FOLDER "%s.conf",
                 name, name);
  if (strcmp (vouch_issuer (provider), parse->issuer->issuer) != 0)
    return fail (parse, WORD_RELAY, error,
                 "provider %s is of another issuer, %s: a caller's token goes back to nobody but "
                 "the issuer that signed it",
                 name, vouch_issuer (provider));
  return TRUE;
}

static gboolean
read_ca (CallerParse *parse, const PolicySource *sources, gsize n_sources, GError **error)
{
  if (parse->ca == NULL)
    return TRUE;
  g_autofree char *problem = NULL;
  parse->issuer->ca
      = service_pem_find (CALLER_FOLDER, parse->ca, sources, n_sources, PROVIDER_MAX_CA, &problem);
  if (problem != NULL)
    return fail (parse, WORD_CA, error, "%s", problem);
  return TRUE;
}

static gboolean
check_name (CallerParse *parse, GError **error)
{
  const char *base = parse->source->name + strlen (CALLER_FOLDER);
  g_autofree char *name = g_strndup (base, strlen (base) - strlen (".conf"));
  g_autoptr (GError) problem = NULL;

  if (!text_check_segment (name, &problem))
    return fail (parse, WORD_ISSUER, error, "the name of an issuer's file %s", problem->message);
  if (strcmp (name, SUBJECT_LOCAL) == 0)
    return fail (parse, WORD_ISSUER, error,
                 "\"" SUBJECT_LOCAL
                 "\" stands for the tokens of `countersign caller add`; name the "
                 "file otherwise");
  parse->issuer->name = g_steal_pointer (&name);
  return TRUE;
}

/* What is taken where the file says nothing. */
static CallerIssuer *
issuer_new (const char *file)
{
  static const char *const types[] = { "at+jwt", NULL },
                           *const subjects[] = { "email", "sub", NULL }, *const none[] = { NULL };
  CallerIssuer *issuer = g_new0 (CallerIssuer, 1);

  issuer->file = g_strdup (file);
  issuer->algorithms = 1u << TOKEN_ES256 | 1u << TOKEN_RS256;
  issuer->types = g_strdupv ((char **) types);
  issuer->subjects = g_strdupv ((char **) subjects);
  issuer->audiences = g_strdupv ((char **) none);
  issuer->scopes = g_strdupv ((char **) none);
  issuer->requires = g_ptr_array_new_with_free_func (require_free);
  issuer->network = "public";
  return issuer;
}

static char *
digest_of (const PolicySource *source, const char *ca)
{
  GChecksum *sum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (sum, (const guchar *) source->text, (gssize) source->len);
  g_checksum_update (sum, (const guchar *) "", 1);
  if (ca != NULL)
    g_checksum_update (sum, (const guchar *) ca, -1);
  char *digest = g_strdup (g_checksum_get_string (sum));
  g_checksum_free (sum);
  return digest;
}

static gboolean
parse_lines (CallerParse *parse, GError **error)
{
  gboolean end = FALSE;

  while (service_line_next (&parse->line, &end, error))
    if (end)
      return TRUE;
    else if (!caller_parse_line (parse, error))
      return FALSE;
  return FALSE;
}

CallerIssuer *
caller_issuer_parse (const PolicySource *source, const PolicySource *sources, gsize n_sources,
                     const Providers *providers, GError **error)
{
  g_autoptr (CallerIssuer) issuer = issuer_new (source->name);
  CallerParse parse = { .issuer = issuer, .source = source };

  service_line_init (&parse.line, source);
  gboolean right
      = check_name (&parse, error) && parse_lines (&parse, error) && check_present (&parse, error)
        && check_url (&parse, WORD_ISSUER, issuer->issuer, error)
        && check_url (&parse, WORD_KEYS, issuer->keys, error)
        && check_relay (&parse, providers, error) && read_ca (&parse, sources, n_sources, error);
  service_line_clear (&parse.line);
  g_free (parse.ca);
  if (!right)
    return NULL;
  issuer->digest = digest_of (source, issuer->ca);
  return g_steal_pointer (&issuer);
}
