/* SPDX-License-Identifier: MIT
 *
 * One providers.d/NAME.conf.
 *
 * MUST
 *  - refuse a line that the kind does not know: a misspelt limit that is skipped is no limit
 *  - refuse what stands twice where one of the two would be lost
 */
#include <string.h>

#include "broker/base/text.h"
#include "broker/provider/provider-private.h"
#include "broker/service/service-pem.h"
#include "policy/policy-words.h"

typedef struct
{
  ServiceLine line;
  const PolicySource *sources;
  gsize n_sources;
  Provider *provider;
} Parse;

/* What people's tools and habits call by these names is a login there. */
static const char *const login_names[]
    = { "github", "google", "gcp", "azure", "okta", "oauth2", NULL };

static gboolean
check_name (Parse *parse, const char *name, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autofree char *file = g_strconcat (PROVIDER_FOLDER, name, ".conf", NULL);
  if (!text_check_segment (name, &problem))
    return service_line_fail_taken (&parse->line, error, "a provider's name %s", problem->message);
  if (strcmp (file, parse->provider->file) != 0)
    return service_line_fail_taken (&parse->line, error,
                                    "the provider is named as its file is; rename one of the two");
  if (strcmp (name, "gcp") == 0)
    return service_line_fail_taken (&parse->line, error,
                                    "\"gcp\" is another name of google; write google");
  parse->provider->name = g_strdup (name);
  return TRUE;
}

static gboolean
end_of_line (Parse *parse, const char *word, GError **error)
{
  return service_line_at_end (&parse->line)
         || service_line_fail (&parse->line, error, "a word too many behind \"%s\"; take it out",
                               word);
}

static gboolean
parse_first (Parse *parse, GError **error)
{
  static const char example[] = "the first line names the provider, as in: provider github";
  if (!service_line_skip (&parse->line, "provider"))
    return service_line_fail (&parse->line, error, example);
  const char *name = service_line_take (&parse->line, "the provider's name", error);
  return name != NULL && check_name (parse, name, error) && end_of_line (parse, "provider", error);
}

static gboolean
check_kind_name (Parse *parse, const char *word, GError **error)
{
  const char *name = parse->provider->name;
  gboolean login = g_strv_contains (login_names, name);
  gboolean oauth2 = parse->provider->module->kind == PROVIDER_OAUTH2;
  if (oauth2 && !login)
    return service_line_fail_taken (&parse->line, error,
                                    "a provider of kind oauth2 is named github, google, azure, "
                                    "okta or oauth2; rename the file, and the name in line 1");
  if (!oauth2 && login)
    return service_line_fail_taken (&parse->line, error,
                                    "\"%s\" is the name of a provider of kind oauth2; name this "
                                    "one otherwise, as in %s-%s",
                                    name, name, word);
  return TRUE;
}

static gboolean
parse_kind (Parse *parse, GError **error)
{
  if (!service_line_skip (&parse->line, "kind"))
    return service_line_fail (&parse->line, error,
                              "the second line names the kind, as in: kind oauth2");
  int kind = service_line_take_of (&parse->line, "kind of provider", provider_kind_words, error);
  if (kind < 0)
    return FALSE;
  parse->provider->module = provider_module ((ProviderKind) kind);
  return check_kind_name (parse, provider_kind_words[kind], error)
         && end_of_line (parse, "kind", error);
}

/* --- What the kind knows --- */

static const ProviderDirective *
take_directive (Parse *parse, GError **error)
{
  const ProviderModule *module = parse->provider->module;
  g_autofree const char **words = g_new0 (const char *, module->n_directives + 1);
  g_autofree char *what = g_strdup_printf ("line of kind %s", module->word);
  for (gsize i = 0; i < module->n_directives; i++)
    words[i] = module->directives[i].word;
  int found = service_line_take_of (&parse->line, what, words, error);
  return found < 0 ? NULL : &module->directives[found];
}

static gboolean
check_once (Parse *parse, const ProviderDirective *directive, GError **error)
{
  const ProviderRow *other = provider_row (parse->provider, directive->word, 0);
  return other == NULL || directive->repeat != PROVIDER_ONCE
         || service_line_fail_taken (&parse->line, error,
                                     "a second \"%s\"; the first is in line %u, keep one",
                                     directive->word, other->line);
}

/* @word, which was just taken, is one of a list that may go over several lines. */
static gboolean
check_another (Parse *parse, const ProviderRow *row, const char *word, GError **error)
{
  gboolean again = provider_has_word (parse->provider, row->directive->word, word);
  for (guint i = 0; !again && i + 1 < row->words->len; i++)
    again = strcmp (g_ptr_array_index (row->words, i), word) == 0;
  g_autofree char *shown = policy_show (word);
  return !again
         || service_line_fail_taken (&parse->line, error, "%s stands twice behind \"%s\"; keep one",
                                     shown, row->directive->word);
}

