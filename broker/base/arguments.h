/* SPDX-License-Identifier: MIT
 *
 * What an agent may pass: one table per call, read by the broker to check, and by countersign-mcp
 * to check early and to describe its tools.
 */
#pragma once

#include "broker/base/wire.h"

typedef struct
{
  const char *call;        /* method on agent.sock and name of the MCP tool */
  const WireField *fields; /* what an agent is offered */
  gsize n_fields;
  const char *by_fd; /* on agent.sock "NAME_fd": true may stand in place of this field; or NULL */
  gboolean output;   /* "output_fd": true may come with "output_file": what is open there */
  gboolean relay;    /* "relay_fd": true comes with "service": where a socket will be sent from */
  gboolean progress; /* "progress": true asks to be told of output while it runs */
  gboolean own;      /* for our own programs: no tool of an agent's */
} Arguments;

#define ARGUMENTS_TTL_MAX 86400
#define ARGUMENTS_TTL_DEFAULT 3600
#define ARGUMENTS_TOKEN_MAX (16 * 1024) /* bytes of a token that is asked about */
#define ARGUMENTS_HOLD_MAX 300
#define ARGUMENTS_HOLD_DEFAULT 300
#define ARGUMENTS_SCOPE_BYTES 256
#define ARGUMENTS_TAG_KEY_BYTES 64
#define ARGUMENTS_TAG_VALUE_BYTES 256
#define ARGUMENTS_BODY_MAX (256 * 1024) /* bytes: a person must be able to look through them */
#define ARGUMENTS_HTTP_TIMEOUT_MAX 600
#define ARGUMENTS_HTTP_TIMEOUT_DEFAULT 60
#define ARGUMENTS_HTTP_BYTES_MAX (1024 * 1024)
#define ARGUMENTS_HTTP_BYTES_DEFAULT (100 * 1024)
#define ARGUMENTS_WRITE_MAX 16 /* paths */
#define ARGUMENTS_RUN_TIMEOUT_MAX 3600
#define ARGUMENTS_RUN_TIMEOUT_DEFAULT 300

/* "hold_seconds", which each call on agent.sock may carry and no agent is offered: how long the
 * sender waits is between countersign-mcp and the broker. */
extern const WireField arguments_hold_field;
/* "resume", which each call on agent.sock that asks for something may carry: the request_id that
 * this goes on waiting for. */
extern const WireField arguments_resume_field;

/* NULL when there is no such call. */
const Arguments *arguments_find (const char *call);
const Arguments *arguments_all (gsize *n);

/* For what an agent wrote. wire_check(), and the rules a table cannot say: names by
 * text_check_name(), a purpose that says something, scopes without repeats, tags that are short.
 * Errors are WIRE_ERROR_FIELD. */
gboolean arguments_check (const Arguments *arguments, const json_t *object, GError **error);

/* For what came over agent.sock: the same, with the hold field and those that the row says. That a
 * descriptor came for each that is announced is the caller's to check. */
gboolean arguments_check_socket (const Arguments *arguments, const json_t *object, GError **error);
