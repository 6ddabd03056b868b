/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-environment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "broker/base/text.h"
#include "broker/cli/cli-dotenv.h"
#include "broker/cli/cli-reference.h"

G_DEFINE_QUARK (countersign_cli_environment_error, cli_environment_error)

typedef struct
{
  char *name, *value;
  char *place;      /* where it was written, for messages: "FILE:LINE", or NULL */
  gboolean literal; /* ${…} in it means nothing */
  gboolean option;  /* --secret set it */
  char *secret;     /* whose value stands here, or NULL */
  Secret *entry;    /* "NAME=value" of a secret, with its NUL */
  char *plain;      /* the same of any other */
} Variable;

struct _CliEnvironment
{
  char **own;
  GPtrArray *variables; /* of Variable */
  GPtrArray *entries;   /* what execve() gets */
};

static void
variable_free (gpointer data)
{
  Variable *variable = data;

  g_free (variable->name);
  g_free (variable->value);
  g_free (variable->place);
  g_free (variable->secret);
  secret_free (variable->entry);
  g_free (variable->plain);
  g_free (variable);
}

static Variable *
find (const CliEnvironment *environment, const char *name)
{
  for (guint i = 0; i < environment->variables->len; i++)
    {
      Variable *variable = environment->variables->pdata[i];
      if (strcmp (variable->name, name) == 0)
        return variable;
    }
  return NULL;
}

/* A variable of this name, with nothing in it: where the old one stood, or at the end. */
static Variable *
fresh (CliEnvironment *environment, const char *name)
{
  Variable *old = find (environment, name), *variable = g_new0 (Variable, 1);
  guint at;

  variable->name = g_strdup (name);
  if (old != NULL && g_ptr_array_find (environment->variables, old, &at))
    {
      variable_free (old);
      environment->variables->pdata[at] = variable;
    }
  else
    g_ptr_array_add (environment->variables, variable);
  return variable;
}

CliEnvironment *
cli_environment_new (char **own)
{
  CliEnvironment *environment = g_new0 (CliEnvironment, 1);

  environment->own = g_strdupv (own);
  environment->variables = g_ptr_array_new_with_free_func (variable_free);
  environment->entries = g_ptr_array_new ();
  for (; *own != NULL; own++)
    {
      const char *equals = strchr (*own, '=');
      g_autofree char *name = equals != NULL ? g_strndup (*own, equals - *own) : NULL;

      /* What is no variable at all is not passed on: nobody could have declared it. */
      if (name != NULL && *name != '\0' && find (environment, name) == NULL)
        fresh (environment, name)->value = g_strdup (equals + 1);
    }
  return environment;
}

void
cli_environment_free (CliEnvironment *environment)
{
  if (environment == NULL)
    return;
  g_strfreev (environment->own);
  g_ptr_array_unref (environment->variables);
  g_ptr_array_unref (environment->entries);
  g_free (environment);
}

/* --- What is put over it --- */

static char *
refuse_file (const char *path, const char *why, GError **error)
{
  g_set_error (error, CLI_DOTENV_ERROR, CLI_DOTENV_ERROR_SYNTAX, "%s: %s", path, why);
  return NULL;
}

/* It may be a pipe, or a file without end. With a NUL behind it. */
static char *
read_file (const char *path, gsize *len, GError **error)
{
  g_autofree char *text = g_malloc (CLI_DOTENV_MAX + 2);
  FILE *file = fopen (path, "re");
  int failed;

  if (file == NULL)
    return refuse_file (path, g_strerror (errno), error);
  *len = fread (text, 1, CLI_DOTENV_MAX + 1, file);
  failed = ferror (file) ? errno : 0;
  fclose (file);
  if (failed != 0)
    return refuse_file (path, g_strerror (failed), error);
  if (*len > CLI_DOTENV_MAX)
    return refuse_file (path, "is larger than 1 MiB", error);
  text[*len] = '\0';
  return g_steal_pointer (&text);
}

gboolean
cli_environment_add_file (CliEnvironment *environment, const char *path, GError **error)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *text = NULL;
  gsize len;

  text = read_file (path, &len, error);
  if (text == NULL)
    return FALSE;
  entries = cli_dotenv_parse (text, len, path, error);
  if (entries == NULL)
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    {
      const CliDotenvEntry *entry = entries->pdata[i];
      Variable *variable = fresh (environment, entry->name);
      variable->value = g_strdup (entry->value);
      variable->place = g_strdup_printf ("%s:%u", path, entry->line);
      variable->literal = entry->literal;
    }
  return TRUE;
}

gboolean
cli_environment_add_secret (CliEnvironment *environment, const char *option, GError **error)
{
  const char *equals = strchr (option, '=');
  g_autofree char *secret = equals != NULL ? g_strndup (option, equals - option) : NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) fault = NULL;
  const Variable *there;

  if (secret == NULL)
    secret = g_strdup (option);
  if (!text_check_name (secret, &fault))
    g_set_error (error, CLI_ENVIRONMENT_ERROR, CLI_ENVIRONMENT_ERROR_REFERENCE, "the name “%s” %s",
                 secret, fault->message);
  else if (equals == NULL && (name = cli_reference_variable_for (secret, &fault)) == NULL)
    g_set_error (error, CLI_ENVIRONMENT_ERROR, CLI_ENVIRONMENT_ERROR_REFERENCE,
                 "%s; say which: --secret %s=VARIABLE", fault->message, secret);
  else if (equals != NULL && cli_reference_check_variable (equals + 1, error))
    name = g_strdup (equals + 1);
  if (name == NULL)
    return FALSE;
  there = find (environment, name);
  if (there != NULL && there->option)
    {
      g_set_error (error, CLI_ENVIRONMENT_ERROR, CLI_ENVIRONMENT_ERROR_TWICE,
                   "%s would be set twice, to %s and to %s", name, there->secret, secret);
      return FALSE;
    }
  Variable *variable = fresh (environment, name);
  variable->option = TRUE;
  variable->secret = g_steal_pointer (&secret);
  return TRUE;
}