static gboolean
take_list (Parse *parse, ProviderRow *row, GError **error)
{
  do
    if (!row->directive->take (&parse->line, row->words, error)
        || !check_another (parse, row, g_ptr_array_index (row->words, row->words->len - 1), error))
      return FALSE;
  while (!service_line_at_end (&parse->line));
  return TRUE;
}

static gboolean
check_key (Parse *parse, const ProviderRow *row, GError **error)
{
  const ProviderRow *other;
  const char *word = row->directive->word, *key = g_ptr_array_index (row->words, 0);
  g_autofree char *shown = policy_show (key);
  for (guint i = 0; (other = provider_row (parse->provider, word, i)) != NULL; i++)
    if (strcmp (g_ptr_array_index (other->words, 0), key) == 0)
      return service_line_fail_taken (&parse->line, error,
                                      "a second \"%s\" for %s; the first is in line %u, keep one",
                                      word, shown, other->line);
  return TRUE;
}

static gboolean
take_row (Parse *parse, ProviderRow *row, GError **error)
{
  const ProviderDirective *directive = row->directive;
  if (directive->repeat == PROVIDER_LIST)
    return take_list (parse, row, error);
  if (!directive->take (&parse->line, row->words, error)
      || !end_of_line (parse, directive->word, error))
    return FALSE;
  return directive->repeat != PROVIDER_KEYED || check_key (parse, row, error);
}

static gboolean
parse_line (Parse *parse, GError **error)
{
  const ServiceWord *first = service_line_word (&parse->line);
  const ProviderDirective *directive = take_directive (parse, error);
  if (directive == NULL || !check_once (parse, directive, error))
    return FALSE;
  if (parse->provider->rows->len == PROVIDER_MAX_ROWS)
    return service_line_fail_taken (&parse->line, error, "more than %d lines", PROVIDER_MAX_ROWS);
  ProviderRow *row = provider_row_new (directive, first);
  gboolean taken = take_row (parse, row, error);
  g_ptr_array_add (row->words, NULL);
  g_ptr_array_add (parse->provider->rows, row);
  return taken;
}

/* --- What can be said only when all lines are read --- */

static gboolean
check_required (const Provider *provider, GError **error)
{
  const ProviderModule *module = provider->module;
  for (gsize i = 0; i < module->n_directives; i++)
    {
      const ProviderDirective *directive = &module->directives[i];
      if (directive->required != NULL && provider_row (provider, directive->word, 0) == NULL)
        return provider_fail (provider, directive->word, 0, error,
                              "no \"%s\"; add a line as in: %s %s", directive->word,
                              directive->word, directive->required);
    }
  return TRUE;
}

static gboolean
check_urls (const Provider *provider, GError **error)
{
  for (guint i = 0; i < provider->rows->len; i++)
    {
      const ProviderRow *row = g_ptr_array_index (provider->rows, i);
      if (row->directive->take != provider_take_url)
        continue;
      g_autofree char *problem
          = provider_url_problem (g_ptr_array_index (row->words, 0), provider_network (provider));
      if (problem != NULL)
        return provider_fail (provider, row->directive->word, 0, error, "%s", problem);
    }
  return TRUE;
}

static gboolean
read_ca (Parse *parse, GError **error)
{
  Provider *provider = parse->provider;
  const char *name = provider_text (provider, "ca");
  if (name == NULL)
    return TRUE;
  g_autofree char *problem = NULL;
  provider->ca = service_pem_find (PROVIDER_FOLDER, name, parse->sources, parse->n_sources,
                                   PROVIDER_MAX_CA, &problem);
  if (problem != NULL)
    return provider_fail (provider, "ca", 0, error, "%s", problem);
  return TRUE;
}

static gboolean
check_whole (Parse *parse, GError **error)
{
  const Provider *provider = parse->provider;
  if (provider->name == NULL)
    return provider_fail (
        provider, "", 0, error,
        "an empty file; its first line names the provider, as in: provider github");
  if (provider->module == NULL)
    return provider_fail (provider, "", 0, error, "no kind; add a line as in: kind oauth2");
  return check_required (provider, error) && check_urls (provider, error) && read_ca (parse, error)
         && (provider->module->check == NULL || provider->module->check (provider, error));
}

static gboolean
parse_lines (Parse *parse, GError **error)
{
  gboolean end, right;
  while (service_line_next (&parse->line, &end, error))
    {
      if (end)
        return check_whole (parse, error);
      if (parse->provider->name == NULL)
        right = parse_first (parse, error);
      else if (parse->provider->module == NULL)
        right = parse_kind (parse, error);
      else
        right = parse_line (parse, error);
      if (!right)
        return FALSE;
    }
  return FALSE;
}

Provider *
provider_parse (const PolicySource *source, const PolicySource *sources, gsize n_sources,
                GError **error)
{
  g_autoptr (Provider) provider = provider_new (source->name);
  Parse parse = { .sources = sources, .n_sources = n_sources, .provider = provider };
  service_line_init (&parse.line, source);
  gboolean right = parse_lines (&parse, error);
  service_line_clear (&parse.line);
  return right ? g_steal_pointer (&provider) : NULL;
}
