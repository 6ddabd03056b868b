/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/i18n.h"

#include <locale.h>
#include <string.h>

#include "broker/base/paths.h"

/* A language is a name. With a slash in it, it is a path, and a catalogue from there would put
 * other words on a card. */
static void
drop_paths (void)
{
  const char *const names[] = { "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LC_CTYPE", "LANG" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *value = g_getenv (names[i]);
      if (value != NULL && strchr (value, '/') != NULL)
        g_unsetenv (names[i]);
    }
}

void
i18n_init (void)
{
  g_autofree char *dir = paths_locale_dir ();

  drop_paths ();
  setlocale (LC_CTYPE, "");
  setlocale (LC_COLLATE, "");
  setlocale (LC_TIME, "");
  setlocale (LC_MESSAGES, "");
  if (dir == NULL)
    return; /* in English, then */
  bindtextdomain (I18N_DOMAIN, dir);
  bind_textdomain_codeset (I18N_DOMAIN, "UTF-8");
}
