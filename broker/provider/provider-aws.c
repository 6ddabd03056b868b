/* SPDX-License-Identifier: MIT
 *
 * AWS: temporary credentials of a role.
 */
#include "broker/provider/provider-aws.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"

#define MAX_ARN 2048
#define ACCOUNT_DIGITS 12

/* from keys S | from vouch PROVIDER | from issuer */
static gboolean
take_from (ServiceLine *line, GPtrArray *words, GError **error)
{
  static const char *const choices[] = { "keys", "vouch", "issuer", NULL };
  switch (provider_take_of (line, words, "source of a role", choices, error))
    {
    case 0:
      return provider_take_secret (line, words, error);
    case 1:
      return provider_take_name (line, words, error);
    case 2:
      return TRUE;
    default:
      return FALSE;
    }
}

static const ProviderDirective directives[] = {
  { "role", provider_take_text, PROVIDER_KEYED, "arn:aws:iam::123456789012:role/deploy" },
  { "from", take_from, PROVIDER_ONCE, "keys aws-keys" },
  { "region", provider_take_name, PROVIDER_ONCE, NULL },
  { "endpoint", provider_take_url, PROVIDER_ONCE, NULL },
  { "session-name", provider_take_text, PROVIDER_ONCE, NULL },
  { "max", provider_take_duration, PROVIDER_ONCE, NULL },
  { "network", provider_take_network, PROVIDER_ONCE, NULL },
  { "ca", provider_take_ca, PROVIDER_ONCE, NULL },
};

/* --- Roles --- */

static const char *
after_account (const char *text)
{
  static const char *const partitions[]
      = { "arn:aws:iam::", "arn:aws-cn:iam::", "arn:aws-us-gov:iam::" };

  for (gsize i = 0; i < G_N_ELEMENTS (partitions); i++)
    if (g_str_has_prefix (text, partitions[i]))
      {
        text += strlen (partitions[i]);
        return strspn (text, "0123456789") == ACCOUNT_DIGITS ? text + ACCOUNT_DIGITS : NULL;
      }
  return NULL;
}

gboolean
aws_role_is_arn (const char *text, gboolean glob)
{
  const char *rest = after_account (text);
  gsize len = strlen (text);

  if (rest == NULL || len > MAX_ARN || !g_str_has_prefix (rest, ":role/") || rest[6] == '\0')
    return FALSE;
  for (const char *p = rest + 6; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("+=,.@_-/", *p) == NULL
        && !(glob && *p == '*' && p[1] == '\0'))
      return FALSE;
  return glob || text[len - 1] != '/';
}

char *
aws_role_account (const char *arn)
{
  const char *rest = after_account (arn);

  return g_strndup (rest - ACCOUNT_DIGITS, ACCOUNT_DIGITS);
}

static gboolean
is_allowed (const Provider *provider, const char *role)
{
  g_autoptr (GPtrArray) rows = provider_rows (provider, "role");

  for (guint i = 0; i < rows->len; i++)
    {
      const char *allowed = *(char **) g_ptr_array_index (rows, i);
      gsize len = strlen (allowed);
      if (allowed[len - 1] == '*' ? strncmp (role, allowed, len - 1) == 0
                                  : strcmp (role, allowed) == 0)
        return TRUE;
    }
  return FALSE;
}

/* --- The sense of a file --- */

static gboolean
check_roles (const Provider *provider, GError **error)
{
  g_autoptr (GPtrArray) rows = provider_rows (provider, "role");

  for (guint i = 0; i < rows->len; i++)
    if (!aws_role_is_arn (*(char **) g_ptr_array_index (rows, i), TRUE))
      return provider_fail (provider, "role", i, error,
                            "a role is its ARN, as in arn:aws:iam::123456789012:role/deploy; a * "
                            "may stand at its end");
  return TRUE;
}

/* "eu-west-1", "us-gov-east-1": it becomes part of a host's name. */
static gboolean
check_region (const Provider *provider, GError **error)
{
  const char *region = provider_text (provider, "region");

  return region == NULL || g_regex_match_simple ("^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$", region, 0, 0)
         || provider_fail (provider, "region", 0, error, "a region is named as in eu-west-1");
}

static gboolean
check_session (const Provider *provider, GError **error)
{
  const char *name = provider_text (provider, "session-name");
  gint64 max = provider_seconds (provider, "max", AWS_SECONDS_MAX);

  if (name != NULL && !g_regex_match_simple ("^[A-Za-z0-9_+=,.@-]{2,64}$", name, 0, 0))
    return provider_fail (provider, "session-name", 0, error,
                          "a session's name has 2 to 64 letters, digits and _ + = , . @ -");
  return (max >= AWS_SECONDS_MIN && max <= AWS_SECONDS_MAX)
         || provider_fail (provider, "max", 0, error, "AWS issues for 15m to 12h");
}

static gboolean
check (const Provider *provider, GError **error)
{
  return check_roles (provider, error) && check_region (provider, error)
         && check_session (provider, error);
}

const char *
aws_source (const Provider *provider, const char **name)
{
  g_autoptr (GPtrArray) rows = provider_rows (provider, "from");
  char **from = g_ptr_array_index (rows, 0);

  if (name != NULL)
    *name = from[1];
  return from[0];
}

