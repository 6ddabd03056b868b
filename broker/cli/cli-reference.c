/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-reference.h"

#include <string.h>

#include "broker/base/text.h"

G_DEFINE_QUARK (countersign_cli_reference_error, cli_reference_error)

gboolean
cli_reference_is (const char *text)
{
  return g_str_has_prefix (text, CLI_REFERENCE_SCHEME);
}

const char *
cli_reference_name (const char *text, GError **error)
{
  const char *name = text + strlen (CLI_REFERENCE_SCHEME);
  g_autoptr (GError) fault = NULL;

  if (text_check_name (name, &fault))
    return name;
  g_set_error (error, CLI_REFERENCE_ERROR, CLI_REFERENCE_ERROR_NAME,
               "“%s” is no reference to a secret: its name %s; write " CLI_REFERENCE_SCHEME
               "NAME or " CLI_REFERENCE_SCHEME "app/environment/NAME",
               text, fault->message);
  return NULL;
}

gsize
cli_reference_span (const char *text, gsize len)
{
  gsize n = 0;

  while (n < len && (g_ascii_isalnum (text[n]) || (text[n] != '\0' && strchr ("._-/", text[n]))))
    n++;
  return n;
}

gboolean
cli_reference_has_variable (const char *text)
{
  return strstr (text, "${") != NULL;
}

char *
cli_reference_variable (const char *text)
{
  gsize len = strlen (text);
  g_autofree char *name = NULL;

  if (len < 4 || !g_str_has_prefix (text, "${") || text[len - 1] != '}')
    return NULL;
  name = g_strndup (text + 2, len - 3);
  return cli_reference_check_variable (name, NULL) ? g_steal_pointer (&name) : NULL;
}

gboolean
cli_reference_check_variable (const char *name, GError **error)
{
  const char *at = name;

  if (g_ascii_isalpha (*at) || *at == '_')
    while (g_ascii_isalnum (*at) || *at == '_')
      at++;
  if (at > name && *at == '\0')
    return TRUE;
  g_set_error (error, CLI_REFERENCE_ERROR, CLI_REFERENCE_ERROR_VARIABLE,
               "“%s” is no name for a variable: it has letters, digits and _, and does not begin "
               "with a digit",
               name);
  return FALSE;
}

char *
cli_reference_variable_for (const char *secret, GError **error)
{
  const char *slash = strrchr (secret, '/');
  g_autofree char *name = g_ascii_strup (slash != NULL ? slash + 1 : secret, -1);

  g_strcanon (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", '_');
  return cli_reference_check_variable (name, error) ? g_steal_pointer (&name) : NULL;
}
