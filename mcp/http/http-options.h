/* SPDX-License-Identifier: MIT
 *
 * What countersign-mcp-http is started with.
 *
 * MUST
 *  - refuse an address that others reach without TLS, and without the names they call it by
 */
#pragma once

#include "mcp/tools/mcp-offered.h"
#include "mcp/transport/http-server.h"

typedef struct
{
  HttpListen listen;
  GStrvBuilder *names;
  char **hosts;       /* what it may be called; in lower case, without ports */
  const char *name;   /* the first of those that a person gave it; or NULL */
  const char *socket; /* agent.sock; NULL: where it is */
  /* What tokens of callers are for; NULL: http_resource_default(). */
  const char *resource;
  const char *vouch; /* an issuer that has to be accepted; or NULL */
  const char *tools, *capabilities;
  McpOffered *offered;     /* what these come to */
  guint hold_seconds;      /* how long a call waits for a person before it answers pending */
  gboolean verifiers_only; /* nobody calls tools here */
  gboolean verbose;
} HttpOptions;

/* -1: go on with @options. Else the exit status; what there is to say was said. */
int http_options_parse (HttpOptions *options, int argc, char **argv);
void http_options_clear (HttpOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HttpOptions, http_options_clear)
