/* SPDX-License-Identifier: MIT */
#include "broker/worker/redact-private.h"
#include "broker/worker/redact-shape.h"

#include <string.h>

/* The parts of one credential may be looked for each by itself, under its one name. */
static guint
name_index (Redactor *redactor, const char *name)
{
  for (guint i = 0; i < redactor->names->len; i++)
    if (strcmp (redactor->names->pdata[i], name) == 0)
      return i;
  g_ptr_array_add (redactor->names, g_strdup (name));
  return redactor->names->len - 1;
}

static gboolean
add_secrets (Redactor *redactor, const RedactSecret *secrets, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      guint name = name_index (redactor, secrets[i].name);
      if (!redact_needles_add (&redactor->needles, secrets[i].value, name, error))
        return FALSE;
      redactor->has_space
          = redactor->has_space
            || memchr (secret_peek (secrets[i].value), ' ', secret_len (secrets[i].value)) != NULL;
    }
  return TRUE;
}

static gboolean
add_all (Redactor *redactor, const RedactSecret *secrets, gsize n, GError **error)
{
  if (!add_secrets (redactor, secrets, n, error)
      || !redact_index_init (&redactor->index,
                             (const RedactNeedle *) (gconstpointer) redactor->needles.needles->data,
                             redactor->needles.needles->len, error))
    {
      g_prefix_error (error, "cannot look for the values of %" G_GSIZE_FORMAT " secrets: ", n);
      return FALSE;
    }
  redactor->first_shape = redactor->names->len;
  for (guint shape = 0; shape < REDACT_N_SHAPES; shape++)
    g_ptr_array_add (redactor->names, g_strdup (redact_shape_name (shape)));
  redactor->counts = g_new0 (guint64, redactor->names->len);
  return TRUE;
}

Redactor *
redactor_new (const RedactSecret *secrets, gsize n, GError **error)
{
  g_autoptr (Redactor) redactor = g_new0 (Redactor, 1);

  redactor->names = g_ptr_array_new_with_free_func (g_free);
  redact_needles_init (&redactor->needles);
  redact_shape_init ();
  return add_all (redactor, secrets, n, error) ? g_steal_pointer (&redactor) : NULL;
}

void
redactor_free (Redactor *redactor)
{
  if (redactor == NULL)
    return;
  redact_index_clear (&redactor->index);
  redact_needles_clear (&redactor->needles);
  g_ptr_array_unref (redactor->names);
  g_free (redactor->counts);
  g_free (redactor);
}

json_t *
redactor_counts (const Redactor *redactor)
{
  json_t *counts = json_object ();

  for (guint i = 0; i < redactor->names->len; i++)
    {
      const char *name = redactor->names->pdata[i];
      /* A secret may be named as a shape is. */
      json_int_t before = json_integer_value (json_object_get (counts, name));
      if (redactor->counts[i] > 0)
        json_object_set_new (counts, name,
                             json_integer (before + (json_int_t) redactor->counts[i]));
    }
  return counts;
}

char *
redact_text (Redactor *redactor, const char *text, gssize len)
{
  g_autoptr (RedactStream) stream = redact_stream_new_full (redactor, FALSE);
  GByteArray *out = g_byte_array_new ();

  redact_stream_feed (stream, text, len < 0 ? strlen (text) : (gsize) len, out);
  redact_stream_end (stream, out);
  g_byte_array_append (out, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (out, FALSE);
}
