/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-template.h"

#include <string.h>

#include "broker/cli/cli-reference.h"

#define TEXT G_MAXUINT /* in place of a name's number */

G_DEFINE_QUARK (countersign_cli_template_error, cli_template_error)

typedef struct
{
  gsize start, len; /* of text */
  guint name;
} Piece;

struct _CliTemplate
{
  const char *text, *file;
  gsize len;
  GArray *pieces;   /* of Piece */
  GPtrArray *names; /* ends with NULL once it is parsed */
};

void
cli_template_free (CliTemplate *template)
{
  if (template == NULL)
    return;
  g_array_unref (template->pieces);
  g_ptr_array_unref (template->names);
  g_free (template);
}

const char *const *
cli_template_names (const CliTemplate *template)
{
  return (const char *const *) template->names->pdata;
}

guint
cli_template_n_names (const CliTemplate *template)
{
  return template->names->len - 1;
}

static gboolean
fail (const CliTemplate *template, gsize at, GError **error, const char *words)
{
  gsize line = 1, start = 0;

  for (gsize i = 0; i < at; i++)
    if (template->text[i] == '\n')
      {
        line++;
        start = i + 1;
      }
  g_set_error (error, CLI_TEMPLATE_ERROR, CLI_TEMPLATE_ERROR_SYNTAX,
               "%s:%" G_GSIZE_FORMAT ":%" G_GSIZE_FORMAT ": %s", template->file, line,
               at - start + 1, words);
  return FALSE;
}

static gboolean
scheme_at (const CliTemplate *template, gsize at)
{
  gsize len = strlen (CLI_REFERENCE_SCHEME);

  return template->len - at >= len && memcmp (template->text + at, CLI_REFERENCE_SCHEME, len) == 0;
}

static gboolean
goes_on_from (const CliTemplate *template, gsize at)
{
  char before = at > 0 ? template->text[at - 1] : ' ';

  return g_ascii_isalnum (before) || before == '+' || before == '-' || before == '.';
}

static gsize
skip_blanks (const CliTemplate *template, gsize at)
{
  while (at < template->len && (template->text[at] == ' ' || template->text[at] == '\t'))
    at++;
  return at;
}

static void
add_piece (CliTemplate *template, gsize start, gsize end, guint name)
{
  Piece piece = { start, end - start, name };

  if (end > start)
    g_array_append_val (template->pieces, piece);
}

/* The reference that begins at @at, as a piece; @end gets where it ends. */
static gboolean
add_reference (CliTemplate *template, gsize at, gsize *end, GError **error)
{
  gsize scheme = strlen (CLI_REFERENCE_SCHEME), name = at + scheme;
  gsize span = cli_reference_span (template->text + name, template->len - name);
  g_autofree char *reference = g_strndup (template->text + at, scheme + span);
  g_autoptr (GError) fault = NULL;
  const char *secret = cli_reference_name (reference, &fault);
  guint number = 0;

  if (secret == NULL)
    return fail (template, at, error, fault->message);
  while (number < template->names->len && strcmp (template->names->pdata[number], secret) != 0)
    number++;
  if (number == template->names->len)
    g_ptr_array_add (template->names, g_strdup (secret));
  *end = name + span;
  add_piece (template, at, *end, number);
  return TRUE;
}

/* The same from the "{{" at @at, which a reference follows. */
static gboolean
add_braced (CliTemplate *template, gsize at, gsize *end, GError **error)
{
  if (!add_reference (template, skip_blanks (template, at + 2), end, error))
    return FALSE;
  *end = skip_blanks (template, *end);
  if (template->len - *end < 2 || memcmp (template->text + *end, "}}", 2) != 0)
    return fail (template, *end, error, "}} must follow the reference that {{ begins");
  *end += 2;
  return TRUE;
}

static gboolean
parse (CliTemplate *template, GError **error)
{
  gsize text = 0, at = 0; /* text: where what is not yet a piece begins */

  while (at < template->len)
    {
      gboolean braced = template->len - at >= 2 && memcmp (template->text + at, "{{", 2) == 0;
      gsize inside = braced ? skip_blanks (template, at + 2) : at, end;

      if (!scheme_at (template, inside) || (!braced && goes_on_from (template, at)))
        {
          at++;
          continue;
        }
      add_piece (template, text, at, TEXT);
      if (!(braced ? add_braced : add_reference) (template, at, &end, error))
        return FALSE;
      text = at = end;
    }
  add_piece (template, text, template->len, TEXT);
  return TRUE;
}

CliTemplate *
cli_template_parse (const char *text, gsize len, const char *file, GError **error)
{
  g_autoptr (CliTemplate) template = g_new0 (CliTemplate, 1);

  template->text = text;
  template->len = len;
  template->file = file;
  template->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  template->names = g_ptr_array_new_with_free_func (g_free);
  if (!parse (template, error))
    return NULL;
  g_ptr_array_add (template->names, NULL);
  return g_steal_pointer (&template);
}

static const void *
content (const CliTemplate *template, const Piece *piece, const GPtrArray *values, gsize *len)
{
  const Secret *value = piece->name != TEXT ? values->pdata[piece->name] : NULL;

  *len = value != NULL ? secret_len (value) : piece->len;
  return value != NULL ? (const void *) secret_peek (value) : template->text + piece->start;
}

Secret *
cli_template_fill (const CliTemplate *template, const GPtrArray *values, GError **error)
{
  const Piece *pieces = (const Piece *) (void *) template->pieces->data;
  gsize total = 0, at = 0, len;
  Secret *filled;

  for (guint i = 0; i < template->pieces->len; i++)
    {
      content (template, &pieces[i], values, &len);
      total += len;
    }
  filled = secret_new (total, error);
  for (guint i = 0; filled != NULL && i < template->pieces->len; i++)
    {
      const void *from = content (template, &pieces[i], values, &len);
      memcpy (secret_data (filled) + at, from, len);
      at += len;
    }
  return filled;
}
