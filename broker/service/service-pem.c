/* SPDX-License-Identifier: MIT
 *
 * Certificates in PEM (RFC 7468), as text: whether they are any good is for whoever connects.
 *
 * MUST
 *  - accept certificates and nothing else: a private key beside them would be read by the worker
 */
#include <string.h>

#include "broker/service/service-private.h"

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

static gboolean
is_base64 (const char *line)
{
  gsize len = strspn (line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
  return len > 0 && line[len] == '\0';
}

static char *
line_problem (const char *line, gboolean *inside, guint *lines, guint *found)
{
  gboolean begin = strcmp (line, BEGIN) == 0, end = strcmp (line, END) == 0;
  if (strstr (line, "PRIVATE KEY") != NULL)
    return g_strdup ("a private key; here go certificates only, take it out");
  if (begin && *inside)
    return g_strdup ("a certificate that begins within another");
  if (end && (!*inside || *lines == 0))
    return g_strdup ("the end of a certificate that did not begin");
  if (g_str_has_prefix (line, "-----") && !begin && !end)
    return g_strdup ("something else than a certificate; write only CERTIFICATE blocks");
  if (*inside && !end && !is_base64 (line))
    return g_strdup ("a line in a certificate that is not base64");
  *lines = begin ? 0 : *lines + 1;
  *inside = begin || (*inside && !end);
  *found += end;
  return NULL;
}

char *
service_pem_problem (const char *text, gsize len)
{
  guint lines = 0, found = 0;
  gboolean inside = FALSE;
  if (len > POLICY_MAX_FILE || memchr (text, '\0', len) != NULL
      || !g_utf8_validate (text, (gssize) len, NULL))
    return g_strdup ("this is not certificates in PEM, which are text of at most 256 KiB");
  g_autofree char *copy = g_strndup (text, len);
  g_auto (GStrv) all = g_strsplit (copy, "\n", -1);
  for (guint i = 0; all[i] != NULL; i++)
    {
      if (*all[i] == '\0' && all[i + 1] == NULL)
        break; /* behind the last line's end */
      char *problem = line_problem (g_strchomp (all[i]), &inside, &lines, &found);
      if (problem != NULL)
        {
          char *placed = g_strdup_printf ("line %u is %s", i + 1, problem);
          g_free (problem);
          return placed;
        }
    }
  if (inside || found == 0)
    return g_strdup ("it holds no whole certificate in PEM");
  return NULL;
}

char *
service_pem_find (const char *folder, const char *name, const PolicySource *sources, gsize n,
                  gsize max, char **problem)
{
  g_autofree char *file = g_strconcat (folder, name, NULL);
  const PolicySource *source = policy_source_find (sources, n, file);

  if (source == NULL)
    {
      *problem = g_strdup_printf ("there is no %s; put the certificates there", file);
      return NULL;
    }
  g_autofree char *wrong = service_pem_problem (source->text, source->len);
  if (wrong == NULL && source->len > max)
    wrong = g_strdup_printf (
        "more than %" G_GSIZE_FORMAT " KiB; keep the certificates that are needed", max / 1024);
  if (wrong == NULL)
    return g_strndup (source->text, source->len);
  *problem = g_strdup_printf ("%s: %s", file, wrong);
  return NULL;
}
