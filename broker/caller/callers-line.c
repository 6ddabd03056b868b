/* SPDX-License-Identifier: MIT
 *
 * The lines of a callers.d/NAME.conf.
 *
 * MUST
 *  - refuse what stands twice where one of the two would be lost
 */
#include "broker/caller/callers-private.h"

#include <string.h>

#include "broker/provider/provider-module.h"
#include "broker/service/service-base.h"
#include "policy/policy-words.h"

static const char *const words[WORDS + 1]
    = { "issuer",  "audience", "algorithm", "keys",    "type", "subject", "require-scope",
        "require", "cnf",      "relay",     "network", "ca",   NULL };

/* All words up to the line's end, each by @take and none twice; NULL with an error. g_strfreev().
 */
static char **
take_words (CallerParse *parse, ProviderTake take, GError **error)
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
take_one (CallerParse *parse, ProviderTake take, GError **error)
{
  g_autoptr (GPtrArray) taken = g_ptr_array_new_with_free_func (g_free);

  return take (&parse->line, taken, error) ? g_ptr_array_steal_index (taken, 0) : NULL;
}

static gboolean
take_audience (CallerParse *parse, GError **error)
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
take_algorithms (CallerParse *parse, GError **error)
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
take_types (CallerParse *parse, GError **error)
{
  g_clear_pointer (&parse->issuer->types, g_strfreev);
  if (service_line_skip (&parse->line, "any"))
    return TRUE;
  parse->issuer->types = take_words (parse, take_type, error);
  return parse->issuer->types != NULL;
}

static gboolean
take_require (CallerParse *parse, GError **error)
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
take_list (CallerParse *parse, char ***list, GError **error)
{
  g_strfreev (*list);
  *list = take_words (parse, provider_take_scope, error);
  return *list != NULL;
}

static gboolean
take_text (CallerParse *parse, char **text, ProviderTake take, GError **error)
{
  *text = take_one (parse, take, error);
  return *text != NULL;
}

static gboolean
take_network (CallerParse *parse, GError **error)
{
  int found = service_line_take_of (&parse->line, "network", service_network_words, error);

  if (found >= 0)
    parse->issuer->network = service_network_words[found];
  return found >= 0;
}

static gboolean
take_bound (CallerParse *parse, GError **error)
{
  static const char *const choices[] = { "ignore", NULL };

  parse->issuer->bound = TRUE;
  return service_line_take_of (&parse->line, "word behind \"cnf\"", choices, error) >= 0;
}

static gboolean
take_ca (ServiceLine *line, GPtrArray *taken, GError **error)
{
  const char *text = service_line_take_pem (line, CALLER_FOLDER, error);

  if (text == NULL)
    return FALSE;
  g_ptr_array_add (taken, g_strdup (text));
  return TRUE;
}

static gboolean
take_word (CallerParse *parse, CallerWord word, GError **error)
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

gboolean
caller_parse_line (CallerParse *parse, GError **error)
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
  return take_word (parse, (CallerWord) word, error)
         && (service_line_at_end (&parse->line)
             || service_line_fail (&parse->line, error,
                                   "a word too many behind \"%s\"; take it out", words[word]));
}
