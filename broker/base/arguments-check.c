/* SPDX-License-Identifier: MIT
 *
 * The rules of arguments that a table of fields cannot say.
 */
#include "broker/base/arguments-token.h"
#include "broker/base/arguments.h"
#include "broker/base/text.h"

#include <string.h>

static gboolean
refuse (GError **error, const char *words)
{
  g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD, words);
  return FALSE;
}

static gboolean
check_name (const json_t *value, GError **error)
{
  return text_check_name (json_string_value (value), error);
}

static gboolean
check_segment (const json_t *value, GError **error)
{
  return text_check_segment (json_string_value (value), error);
}

static gboolean
check_purpose (const json_t *value, GError **error)
{
  return !text_is_blank (json_string_value (value)) || refuse (error, "must say what for");
}

/* At most 64 by the table, so comparing each with each is cheap. */
static gboolean
check_scopes (const json_t *value, GError **error)
{
  for (gsize i = 0; i < json_array_size (value); i++)
    {
      const json_t *scope = json_array_get (value, i);
      if (json_string_length (scope) > ARGUMENTS_SCOPE_BYTES)
        return refuse (error,
                       "each may have at most " G_STRINGIFY (ARGUMENTS_SCOPE_BYTES) " bytes");
      for (gsize j = 0; j < i; j++)
        if (json_equal (scope, json_array_get (value, j)))
          return refuse (error, "must not name one twice");
    }
  return TRUE;
}

static gboolean
check_tags (const json_t *value, GError **error)
{
  const char *key;
  json_t *text;

  json_object_foreach ((json_t *) value, key, text)
  {
    if (*key == '\0' || strlen (key) > ARGUMENTS_TAG_KEY_BYTES)
      return refuse (
          error, "each key must be text of 1 to " G_STRINGIFY (ARGUMENTS_TAG_KEY_BYTES) " bytes");
    if (json_string_length (text) > ARGUMENTS_TAG_VALUE_BYTES)
      return refuse (error, "each value must be text of at most " G_STRINGIFY (
                                ARGUMENTS_TAG_VALUE_BYTES) " bytes");
  }
  return TRUE;
}

static gboolean
check_path (const json_t *value, GError **error)
{
  return json_string_value (value)[0] == '/' || refuse (error, "must be absolute");
}

static gboolean
check_paths (const json_t *value, GError **error)
{
  for (gsize i = 0; i < json_array_size (value); i++)
    if (!check_path (json_array_get (value, i), NULL))
      return refuse (error, "each must be absolute");
  return TRUE;
}

static gboolean
check_names (const json_t *value, GError **error)
{
  for (gsize i = 0; i < json_array_size (value); i++)
    if (!check_name (json_array_get (value, i), error))
      return FALSE;
  return TRUE;
}

/* A command line: the program's name must be there, an argument may be empty. */
static gboolean
check_command (const json_t *value, GError **error)
{
  return json_string_length (json_array_get (value, 0)) > 0
         || refuse (error, "the first must name the program");
}

/* IEEE Std 1003.1-2017, section 8.1, and letters of both cases. */
static gboolean
is_variable (const char *name)
{
  if (!g_ascii_isalpha (*name) && *name != '_')
    return FALSE;
  for (; *name != '\0'; name++)
    if (!g_ascii_isalnum (*name) && *name != '_')
      return FALSE;
  return TRUE;
}

/* Variables by which another program is run in place of, or inside, the one that was approved: no
 * reader of a card can be asked to know them all. */
static gboolean
is_hidden_program (const char *name)
{
  static const char *const prefixes[]
      = { "LD_",          "DYLD_",        "GCONV_",      "BASH_FUNC_", "GIT_SSH",   "GIT_CONFIG",
          "GIT_EXEC",     "GIT_ASKPASS",  "GIT_EDITOR",  "GIT_PAGER",  "GIT_PROXY", "GIT_EXTERNAL",
          "GIT_SEQUENCE", "GIT_TEMPLATE", "SSH_ASKPASS", NULL };
  static const char *const names[] = { "BASH_ENV",
                                       "ENV",
                                       "IFS",
                                       "PATH",
                                       "SHELLOPTS",
                                       "BASHOPTS",
                                       "PS4",
                                       "PERL5OPT",
                                       "PERL5DB",
                                       "PERL5LIB",
                                       "PERLLIB",
                                       "PYTHONSTARTUP",
                                       "PYTHONPATH",
                                       "RUBYOPT",
                                       "RUBYLIB",
                                       "NODE_PATH",
                                       "NODE_OPTIONS",
                                       "JAVA_TOOL_OPTIONS",
                                       "PYTHONHOME",
                                       "EDITOR",
                                       "VISUAL",
                                       "PAGER",
                                       "BROWSER",
                                       "MALLOC_CONF",
                                       "OPENSSL_CONF",
                                       "OPENSSL_ENGINES",
                                       "OPENSSL_MODULES",
                                       "GLIBC_TUNABLES",
                                       NULL };

  for (gsize i = 0; prefixes[i] != NULL; i++)
    if (g_str_has_prefix (name, prefixes[i]))
      return TRUE;
  return g_strv_contains (names, name);
}

