/* SPDX-License-Identifier: MIT
 *
 * Where a provider has its own proof from: the login of a person, at it or at another.
 */
#include "broker/operation/operation-provider.h"

#include <string.h>

#include "broker/caller/bearers.h"
#include "broker/provider/provider-vouch.h"

const Provider *
provider_work_vouch (const Provider *provider, const Providers *providers)
{
  g_autoptr (GPtrArray) from = provider_rows (provider, "from");
  char **said = from->len > 0 ? g_ptr_array_index (from, 0) : NULL;

  if (provider_kind (provider) == PROVIDER_VOUCH)
    return provider;
  return said != NULL && strcmp (said[0], "vouch") == 0 ? providers_find (providers, said[1])
                                                        : NULL;
}

json_t *
provider_work_describe (const Provider *provider, const Providers *providers)
{
  const Provider *vouch = provider_work_vouch (provider, providers);
  json_t *all = json_pack ("[o]", provider_describe (provider));

  if (vouch != NULL && vouch != provider)
    json_array_append_new (all, provider_describe (vouch));
  return all;
}

gboolean
provider_work_relays (const Request *request, const Provider *vouch)
{
  const Subject *subject = request->requester->subject;
  const Callers *callers = request->vault->callers;
  const CallerIssuer *issuer
      = subject != NULL && callers != NULL ? callers_find (callers, subject->caller) : NULL;

  /* Said again, since a caller's token goes to nobody but who signed it. */
  return issuer != NULL && issuer->relay != NULL
         && strcmp (issuer->relay, provider_name (vouch)) == 0
         && strcmp (issuer->issuer, vouch_issuer (vouch)) == 0
         && strcmp (issuer->issuer, subject->issuer) == 0;
}

/* Secret, of who asked; NULL with an error. */
static Secret *
caller_token (const Request *request, GError **error)
{
  const Secret *token = bearers_relay (request->vault->bearers, request->requester->subject);

  if (token != NULL)
    return secret_copy (token, error);
  g_set_error_literal (error, BEARER_ERROR, BEARER_ERROR_TOKEN,
                       "the token that this was asked with is over, or its connection has ended; "
                       "ask again with another");
  return NULL;
}

gboolean
provider_work_relay (Request *request, ProviderExchange *exchange, GError **error)
{
  static const char name[] = "caller token"; /* no answer's value is called so */
  ProviderWork *work = request->detail;
  const Provider *vouch = provider_work_vouch (work->provider, work->providers);

  g_hash_table_remove (work->values, name);
  for (guint i = 0; exchange->needs != NULL && i < exchange->needs->len; i++)
    {
      ProviderNeed *need = g_ptr_array_index (exchange->needs, i);
      if (need->kind != NEED_LOGIN || strcmp (need->name, provider_name (vouch)) != 0)
        continue;
      Secret *token = caller_token (request, error);
      if (token == NULL)
        return FALSE;
      need->kind = NEED_EARLIER;
      g_free (need->name);
      need->name = g_strdup (name);
      g_hash_table_replace (work->values, g_strdup (name), token);
    }
  return TRUE;
}

void
provider_work_identify (Request *request, const Provider *vouch, IdentityFound found)
{
  ProviderWork *work = request->detail;
  IdentityLook *look = identity_find (request->vault, vouch, found, request);

  if (look != NULL) /* else it has been answered, and may be gone */
    work->look = look;
}
