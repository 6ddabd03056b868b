/* SPDX-License-Identifier: MIT
 *
 * Which of the accepted providers is asked.
 */
#include "broker/operation/operation-provider.h"

#include <string.h>

static const struct
{
  Operation operation;
  const char *what, *setup;
} words[] = {
  { OPERATION_AWS_CREDENTIALS, "AWS credentials", "aws" },
  { OPERATION_GITHUB_TOKEN, "GitHub tokens", "github-app" },
  { OPERATION_SSH_CERTIFICATE, "SSH certificates", "ssh-ca" },
};

static char *
none_serves (Operation operation)
{
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (words[i].operation == operation)
      return g_strdup_printf ("%s are not configured; a person sets a provider of them up with "
                              "`countersign login --setup %s`",
                              words[i].what, words[i].setup);
  return g_strdup ("no provider serves this");
}

static gboolean
serves (const Provider *provider, Operation operation)
{
  return (provider_module (provider_kind (provider))->serves & (1u << operation)) != 0;
}

static gboolean
fits (const Request *request, const Provider *provider, GPtrArray *whys)
{
  ProviderAsk ask = provider_work_ask (request);
  g_autofree char *why = NULL;

  ask.provider = provider;
  if (provider_module (provider_kind (provider))->fits (&ask, &why))
    return TRUE;
  g_ptr_array_add (whys, g_strdup_printf ("%s: %s", provider_name (provider), why));
  return FALSE;
}

/* Those that could, of const Provider*; @whys: why others could not. */
static GPtrArray *
candidates (const Request *request, GPtrArray *whys)
{
  const ProviderWork *work = request->detail;
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < providers_count (work->providers); i++)
    {
      const Provider *provider = providers_nth (work->providers, i);
      if (!serves (provider, request->row->operation)
          || (request->resource != NULL
              && strcmp (request->resource, provider_name (provider)) != 0))
        continue;
      if (fits (request, provider, whys))
        g_ptr_array_add (found, (gpointer) provider);
    }
  return found;
}

static char *
join_names (const GPtrArray *providers)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < providers->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            provider_name (g_ptr_array_index (providers, i)));
  return g_string_free (text, FALSE);
}

void
provider_work_choose (Request *request)
{
  ProviderWork *work = request->detail;
  g_autoptr (GPtrArray) whys = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) found = candidates (request, whys);

  if (found->len == 1)
    {
      work->provider = g_ptr_array_index (found, 0);
      work->module = provider_module (provider_kind (work->provider));
      g_free (request->resource);
      request->resource = g_strdup (provider_name (work->provider));
    }
  else if (found->len > 1)
    {
      g_autofree char *names = join_names (found);
      operation_fault_set (
          &work->fault, "arguments",
          g_strdup_printf ("provider: several could do this: %s; name one", names));
    }
  else if (whys->len > 0)
    {
      g_ptr_array_add (whys, NULL);
      operation_fault_set (&work->fault, "scope", g_strjoinv ("; ", (char **) whys->pdata));
    }
  else if (request->resource != NULL)
    operation_fault_set (
        &work->fault, "not_found",
        g_strdup_printf ("provider: there is none named %s for this", request->resource));
  else
    operation_fault_set (&work->fault, "not_configured", none_serves (request->row->operation));
}
