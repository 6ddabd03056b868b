/* SPDX-License-Identifier: MIT
 *
 * JSON lines, read strictly.
 *
 * MUST
 *  - refuse a line longer than the reader's limit before it is whole in memory
 *  - refuse bad UTF-8, duplicate keys, NUL in strings, nesting over WIRE_MAX_DEPTH
 *  - refuse a field that is not in the receiver's table
 *  - never put a field's value into an error: it may be a secret
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#define WIRE_MAX_LINE (64 * 1024) /* agent.sock and human.sock; larger values travel by memfd */
#define WIRE_MAX_DEPTH 16

#define WIRE_ERROR (wire_error_quark ())
typedef enum
{
  WIRE_ERROR_TOO_LONG, /* fatal to the stream: what follows cannot be framed */
  WIRE_ERROR_PARSE,    /* not one strict JSON object */
  WIRE_ERROR_FIELD     /* shape is right, a field is not; the message starts with its name */
} WireError;
GQuark wire_error_quark (void);

/* Frees json_t by reference: g_autoptr (json_t) root = …; */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_t, json_decref)

/* Gives jansson allocators that wipe memory when it is freed. First thing in main(). */
void wire_init (void);

/* Cuts a byte stream into lines. LF ends a line; a CR before it and blank
 * lines are dropped. */
typedef struct _WireReader WireReader;
WireReader *wire_reader_new (gsize max_line);
void wire_reader_free (WireReader *reader); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WireReader, wire_reader_free)

/* Takes @len bytes. FALSE with WIRE_ERROR_TOO_LONG when a line outgrows the limit; the reader is
 * then of no further use. */
gboolean wire_reader_push (WireReader *reader, const char *data, gsize len, GError **error);

/* The next whole line, NUL-terminated, without its end; NULL when there is none. Valid until the
 * next call on the reader, which wipes it. */
char *wire_reader_next (WireReader *reader, gsize *len);

/* One JSON value of type object (or, with @allow_array, an array) from @line; the caller owns it.
 * Errors name line and column of the fault, never its text. */
json_t *wire_parse (const char *line, gsize len, gboolean allow_array, GError **error);

/* Compact JSON of @value with a newline, for writing to a stream; g_free() it. Callers that sent a
 * secret wipe it with wire_text_free(). @len may be NULL; it does not count the final NUL. NULL
 * only for what is not JSON at all: a loop, over 64 deep, text made by a _nocheck function that is
 * not UTF-8. */
char *wire_dump (const json_t *value, gsize *len);
void wire_text_free (char *text, gsize len);

typedef enum
{
  WIRE_STRING,  /* min, max: bytes; max 0: as much as a line holds */
  WIRE_INTEGER, /* min, max: value; a real number is a wrong type, whatever its value */
  WIRE_BOOLEAN,
  WIRE_OBJECT,     /* contents are checked by the caller */
  WIRE_STRINGS,    /* an array of non-empty strings; min, max: how many */
  WIRE_TEXTS,      /* the same, of strings that may be empty */
  WIRE_ARRAY,      /* min, max: how many; contents are checked by the caller, except for items */
  WIRE_STRING_MAP, /* an object whose values are strings; max: how many; 0: any number */
} WireType;

typedef struct _WireField WireField;
struct _WireField
{
  const char *name;
  WireType type;
  gboolean required;
  gint64 min, max;
  const char *about;      /* one sentence for whoever calls; the MCP schema's description */
  const WireField *items; /* WIRE_ARRAY: each is an object of these fields, or NULL */
  gsize n_items;
};

/* TRUE when @object is an object that has every required field, no field that is not in @fields,
 * and each of the right type within its limits. @object may be NULL: an empty one. The error reads
 * "ttl_seconds: must be a whole number from 1 to 86400". */
gboolean wire_check (const WireField *fields, gsize n_fields, const json_t *object, GError **error);

/* The field a WIRE_ERROR_FIELD names, for "data.field" of an answer; NULL for other errors.
 * g_free(). */
char *wire_error_field (const GError *error);

/* Reading what wire_check() accepted. */
const char *wire_string (const json_t *object, const char *name); /* or NULL */
gint64 wire_integer (const json_t *object, const char *name, gint64 otherwise);
/* The texts of @array, empty when it is NULL; g_strfreev(). */
char **wire_texts (const json_t *array);
/* The other way; @texts may be NULL. */
json_t *wire_texts_json (char **texts);

/* SHA-256 over [{"name","text"}]: of each in its order the name, a NUL, the text, a NUL; 64 hex
 * digits. NULL is none. g_free(). */
char *wire_files_digest (const json_t *files);
