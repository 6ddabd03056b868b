/* SPDX-License-Identifier: MIT
 *
 * conformance-fixture: a server on our own MCP library that offers what the conformance suites of
 * the Model Context Protocol want to find. For tests alone; it knows nothing of a broker.
 */
#pragma once

#include "mcp/wire/mcp-call.h"

typedef struct
{
  McpServer *server;
  GHashTable *tasks;                 /* of FixtureTask, by id */
  char *key;                         /* of this run: what a requestState is sealed with */
  gboolean more_tools, more_prompts; /* one more is listed: so that a list can change */
} Fixture;

Fixture *fixture_new (void);
void fixture_free (Fixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

/* JSON out of @text, in which ' stands for ". The caller owns it. */
json_t *fixture_json (const char *text);

/* --- Tools --- */

typedef enum
{
  FIXTURE_LEGACY = 1 << 0,
  FIXTURE_MODERN = 1 << 1,
  FIXTURE_BOTH = FIXTURE_LEGACY | FIXTURE_MODERN,
} FixtureEras;

typedef struct _FixtureTool FixtureTool;
struct _FixtureTool
{
  const char *name, *about;
  FixtureEras eras;
  const char *schema; /* as fixture_json() reads it; NULL: no arguments */
  /* Ends @call, now or later; or NULL, and it is answered with @answer. */
  void (*call) (Fixture *fixture, McpCall *call, const FixtureTool *tool);
  const char *answer; /* a whole result, as fixture_json() reads it */
  const void *more;   /* for @call */
};

/* Each ends with a row without a name. */
extern const FixtureTool fixture_content_tools[], fixture_running_tools[], fixture_asking_tools[],
    fixture_round_tools[], fixture_task_tools[];

json_t *fixture_list_tools (const Fixture *fixture, McpVersion version);
void fixture_call_tool (Fixture *fixture, McpCall *call);

/* Ends @call with one text; g_free()s @text. */
void fixture_say (McpCall *call, gboolean is_error, char *text);
/* Goes on with @call by @step in @ms milliseconds, unless it is cancelled before. */
typedef void (*FixtureStep) (Fixture *fixture, McpCall *call);
void fixture_later (Fixture *fixture, McpCall *call, guint ms, FixtureStep step);
void fixture_drop_later (McpCall *call);

/* --- Rounds: the client is asked by the result, and asks again with what it was asked for --- */

typedef struct
{
  const char *key, *capability, *method, *params;
} FixtureAsk;

extern const FixtureAsk fixture_ask_name;

/* What the client answered to @ask: what is in it when it is fit for the method; NULL: nothing, or
 * not that. Borrowed. */
const json_t *fixture_asked (const McpCall *call, const FixtureAsk *ask);
/* Ends @call: the @n of @asks that have no answer yet are wanted. */
void fixture_ask (McpCall *call, const FixtureAsk *const *asks, gsize n, const char *state);

/* --- Tasks --- */

void fixture_task_get (Fixture *fixture, McpCall *call);
void fixture_task_cancel (Fixture *fixture, McpCall *call);
void fixture_task_update (Fixture *fixture, McpCall *call);
GHashTable *fixture_tasks_new (void);

/* --- Prompts, resources, completion --- */

json_t *fixture_list_prompts (const Fixture *fixture);
void fixture_get_prompt (Fixture *fixture, McpCall *call);
json_t *fixture_list_resources (void);
json_t *fixture_list_templates (void);
void fixture_read_resource (McpCall *call);
void fixture_complete (McpCall *call);

/* --- Transports; each runs until its end --- */

gboolean fixture_run_stdio (Fixture *fixture, GError **error);
gboolean fixture_run_http (Fixture *fixture, const char *address, GError **error);

/* One pixel, and one sample of silence. */
#define FIXTURE_PNG                                                                                \
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg" \
  "=="
#define FIXTURE_WAV "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQIAAAAAAA=="
