/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-form.h"

#include <string.h>

#define BASIC_MAX 4096 /* bytes of base64 */

static void
wipe_text (char *text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

void
http_form_free (HttpForm *form)
{
  if (form == NULL)
    return;
  wipe_text (form->token);
  wipe_text (form->client_id);
  wipe_text (form->client_secret);
  g_free (form);
}

/* One name or value, decoded; NULL when it is not one, or not text. */
static char *
decode (const char *from, gsize len)
{
  char *text = g_malloc (len + 1), *to = text;
  const char *end = from + len;
  gboolean fine = TRUE;

  for (; fine && from < end; from++)
    if (*from != '%')
      *to++ = *from == '+' ? ' ' : *from;
    else
      {
        fine = end - from > 2 && g_ascii_isxdigit (from[1]) && g_ascii_isxdigit (from[2]);
        if (fine)
          *to++ = (char) (g_ascii_xdigit_value (from[1]) << 4 | g_ascii_xdigit_value (from[2]));
        from += fine ? 2 : 0;
      }
  *to = '\0';
  if (fine && strlen (text) == (gsize) (to - text) && g_utf8_validate (text, to - text, NULL))
    return text;
  explicit_bzero (text, to - text);
  g_free (text);
  return NULL;
}

static char **
place_of (HttpForm *form, const char *name, gsize len)
{
  const struct
  {
    const char *name;
    char **place;
  } fields[] = {
    { "token", &form->token },
    { "client_id", &form->client_id },
    { "client_secret", &form->client_secret },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    if (len == strlen (fields[i].name) && memcmp (name, fields[i].name, len) == 0)
      return fields[i].place;
  return NULL;
}

static gboolean
take_pair (HttpForm *form, const char *pair, gsize len, const char **why)
{
  const char *equals = memchr (pair, '=', len);
  char **place = place_of (form, pair, equals != NULL ? (gsize) (equals - pair) : len);

  if (place == NULL)
    return TRUE;
  *why = "A parameter stands twice.";
  if (*place != NULL)
    return FALSE;
  *why = "A parameter is not encoded as in application/x-www-form-urlencoded, or empty.";
  *place = equals != NULL ? decode (equals + 1, pair + len - equals - 1) : NULL;
  return *place != NULL && **place != '\0';
}

static gboolean
take_body (HttpForm *form, const char *body, gsize len, const char **why)
{
  const char *end = body + len;

  while (body < end)
    {
      const char *next = memchr (body, '&', end - body);
      gsize pair = (next != NULL ? next : end) - body;
      if (!take_pair (form, body, pair, why))
        return FALSE;
      body += pair + 1;
    }
  return TRUE;
}

/* RFC 6749, section 2.3.1: both parts are encoded as in a form, then joined by a colon. */
static gboolean
take_pair_of_basic (HttpForm *form, const char *plain, gsize len, const char **why)
{
  const char *colon = memchr (plain, ':', len);

  *why = "Authorization: the name and secret in it are not encoded as in a form.";
  if (colon == NULL)
    return FALSE;
  form->client_id = decode (plain, colon - plain);
  form->client_secret = decode (colon + 1, plain + len - colon - 1);
  return form->client_id != NULL && form->client_secret != NULL && *form->client_id != '\0';
}

static gboolean
take_basic (HttpForm *form, const char *authorization, const char **why)
{
  gsize len;

  *why = "Authorization: only Basic is understood.";
  if (g_ascii_strncasecmp (authorization, "Basic ", 6) != 0 || strlen (authorization) > BASIC_MAX)
    return FALSE;
  *why = "Say who you are once: by Authorization or in the body.";
  if (form->client_id != NULL || form->client_secret != NULL)
    return FALSE;
  g_autofree char *plain = (char *) g_base64_decode (authorization + 6, &len);
  gboolean fine = take_pair_of_basic (form, plain, len, why);
  explicit_bzero (plain, len);
  return fine;
}

HttpForm *
http_form_parse (const char *body, gsize len, const char *authorization, const char **why)
{
  g_autoptr (HttpForm) form = g_new0 (HttpForm, 1);

  if (!take_body (form, body, len, why)
      || (authorization != NULL && !take_basic (form, authorization, why)))
    return NULL;
  return g_steal_pointer (&form);
}
