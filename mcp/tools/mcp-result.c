/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - say the same in both forms: the flat one is made from the other
 *  - call everything an error that is not plainly completed or pending
 *  - wipe a value once it is on its way
 */
#include "mcp/tools/mcp-result.h"

#include "mcp/tools/mcp-credential.h"
#include "mcp/tools/mcp-denial.h"
#include "mcp/tools/mcp-value.h"

#include <string.h>

static const struct
{
  int code;
  const char *name;
  const char *advice; /* added when the broker names no command of ours; or NULL */
} faults[] = {
  { 1, "not_initialised", "A person must run `countersign init` first." },
  { 2, "busy", "Try again in a moment." },
  { 3, "locked", "A person must run `countersign unlock`." },
  { 4, "bearer", "Who calls has to log in again." },
  { 5, "not_found", NULL },
  { 6, "failed", NULL },
  { 8, "exists", NULL },
  { MCP_INVALID_PARAMS, "invalid_arguments", NULL },
};

const char *
mcp_result_status (const json_t *answer)
{
  const char *status = wire_string (answer, "status");

  return status != NULL ? status : "failed";
}

static gboolean
is_error (const char *status)
{
  return !g_str_equal (status, "completed") && !g_str_equal (status, "pending");
}

/* {"success", the result's own members, and the rest of the envelope}. A result's own status is
 * HTTP's: where both stand together it has another name. */
static json_t *
flatten (const json_t *envelope)
{
  json_t *status = json_object_get (json_object_get (envelope, "result"), "status");
  json_t *flat = json_object (), *value;
  const char *key;

  json_object_set_new (flat, "success",
                       json_boolean (g_str_equal (mcp_result_status (envelope), "completed")));
  if (json_is_integer (status))
    json_object_set (flat, "http_status", status);
  json_object_update (flat, json_object_get (envelope, "result"));
  json_object_foreach ((json_t *) envelope, key, value) if (!g_str_equal (key, "result"))
      json_object_set (flat, key, value);
  return flat;
}

/* The value that came beside the answer takes its place in it. */
static gboolean
take_value (json_t *answer, int fd, GError **error)
{
  json_t *result = json_object_get (answer, "result");
  json_t *value = mcp_value_receive (fd, error);

  if (value == NULL)
    return FALSE;
  json_object_del (result, "value_fd");
  return json_object_set_new (result, "value", value) == 0;
}

static json_t *
failure (const char *code, const char *message)
{
  return json_pack ("{s:s, s:s, s:s}", "status", "failed", "error", message, "code", code);
}

/* What @answer says, as its caller gets it; the caller owns it. */
static json_t *
envelope_of (json_t *answer, int fd)
{
  g_autoptr (GError) error = NULL;
  json_t *message;

  if ((fd >= 0 && !take_value (answer, fd, &error))
      || !mcp_credential_unfold (json_object_get (answer, "result"), &error))
    return failure ("value", error->message);
  if (wire_string (answer, "status") == NULL)
    return failure ("protocol", "The broker's answer cannot be understood.");
  /* Of how long it waited nobody is told but who asks for a task. */
  json_object_del (answer, "asked_at");
  json_object_del (answer, "changed_at");
  /* "error" is where clients of this kind look for what went wrong. */
  if (is_error (mcp_result_status (answer))
      && (message = json_object_get (answer, "message")) != NULL)
    {
      json_object_set (answer, "error", message);
      json_object_del (answer, "message");
    }
  return json_incref (answer);
}

static void
send_envelope (McpCall *call, json_t *envelope)
{
  gboolean failed = is_error (mcp_result_status (envelope));

  if (failed)
    mcp_denial_explain (envelope, mcp_call_name (call));
  g_autoptr (json_t) flat = flatten (envelope);
  McpAnswer answer = { .flat = flat, .structured = envelope, .is_error = failed };

  mcp_call_answer (call, &answer);
}

void
mcp_result_send (McpCall *call, json_t *answer, int fd)
{
  g_autoptr (json_t) envelope = envelope_of (answer, fd);

  send_envelope (call, envelope);
}

json_t *
mcp_result_json (json_t *answer, int fd)
{
  g_autoptr (json_t) envelope = envelope_of (answer, fd);
  gboolean failed = is_error (mcp_result_status (envelope));
  gsize len;

  if (failed)
    mcp_denial_explain (envelope, NULL);
  g_autoptr (json_t) flat = flatten (envelope);
  char *text = wire_dump (flat, &len);
  json_t *result = json_pack ("{s:[{s:s, s:s%}], s:O, s:b}", "content", "type", "text", "text",
                              text, len - 1, "structuredContent", envelope, "isError", failed);
  wire_text_free (text, len);
  return result;
}

void
mcp_result_send_failure (McpCall *call, const char *code, const char *message)
{
  g_autoptr (json_t) envelope = failure (code, message);

  send_envelope (call, envelope);
}

const char *
mcp_result_code (const json_t *fault)
{
  gint64 number = wire_integer (fault, "code", 0);

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    if (faults[i].code == number)
      return faults[i].name;
  return "failed";
}

char *
mcp_result_words (const json_t *fault)
{
  gint64 number = wire_integer (fault, "code", 0);
  const char *message = wire_string (fault, "message"), *advice = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    if (faults[i].code == number)
      advice = faults[i].advice;
  if (message == NULL)
    message = "The broker gave no reason.";
  if (strstr (message, "`countersign ") != NULL)
    advice = NULL;
  return g_strconcat (message, advice != NULL ? " " : NULL, advice, NULL);
}

void
mcp_result_send_error (McpCall *call, const json_t *fault)
{
  g_autofree char *words = mcp_result_words (fault);

  mcp_result_send_failure (call, mcp_result_code (fault), words);
}
