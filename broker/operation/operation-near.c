/* SPDX-License-Identifier: MIT
 *
 * What a requester may have meant by a name that there is not.
 *
 * MUST
 *  - name nothing that this requester has not been shown, or could not list unasked
 */
#include "broker/operation/operation-step.h"

#include "broker/accepted.h"
#include "broker/base/near.h"

#include <string.h>

/* Whether the list that @grant allows, "app/environment/..." with stars, has @name in it. */
static gboolean
lists (const Grant *grant, const char *name)
{
  if (grant->operation != OPERATION_LIST_SECRETS)
    return g_strcmp0 (grant->resource, name) == 0;
  if (grant->resource == NULL)
    return TRUE;
  g_auto (GStrv) allowed = g_strsplit (grant->resource, "/", 3);
  g_auto (GStrv) parts = g_strsplit (name, "/", 3);
  return g_strv_length (parts) == 3
         && (strcmp (allowed[0], "*") == 0 || strcmp (allowed[0], parts[0]) == 0)
         && (strcmp (allowed[1], "*") == 0 || strcmp (allowed[1], parts[1]) == 0);
}

static gboolean
lists_unasked (const Request *request)
{
  const Vault *vault = request->vault;
  PolicyQuery query;
  PolicyDecision decision;

  accepted_query (vault, request->requester, OPERATION_LIST_SECRETS, &query);
  accepted_decide (vault, &query, &decision);
  return decision.verdict == POLICY_ALLOW
         && policy_may_allow (OPERATION_LIST_SECRETS, !vault->system);
}

/* The grants under which this requester has seen names. */
static GPtrArray *
own_grants (const Request *request)
{
  GPtrArray *grants = grants_list (request->vault->grants);

  for (guint i = grants->len; i > 0; i--)
    {
      const Grant *grant = g_ptr_array_index (grants, i - 1);
      if ((grant->operation != OPERATION_LIST_SECRETS && grant->operation != OPERATION_GET_SECRET)
          || grant_seconds_left (grant) <= 0
          || !principal_covers (grant->holder, request->requester))
        g_ptr_array_remove_index_fast (grants, i - 1);
    }
  return grants;
}

static gboolean
is_shown (const GPtrArray *grants, const char *name)
{
  for (guint i = 0; i < grants->len; i++)
    if (lists (g_ptr_array_index (grants, i), name))
      return TRUE;
  return FALSE;
}

/* What joins "there is no X" with what can be done about it. */
static char *
suggestion (const char *wrong, const GPtrArray *names)
{
  g_autofree const char **near = near_names (wrong, (const char *const *) names->pdata, names->len);
  guint n = g_strv_length ((char **) near);
  GString *words = g_string_new (n > 0 ? "; did you mean " : ";");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (words, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", near[i]);
  return g_string_free (n > 0 ? g_string_append (words, "? Otherwise") : words, FALSE);
}

char *
operation_near_secret (const Request *request, const char *wrong)
{
  g_autoptr (GPtrArray) all = store_list (request->vault->store);
  g_autoptr (GPtrArray) grants = own_grants (request);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  gboolean unasked = lists_unasked (request);

  for (guint i = 0; i < all->len; i++)
    {
      const StoreEntry *entry = g_ptr_array_index (all, i);
      if (unasked || is_shown (grants, entry->name))
        g_ptr_array_add (names, entry->name);
    }
  return suggestion (wrong, names);
}

/* A list of secrets, of whatever app, has all services with it. */
static gboolean
has_listed (const GPtrArray *grants)
{
  for (guint i = 0; i < grants->len; i++)
    if (((const Grant *) g_ptr_array_index (grants, i))->operation == OPERATION_LIST_SECRETS)
      return TRUE;
  return FALSE;
}

char *
operation_near_service (const Request *request, const Services *services, const char *wrong)
{
  g_autoptr (GPtrArray) grants = own_grants (request);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  if (has_listed (grants) || lists_unasked (request))
    for (guint i = 0; i < services_count (services); i++)
      g_ptr_array_add (names, (gpointer) service_name (services_nth (services, i)));
  return suggestion (wrong, names);
}