/* --- References --- */

static gboolean refuse (const Variable *variable, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
refuse (const Variable *variable, GError **error, const char *format, ...)
{
  g_autofree char *words = NULL;
  va_list list;

  va_start (list, format);
  words = g_strdup_vprintf (format, list);
  va_end (list);
  g_set_error (error, CLI_ENVIRONMENT_ERROR, CLI_ENVIRONMENT_ERROR_REFERENCE, "%s%s%s: %s",
               variable->place != NULL ? variable->place : "", variable->place != NULL ? ": " : "",
               variable->name, words);
  return FALSE;
}

/* What @text, the value of @variable, comes to when each ${VARIABLE} is followed. NULL with an
 * error: one that is not set, or a circle. Borrowed. */
static const char *
follow (const CliEnvironment *environment, const Variable *variable, const char *text,
        GError **error)
{
  for (guint steps = g_strv_length (environment->own) + 1; steps > 0; steps--)
    {
      g_autofree char *other = cli_reference_variable (text);

      if (other == NULL)
        return text;
      text = g_environ_getenv (environment->own, other);
      if (text == NULL)
        {
          refuse (variable, error, "it is ${%s}, and %s is not set", other, other);
          return NULL;
        }
    }
  refuse (variable, error, "it is %s, which leads back to itself", variable->value);
  return NULL;
}

static gboolean
resolve (const CliEnvironment *environment, Variable *variable, GError **error)
{
  g_autoptr (GError) fault = NULL;
  g_autofree char *found = NULL;
  const char *text, *secret;

  if (variable->secret != NULL)
    return TRUE;
  text = variable->literal ? variable->value
                           : follow (environment, variable, variable->value, error);
  if (text == NULL)
    return FALSE;
  found = g_strdup (text); /* which may be the value that it replaces */
  if (!cli_reference_is (found))
    {
      g_free (variable->value);
      variable->value = g_steal_pointer (&found);
      return TRUE;
    }
  if (!cli_reference_check_variable (variable->name, &fault)
      || (secret = cli_reference_name (found, &fault)) == NULL)
    return refuse (variable, error, "%s", fault->message);
  variable->secret = g_strdup (secret);
  return TRUE;
}

gboolean
cli_environment_resolve (CliEnvironment *environment, GError **error)
{
  for (guint i = 0; i < environment->variables->len; i++)
    if (!resolve (environment, environment->variables->pdata[i], error))
      return FALSE;
  return TRUE;
}

json_t *
cli_environment_secrets (const CliEnvironment *environment)
{
  json_t *secrets = json_array ();

  for (guint i = 0; i < environment->variables->len; i++)
    {
      const Variable *variable = environment->variables->pdata[i];
      if (variable->secret != NULL)
        json_array_append_new (
            secrets, json_pack ("{s:s, s:s}", "name", variable->secret, "env", variable->name));
    }
  return secrets;
}

char *
cli_environment_words (const CliEnvironment *environment)
{
  GString *words = g_string_new (NULL);
  const Variable *last = NULL;

  for (guint i = 0; i < environment->variables->len; i++)
    {
      const Variable *variable = environment->variables->pdata[i];
      if (variable->secret == NULL)
        continue;
      if (last != NULL)
        g_string_append_printf (words, "%s%s", words->len > 0 ? ", " : "", last->name);
      last = variable;
    }
  if (last != NULL)
    g_string_append_printf (words, "%s%s", words->len > 0 ? " and " : "", last->name);
  return g_string_free (words, FALSE);
}

/* --- Values --- */

static gboolean
refuse_value (const Variable *variable, GError **error, const char *why)
{
  g_set_error (error, CLI_ENVIRONMENT_ERROR, CLI_ENVIRONMENT_ERROR_VALUE,
               "%s: the value of %s %s, which no environment variable can hold", variable->name,
               variable->secret, why);
  return FALSE;
}

static gboolean
fill_one (Variable *variable, const Secret *value, GError **error)
{
  gsize name_len = strlen (variable->name), len = secret_len (value);
  guint8 *entry;

  if (name_len + len + 2 > CLI_ENVIRONMENT_STRING_MAX)
    return refuse_value (variable, error, "is larger than 128 KiB");
  if (memchr (secret_peek (value), '\0', len) != NULL)
    return refuse_value (variable, error, "has a NUL byte");
  variable->entry = secret_new (name_len + len + 2, error);
  if (variable->entry == NULL)
    return FALSE;
  entry = secret_data (variable->entry);
  memcpy (entry, variable->name, name_len);
  entry[name_len] = '=';
  memcpy (entry + name_len + 1, secret_peek (value), len); /* the NUL is there already */
  return TRUE;
}

char **
cli_environment_fill (CliEnvironment *environment, const GPtrArray *values, GError **error)
{
  guint next = 0;

  g_ptr_array_set_size (environment->entries, 0);
  for (guint i = 0; i < environment->variables->len; i++)
    {
      Variable *variable = environment->variables->pdata[i];
      if (variable->secret == NULL)
        variable->plain = g_strconcat (variable->name, "=", variable->value, NULL);
      else if (!fill_one (variable, values->pdata[next++], error))
        return NULL;
      g_ptr_array_add (environment->entries, variable->secret == NULL
                                                 ? (gpointer) variable->plain
                                                 : secret_data (variable->entry));
    }
  g_ptr_array_add (environment->entries, NULL);
  return (char **) environment->entries->pdata;
}
