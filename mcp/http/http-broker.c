/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-broker.h"

#include "mcp/tools/mcp-link.h"
#include "mcp/tools/mcp-source.h"

#include <unistd.h>

#define ANSWER_WAIT (10 * G_USEC_PER_SEC)

typedef struct
{
  gint64 id; /* on agent.sock; 0: not asked of the broker that is connected */
  const char *method;
  json_t *params;
  HttpReplyTo done;
  gpointer data;
  gint64 due; /* monotonic, µs */
  GList link;
} Question;

struct _HttpBroker
{
  McpLink *link;
  GQueue questions; /* of Question, oldest first: so by when they are due */
  GSource *source;
};

static void
question_free (HttpBroker *broker, Question *question)
{
  g_queue_unlink (&broker->questions, &question->link);
  json_decref (question->params);
  g_free (question);
}

static void
end (HttpBroker *broker, Question *question, const HttpReply *reply)
{
  HttpReplyTo done = question->done;
  gpointer data = question->data;

  question_free (broker, question);
  done (data, reply);
}

static void
end_all (HttpBroker *broker, const char *message)
{
  const HttpReply reply = { .message = message };
  Question *question;

  while ((question = g_queue_peek_head (&broker->questions)) != NULL)
    end (broker, question, &reply);
}

static void
ask_now (HttpBroker *broker, Question *question)
{
  g_autoptr (GError) error = NULL;

  question->id = client_send (mcp_link_client (broker->link), question->method, question->params,
                              -1, &error);
  if (question->id == 0)
    end (broker, question, &(HttpReply){ .message = error->message });
}

/* --- What the link tells --- */

static void
on_up (gpointer user, const json_t *hello)
{
  HttpBroker *broker = user;

  for (GList *item = broker->questions.head, *next; item != NULL; item = next)
    {
      next = item->next;
      if (((Question *) item->data)->id == 0)
        ask_now (broker, item->data);
    }
}

static Question *
find (HttpBroker *broker, gint64 id)
{
  for (GList *item = broker->questions.head; item != NULL; item = item->next)
    if (((Question *) item->data)->id == id)
      return item->data;
  return NULL;
}

static void
on_message (gpointer user, json_t *owned, int fd)
{
  g_autoptr (json_t) message = owned;
  HttpBroker *broker = user;
  gint64 id = wire_integer (message, "id", 0);
  Question *question = id != 0 ? find (broker, id) : NULL;
  const json_t *fault = json_object_get (message, "error");
  const char *words = wire_string (fault, "message");

  if (fd >= 0)
    close (fd);
  if (question == NULL)
    return;
  const json_t *answer = json_object_get (message, "result");
  HttpReply reply = { .result = json_object_get (answer, "result"),
                      .code = wire_integer (fault, "code", 0),
                      .message = words != NULL ? words : "The broker's answer is not understood.",
                      .data = json_object_get (fault, "data") };
  end (broker, question, &reply);
}

static gboolean
on_lost (gpointer user)
{
  HttpBroker *broker = user;

  for (GList *item = broker->questions.head; item != NULL; item = item->next)
    ((Question *) item->data)->id = 0;
  return broker->questions.length > 0;
}

static void
on_failed (gpointer user, const GError *why)
{
  end_all (user, why->message);
}

/* --- The loop --- */

static void
drop_late (HttpBroker *broker)
{
  static const HttpReply late = { .message = "The broker does not answer." };
  gint64 now = g_get_monotonic_time ();
  Question *question;

  while ((question = g_queue_peek_head (&broker->questions)) != NULL && question->due <= now)
    end (broker, question, &late);
}

static int
fd_of (gpointer user)
{
  return mcp_link_fd (((HttpBroker *) user)->link);
}

static gboolean
has_backlog (gpointer user)
{
  return mcp_link_backlog (((HttpBroker *) user)->link) > 0;
}

static gint64
due_of (gpointer user)
{
  HttpBroker *broker = user;
  const Question *oldest = g_queue_peek_head (&broker->questions);

  return MIN (mcp_link_due (broker->link), oldest != NULL ? oldest->due : G_MAXINT64);
}

static void
turn (gpointer user)
{
  HttpBroker *broker = user;

  mcp_link_read (broker->link);
  mcp_link_tick (broker->link);
  drop_late (broker);
  mcp_link_flush (broker->link);
}

HttpBroker *
http_broker_new (const char *socket)
{
  static const McpLinkHandler handler
      = { .up = on_up, .message = on_message, .lost = on_lost, .failed = on_failed };
  static const McpSourceEnds ends = { fd_of, has_backlog, due_of, turn };
  HttpBroker *broker = g_new0 (HttpBroker, 1);

  g_queue_init (&broker->questions);
  broker->link = mcp_link_new (socket, &handler, broker);
  broker->source = mcp_source_new (&ends, broker);
  g_source_attach (broker->source, NULL);
  return broker;
}

void
http_broker_free (HttpBroker *broker)
{
  Question *question;

  if (broker == NULL)
    return;
  g_source_destroy (broker->source);
  g_source_unref (broker->source);
  while ((question = g_queue_peek_head (&broker->questions)) != NULL)
    question_free (broker, question);
  mcp_link_free (broker->link);
  g_free (broker);
}

void
http_broker_ask (HttpBroker *broker, const char *method, json_t *params, HttpReplyTo done,
                 gpointer data)
{
  Question *question = g_new0 (Question, 1);

  *question = (Question){ .method = method,
                          .params = params,
                          .done = done,
                          .data = data,
                          .due = g_get_monotonic_time () + ANSWER_WAIT };
  question->link.data = question;
  g_queue_push_tail_link (&broker->questions, &question->link);
  if (mcp_link_client (broker->link) != NULL)
    ask_now (broker, question);
  else
    mcp_link_want (broker->link, NULL);
}