static gboolean
check_variable (const char *name, GError **error)
{
  if (!is_variable (name))
    return refuse (error,
                   "a variable's name has letters, digits and '_', and begins with no digit");
  return !is_hidden_program (name)
         || refuse (error, "a variable that changes which code runs cannot be set: say so in the "
                           "command, where a person sees it");
}

static gboolean
check_env (const json_t *value, GError **error)
{
  const char *key;
  json_t *text;

  json_object_foreach ((json_t *) value, key, text) if (!check_variable (key, error)) return FALSE;
  return TRUE;
}

/* How one secret is given: exactly one of the three. */
static gboolean
check_placement (const json_t *item, GError **error)
{
  const json_t *env = json_object_get (item, "env"), *fd = json_object_get (item, "fd"),
               *by_stdin = json_object_get (item, "stdin");

  if ((env != NULL) + (fd != NULL) + (by_stdin != NULL) != 1)
    return refuse (error, "each needs exactly one of env, fd and stdin");
  if (by_stdin != NULL && !json_is_true (by_stdin))
    return refuse (error, "stdin must be true");
  return env == NULL || check_variable (json_string_value (env), error);
}

/* Two in one place, and one of them would be lost. */
static gboolean
same_place (const json_t *a, const json_t *b)
{
  static const char *const places[] = { "env", "fd", "stdin" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const json_t *place = json_object_get (a, places[i]);
      if (place != NULL && json_equal (place, json_object_get (b, places[i])))
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_secrets (const json_t *value, GError **error)
{
  for (gsize i = 0; i < json_array_size (value); i++)
    {
      const json_t *item = json_array_get (value, i);
      if (!check_name (json_object_get (item, "name"), error) || !check_placement (item, error))
        return FALSE;
      for (gsize j = 0; j < i; j++)
        if (same_place (item, json_array_get (value, j)))
          return refuse (error, "two stand in one place");
    }
  return TRUE;
}

/* What the tables cannot say, by the field's name, which means the same in every call. */
static gboolean
check_rules (const json_t *object, GError **error)
{
  static const struct
  {
    const char *field;
    gboolean (*check) (const json_t *value, GError **error);
  } rules[] = {
    { "name", check_name },       { "app", check_segment },       { "environment", check_segment },
    { "purpose", check_purpose }, { "scopes", check_scopes },     { "tags", check_tags },
    { "service", check_segment }, { "output_file", check_path },  { "command", check_command },
    { "argv", check_command },    { "secrets", check_secrets },   { "env", check_env },
    { "work_dir", check_path },   { "write_paths", check_paths }, { "program", check_path },
    { "names", check_names },     { "secret_name", check_name },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      const json_t *value = json_object_get (object, rules[i].field);
      g_autoptr (GError) fault = NULL;

      if (value == NULL || rules[i].check (value, &fault))
        continue;
      g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s: %s", rules[i].field, fault->message);
      return FALSE;
    }
  return TRUE;
}

/* Only a sandbox has something to open, and only what is asked for is worth a question. */
static gboolean
check_launch (const json_t *object, GError **error)
{
  const json_t *service = json_object_get (object, "service");

  if (!json_is_true (json_object_get (object, "sandbox"))
      && json_object_get (object, "write_paths") != NULL)
    return refuse (error, "write_paths: come with sandbox: without it everything can be written");
  if (!json_is_true (json_object_get (object, "sandbox")) && service != NULL)
    return refuse (error, "service: comes with sandbox: without it everything can be reached");
  return service != NULL || json_array_size (json_object_get (object, "secrets")) > 0
         || refuse (error, "secrets: there are none, and no service: nothing is asked for");
}

/* What one field alone cannot say. */
static gboolean
check_together (const Arguments *arguments, const json_t *object, GError **error)
{
  const char *variable;
  json_t *text, *item;
  gsize i;

  if (g_str_equal (arguments->call, "http_request")
      && (json_object_get (object, "service") != NULL)
             == (json_object_get (object, "reference_id") != NULL))
    return refuse (error, "service: give this or reference_id, one of them");
  if (g_str_equal (arguments->call, "mint_token") && !arguments_check_token (object, error))
    return FALSE;
  json_array_foreach (json_object_get (object, "secrets"), i, item)
  {
    json_object_foreach (json_object_get (object, "env"), variable, text)
    {
      if (g_strcmp0 (variable, wire_string (item, "env")) == 0)
        return refuse (error, "env: has a variable that a secret stands in");
    }
    if (json_object_get (item, "stdin") != NULL
        && (json_object_get (object, "stdin") != NULL
            || json_object_get (object, "stdin_fd") != NULL))
      return refuse (error, "stdin: a secret is given there");
    if (g_str_equal (arguments->call, "launch") && json_object_get (item, "env") == NULL)
      return refuse (error, "secrets: each needs env");
  }
  return !g_str_equal (arguments->call, "launch") || check_launch (object, error);
}

gboolean
arguments_check (const Arguments *arguments, const json_t *object, GError **error)
{
  return wire_check (arguments->fields, arguments->n_fields, object, error)
         && check_rules (object, error) && check_together (arguments, object, error);
}

static gboolean
check_true (const json_t *object, const char *field, GError **error)
{
  const json_t *value = json_object_get (object, field);

  if (value == NULL || json_is_true (value))
    return TRUE;
  g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s: must be true", field);
  return FALSE;
}

/* @name and @name_fd stand in place of each other; @required: one of them must be there. */
static gboolean
check_one (const json_t *object, const char *name, const char *name_fd, gboolean required,
           GError **error)
{
  gboolean here = json_object_get (object, name) != NULL;
  gboolean by_fd = json_object_get (object, name_fd) != NULL;

  if (here && by_fd)
    g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s: stands in place of %s, not beside it",
                 name_fd, name);
  else if (!here && !by_fd && required)
    g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s: is missing", name);
  else
    return check_true (object, name_fd, error);
  return FALSE;
}

static gboolean
check_output (const json_t *object, GError **error)
{
  if ((json_object_get (object, "output_fd") != NULL)
      != (json_object_get (object, "output_file") != NULL))
    return refuse (error, "output_fd: comes with output_file, and output_file with it");
  return check_true (object, "output_fd", error);
}

static gboolean
check_relay (const json_t *object, GError **error)
{
  if ((json_object_get (object, "relay_fd") != NULL)
      != (json_object_get (object, "service") != NULL))
    return refuse (error, "relay_fd: comes with service, and service with it");
  return check_true (object, "relay_fd", error);
}

#define SOCKET_FIELDS 6 /* hold, resume, what stands by descriptor, output, relay, progress */

gboolean
arguments_check_socket (const Arguments *arguments, const json_t *object, GError **error)
{
  static const WireField output = { "output_fd", WIRE_BOOLEAN, FALSE, 0, 0, NULL };
  static const WireField relay = { "relay_fd", WIRE_BOOLEAN, FALSE, 0, 0, NULL };
  static const WireField progress = { "progress", WIRE_BOOLEAN, FALSE, 0, 0, NULL };
  g_autofree WireField *fields = g_new (WireField, arguments->n_fields + SOCKET_FIELDS);
  g_autofree char *name_fd
      = arguments->by_fd != NULL ? g_strconcat (arguments->by_fd, "_fd", NULL) : NULL;
  gboolean required = FALSE;
  gsize n = 0;

  for (; n < arguments->n_fields; n++)
    {
      fields[n] = arguments->fields[n];
      if (g_strcmp0 (fields[n].name, arguments->by_fd) != 0)
        continue;
      required = fields[n].required;
      fields[n].required = FALSE;
    }
  fields[n++] = arguments_hold_field;
  fields[n++] = arguments_resume_field;
  if (name_fd != NULL)
    fields[n++] = (WireField){ name_fd, WIRE_BOOLEAN, FALSE, 0, 0, NULL };
  if (arguments->output)
    fields[n++] = output;
  if (arguments->relay)
    fields[n++] = relay;
  if (arguments->progress)
    fields[n++] = progress;
  return wire_check (fields, n, object, error)
         && (name_fd == NULL || check_one (object, arguments->by_fd, name_fd, required, error))
         && (!arguments->output || check_output (object, error))
         && (!arguments->relay || check_relay (object, error)) && check_rules (object, error)
         && check_together (arguments, object, error);
}
