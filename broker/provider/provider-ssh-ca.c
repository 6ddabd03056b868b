/* SPDX-License-Identifier: MIT
 *
 * Our own certificate authority of SSH: the file, what is asked of it, and what a person sees.
 */
#include "broker/provider/provider-ssh-ca.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/ssh/ssh-address.h"
#include "broker/ssh/ssh-certificate.h"
#include "policy/policy-words.h"

/* ---- the file ---- */

/* Adds @text, unless @problem (taken) says what is wrong with it. */
static gboolean
keep (const ServiceLine *line, GPtrArray *words, const char *text, const char *what,
      GError *problem, GError **error)
{
  g_autoptr (GError) owned = problem;

  if (owned != NULL)
    return service_line_fail_taken (line, error, "%s %s", what, owned->message);
  g_ptr_array_add (words, g_strdup (text));
  return TRUE;
}

static gboolean
take_principal (ServiceLine *line, GPtrArray *words, GError **error)
{
  const char *text = service_line_take (line, "a name to log in as, as in deploy", error);
  GError *problem = NULL;

  if (text == NULL)
    return FALSE;
  ssh_principal_check (text, &problem);
  return keep (line, words, text, "a principal", problem, error);
}

static gboolean
take_command (ServiceLine *line, GPtrArray *words, GError **error)
{
  const char *text = service_line_take (line, "a command line in quotes", error);
  GError *problem = NULL;

  if (text == NULL)
    return FALSE;
  ssh_command_check (text, &problem);
  return keep (line, words, text, "a command", problem, error);
}

/* Each word may be a list itself, as a certificate has it. */
static gboolean
take_address (ServiceLine *line, GPtrArray *words, GError **error)
{
  const char *text = service_line_take (line, "a network, as in 192.0.2.0/24", error);
  GError *problem = NULL;

  if (text == NULL)
    return FALSE;
  g_autofree char *list = ssh_addresses_read (text, &problem);
  return keep (line, words, list, "network", problem, error);
}

static gboolean
take_extension (ServiceLine *line, GPtrArray *words, GError **error)
{
  const char *text = service_line_take (line, "an extension, as in permit-pty", error);

  if (text == NULL)
    return FALSE;
  if (g_strv_contains (ssh_extensions, text))
    return keep (line, words, text, "", NULL, error);
  const char *near = policy_nearest (text, ssh_extensions);
  g_autofree char *all = g_strjoinv (", ", (char **) ssh_extensions);
  return service_line_fail_taken (line, error, "there is no such extension; %s%s",
                                  near != NULL ? "did you mean " : "they are ",
                                  near != NULL ? near : all);
}

static const ProviderDirective directives[] = {
  { "principal", take_principal, PROVIDER_LIST, "deploy" },
  { "max", provider_take_duration, PROVIDER_ONCE, NULL },
  { "force-command", take_command, PROVIDER_ONCE, NULL },
  { "source-address", take_address, PROVIDER_LIST, NULL },
  { "extension", take_extension, PROVIDER_LIST, NULL },
};

/* The words behind all lines @directive; free the array only. NULL-terminated. */
static GPtrArray *
words_of (const Provider *provider, const char *directive)
{
  g_autoptr (GPtrArray) rows = provider_rows (provider, directive);
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; i < rows->len; i++)
    for (char **word = g_ptr_array_index (rows, i); *word != NULL; word++)
      g_ptr_array_add (all, *word);
  g_ptr_array_add (all, NULL);
  return all;
}

/* One list of all networks, or NULL; g_free(). */
static char *
networks_of (const Provider *provider)
{
  g_autoptr (GPtrArray) words = words_of (provider, "source-address");

  return words->len > 1 ? g_strjoinv (",", (char **) words->pdata) : NULL;
}

static gboolean
ssh_ca_check (const Provider *provider, GError **error)
{
  g_autoptr (GPtrArray) principals = words_of (provider, "principal");
  g_autofree char *networks = networks_of (provider);
  g_autofree char *one = networks != NULL ? ssh_addresses_read (networks, NULL) : NULL;

  if (principals->len - 1 > SSH_PRINCIPALS_MAX)
    return provider_fail (provider, "principal", 0, error,
                          "a certificate has at most %d principals", SSH_PRINCIPALS_MAX);
  if (networks != NULL && one == NULL)
    return provider_fail (provider, "source-address", 0, error,
                          "a certificate has at most %d networks", SSH_ADDRESSES_MAX);
  return TRUE;
}

/* ---- what is asked ---- */

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, PROVIDER_ERROR, PROVIDER_ERROR_FIELD, message);
  return FALSE;
}

static gboolean
check_principals (const ProviderAsk *ask, GError **error)
{
  g_autoptr (GPtrArray) allowed = words_of (ask->provider, "principal");
  const json_t *asked = json_object_get (ask->args, "principals");
  gsize i;
  json_t *item;

  json_array_foreach (asked, i, item)
  {
    g_autoptr (GError) problem = NULL;
    const char *name = json_string_value (item);
    if (!ssh_principal_check (name, &problem))
      return fail (error, "principals: number %zu %s", i + 1, problem->message);
    if (!g_strv_contains ((const char *const *) allowed->pdata, name))
      {
        g_autofree char *all = g_strjoinv (", ", (char **) allowed->pdata);
        return fail (error, "principals: %s is not among those that are allowed: %s", name, all);
      }
  }
  return TRUE;
}

