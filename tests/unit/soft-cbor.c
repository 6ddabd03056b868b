/* SPDX-License-Identifier: MIT */
#include "tests/unit/soft-cbor.h"

#include <string.h>

enum
{
  UNSIGNED = 0,
  NEGATIVE,
  BYTES,
  TEXT,
  ARRAY,
  MAP,
  TAG,
  SIMPLE
};
#define TRUE_BYTE 0xF5

void
soft_cbor_head (GByteArray *out, guint8 major, guint64 value)
{
  guint8 head[3] = { (guint8) (major << 5
                               | (value < 24    ? value
                                  : value < 256 ? 24
                                                : 25)),
                     (guint8) (value < 256 ? value : value >> 8), (guint8) value };

  g_assert_cmpuint (value, <=, G_MAXUINT16);
  g_byte_array_append (out, head, value < 24 ? 1 : value < 256 ? 2 : 3);
}

void
soft_cbor_bytes (GByteArray *out, const void *data, gsize len)
{
  soft_cbor_head (out, BYTES, len);
  g_byte_array_append (out, data, len);
}

void
soft_cbor_text (GByteArray *out, const char *text)
{
  soft_cbor_head (out, TEXT, strlen (text));
  g_byte_array_append (out, (const guint8 *) text, strlen (text));
}

static guint8
take (SoftCbor *self)
{
  g_assert_true (self->at < self->end);
  return *self->at++;
}

static guint64
take_head (SoftCbor *self, guint8 *major)
{
  guint8 first = take (self), kind = first & 0x1F;
  guint64 value = kind;

  *major = first >> 5;
  g_assert_cmpuint (kind, <=, 27);
  if (kind >= 24)
    value = 0;
  for (guint i = 0; kind >= 24 && i < 1u << (kind - 24); i++)
    value = value << 8 | take (self);
  return value;
}

void
soft_cbor_next (SoftCbor *self)
{
  guint8 major;
  guint64 value = take_head (self, &major);

  if (major == BYTES || major == TEXT)
    {
      g_assert_cmpuint (value, <=, self->end - self->at);
      self->at += value;
    }
  for (guint64 i = 0; (major == ARRAY || major == MAP) && i < (major == MAP ? 2 * value : value);
       i++)
    soft_cbor_next (self);
}

static gint64
number (SoftCbor self)
{
  guint8 major;
  gint64 value = (gint64) take_head (&self, &major);

  return major == UNSIGNED ? value : major == NEGATIVE ? -1 - value : G_MININT64;
}

static gboolean
is_text (SoftCbor self, const char *text)
{
  guint8 major;
  guint64 len = take_head (&self, &major);

  return major == TEXT && len == strlen (text) && memcmp (self.at, text, len) == 0;
}

static gboolean
find (SoftCbor self, gint64 key, const char *text, SoftCbor *value)
{
  guint8 major;
  guint64 n = take_head (&self, &major);

  g_assert_cmpint (major, ==, MAP);
  for (; n > 0; n--)
    {
      gboolean found = text != NULL ? is_text (self, text) : number (self) == key;
      soft_cbor_next (&self);
      *value = self;
      if (found)
        return TRUE;
      soft_cbor_next (&self);
    }
  return FALSE;
}

gboolean
soft_cbor_find (SoftCbor self, gint64 key, SoftCbor *value)
{
  return find (self, key, NULL, value);
}

gboolean
soft_cbor_find_text (SoftCbor self, const char *key, SoftCbor *value)
{
  return find (self, 0, key, value);
}

GBytes *
soft_cbor_string (SoftCbor self)
{
  guint8 major;
  guint64 len = take_head (&self, &major);

  g_assert_true ((major == BYTES || major == TEXT) && len <= (guint64) (self.end - self.at));
  return g_bytes_new (self.at, len);
}

gboolean
soft_cbor_is_true (SoftCbor self)
{
  return take (&self) == TRUE_BYTE;
}

gsize
soft_cbor_enter (SoftCbor *self)
{
  guint8 major;
  gsize n = take_head (self, &major);

  g_assert_cmpint (major, ==, ARRAY);
  return n;
}
