/* SPDX-License-Identifier: MIT
 *
 * The parts of a request's head, for http-head.c alone.
 */
#pragma once

#include "mcp/transport/http-head.h"

/* The bytes from @at up to @end that one line, or one part of it, is made of. */
typedef struct
{
  const char *at, *end;
} HttpSpan;

static inline gsize
http_span_len (HttpSpan span)
{
  return span.end - span.at;
}

gboolean http_span_is (HttpSpan span, const char *word);
char *http_span_dup (HttpSpan span);
/* Sets @refusal; FALSE. */
gboolean http_refuse (HttpRefusal *refusal, guint status, const char *why);
/* RFC 9110, section 5.6.2. */
gboolean http_span_is_token (HttpSpan span);

typedef struct
{
  HttpHead *head;
  gboolean has_length;
  HttpRefusal *refusal;
} HttpFields;

/* Takes one header line without its end. FALSE with the refusal set. */
gboolean http_fields_take (HttpFields *fields, HttpSpan line);