/* NULL without an error: there is none. */
static char *
command_of (const ProviderAsk *ask, GError **error)
{
  const char *set = provider_text (ask->provider, "force-command");
  const char *asked = wire_string (ask->args, "force_command");
  g_autoptr (GError) problem = NULL;

  if (asked == NULL || g_strcmp0 (asked, set) == 0)
    return g_strdup (set);
  if (set != NULL)
    fail (error, "force_command: the command is set already, to another one; leave it out");
  else if (!ssh_command_check (asked, &problem))
    fail (error, "force_command: %s", problem->message);
  else
    return g_strdup (asked);
  return NULL;
}

/* The same. */
static char *
address_of (const ProviderAsk *ask, GError **error)
{
  g_autofree char *set = networks_of (ask->provider);
  const char *asked = wire_string (ask->args, "source_address");
  g_autoptr (GError) problem = NULL;

  if (asked == NULL)
    return g_steal_pointer (&set);
  g_autofree char *list = ssh_addresses_read (asked, &problem);
  if (list == NULL)
    fail (error, "source_address: %s", problem->message);
  else if (set != NULL && !ssh_addresses_within (list, set))
    fail (error, "source_address: must lie within %s", set);
  else
    return g_steal_pointer (&list);
  return NULL;
}

void
ssh_terms_free (SshTerms *terms)
{
  if (terms == NULL)
    return;
  ssh_key_free (terms->key);
  g_free (terms->force_command);
  g_free (terms->source_address);
  g_strfreev (terms->extensions);
  g_free (terms);
}

SshTerms *
ssh_terms_read (const ProviderAsk *ask, GError **error)
{
  g_autoptr (SshTerms) terms = g_new0 (SshTerms, 1);
  g_autoptr (GPtrArray) extensions = words_of (ask->provider, "extension");
  g_autoptr (GError) problem = NULL;
  const char *line = wire_string (ask->args, "public_key");

  terms->key = line != NULL ? ssh_key_read (line, &problem) : NULL;
  if (terms->key == NULL)
    {
      fail (error, "public_key: %s", problem != NULL ? problem->message : "is missing");
      return NULL;
    }
  terms->extensions = g_strdupv ((char **) extensions->pdata);
  terms->max = provider_seconds (ask->provider, "max", PROVIDER_SSH_MAX);
  terms->force_command = command_of (ask, &problem);
  if (problem == NULL)
    terms->source_address = address_of (ask, &problem);
  if (problem == NULL)
    return g_steal_pointer (&terms);
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}

static gboolean
ssh_ca_fits (const ProviderAsk *ask, char **why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SshTerms) terms = NULL;

  if (check_principals (ask, &error))
    terms = ssh_terms_read (ask, &error);
  if (terms == NULL)
    *why = g_strdup (error->message);
  return terms != NULL;
}

/* Principals: all that are allowed, unless some are asked for. */
static char **
ssh_ca_scopes (const ProviderAsk *ask, GError **error)
{
  g_autoptr (GPtrArray) allowed = words_of (ask->provider, "principal");
  const json_t *asked = json_object_get (ask->args, "principals");
  GPtrArray *scopes;
  gsize i;
  json_t *item;

  if (!check_principals (ask, error))
    return NULL;
  if (asked == NULL)
    return g_strdupv ((char **) allowed->pdata);
  scopes = g_ptr_array_new ();
  json_array_foreach (asked, i, item) g_ptr_array_add (scopes, g_strdup (json_string_value (item)));
  g_ptr_array_add (scopes, NULL);
  return (char **) g_ptr_array_free (scopes, FALSE);
}

static gboolean
ssh_ca_narrowed (const ProviderAsk *ask, GError **error)
{
  if (ask->scopes != NULL && ask->scopes[0] != NULL)
    return TRUE;
  return fail (error, "principals: none is left, and a certificate without one would be good for "
                      "any name");
}

/* ---- what a person sees ---- */

static void
add_fact (json_t *facts, const char *label, const char *value)
{
  json_array_append_new (facts, json_pack ("{s:s, s:s}", "label", label, "value", value));
}

static void
ssh_ca_facts (const ProviderAsk *ask, json_t *facts)
{
  g_autoptr (SshTerms) terms = ssh_terms_read (ask, NULL);

  if (terms == NULL)
    return;
  GBytes *blob = ssh_key_blob (terms->key);
  g_autofree char *print = ssh_fingerprint (g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));
  g_autofree char *principals = g_strjoinv (", ", ask->scopes);
  g_auto (GStrv) parts
      = g_strsplit (terms->source_address != NULL ? terms->source_address : "", ",", -1);
  g_autofree char *networks = g_strjoinv (", ", parts);
  g_autofree char *life = text_format_duration (MIN (ask->seconds, terms->max));
  g_autofree char *valid = g_strdup_printf ("%s at most; it ends with the grant", life);
  g_autofree char *extensions = g_strjoinv (", ", terms->extensions);

  add_fact (facts, "Key type", ssh_key_words (terms->key));
  add_fact (facts, "Fingerprint", print);
  add_fact (facts, "Principals", principals);
  /* Two labels: a command can be any text, the words for none as well. */
  if (terms->force_command != NULL)
    add_fact (facts, "Force command", terms->force_command);
  else
    add_fact (facts, "Commands", "any command");
  add_fact (facts, "Source address", *networks != '\0' ? networks : "from anywhere");
  add_fact (facts, "Valid for", valid);
  add_fact (facts, "Extensions", *extensions != '\0' ? extensions : "none");
}

const ProviderModule provider_module_ssh_ca = {
  .kind = PROVIDER_SSH_CA,
  .word = "ssh-ca",
  .directives = directives,
  .n_directives = G_N_ELEMENTS (directives),
  .check = ssh_ca_check,
  .serves = 1u << OPERATION_SSH_CERTIFICATE,
  .fits = ssh_ca_fits,
  .scopes = ssh_ca_scopes,
  .narrowed = ssh_ca_narrowed,
  .facts = ssh_ca_facts,
};
