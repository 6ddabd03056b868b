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

#define HTTP_HEAD_MAX (16 * 1024)        /* bytes, with the blank line */
#define HTTP_BODY_MAX (32 * 1024)        /* bytes, unless whoever answers takes more */
#define HTTP_BODY_MOST (8 * 1024 * 1024) /* bytes, whoever answers */
#define HTTP_PARAM_PREFIX "mcp-param-"

typedef struct
{
  char *name, *value; /* the name in lower case */
} HttpField;

typedef struct
{
  char *method;        /* "GET" */
  char *path;          /* begins with a slash, or is "*"; as it was sent, without the query */
  gboolean has_query;  /* anything behind a question mark */
  char *host;          /* without port, in lower case; "[::1]" keeps its brackets */
  guint port;          /* Host's; 0: not told */
  char *type;          /* Content-Type without parameters, in lower case; or NULL */
  char *accept;        /* with all that was sent, in lower case; or NULL */
  char *if_none_match; /* or NULL */
  char *authorization; /* a secret, wiped; or NULL */
  char *origin;        /* for whose page a browser sent this; or NULL: not a browser */
  /* MCP's own, each NULL when absent. */
  char *protocol_version, *mcp_method, *mcp_name, *session_id, *last_event_id;
  GPtrArray *params; /* of HttpField: those whose name begins with HTTP_PARAM_PREFIX; or NULL */
  gboolean close;    /* the connection ends with the answer */
  gsize body;        /* bytes that follow; above HTTP_BODY_MOST: more than anybody takes */
} HttpHead;

/* Why a request is refused. */
typedef struct
{
  guint status;    /* of HTTP */
  const char *why; /* a sentence for its sender; says nothing of what was sent */
} HttpRefusal;

/* How long the head at the beginning of @data is, with its blank line; 0 when it is not whole. */
gsize http_head_find (const char *data, gsize len);
/* Reads the @len bytes that http_head_find() found. NULL with @refusal set. How large a body may be
 * is not looked at. */
HttpHead *http_head_parse (const char *data, gsize len, HttpRefusal *refusal);
void http_head_free (HttpHead *head);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpHead, http_head_free)

/* The value of Mcp-Param-@name, whatever the case of @name; NULL: absent. Borrowed. */
const char *http_head_param (const HttpHead *head, const char *name);
/* Whether Accept lists @type, in lower case: itself, and not by what stands for many. */
gboolean http_head_accepts (const HttpHead *head, const char *type);

/* What libsoup gets in its stead: whether the answer has a body. The rest is none of its business:
 * it has no way to tell a secret from a header. */
const char *http_head_write (const HttpHead *head);
