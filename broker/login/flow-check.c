/* SPDX-License-Identifier: MIT
 *
 * Whether a login may begin.
 */
#include "broker/login/flow-private.h"

#include <string.h>

#include "broker/base/text.h"

static gboolean
may_log_in (const Provider *provider)
{
  return provider_kind (provider) == PROVIDER_OAUTH2 || provider_kind (provider) == PROVIDER_VOUCH;
}

const Provider *
flow_provider (const Vault *vault, const char *name, GError **error)
{
  static const struct
  {
    const char *name, *prefix;
  } known[] = { { "github", "GITHUB" }, { "google", "GCP" }, { "gcp", "GCP" },
                { "azure", "AZURE" },   { "okta", "OKTA" },  { "oauth2", "OAUTH2" } };
  const Provider *provider = providers_find (vault->providers, name);

  if (provider != NULL && may_log_in (provider))
    return provider;
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (known[i].name, name) == 0)
      {
        g_set_error (error, LOGIN_ERROR, LOGIN_ERROR_NOT_CONFIGURED,
                     "provider: %s is not configured; a person sets it up with `countersign login "
                     "--setup %s`, which asks for what other programs call %s_CLIENT_ID and "
                     "%s_CLIENT_SECRET",
                     name, name, known[i].prefix, known[i].prefix);
        return NULL;
      }
  g_set_error (error, LOGIN_ERROR, LOGIN_ERROR_NOT_CONFIGURED,
               provider != NULL ? "provider: nobody logs in at %s"
                                : "provider: %s is not configured, and is none of github, google, "
                                  "azure, okta and oauth2",
               name);
  return NULL;
}

/* The login with whose tokens those of a login named @secret would be mixed up: the refresh token
 * of one would be the access token of the other, which agents may be given. NULL: none. */
static const Login *
mixed_up_with (const Logins *logins, const char *secret, const char *refresh)
{
  const Login *login = logins_find (logins, refresh);

  if (login != NULL || !g_str_has_suffix (secret, LOGIN_REFRESH_SUFFIX))
    return login;
  g_autofree char *of = g_strndup (secret, strlen (secret) - strlen (LOGIN_REFRESH_SUFFIX));
  return logins_find (logins, of);
}

/* A name that is free, or that of the same provider's login, which is then renewed. */
gboolean
flow_check_secret (const Vault *vault, const Provider *provider, const char *secret, GError **error)
{
  g_autofree char *refresh = login_refresh_name (secret);
  const char *names[] = { secret, refresh };
  const Login *login = logins_find (vault->logins, secret);
  g_autoptr (GError) fault = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (!text_check_name (names[i], &fault))
      {
        g_set_error (error, LOGIN_ERROR, LOGIN_ERROR_NAME, "%s%s",
                     i == 0 ? "" : "with " LOGIN_REFRESH_SUFFIX " behind it: ", fault->message);
        return FALSE;
      }
  const Login *other = mixed_up_with (vault->logins, secret, refresh);
  if (other != NULL)
    {
      g_set_error (error, LOGIN_ERROR, LOGIN_ERROR_SECRET,
                   "%s would be mixed up with the tokens of the login %s; choose another name",
                   secret, other->secret);
      return FALSE;
    }
  if (login != NULL && strcmp (login->provider, provider_name (provider)) == 0)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (store_find (vault->store, names[i]) != NULL)
      {
        g_set_error (error, LOGIN_ERROR, LOGIN_ERROR_SECRET,
                     "a secret named %s exists already, and is not of a login at %s; choose "
                     "another name",
                     names[i], provider_name (provider));
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_scopes (const Provider *provider, const FlowAsk *ask, GError **error)
{
  g_autoptr (GError) fault = NULL;

  if (ask->scopes == NULL || oauth2_scopes_allowed (provider, ask->scopes, &fault))
    return TRUE;
  g_set_error_literal (error, LOGIN_ERROR, LOGIN_ERROR_SCOPE, fault->message);
  return FALSE;
}

gboolean
flow_check (Vault *vault, const FlowAsk *ask, GError **error)
{
  const Provider *provider = flow_provider (vault, ask->provider, error);

  return provider != NULL && check_scopes (provider, ask, error)
         && flow_check_secret (vault, provider, ask->secret, error);
}
