/* SPDX-License-Identifier: MIT */
#include "broker/base/wire.h"

#include <malloc.h>
#include <string.h>

G_DEFINE_QUARK (countersign_wire_error, wire_error)

/* Parsed messages may hold secrets, and jansson frees them in pieces that we never see. */
static void
wiping_free (void *memory)
{
  if (memory == NULL)
    return;
  explicit_bzero (memory, malloc_usable_size (memory));
  free (memory);
}

void
wire_init (void)
{
  json_set_alloc_funcs (malloc, wiping_free);
  /* Seeded here, while there is one thread and nothing is confined yet. */
  json_object_seed (0);
}

/* Bytes from stale to start were handed out, start to end are yet to be read. */
struct _WireReader
{
  char *buffer;
  gsize size, stale, start, end;
  gsize max_line;
  gsize unfinished; /* length of the line whose end has not come */
  gsize n_lines;    /* whole lines between start and end */
  gboolean failed;
};

WireReader *
wire_reader_new (gsize max_line)
{
  WireReader *reader = g_new0 (WireReader, 1);
  reader->max_line = max_line;
  return reader;
}

void
wire_reader_free (WireReader *reader)
{
  if (reader == NULL)
    return;
  wire_text_free (reader->buffer, reader->size);
  g_free (reader);
}

/* Counts the lines that end in @data. FALSE when one of them, or what is left over, is too long. */
static gboolean
count_lines (WireReader *reader, const char *data, gsize len)
{
  const char *end = data + len, *lf;

  while (data < end && (lf = memchr (data, '\n', end - data)) != NULL)
    {
      if (reader->unfinished + (lf - data) > reader->max_line)
        return FALSE;
      reader->unfinished = 0;
      reader->n_lines++;
      data = lf + 1;
    }
  reader->unfinished += end - data;
  return reader->unfinished <= reader->max_line;
}

static void
wipe_stale (WireReader *reader)
{
  if (reader->start > reader->stale)
    explicit_bzero (reader->buffer + reader->stale, reader->start - reader->stale);
  reader->stale = reader->start;
}

/* Makes room for @len more bytes, with what is unread at the front. A move that grows copies by
 * hand: realloc() would leave the old bytes behind unwiped. */
static void
make_room (WireReader *reader, gsize len)
{
  gsize unread = reader->end - reader->start, need = unread + len;

  if (need > reader->size)
    {
      gsize size = MAX (512, reader->size);
      while (size < need)
        size *= 2;
      char *larger = g_malloc (size);
      if (unread > 0)
        memcpy (larger, reader->buffer + reader->start, unread);
      wire_text_free (reader->buffer, reader->size);
      reader->buffer = larger;
      reader->size = size;
    }
  else if (reader->start > 0)
    {
      memmove (reader->buffer, reader->buffer + reader->start, unread);
      explicit_bzero (reader->buffer + unread, reader->start);
    }
  reader->stale = reader->start = 0;
  reader->end = unread;
}

gboolean
wire_reader_push (WireReader *reader, const char *data, gsize len, GError **error)
{
  if (!reader->failed)
    reader->failed = !count_lines (reader, data, len);
  if (reader->failed)
    {
      g_set_error (error, WIRE_ERROR, WIRE_ERROR_TOO_LONG,
                   "a line is longer than %" G_GSIZE_FORMAT " bytes", reader->max_line);
      return FALSE;
    }
  if (len == 0)
    return TRUE;
  wipe_stale (reader);
  make_room (reader, len);
  memcpy (reader->buffer + reader->end, data, len);
  reader->end += len;
  return TRUE;
}

char *
wire_reader_next (WireReader *reader, gsize *len)
{
  wipe_stale (reader);
  while (!reader->failed && reader->n_lines > 0)
    {
      char *line = reader->buffer + reader->start;
      char *end = memchr (line, '\n', reader->end - reader->start);

      reader->n_lines--;
      reader->start = end + 1 - reader->buffer;
      if (end > line && end[-1] == '\r')
        end--;
      if (end == line)
        continue;
      *end = '\0';
      *len = end - line;
      return line;
    }
  return NULL;
}

