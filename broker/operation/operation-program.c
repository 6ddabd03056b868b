/* SPDX-License-Identifier: MIT */
#include "broker/operation/operation-program.h"

#include <string.h>

#include "broker/base/wire.h"
#include "broker/dispatch/relays.h"

char **
operation_secret_names (const json_t *secrets)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < json_array_size (secrets); i++)
    {
      const char *name = wire_string (json_array_get (secrets, i), "name");
      if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

char **
operation_command (const char *program, const json_t *argv)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_add (builder, program);
  for (gsize i = 1; i < json_array_size (argv); i++)
    g_strv_builder_add (builder, json_string_value (json_array_get (argv, i)));
  return g_strv_builder_end (builder);
}

char *
operation_digest (const json_t *value)
{
  char *text = json_dumps (value, JSON_COMPACT | JSON_SORT_KEYS);
  char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  free (text);
  return digest;
}

void
operation_ask_each (char **things, char **command, QuestionKind *kind, char ***names,
                    PolicyQuery *query)
{
  *kind = QUESTION_EACH;
  *names = g_strdupv (things);
  query->command = (const char *const *) command;
}

void
operation_add_each (json_t *facts, const char *label, const json_t *list)
{
  for (gsize i = 0; i < json_array_size (list); i++)
    operation_add_fact (facts, label, json_string_value (json_array_get (list, i)));
}

char *
operation_reach_words (const Service *service)
{
  g_autoptr (json_t) place = relay_place (service);

  return g_strdup_printf ("%s:%" G_GINT64_FORMAT, wire_string (place, "host"),
                          wire_integer (place, "port", 0));
}

static void
add_gift (json_t *facts, const json_t *secret)
{
  const char *name = wire_string (secret, "name"), *env = wire_string (secret, "env");
  g_autofree char *text = NULL;

  if (env != NULL)
    text = g_strdup_printf ("%s as $%s", name, env);
  else if (json_object_get (secret, "fd") != NULL)
    text = g_strdup_printf ("%s as descriptor %" G_GINT64_FORMAT, name,
                            wire_integer (secret, "fd", -1));
  else
    text = g_strdup_printf ("%s as its input", name);
  operation_add_fact (facts, "Gives", text);
}

void
operation_command_facts (json_t *facts, char **command, const char *called, const json_t *secrets)
{
  g_autofree char *own = g_path_get_basename (command[0]), *name = g_path_get_basename (called);

  operation_add_fact (facts, "Runs", command[0]);
  if (strcmp (own, name) != 0) /* some programs are another by another name */
    operation_add_fact (facts, "Called as", called);
  for (guint i = 1; command[i] != NULL; i++)
    operation_add_fact (facts, "Argument", command[i]);
  for (gsize i = 0; i < json_array_size (secrets); i++)
    add_gift (facts, json_array_get (secrets, i));
}
