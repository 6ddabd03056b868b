/* SPDX-License-Identifier: MIT
 *
 * One callers.d/NAME.conf.
 *
 * MUST
 *  - refuse what stands twice where one of the two would be lost
 */
#include "broker/caller/callers.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/caller/subject.h"
#include "broker/provider/provider-module.h"
#include "broker/provider/provider-vouch.h"
#include "broker/service/service-base.h"
#include "broker/service/service-line.h"
#include "broker/service/service-pem.h"
#include "policy/policy-words.h"

typedef enum
{
  WORD_ISSUER,
  WORD_AUDIENCE,
  WORD_ALGORITHM,
  WORD_KEYS,
  WORD_TYPE,
  WORD_SUBJECT,
  WORD_SCOPE,
  WORD_REQUIRE,
  WORD_BOUND,
  WORD_RELAY,
  WORD_NETWORK,
  WORD_CA,
  WORDS
} Word;

static const char *const words[WORDS + 1]
    = { "issuer",  "audience", "algorithm", "keys",    "type", "subject", "require-scope",
        "require", "cnf",      "relay",     "network", "ca",   NULL };

typedef struct
{
  ServiceLine line;
  CallerIssuer *issuer;
  const PolicySource *source;
  guint at[WORDS]; /* the line that each stands in; 0: nowhere */
  char *ca;        /* the name of its file */
} Parse;

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
static gboolean fail (const Parse *parse, Word word, GError **error, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static gboolean
fail (const Parse *parse, Word word, GError **error, const char *format, ...)
{
  PolicyLexer lexer = { .source = parse->source };
  va_list list;

  va_start (list, format);
  g_autofree char *message = g_strdup_vprintf (format, list);
  va_end (list);
  return policy_fail (&lexer, MAX (parse->at[word], 1), 1, error, "%s", message);
}

/* --- Lines --- */

/* All words up to the line's end, each by @take and none twice; NULL with an error. g_strfreev().
 */
static char **
take_words (Parse *parse, ProviderTake take, GError **error)
{
  g_autoptr (GPtrArray) taken = g_ptr_array_new_with_free_func (g_free);

  do
    {
      if (!take (&parse->line, taken, error))
        return NULL;
      const char *word = g_ptr_array_index (taken, taken->len - 1);
      for (guint i = 0; i + 1 < taken->len; i++)
        if (strcmp (g_ptr_array_index (taken, i), word) == 0)
          {
            service_line_fail_taken (&parse->line, error, "it stands twice; keep one");
            return NULL;
          }
      if (taken->len > CALLER_MAX_WORDS)
        {
          service_line_fail_taken (&parse->line, error, "more than %d words", CALLER_MAX_WORDS);
          return NULL;
        }
    }
  while (!service_line_at_end (&parse->line));
  g_ptr_array_add (taken, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&taken), FALSE);
}

/* One word; g_free(). */
static char *
take_one (Parse *parse, ProviderTake take, GError **error)
{
  g_autoptr (GPtrArray) taken = g_ptr_array_new_with_free_func (g_free);

  return take (&parse->line, taken, error) ? g_ptr_array_steal_index (taken, 0) : NULL;
}

static gboolean
take_audience (Parse *parse, GError **error)
{
  static const char *const special[] = { "resource", "none", NULL };
  CallerIssuer *issuer = parse->issuer;
  gboolean *const said[] = { &issuer->own_audience, &issuer->any_audience };

  for (int i = 0; special[i] != NULL; i++)
    if (service_line_skip (&parse->line, special[i]))
      {
        *said[i] = TRUE;
        return TRUE;
      }
  g_strfreev (issuer->audiences);
  issuer->audiences = take_words (parse, provider_take_text, error);
  return issuer->audiences != NULL;
}

static gboolean
take_algorithm (ServiceLine *line, GPtrArray *taken, GError **error)
{
  static const char *const names[] = { "ES256", "ES384", "ES512", "RS256", "RS384", "RS512",
                                       "PS256", "PS384", "PS512", "EdDSA", NULL };

  return provider_take_of (line, taken, "algorithm", names, error) >= 0;
}

static gboolean
take_algorithms (Parse *parse, GError **error)
{
  g_auto (GStrv) names = take_words (parse, take_algorithm, error);

  parse->issuer->algorithms = 0;
  for (char **name = names; name != NULL && *name != NULL; name++)
    parse->issuer->algorithms |= 1u << token_algorithm_find (*name);
  return names != NULL;
}

static gboolean
take_type (ServiceLine *line, GPtrArray *taken, GError **error)
{
  static const char *const names[] = { "at+jwt", "JWT", NULL };

  return provider_take_of (line, taken, "type", names, error) >= 0;
}

static gboolean
take_types (Parse *parse, GError **error)
{
  g_clear_pointer (&parse->issuer->types, g_strfreev);
  if (service_line_skip (&parse->line, "any"))
    return TRUE;
  parse->issuer->types = take_words (parse, take_type, error);
  return parse->issuer->types != NULL;
}

static gboolean
take_require (Parse *parse, GError **error)
{
  GPtrArray *requires = parse->issuer->requires;
  g_autofree char *claim = take_one (parse, provider_take_scope, error);

  for (guint i = 0; claim != NULL && i < requires->len; i++)
    if (strcmp (((CallerRequire *) requires->pdata[i])->claim, claim) == 0)
      return service_line_fail_taken (&parse->line, error, "a second \"require\" for it; keep one");
  if (claim == NULL)
    return FALSE;
  CallerRequire *require = g_new0 (CallerRequire, 1);
  require->claim = g_steal_pointer (&claim);
  g_ptr_array_add (requires, require);
  if (requires->len > CALLER_MAX_WORDS)
    return service_line_fail_taken (&parse->line, error, "more than %d lines", CALLER_MAX_WORDS);
  if (service_line_at_end (&parse->line))
    return TRUE;
  require->value = take_one (parse, provider_take_text, error);
  return require->value != NULL;
}

