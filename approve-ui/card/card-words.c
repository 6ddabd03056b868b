/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/card-words.h"

#include <string.h>

#include "approve-ui/card/i18n.h"
#include "broker/base/text.h"

char *
card_escape (const char *text)
{
  g_autofree char *escaped = text_escape (text);
  GString *out = g_string_new (NULL);

  for (const char *p = escaped; *p != '\0';)
    {
      gsize blanks = strspn (p, " ");
      if (blanks >= 3)
        {
          g_string_append_c (out, ' ');
          for (gsize i = 1; i < blanks; i++)
            g_string_append (out, "\\u{20}");
        }
      else
        g_string_append_len (out, p, blanks);
      p += blanks;
      if (*p != '\0')
        g_string_append_c (out, *p++);
    }
  return g_string_free (out, FALSE);
}

char *
card_quote (const char *text)
{
  g_autofree char *shown = card_escape (text);

  return g_strconcat ("“", shown, "”", NULL);
}

char *
card_name (const char *name)
{
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("._+-@/*:", *p) == NULL)
      return card_quote (name);
  return *name == '\0' ? g_strdup (_ ("(no name)")) : g_strdup (name);
}

char *
card_names (char **names, const char *between)
{
  GString *out = g_string_new (NULL);

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *shown = card_name (*name);
      g_string_append_printf (out, "%s%s", name == names ? "" : between, shown);
    }
  return g_string_free (out, FALSE);
}

char *
card_chain (const CardRequester *requester)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < requester->chain->len; i++)
    {
      const CardPair *link = requester->chain->pdata[i];
      g_autofree char *name = card_name (link->name);
      g_autofree char *script = *link->value != '\0' ? card_name (link->value) : NULL;
      g_string_append_printf (out, "%s%s%s%s", i > 0 ? " ← " : "", name, script != NULL ? " " : "",
                              script != NULL ? script : "");
    }
  if (requester->via != NULL)
    {
      g_autofree char *via = card_name (requester->via);
      g_string_append_printf (out, _ (", by way of %s"), via);
    }
  return g_string_free (out, FALSE);
}

char *
card_command (const CardRequester *requester)
{
  GString *out = g_string_new (NULL);

  for (char **word = requester->argv; *word != NULL; word++)
    {
      gboolean bare = **word != '\0' && strpbrk (*word, " \t\n'\"\\$`*?[](){}<>|&;!#~") == NULL;
      g_autofree char *quoted = bare ? g_strdup (*word) : g_shell_quote (*word);
      g_autofree char *shown = card_escape (quoted);
      g_string_append_printf (out, "%s%s", out->len > 0 ? " " : "", shown);
    }
  if (requester->argv_cut)
    g_string_append (out, _ (" … (it is longer than is read of it)"));
  return g_string_free (out, FALSE);
}

char *
card_who (const CardRequester *requester)
{
  g_autofree char *name = card_name (requester->name);
  g_autofree char *base = NULL, *script = NULL;

  switch (requester->script_kind)
    {
    case CARD_SCRIPT_FILE:
    case CARD_SCRIPT_MODULE:
      base = g_path_get_basename (requester->script);
      script = card_name (base);
      return g_strdup_printf (_ ("%s (running %s)"), name, script);
    case CARD_SCRIPT_CODE:
      return g_strdup_printf (_ ("%s (running code from its command line)"), name);
    case CARD_SCRIPT_NONE:
    default:
      return g_steal_pointer (&name);
    }
}

char *
card_claim (const CardRequester *requester)
{
  g_autofree char *name = card_quote (requester->claim_name);
  g_autofree char *version
      = requester->claim_version != NULL ? card_quote (requester->claim_version) : NULL;

  if (version == NULL)
    return g_strdup_printf (_ ("%s (its own words, not checked)"), name);
  return g_strdup_printf (_ ("%s version %s (its own words, not checked)"), name, version);
}

char *
card_process (const char *label)
{
  const char *pid = g_strrstr (label, " (pid ");
  g_autofree char *name = pid != NULL ? g_strndup (label, pid - label) : NULL;
  g_autofree char *shown = name != NULL ? card_name (name) : NULL;
  g_autofree char *rest = card_escape (pid != NULL ? pid : label);

  return shown != NULL ? g_strconcat (shown, rest, NULL) : g_steal_pointer (&rest);
}

char *
card_holder (const CardPair *holder)
{
  const char *below = " and what it starts"; /* as the broker says it */
  g_autofree char *name = NULL, *shown = NULL;

  if (g_str_has_prefix (holder->name, "subject:"))
    return card_escape (holder->value);
  if (g_str_has_prefix (holder->name, "process:"))
    {
      shown = card_process (holder->value);
      return g_strdup_printf (_ ("%s alone"), shown);
    }
  if (!g_str_has_suffix (holder->value, below))
    return card_process (holder->value);
  name = g_strndup (holder->value, strlen (holder->value) - strlen (below));
  shown = card_process (name);
  return g_strdup_printf (_ ("%s and what it starts"), shown);
}

char *
card_uses (gint64 uses)
{
  return uses == 0 ? g_strdup (_ ("any number of uses"))
                   : g_strdup_printf (i18n_n ("%u use", "%u uses", uses), (guint) uses);
}

char *
card_status (const char *status)
{
  if (strcmp (status, "completed") == 0 || strcmp (status, "granted") == 0)
    return g_strdup (_ ("granted"));
  if (strcmp (status, "denied") == 0)
    return g_strdup (_ ("denied"));
  if (strcmp (status, "expired") == 0)
    return g_strdup (_ ("expired"));
  return card_escape (status);
}
