/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/card-host.h"

#include <string.h>

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"

/* What the scheme stands for is not worth a word. */
static const char *
without_port (const char *scheme_end, const char *url)
{
  gsize len = scheme_end - url;

  if (len == strlen ("https") && strncmp (url, "https", len) == 0)
    return ":443";
  return len == strlen ("http") && strncmp (url, "http", len) == 0 ? ":80" : "";
}

char *
card_host (const char *url)
{
  const char *scheme = strstr (url, "://");
  g_autofree char *authority = NULL;

  if (scheme == NULL || memchr (url, '/', scheme - url) != NULL)
    return NULL;
  const char *begin = scheme + strlen ("://");
  authority = g_strndup (begin, strcspn (begin, "/?#\\"));
  /* Before an @ stands no host, whatever it looks like. */
  const char *user = strrchr (authority, '@');
  const char *host = user != NULL ? user + 1 : authority, *port = without_port (scheme, url);
  if (*host == '\0')
    return NULL;
  if (*port != '\0' && g_str_has_suffix (host, port))
    return g_strndup (host, strlen (host) - strlen (port));
  return g_strdup (host);
}

/* Those that write one language together count as one. */
static GUnicodeScript
family (GUnicodeScript script)
{
  switch ((int) script)
    {
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_BOPOMOFO:
    case G_UNICODE_SCRIPT_HANGUL:
      return G_UNICODE_SCRIPT_HAN;
    default:
      return script;
    }
}

static gboolean
mixes_scripts (const char *host)
{
  GUnicodeScript first = G_UNICODE_SCRIPT_COMMON;

  for (const char *p = host; *p != '\0'; p = g_utf8_next_char (p))
    {
      GUnicodeScript script = family (g_unichar_get_script (g_utf8_get_char (p)));
      if (script == G_UNICODE_SCRIPT_COMMON || script == G_UNICODE_SCRIPT_INHERITED)
        continue;
      if (first != G_UNICODE_SCRIPT_COMMON && script != first)
        return TRUE;
      first = script;
    }
  return FALSE;
}

char *
card_host_doubt (const char *host)
{
  if (g_str_is_ascii (host))
    return NULL;
  g_autofree char *ascii = g_hostname_to_ascii (host);
  g_autofree char *shown = card_escape (ascii != NULL ? ascii : _ ("no name at all"));
  return mixes_scripts (host)
             ? g_strdup_printf (_ ("letters of different scripts that may look alike; the network "
                                   "knows it as %s"),
                                shown)
             : g_strdup_printf (_ ("letters that may look like others; the network knows it as %s"),
                                shown);
}
