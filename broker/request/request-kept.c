/* SPDX-License-Identifier: MIT
 *
 * Outcomes that may still be asked for. Who asks and never fetches must not fill the memory, nor
 * take the place of what others will fetch.
 */
#include "broker/request/request-private.h"

#include <string.h>

#define KEPT (300 * G_USEC_PER_SEC)   /* how long */
#define KEPT_BYTES (32 * 1024 * 1024) /* all together */
#define EACH 1024                     /* of a request itself, about */

static gsize
json_size (const json_t *value)
{
  const char *name;
  json_t *part;
  gsize i, size = json_string_length (value);

  json_object_foreach ((json_t *) value, name, part) size += json_size (part);
  json_array_foreach (value, i, part) size += json_size (part);
  return size;
}

static void
forget (Requests *self, Request *request)
{
  g_hash_table_remove (self->by_id, request->id); /* leaves the queue as it is freed */
}

/* The oldest of the same requester's, or, where it has no other, of all. */
static Request *
least_missed (Requests *self, const Request *newest)
{
  for (GList *l = self->kept.head; l != NULL; l = l->next)
    {
      Request *request = l->data;
      if (request != newest && requester_equal (request->requester, newest->requester))
        return request;
    }
  return self->kept.head->data;
}

void
request_keep (Request *request)
{
  Requests *self = request->vault->requests;

  request->kept_bytes
      = EACH + json_size (request->result) + (request->card != NULL ? strlen (request->card) : 0);
  self->kept_bytes += request->kept_bytes;
  g_queue_push_tail_link (&self->kept, &request->held_link);
  loop_deadline_set (request->vault->loop, &request->deadline, loop_now () + KEPT);
  while (self->kept_bytes > KEPT_BYTES && self->kept.length > 1)
    forget (self, least_missed (self, request));
}

void
request_kept_leave (Request *request)
{
  Requests *self = request->vault->requests;

  if (request->kept_bytes == 0)
    return;
  g_queue_unlink (&self->kept, &request->held_link);
  self->kept_bytes -= request->kept_bytes;
}
