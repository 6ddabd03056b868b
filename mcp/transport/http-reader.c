/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-reader.h"

#include <string.h>

#define FIRST_SIZE 2048
#define USUAL_SIZE (HTTP_HEAD_MAX + HTTP_BODY_MAX) /* above it, it is counted */

struct _HttpReader
{
  HttpReading *reading;
  char *data;
  gsize len, size;
  gsize counted; /* of the budget */
  gboolean crowded;
  HttpHead *head; /* of the request whose body has not wholly come */
};

void
http_request_free (HttpRequest *request)
{
  if (request == NULL)
    return;
  if (request->body != NULL)
    explicit_bzero (request->body, request->head->body);
  g_free (request->body);
  http_head_free (request->head);
  g_free (request);
}

HttpReader *
http_reader_new (HttpReading *reading)
{
  HttpReader *reader = g_new0 (HttpReader, 1);

  reader->reading = reading;
  return reader;
}

static void
set_size (HttpReader *reader, gsize size)
{
  char *data = size > 0 ? g_malloc (size) : NULL;

  if (reader->data != NULL)
    {
      memcpy (data != NULL ? data : reader->data, reader->data, reader->len);
      explicit_bzero (reader->data, reader->size);
      g_free (reader->data);
    }
  reader->data = data;
  reader->size = size;
}

/* What has come is counted, not what is announced: who announces much keeps nobody else out. */
static gboolean
count (HttpReader *reader, gsize size)
{
  if (size <= MAX (USUAL_SIZE, reader->counted))
    return TRUE;
  if (!http_budget_take (&reader->reading->budget, size - reader->counted))
    return FALSE;
  reader->counted = size;
  return TRUE;
}

static void
uncount (HttpReader *reader)
{
  http_budget_give (&reader->reading->budget, reader->counted);
  reader->counted = 0;
}

void
http_reader_free (HttpReader *reader)
{
  if (reader == NULL)
    return;
  uncount (reader);
  set_size (reader, 0);
  http_head_free (reader->head);
  g_free (reader);
}

char *
http_reader_room (HttpReader *reader, gsize *len)
{
  gsize largest = MAX (USUAL_SIZE, http_reader_body (reader));
  gsize size = CLAMP (2 * reader->size, FIRST_SIZE, largest);

  if (reader->len == reader->size && reader->size < largest)
    {
      if (count (reader, size))
        set_size (reader, size);
      else
        reader->crowded = TRUE;
    }
  *len = reader->size - reader->len;
  return reader->data + reader->len;
}

void
http_reader_add (HttpReader *reader, gsize n)
{
  reader->len += n;
}

gboolean
http_reader_is_empty (const HttpReader *reader)
{
  return reader->len == 0 && reader->head == NULL;
}

gsize
http_reader_body (const HttpReader *reader)
{
  return reader->head != NULL ? reader->head->body : 0;
}

static void
drop (HttpReader *reader, gsize n)
{
  reader->len -= n;
  memmove (reader->data, reader->data + n, reader->len);
  explicit_bzero (reader->data + reader->len, n);
  /* An idle connection keeps no room. */
  if (reader->len == 0)
    set_size (reader, 0);
}

/* A line that ends in LF alone would be waited for till the time is over. */
static gboolean
has_bare_end (const HttpReader *reader)
{
  const char *at = reader->data, *end = at + reader->len;

  while (at < end && (at = memchr (at, '\n', end - at)) != NULL)
    {
      if (at == reader->data || at[-1] != '\r')
        return TRUE;
      at++;
    }
  return FALSE;
}

static void
check_body (HttpReader *reader, HttpRefusal *refusal)
{
  const HttpReading *reading = reader->reading;
  gsize body = http_reader_body (reader);
  gsize most = reading->body_most != NULL ? reading->body_most (reading->user, reader->head)
                                          : HTTP_BODY_MAX;

  if (body > MIN (most, HTTP_BODY_MOST))
    *refusal = (HttpRefusal){ 413, "The body is too large." };
}

static void
take_head (HttpReader *reader, HttpRefusal *refusal)
{
  gsize len = reader->len > 0 ? http_head_find (reader->data, reader->len) : 0;

  if (len > HTTP_HEAD_MAX || (len == 0 && reader->len >= HTTP_HEAD_MAX))
    *refusal = (HttpRefusal){ 431, "The request's headers are too large." };
  else if (len == 0 && reader->len > 0 && has_bare_end (reader))
    *refusal = (HttpRefusal){ 400, "The request's lines do not end as those of HTTP." };
  else if (len > 0 && (reader->head = http_head_parse (reader->data, len, refusal)) != NULL)
    {
      drop (reader, len);
      check_body (reader, refusal);
    }
}

/* A body that nothing follows is handed on where it lies. */
static char *
take_body (HttpReader *reader, gsize len)
{
  char *body;

  if (reader->len == len)
    {
      body = g_steal_pointer (&reader->data);
      reader->len = reader->size = 0;
    }
  else
    {
      body = g_memdup2 (reader->data, len);
      drop (reader, len);
    }
  uncount (reader);
  return body;
}

HttpRequest *
http_reader_next (HttpReader *reader, HttpRefusal *refusal)
{
  *refusal = (HttpRefusal){ 0, NULL };
  if (reader->head == NULL)
    take_head (reader, refusal);
  if (reader->crowded)
    *refusal = (HttpRefusal){ 503, "Too much comes in at once. Try again in a moment." };
  if (refusal->status != 0 || reader->head == NULL || reader->len < reader->head->body)
    return NULL;
  HttpRequest *request = g_new0 (HttpRequest, 1);
  request->head = g_steal_pointer (&reader->head);
  if (request->head->body > 0)
    request->body = take_body (reader, request->head->body);
  return request;
}
