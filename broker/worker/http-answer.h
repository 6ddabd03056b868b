/* SPDX-License-Identifier: MIT
 *
 * What comes back, on its way to the broker.
 *
 * MUST
 *  - let nothing through that has not gone through the redactor
 *  - hold no more than was asked for: what is over is not kept, however small it came
 */
#pragma once

#include <jansson.h>

#include "broker/worker/redact.h"

#define HTTP_ANSWER_OUTPUT_MAX (1024 * 1024 * 1024) /* into a file */
#define HTTP_ANSWER_HEADERS_MAX (64 * 1024)         /* of an answer, interim ones included */

typedef enum
{
  HTTP_ANSWER_STOP = 0, /* the transfer is to end here */
  HTTP_ANSWER_GO_ON
} HttpAnswerVerdict;

typedef enum
{
  HTTP_ANSWER_WELL,
  HTTP_ANSWER_ENOUGH,  /* the body is longer than what is kept */
  HTTP_ANSWER_HEADERS, /* too many headers */
  HTTP_ANSWER_OUTPUT   /* the file could not be written */
} HttpAnswerEnd;

typedef struct _HttpAnswer HttpAnswer;

/* Takes @redactor and @output, the descriptor of a file, or -1: then up to @max_bytes are kept. */
HttpAnswer *http_answer_new (Redactor *redactor, gsize max_bytes, int output);
void http_answer_free (HttpAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpAnswer, http_answer_free)

/* One line as it came, a status line, a header or the empty one. */
HttpAnswerVerdict http_answer_header (HttpAnswer *answer, const char *line, gsize len);
/* Bytes of the body, decoded. */
HttpAnswerVerdict http_answer_body (HttpAnswer *answer, const char *data, gsize len);
/* Why it said stop. */
HttpAnswerEnd http_answer_end (const HttpAnswer *answer);

/* The transfer has ended: what is told of it. @whole: nothing is missing. NULL when the rest could
 * not be written into the file. */
json_t *http_answer_result (HttpAnswer *answer, long status, gint64 elapsed_ms, gboolean whole);