/* AWS fetches the keys of an issuer from where it says it is. */
static gboolean
check_issuer (const Provider *provider, const Providers *providers, GError **error)
{
  g_autoptr (GPtrArray) issuers = providers_of_kind (providers, PROVIDER_ISSUER);

  if (issuers->len == 0)
    return provider_fail (provider, "from", 0, error,
                          "there is no provider of kind issuer; set one up whose address AWS can "
                          "reach");
  const char *url = provider_text (g_ptr_array_index (issuers, 0), "issuer");
  return (url != NULL && g_str_has_prefix (url, "https://"))
         || provider_fail (provider, "from", 0, error,
                           "AWS fetches the keys of provider %s from its issuer: that has to be an "
                           "https:// address that can be reached from everywhere",
                           provider_name (g_ptr_array_index (issuers, 0)));
}

static gboolean
check_set (const Provider *provider, const Providers *providers, GError **error)
{
  const char *name, *source = aws_source (provider, &name);

  if (strcmp (source, "issuer") == 0)
    return check_issuer (provider, providers, error);
  if (strcmp (source, "vouch") != 0)
    return TRUE;
  const Provider *vouch = providers_find (providers, name);
  return (vouch != NULL && provider_kind (vouch) == PROVIDER_VOUCH)
         || provider_fail (provider, "from", 0, error, "there is no provider %s of kind vouch",
                           name);
}

/* --- What is asked --- */

static gboolean
fits (const ProviderAsk *ask, char **why)
{
  const char *role = wire_string (ask->args, "role_arn");

  if (!aws_role_is_arn (role, FALSE))
    *why = g_strdup ("role_arn: a role is its whole ARN, as in "
                     "arn:aws:iam::123456789012:role/deploy");
  else if (!is_allowed (ask->provider, role))
    *why = g_strdup ("role_arn: this role is not among those that a person has set up; ask for one "
                     "of them, or have it added");
  return *why == NULL;
}

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (PROVIDER_ERROR, PROVIDER_ERROR_FIELD, format, args);
  va_end (args);
  return FALSE;
}

static gboolean
check_scopes (const json_t *asked, GError **error)
{
  for (gsize i = 0; i < json_array_size (asked); i++)
    {
      const char *scope = json_string_value (json_array_get (asked, i));
      g_autofree char *problem = NULL;
      if (strcmp (scope, AWS_SCOPE_ROLE) == 0 && json_array_size (asked) == 1)
        return TRUE;
      if (strcmp (scope, AWS_SCOPE_ROLE) == 0)
        return fail (error,
                     "scopes: \"" AWS_SCOPE_ROLE "\" is all that the role may; leave it out, "
                     "or the others");
      if ((problem = aws_scope_problem (scope)) != NULL)
        return fail (error, "scopes: each %s", problem);
    }
  return TRUE;
}

static char **
scopes (const ProviderAsk *ask, GError **error)
{
  const json_t *asked = json_object_get (ask->args, "scopes");
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  if (!check_scopes (asked, error))
    return NULL;
  for (gsize i = 0; i < json_array_size (asked); i++)
    g_strv_builder_add (all, json_string_value (json_array_get (asked, i)));
  if (json_array_size (asked) == 0)
    g_strv_builder_add (all, AWS_SCOPE_ROLE);
  g_auto (GStrv) list = g_strv_builder_end (all);
  g_autofree char *policy = aws_policy (list);
  if (policy != NULL && strlen (policy) > AWS_POLICY_MAX)
    {
      fail (error,
            "scopes: they come to a session policy of %zu characters, AWS takes %d; ask for "
            "fewer",
            strlen (policy), AWS_POLICY_MAX);
      return NULL;
    }
  return g_steal_pointer (&list);
}

static gboolean
narrowed (const ProviderAsk *ask, GError **error)
{
  return ask->scopes[0] != NULL
         || fail (error, "nothing is left of what was asked; ask again with what is needed");
}

/* --- */

char *
aws_endpoint (const Provider *provider)
{
  const char *region = provider_text (provider, "region");
  const char *endpoint = provider_text (provider, "endpoint");

  if (endpoint != NULL)
    return strchr (strstr (endpoint, "://") + 3, '/') != NULL ? g_strdup (endpoint)
                                                              : g_strconcat (endpoint, "/", NULL);
  if (region == NULL)
    return g_strdup ("https://sts.amazonaws.com/");
  return g_strdup_printf ("https://sts.%s.amazonaws.com%s/", region,
                          g_str_has_prefix (region, "cn-") ? ".cn" : "");
}

static json_t *
endpoints (const Provider *provider)
{
  g_autofree char *url = aws_endpoint (provider);

  return provider_text (provider, "endpoint") != NULL ? json_object ()
                                                      : json_pack ("{s:s}", "endpoint", url);
}

const ProviderModule provider_module_aws = {
  .kind = PROVIDER_AWS,
  .word = "aws",
  .directives = directives,
  .n_directives = G_N_ELEMENTS (directives),
  .check = check,
  .check_set = check_set,
  .serves = 1u << OPERATION_AWS_CREDENTIALS,
  .fits = fits,
  .scopes = scopes,
  .narrowed = narrowed,
  .facts = aws_facts,
  .request = aws_request,
  .result = aws_result,
  .endpoints = endpoints,
};
