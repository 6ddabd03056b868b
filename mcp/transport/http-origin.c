/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-origin.h"

#include <string.h>

/* Where a page came from; RFC 6454. */
typedef struct
{
  char *name; /* g_free() */
  guint port;
  gboolean usual_port; /* of its scheme */
} Page;

static const struct
{
  const char *prefix;
  guint port;
} schemes[] = { { "http://", 80 }, { "https://", 443 } };

/* FALSE when it is of another shape. "null" is: a sandboxed frame and a file say so, and anybody
 * can make one. */
static gboolean
read_page (const char *origin, Page *page)
{
  const char *at = NULL, *colon;

  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_ascii_strncasecmp (origin, schemes[i].prefix, strlen (schemes[i].prefix)) == 0)
      {
        at = origin + strlen (schemes[i].prefix);
        page->port = schemes[i].port;
      }
  if (at == NULL)
    return FALSE;
  page->usual_port = TRUE;
  const char *bracket = *at == '[' ? strchr (at, ']') : NULL;
  colon = strchr (bracket != NULL ? bracket : at, ':');
  if (colon != NULL)
    {
      guint64 port;
      if (!g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &port, NULL))
        return FALSE;
      page->usual_port = port == page->port;
      page->port = port;
    }
  page->name = g_ascii_strdown (at, colon != NULL ? colon - at : (gssize) strlen (at));
  return TRUE;
}

/* On another port of the same machine is somebody else's page. */
static gboolean
is_ours (const char *const *hosts, const HttpHead *head)
{
  Page page = { 0 };

  if (!read_page (head->origin, &page))
    return FALSE;
  g_autofree char *name = page.name;
  return g_strv_contains (hosts, name)
         && (head->port != 0 ? page.port == head->port : page.usual_port);
}

guint
http_origin_check (const char *const *hosts, const HttpHead *head, const char **why)
{
  if (!g_strv_contains (hosts, head->host))
    {
      *why = "This server is not called what Host says. If it should be: countersign mcp --http … "
             "--host NAME.";
      return 421;
    }
  if (head->origin != NULL && !is_ours (hosts, head))
    {
      *why = "This is not for the pages of others in browsers.";
      return 403;
    }
  return 0;
}
