/* SPDX-License-Identifier: MIT
 *
 * The head of one HTTP/1 request (RFC 9112), read strictly.
 *
 * MUST
 *  - refuse whatever two readers may understand differently: they might stand behind each other,
 *    and disagree on where a request ends
 *  - let nothing of it through to libsoup, which reads more leniently and wipes nothing
 */
#pragma once

#include <glib.h>

#define HTTP_HEAD_MAX (16 * 1024) /* bytes, with the blank line */
#define HTTP_BODY_MAX (32 * 1024) /* bytes: a token and who asks about it */

typedef struct
{
  char *method;        /* "GET" */
  char *path;          /* begins with a slash, or is "*"; as it was sent, without the query */
  gboolean has_query;  /* anything behind a question mark */
  char *host;          /* without port, in lower case; "[::1]" keeps its brackets */
  char *type;          /* Content-Type without parameters, in lower case; or NULL */
  char *if_none_match; /* or NULL */
  char *authorization; /* a secret, wiped; or NULL */
  gboolean origin;     /* there is an Origin: a browser sent this for some page */
  gboolean close;      /* the connection ends with the answer */
  gsize body;          /* bytes that follow */
} HttpHead;

/* Why a request is refused. */
typedef struct
{
  guint status;    /* of HTTP */
  const char *why; /* a sentence for its sender; says nothing of what was sent */
} HttpRefusal;

/* How long the head at the beginning of @data is, with its blank line; 0 when it is not whole. */
gsize http_head_find (const char *data, gsize len);
/* Reads the @len bytes that http_head_find() found. NULL with @refusal set. */
HttpHead *http_head_parse (const char *data, gsize len, HttpRefusal *refusal);
void http_head_free (HttpHead *head);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpHead, http_head_free)

/* What libsoup gets in its stead: whether the answer has a body, and whether the connection ends
 * with it. The rest is none of its business: it has no way to tell a secret from a header. */
const char *http_head_write (const HttpHead *head);
