/* SPDX-License-Identifier: MIT
 *
 * Each form of each value is looked for by itself.
 */
#include "broker/worker/redact.h"

#include <openssl/crypto.h>
#include <string.h>

#define SHORTEST 6 /* of a value: shorter ones are in every text by chance */

typedef struct
{
  Secret *bytes;
  guint name;
} Form;

struct _Redactor
{
  GPtrArray *names;
  GArray *counts; /* guint64 */
  GArray *forms;  /* of Form */
  gsize longest;
};

struct _RedactStream
{
  Redactor *redactor;
  GByteArray *held;
};

static void
form_clear (gpointer data)
{
  secret_free (((Form *) data)->bytes);
}

static gboolean
take_form (Redactor *redactor, Secret *bytes)
{
  Form form = { bytes, redactor->names->len - 1 };

  if (bytes == NULL)
    return FALSE;
  redactor->longest = MAX (redactor->longest, secret_len (bytes));
  g_array_append_val (redactor->forms, form);
  return TRUE;
}

static gboolean
add_hex (Redactor *redactor, const Secret *value, const char *digits, GError **error)
{
  Secret *hex = secret_new (secret_len (value) * 2, error);

  for (gsize i = 0; hex != NULL && i < secret_len (value); i++)
    {
      secret_data (hex)[2 * i] = (guint8) digits[secret_peek (value)[i] >> 4];
      secret_data (hex)[2 * i + 1] = (guint8) digits[secret_peek (value)[i] & 15];
    }
  return take_form (redactor, hex);
}

/* The 6 bits at bit @at, of a value that stands @skip bytes into what was encoded. */
static guint
six_bits (const Secret *value, gsize skip, gsize at)
{
  guint bits = 0;

  for (gsize bit = at; bit < at + 6; bit++)
    bits = bits << 1 | (secret_peek (value)[bit / 8 - skip] >> (7 - bit % 8) & 1);
  return bits;
}

/* The characters of base64 that depend on nothing but the value. */
static gboolean
add_base64 (Redactor *redactor, const Secret *value, gsize skip, const char *last, GError **error)
{
  static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  gsize from = (8 * skip + 5) / 6, to = 8 * (skip + secret_len (value)) / 6;
  Secret *text = secret_new (to - from, error);

  for (gsize i = from; text != NULL && i < to; i++)
    {
      guint bits = six_bits (value, skip, 6 * i);
      secret_data (text)[i - from] = (guint8) (bits < 62 ? first[bits] : last[bits - 62]);
    }
  return take_form (redactor, text);
}

static gboolean
add_forms (Redactor *redactor, const Secret *value, GError **error)
{
  if (!take_form (redactor, secret_copy (value, error)))
    return FALSE;
  for (gsize skip = 0; skip < 3; skip++)
    if (!add_base64 (redactor, value, skip, "+/", error)
        || !add_base64 (redactor, value, skip, "-_", error))
      return FALSE;
  return add_hex (redactor, value, "0123456789abcdef", error)
         && add_hex (redactor, value, "0123456789ABCDEF", error);
}

Redactor *
redactor_new (const RedactSecret *secrets, gsize n, GError **error)
{
  g_autoptr (Redactor) redactor = g_new0 (Redactor, 1);

  redactor->names = g_ptr_array_new_with_free_func (g_free);
  redactor->counts = g_array_new (FALSE, TRUE, sizeof (guint64));
  redactor->forms = g_array_new (FALSE, FALSE, sizeof (Form));
  g_array_set_clear_func (redactor->forms, form_clear);
  g_array_set_size (redactor->counts, (guint) n);
  for (gsize i = 0; i < n; i++)
    {
      g_ptr_array_add (redactor->names, g_strdup (secrets[i].name));
      if (secret_len (secrets[i].value) >= SHORTEST
          && !add_forms (redactor, secrets[i].value, error))
        return NULL;
    }
  return g_steal_pointer (&redactor);
}

void
redactor_free (Redactor *redactor)
{
  if (redactor == NULL)
    return;
  g_ptr_array_unref (redactor->names);
  g_array_unref (redactor->counts);
  g_array_unref (redactor->forms);
  g_free (redactor);
}

json_t *
redactor_counts (const Redactor *redactor)
{
  json_t *counts = json_object ();

  for (guint i = 0; i < redactor->names->len; i++)
    {
      guint64 count = g_array_index (redactor->counts, guint64, i);
      if (count > 0)
        json_object_set_new (counts, redactor->names->pdata[i], json_integer ((json_int_t) count));
    }
  return counts;
}

RedactStream *
redact_stream_new (Redactor *redactor)
{
  RedactStream *stream = g_new0 (RedactStream, 1);

  stream->redactor = redactor;
  stream->held = g_byte_array_new ();
  return stream;
}

void
redact_stream_free (RedactStream *stream)
{
  if (stream == NULL)
    return;
  OPENSSL_cleanse (stream->held->data, stream->held->len);
  g_byte_array_unref (stream->held);
  g_free (stream);
}

/* The first form in @held, of those that begin there the longest. */
static const Form *
find_first (const Redactor *redactor, const GByteArray *held, gsize *at)
{
  const Form *found = NULL;

  for (guint i = 0; i < redactor->forms->len; i++)
    {
      const Form *form = &g_array_index (redactor->forms, Form, i);
      gsize len = secret_len (form->bytes);
      const guint8 *hit = memmem (held->data, held->len, secret_peek (form->bytes), len);
      gsize where = hit != NULL ? (gsize) (hit - held->data) : 0;

      if (hit == NULL
          || (found != NULL && (where > *at || (where == *at && len <= secret_len (found->bytes)))))
        continue;
      found = form;
      *at = where;
    }
  return found;
}

/* Shows what is held but for @keep bytes, which may be the beginning of more. */
static void
show (RedactStream *stream, gsize keep, GByteArray *out)
{
  Redactor *redactor = stream->redactor;
  GByteArray *held = stream->held;
  const Form *form;
  gsize at = 0;

  while (held->len > keep && (form = find_first (redactor, held, &at)) != NULL
         && at < held->len - keep)
    {
      g_autofree char *mark
          = g_strdup_printf ("[redacted:%s]", (char *) redactor->names->pdata[form->name]);
      g_byte_array_append (out, held->data, (guint) at);
      g_byte_array_append (out, (guint8 *) mark, (guint) strlen (mark));
      g_byte_array_remove_range (held, 0, (guint) (at + secret_len (form->bytes)));
      g_array_index (redactor->counts, guint64, form->name)++;
    }
  if (held->len <= keep)
    return;
  g_byte_array_append (out, held->data, (guint) (held->len - keep));
  g_byte_array_remove_range (held, 0, (guint) (held->len - keep));
}

void
redact_stream_feed (RedactStream *stream, const void *data, gsize len, GByteArray *out)
{
  gsize longest = stream->redactor->longest;

  g_byte_array_append (stream->held, data, (guint) len);
  show (stream, longest > 0 ? longest - 1 : 0, out);
}

void
redact_stream_end (RedactStream *stream, GByteArray *out)
{
  show (stream, 0, out);
}

char *
redact_text (Redactor *redactor, const char *text, gssize len)
{
  g_autoptr (RedactStream) stream = redact_stream_new (redactor);
  GByteArray *out = g_byte_array_new ();

  redact_stream_feed (stream, text, len < 0 ? strlen (text) : (gsize) len, out);
  redact_stream_end (stream, out);
  g_byte_array_append (out, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (out, FALSE);
}
