/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/queue.h"

#include <string.h>

typedef struct
{
  CardGroup group; /* first: a Place is handed out as one */
  gint64 pid;      /* of the requester */
  guint turn;      /* how many groups of the same requester stand before it */
} Place;

struct _Queue
{
  GPtrArray *places; /* of Place, by turn and then by age */
  GHashTable *by_id; /* request_id → Place, both borrowed */
  Place *current;
};

static void
place_free (gpointer data)
{
  Place *place = data;

  g_ptr_array_unref (place->group.cards);
  g_free (place);
}

Queue *
queue_new (void)
{
  Queue *self = g_new0 (Queue, 1);

  self->places = g_ptr_array_new_with_free_func (place_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
queue_free (Queue *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->places);
  g_free (self);
}

void
queue_clear (Queue *self)
{
  self->current = NULL;
  g_hash_table_remove_all (self->by_id);
  g_ptr_array_set_size (self->places, 0);
}

static Card *
find_card (const CardGroup *group, const char *request_id)
{
  for (guint i = 0; i < group->cards->len; i++)
    if (strcmp (((Card *) group->cards->pdata[i])->request_id, request_id) == 0)
      return group->cards->pdata[i];
  return NULL;
}

/* By turn; those of the same turn stay in the order of their age. */
static void
insert_place (Queue *self, Place *place)
{
  guint at = self->places->len;

  while (at > 0 && ((Place *) self->places->pdata[at - 1])->turn > place->turn)
    at--;
  g_ptr_array_insert (self->places, at, place);
}

static void
add_place (Queue *self, Card *card)
{
  Place *place = g_new0 (Place, 1);

  place->pid = card->requester.pid;
  place->group.cards = g_ptr_array_new_with_free_func ((GDestroyNotify) card_unref);
  g_ptr_array_add (place->group.cards, card);
  for (guint i = 0; i < self->places->len; i++)
    if (((Place *) self->places->pdata[i])->pid == place->pid)
      place->turn++;
  insert_place (self, place);
  g_hash_table_insert (self->by_id, card->request_id, place);
  if (self->current == NULL)
    self->current = place;
}

void
queue_add (Queue *self, Card *card)
{
  if (g_hash_table_contains (self->by_id, card->request_id))
    {
      card_unref (card);
      return;
    }
  for (guint i = 0; i < self->places->len; i++)
    {
      Place *place = self->places->pdata[i];
      if (card_alike (card, place->group.cards->pdata[0]))
        {
          g_ptr_array_add (place->group.cards, card);
          g_hash_table_insert (self->by_id, card->request_id, place);
          return;
        }
    }
  add_place (self, card);
}

static void
choose_current (Queue *self, guint index)
{
  if (self->places->len == 0)
    self->current = NULL;
  else
    self->current = self->places->pdata[index < self->places->len ? index : 0];
}

/* The others of that requester move up a turn each. */
static void
remove_place (Queue *self, Place *gone)
{
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->places);
  guint index = 0;

  self->places = g_ptr_array_new_with_free_func (place_free);
  g_ptr_array_set_free_func (before, NULL);
  g_ptr_array_find (before, gone, &index);
  for (guint i = 0; i < before->len; i++)
    {
      Place *place = before->pdata[i];
      if (place == gone)
        continue;
      if (place->pid == gone->pid && place->turn > gone->turn)
        place->turn--;
      insert_place (self, place);
    }
  if (self->current == gone)
    choose_current (self, index);
  place_free (gone);
}

QueueRemoved
queue_remove (Queue *self, const char *request_id)
{
  Place *place = g_hash_table_lookup (self->by_id, request_id);
  gboolean current = place != NULL && place == self->current;

  if (place == NULL)
    return QUEUE_UNKNOWN;
  g_hash_table_remove (self->by_id, request_id);
  if (place->group.cards->len == 1)
    {
      remove_place (self, place);
      return current ? QUEUE_CURRENT_GONE : QUEUE_BEHIND;
    }
  g_ptr_array_remove (place->group.cards, find_card (&place->group, request_id));
  return current ? QUEUE_CURRENT_FEWER : QUEUE_BEHIND;
}

guint
queue_length (const Queue *self)
{
  return self->places->len;
}

guint
queue_requests (const Queue *self)
{
  guint n = 0;

  for (guint i = 0; i < self->places->len; i++)
    n += ((Place *) self->places->pdata[i])->group.cards->len;
  return n;
}

const CardGroup *
queue_current (const Queue *self)
{
  return self->current != NULL ? &self->current->group : NULL;
}

guint
queue_position (const Queue *self)
{
  guint index;

  return self->current != NULL && g_ptr_array_find (self->places, self->current, &index) ? index + 1
                                                                                         : 0;
}

const CardGroup *
queue_nth (const Queue *self, guint index)
{
  return index < self->places->len ? self->places->pdata[index] : NULL;
}

gboolean
queue_move (Queue *self, int by)
{
  gint64 to = (gint64) queue_position (self) - 1 + by;

  if (self->current == NULL || to < 0 || to >= self->places->len)
    return FALSE;
  self->current = self->places->pdata[to];
  return TRUE;
}

gboolean
queue_look_at (Queue *self, const char *request_id)
{
  Place *place = g_hash_table_lookup (self->by_id, request_id);

  if (place == NULL)
    return FALSE;
  self->current = place;
  return TRUE;
}
