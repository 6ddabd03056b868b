/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-events.h"

#include <string.h>

typedef struct
{
  guint64 number;
  gsize len;
  char data[];
} Event;

struct _HttpEvents
{
  HttpBudget *budget;
  GQueue kept; /* of Event, oldest first */
  gsize bytes;
  guint64 last;
};

HttpEvents *
http_events_new (HttpBudget *budget)
{
  HttpEvents *events = g_new0 (HttpEvents, 1);

  events->budget = budget;
  g_queue_init (&events->kept);
  return events;
}

static void
drop_oldest (HttpEvents *events)
{
  Event *event = g_queue_pop_head (&events->kept);

  events->bytes -= event->len;
  http_budget_give (events->budget, event->len);
  explicit_bzero (event->data, event->len);
  g_free (event);
}

void
http_events_free (HttpEvents *events)
{
  if (events == NULL)
    return;
  while (events->kept.length > 0)
    drop_oldest (events);
  g_free (events);
}

guint64
http_events_add (HttpEvents *events, const char *data, gsize len)
{
  events->last++;
  while (events->kept.length > 0
         && (events->kept.length == HTTP_EVENTS_MOST || events->bytes + len > HTTP_EVENTS_BYTES))
    drop_oldest (events);
  if (!http_budget_take (events->budget, len))
    return events->last;
  Event *event = g_malloc (sizeof (Event) + len);
  event->number = events->last;
  event->len = len;
  memcpy (event->data, data, len);
  events->bytes += len;
  g_queue_push_tail (&events->kept, event);
  return events->last;
}

guint64
http_events_last (const HttpEvents *events)
{
  return events->last;
}

void
http_events_since (const HttpEvents *events, guint64 number,
                   void (*each) (gpointer user, guint64 number, const char *data, gsize len),
                   gpointer user)
{
  for (GList *item = events->kept.head; item != NULL; item = item->next)
    {
      const Event *event = item->data;
      if (event->number > number)
        each (user, event->number, event->data, event->len);
    }
}