static gboolean
take_list (Parse *parse, char ***list, GError **error)
{
  g_strfreev (*list);
  *list = take_words (parse, provider_take_scope, error);
  return *list != NULL;
}

static gboolean
take_text (Parse *parse, char **text, ProviderTake take, GError **error)
{
  *text = take_one (parse, take, error);
  return *text != NULL;
}

static gboolean
take_network (Parse *parse, GError **error)
{
  int found = service_line_take_of (&parse->line, "network", service_network_words, error);

  if (found >= 0)
    parse->issuer->network = service_network_words[found];
  return found >= 0;
}

static gboolean
take_bound (Parse *parse, GError **error)
{
  static const char *const choices[] = { "ignore", NULL };

  parse->issuer->bound = TRUE;
  return service_line_take_of (&parse->line, "word behind \"cnf\"", choices, error) >= 0;
}

static gboolean
take_ca (ServiceLine *line, GPtrArray *taken, GError **error)
{
  const char *text = service_line_take (line, "a file's name, as in example.pem", error);

  if (text == NULL)
    return FALSE;
  g_autofree char *shown = policy_show (text);
  if (!g_str_has_suffix (text, ".pem") || strchr (text, '/') != NULL || *text == '.')
    return service_line_fail_taken (
        line, error, "%s is not the name of a file in " CALLER_FOLDER " that ends with .pem",
        shown);
  g_ptr_array_add (taken, g_strdup (text));
  return TRUE;
}

static gboolean
take_word (Parse *parse, Word word, GError **error)
{
  CallerIssuer *issuer = parse->issuer;

  switch (word)
    {
    case WORD_ISSUER:
      return take_text (parse, &issuer->issuer, provider_take_url, error);
    case WORD_AUDIENCE:
      return take_audience (parse, error);
    case WORD_ALGORITHM:
      return take_algorithms (parse, error);
    case WORD_KEYS:
      return take_text (parse, &issuer->keys, provider_take_url, error);
    case WORD_TYPE:
      return take_types (parse, error);
    case WORD_SUBJECT:
      return take_list (parse, &issuer->subjects, error);
    case WORD_SCOPE:
      return take_list (parse, &issuer->scopes, error);
    case WORD_REQUIRE:
      return take_require (parse, error);
    case WORD_BOUND:
      return take_bound (parse, error);
    case WORD_RELAY:
      return take_text (parse, &issuer->relay, provider_take_name, error);
    case WORD_NETWORK:
      return take_network (parse, error);
    case WORD_CA:
      return take_text (parse, &parse->ca, take_ca, error);
    case WORDS:
    default:
      return FALSE;
    }
}

static gboolean
parse_line (Parse *parse, GError **error)
{
  guint number = service_line_word (&parse->line)->line;
  int word = service_line_take_of (&parse->line, "line of an issuer's file", words, error);

  if (word < 0)
    return FALSE;
  if (parse->at[word] > 0 && word != WORD_REQUIRE)
    return service_line_fail_taken (&parse->line, error,
                                    "a second \"%s\"; the first is in line %u, keep one",
                                    words[word], parse->at[word]);
  parse->at[word] = number;
  return take_word (parse, (Word) word, error)
         && (service_line_at_end (&parse->line)
             || service_line_fail (&parse->line, error,
                                   "a word too many behind \"%s\"; take it out", words[word]));
}

/* --- What can be said only when all lines are read --- */

static gboolean
check_present (const Parse *parse, GError **error)
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
check_url (const Parse *parse, Word word, const char *url, GError **error)
{
  g_autofree char *problem
      = url != NULL ? provider_url_problem (url, parse->issuer->network) : NULL;

  return problem == NULL || fail (parse, word, error, "%s", problem);
}

static gboolean
check_relay (const Parse *parse, const Providers *providers, GError **error)
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
read_ca (Parse *parse, const PolicySource *sources, gsize n_sources, GError **error)
{
  if (parse->ca == NULL)
    return TRUE;
  g_autofree char *file = g_strconcat (CALLER_FOLDER, parse->ca, NULL);
  const PolicySource *source = policy_source_find (sources, n_sources, file);
  if (source == NULL)
    return fail (parse, WORD_CA, error, "there is no %s; put the certificates there", file);
  g_autofree char *problem = service_pem_problem (source->text, source->len);
  if (problem == NULL && source->len > PROVIDER_MAX_CA)
    problem = g_strdup ("more than 32 KiB; keep the certificates that are needed");
  if (problem != NULL)
    return fail (parse, WORD_CA, error, "%s: %s", file, problem);
  parse->issuer->ca = g_strndup (source->text, source->len);
  return TRUE;
}

static gboolean
check_name (Parse *parse, GError **error)
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
parse_lines (Parse *parse, GError **error)
{
  gboolean end = FALSE;

  while (service_line_next (&parse->line, &end, error))
    if (end)
      return TRUE;
    else if (!parse_line (parse, error))
      return FALSE;
  return FALSE;
}

CallerIssuer *
caller_issuer_parse (const PolicySource *source, const PolicySource *sources, gsize n_sources,
                     const Providers *providers, GError **error)
{
  g_autoptr (CallerIssuer) issuer = issuer_new (source->name);
  Parse parse = { .issuer = issuer, .source = source };

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
