/* SPDX-License-Identifier: MIT */
#include "broker/caller/callers.h"

#include <string.h>

#include "broker/provider/provider-module.h"
#include "policy/policy-lex.h"

struct _Callers
{
  GPtrArray *all; /* of CallerIssuer */
};

static gboolean
fail_source (const PolicySource *source, GError **error, const char *message)
{
  PolicyLexer lexer = { .source = source };
  return policy_fail (&lexer, 1, 1, error, "%s", message);
}

static gboolean
add_source (Callers *callers, const PolicySource *source, const PolicySource *sources,
            gsize n_sources, const Providers *providers, GError **error)
{
  if (g_str_has_suffix (source->name, ".pem"))
    return TRUE; /* read by the issuer that names it */
  if (!g_str_has_suffix (source->name, ".conf"))
    return fail_source (source, error, "an issuer's file ends with .conf, certificates with .pem");
  if (callers->all->len == CALLER_MAX)
    return fail_source (source, error, "more than " G_STRINGIFY (CALLER_MAX) " issuers");
  g_autoptr (CallerIssuer) issuer
      = caller_issuer_parse (source, sources, n_sources, providers, error);
  if (issuer == NULL)
    return FALSE;
  if (callers_find (callers, issuer->name) != NULL)
    return fail_source (source, error, "a second file of this name");
  /* Two answers to who somebody is would be one too many. */
  const CallerIssuer *other = callers_find_issuer (callers, issuer->issuer);
  if (other != NULL)
    {
      g_autofree char *message = g_strdup_printf (
          "a second file for this issuer; the first is %s, keep one", other->file);
      return fail_source (source, error, message);
    }
  g_ptr_array_add (callers->all, g_steal_pointer (&issuer));
  return TRUE;
}

Callers *
callers_parse (const PolicySource *sources, gsize n_sources, const Providers *providers,
               GError **error)
{
  g_autoptr (Callers) callers = g_new0 (Callers, 1);

  callers->all = g_ptr_array_new_with_free_func ((GDestroyNotify) caller_issuer_free);
  for (gsize i = 0; i < n_sources; i++)
    if (g_str_has_prefix (sources[i].name, CALLER_FOLDER)
        && !add_source (callers, &sources[i], sources, n_sources, providers, error))
      return NULL;
  return g_steal_pointer (&callers);
}

void
callers_free (Callers *callers)
{
  if (callers == NULL)
    return;
  g_ptr_array_unref (callers->all);
  g_free (callers);
}

guint
callers_count (const Callers *callers)
{
  return callers->all->len;
}

const CallerIssuer *
callers_nth (const Callers *callers, guint n)
{
  return g_ptr_array_index (callers->all, n);
}

const CallerIssuer *
callers_find (const Callers *callers, const char *name)
{
  for (guint i = 0; i < callers->all->len; i++)
    {
      const CallerIssuer *issuer = g_ptr_array_index (callers->all, i);
      if (strcmp (issuer->name, name) == 0)
        return issuer;
    }
  return NULL;
}

const CallerIssuer *
callers_find_issuer (const Callers *callers, const char *issuer)
{
  for (guint i = 0; i < callers->all->len; i++)
    {
      const CallerIssuer *one = g_ptr_array_index (callers->all, i);
      if (strcmp (one->issuer, issuer) == 0)
        return one;
    }
  return NULL;
}

json_t *
caller_issuer_target (const CallerIssuer *issuer, const char *url, GError **error)
{
  g_autofree char *problem = provider_url_problem (url, issuer->network);

  if (problem != NULL)
    {
      g_set_error (error, PROVIDER_ERROR, PROVIDER_ERROR_ENDPOINT,
                   "an address of issuer %s cannot be gone to: %s", issuer->name, problem);
      return NULL;
    }
  json_t *target = json_pack ("{s:s, s:s, s:s, s:[[s, s]]}", "url", url, "network", issuer->network,
                              "method", "GET", "headers", "Accept", "application/json");
  if (issuer->ca != NULL)
    json_object_set_new (target, "ca", json_string (issuer->ca));
  return target;
}
