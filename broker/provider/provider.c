/* SPDX-License-Identifier: MIT */
#include "broker/provider/provider.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/provider/provider-private.h"
#include "policy/policy-lex.h"

struct _Providers
{
  guint refs;
  GPtrArray *all; /* of Provider */
};

static gboolean
fail_source (const PolicySource *source, GError **error, const char *message)
{
  PolicyLexer lexer = { .source = source };
  return policy_fail (&lexer, 1, 1, error, "%s", message);
}

static gboolean
add_source (Providers *providers, const PolicySource *source, const PolicySource *sources,
            gsize n_sources, GError **error)
{
  if (g_str_has_suffix (source->name, ".pem"))
    return TRUE; /* read by the provider that names it */
  if (!g_str_has_suffix (source->name, ".conf"))
    return fail_source (source, error, "a provider's file ends with .conf, certificates with .pem");
  if (providers->all->len == PROVIDER_MAX)
    return fail_source (source, error, "more than " G_STRINGIFY (PROVIDER_MAX) " providers");
  g_autoptr (Provider) provider = provider_parse (source, sources, n_sources, error);
  if (provider == NULL)
    return FALSE;
  if (providers_find (providers, provider->name) != NULL)
    return fail_source (source, error, "a second file of this name");
  g_ptr_array_add (providers->all, g_steal_pointer (&provider));
  return TRUE;
}

static gboolean
check_together (const Providers *providers, GError **error)
{
  for (guint i = 0; i < providers->all->len; i++)
    {
      const Provider *provider = g_ptr_array_index (providers->all, i);
      if (provider->module->check_set != NULL
          && !provider->module->check_set (provider, providers, error))
        return FALSE;
    }
  return TRUE;
}

Providers *
providers_parse (const PolicySource *sources, gsize n_sources, GError **error)
{
  g_autoptr (Providers) providers = g_new0 (Providers, 1);
  providers->refs = 1;
  providers->all = g_ptr_array_new_with_free_func ((GDestroyNotify) provider_free);
  for (gsize i = 0; i < n_sources; i++)
    if (g_str_has_prefix (sources[i].name, PROVIDER_FOLDER)
        && !add_source (providers, &sources[i], sources, n_sources, error))
      return NULL;
  return check_together (providers, error) ? g_steal_pointer (&providers) : NULL;
}

Providers *
providers_ref (Providers *providers)
{
  providers->refs++;
  return providers;
}

void
providers_unref (Providers *providers)
{
  if (--providers->refs > 0)
    return;
  g_ptr_array_unref (providers->all);
  g_free (providers);
}

guint
providers_count (const Providers *providers)
{
  return providers->all->len;
}

const Provider *
providers_nth (const Providers *providers, guint n)
{
  g_return_val_if_fail (n < providers->all->len, NULL);
  return g_ptr_array_index (providers->all, n);
}

const Provider *
providers_find (const Providers *providers, const char *name)
{
  const char *real = strcmp (name, "gcp") == 0 ? "google" : name;
  for (guint i = 0; i < providers->all->len; i++)
    {
      const Provider *provider = g_ptr_array_index (providers->all, i);
      if (strcmp (provider->name, real) == 0)
        return provider;
    }
  return NULL;
}

GPtrArray *
providers_of_kind (const Providers *providers, ProviderKind kind)
{
  GPtrArray *found = g_ptr_array_new ();
  for (guint i = 0; i < providers->all->len; i++)
    {
      const Provider *provider = g_ptr_array_index (providers->all, i);
      if (provider->module->kind == kind)
        g_ptr_array_add (found, (gpointer) provider);
    }
  return found;
}

/* --- One of it --- */

static void
row_free (gpointer data)
{
  ProviderRow *row = data;
  g_ptr_array_unref (row->words);
  g_free (row);
}

ProviderRow *
provider_row_new (const ProviderDirective *directive, const ServiceWord *first)
{
  ProviderRow *row = g_new0 (ProviderRow, 1);
  row->directive = directive;
  row->line = first->line;
  row->column = first->column;
  row->words = g_ptr_array_new_with_free_func (g_free);
  return row;
}

Provider *
provider_new (const char *file)
{
  Provider *provider = g_new0 (Provider, 1);
  provider->file = g_strdup (file);
  provider->rows = g_ptr_array_new_with_free_func (row_free);
  return provider;
}

void
provider_free (Provider *provider)
{
  g_free (provider->file);
  g_free (provider->name);
  g_free (provider->ca);
  g_ptr_array_unref (provider->rows);
  g_free (provider);
}

const char *
provider_name (const Provider *provider)
{
  return provider->name;
}

ProviderKind
provider_kind (const Provider *provider)
{
  return provider->module->kind;
}

const ProviderRow *
provider_row (const Provider *provider, const char *directive, guint nth)
{
  for (guint i = 0; i < provider->rows->len; i++)
    {
      const ProviderRow *row = g_ptr_array_index (provider->rows, i);
      if (strcmp (row->directive->word, directive) == 0 && nth-- == 0)
        return row;
    }
  return NULL;
}

const char *
provider_text (const Provider *provider, const char *directive)
{
  const ProviderRow *row = provider_row (provider, directive, 0);
  return row == NULL ? NULL : g_ptr_array_index (row->words, 0);
}

GPtrArray *
provider_rows (const Provider *provider, const char *directive)
{
  const ProviderRow *row;
  GPtrArray *rows = g_ptr_array_new ();
  for (guint i = 0; (row = provider_row (provider, directive, i)) != NULL; i++)
    g_ptr_array_add (rows, row->words->pdata);
  return rows;
}

gboolean
provider_has_word (const Provider *provider, const char *directive, const char *word)
{
  const ProviderRow *row;
  for (guint i = 0; (row = provider_row (provider, directive, i)) != NULL; i++)
    if (g_strv_contains ((const char *const *) row->words->pdata, word))
      return TRUE;
  return FALSE;
}

gint64
provider_seconds (const Provider *provider, const char *directive, gint64 fallback)
{
  gint64 seconds;
  const char *text = provider_text (provider, directive);
  if (text == NULL || !text_parse_duration (text, PROVIDER_MAX_SECONDS, &seconds, NULL))
    return fallback;
  return seconds;
}

const char *
provider_network (const Provider *provider)
{
  const char *word = provider_text (provider, "network");
  return word == NULL ? "public" : word;
}

gboolean
provider_fail (const Provider *provider, const char *directive, guint nth, GError **error,
               const char *format, ...)
{
  va_list list;
  const ProviderRow *row = provider_row (provider, directive, nth);
  PolicySource source = { .name = provider->file };
  PolicyLexer lexer = { .source = &source };
  va_start (list, format);
  g_autofree char *message = g_strdup_vprintf (format, list);
  va_end (list);
  return policy_fail (&lexer, row == NULL ? 1 : row->line, row == NULL ? 1 : row->column, error,
                      "%s", message);
}
