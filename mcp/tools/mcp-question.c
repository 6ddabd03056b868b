/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-question.h"

#include "mcp/tools/mcp-output.h"
#include "mcp/tools/mcp-value.h"

struct _McpQuestion
{
  int refs;
  const Arguments *table;
  json_t *params;    /* or NULL */
  McpOutput *output; /* or NULL */
  gboolean begun;
};

McpQuestion *
mcp_question_new (const Arguments *table, json_t *arguments, GError **error)
{
  g_autoptr (McpQuestion) question = g_new0 (McpQuestion, 1);
  const char *path = table->output ? wire_string (arguments, "output_file") : NULL;

  question->refs = 1;
  question->table = table;
  question->params = json_incref (arguments);
  if (path != NULL && (question->output = mcp_output_new (path, error)) == NULL)
    return NULL;
  return g_steal_pointer (&question);
}

McpQuestion *
mcp_question_ref (McpQuestion *question)
{
  question->refs++;
  return question;
}

void
mcp_question_unref (McpQuestion *question)
{
  if (question == NULL || --question->refs > 0)
    return;
  json_decref (question->params);
  mcp_output_free (question->output);
  g_free (question);
}

const char *
mcp_question_method (const McpQuestion *question)
{
  return question->table->call;
}

const json_t *
mcp_question_params (const McpQuestion *question)
{
  return question->params;
}

gboolean
mcp_question_is_long (const McpQuestion *question)
{
  return question->table->progress || question->table->output;
}

void
mcp_question_begin (McpQuestion *question)
{
  question->begun = TRUE;
}

gboolean
mcp_question_may_repeat (const McpQuestion *question)
{
  gboolean acts = mcp_question_is_long (question) && question->table->by_fd != NULL;

  return !question->begun || !acts;
}

/* All that can be large. */
gsize
mcp_question_size (const McpQuestion *question)
{
  const char *field = question->table->by_fd;

  return field != NULL ? json_string_length (json_object_get (question->params, field)) : 0;
}

gboolean
mcp_question_is (const McpQuestion *question, const char *call, const json_t *arguments)
{
  return g_str_equal (question->table->call, call)
         && (question->params == arguments || json_equal (question->params, arguments));
}

gboolean
mcp_question_same (const McpQuestion *a, const McpQuestion *b)
{
  return a->table == b->table && a->output == NULL && b->output == NULL
         && json_equal (a->params, b->params);
}

void
mcp_question_done (McpQuestion *question)
{
  if (question->output != NULL)
    mcp_output_keep (question->output);
}

/* The one field that may be large goes beside the message when it is. */
static gboolean
take_out (const McpQuestion *question, json_t *message, int *fd, GError **error)
{
  const char *field = question->table->by_fd;
  const json_t *value = field != NULL ? json_object_get (message, field) : NULL;

  if (json_string_length (value) <= MCP_VALUE_INLINE)
    return TRUE;
  if ((*fd = mcp_value_send (value, error)) < 0)
    return FALSE;
  g_autofree char *by_fd = g_strconcat (field, "_fd", NULL);
  json_object_del (message, field);
  return json_object_set_new (message, by_fd, json_true ()) == 0;
}

json_t *
mcp_question_message (const McpQuestion *question, gint64 hold_seconds, gboolean progress,
                      int fds[MCP_QUESTION_FDS], GError **error)
{
  g_autoptr (json_t) message
      = question->params != NULL ? json_copy (question->params) : json_object ();

  fds[0] = fds[1] = -1;
  json_object_set_new (message, "hold_seconds", json_integer (hold_seconds));
  if (progress && question->table->progress)
    json_object_set_new (message, "progress", json_true ());
  if (question->output != NULL)
    {
      fds[1] = mcp_output_fd (question->output);
      json_object_set_new (message, "output_file",
                           json_string (mcp_output_path (question->output)));
      json_object_set_new (message, "output_fd", json_true ());
    }
  return take_out (question, message, &fds[0], error) ? g_steal_pointer (&message) : NULL;
}