/* Says where the @offset-th byte is, counted as jansson counts: columns in characters. */
static json_t *
refuse_at (const char *line, gsize offset, const char *words, GError **error)
{
  int row = 1, column = 1;

  for (gsize i = 0; i < offset; i++)
    if (line[i] == '\n')
      row++, column = 1;
    else if ((line[i] & 0xC0) != 0x80)
      column++;
  g_set_error (error, WIRE_ERROR, WIRE_ERROR_PARSE, "line %d column %d: %s", row, column, words);
  return NULL;
}

/* jansson's own text quotes the input, which may be a secret: only its code is used. */
static json_t *
refuse_by_code (json_error_t *at, GError **error)
{
  static const struct
  {
    enum json_error_code code;
    const char *words;
  } table[] = {
    { json_error_out_of_memory, "out of memory" },
    { json_error_invalid_utf8, "not UTF-8" },
    { json_error_premature_end_of_input, "ends too early" },
    { json_error_end_of_input_expected, "something follows the end of the value" },
    { json_error_null_character, "a NUL in text" },
    { json_error_null_byte_in_key, "a NUL in a key" },
    { json_error_duplicate_key, "a key occurs twice" },
    { json_error_numeric_overflow, "a number is too large" },
  };
  const char *words = "not JSON";

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].code == json_error_code (at))
      words = table[i].words;
  g_set_error (error, WIRE_ERROR, WIRE_ERROR_PARSE, "line %d column %d: %s", MAX (at->line, 1),
               MAX (at->column, 1), words);
  explicit_bzero (at, sizeof *at);
  return NULL;
}

/* The bracket that opens one level too many, or NULL. Brackets are not matched here: jansson stops
 * at the first wrong one, and until then both count alike. */
static const char *
find_too_deep (const char *line, gsize len)
{
  guint depth = 0;
  gboolean in_string = FALSE;

  for (const char *c = line; c < line + len; c++)
    if (*c == '"')
      in_string = !in_string;
    else if (in_string)
      c += *c == '\\';
    else if (*c == '{' || *c == '[')
      {
        if (++depth > WIRE_MAX_DEPTH)
          return c;
      }
    else if ((*c == '}' || *c == ']') && depth > 0)
      depth--;
  return NULL;
}

json_t *
wire_parse (const char *line, gsize len, gboolean allow_array, GError **error)
{
  json_error_t at;
  const char *fault;

  if (len == 0)
    return refuse_at (line, 0, "ends too early", error);
  /* jansson 2.14 skips a NUL that stands behind a number. */
  if ((fault = memchr (line, '\0', len)) != NULL)
    return refuse_at (line, fault - line, "a NUL", error);
  if ((fault = find_too_deep (line, len)) != NULL)
    return refuse_at (line, fault - line, "nested deeper than " G_STRINGIFY (WIRE_MAX_DEPTH),
                      error);

  g_autoptr (json_t) root = json_loadb (line, len, JSON_REJECT_DUPLICATES, &at);
  if (root == NULL)
    return refuse_by_code (&at, error);
  if (!json_is_object (root) && !allow_array)
    return refuse_at (line, 0, "must be an object", error);
  return g_steal_pointer (&root);
}

char *
wire_files_digest (const json_t *files)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const json_t *file;
  gsize i;

  json_array_foreach (files, i, file)
  {
    const char *name = wire_string (file, "name"), *text = wire_string (file, "text");
    g_checksum_update (checksum, (const guchar *) name, strlen (name) + 1);
    g_checksum_update (checksum, (const guchar *) text, strlen (text) + 1);
  }
  return g_strdup (g_checksum_get_string (checksum));
}
