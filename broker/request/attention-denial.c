/* SPDX-License-Identifier: MIT */
#include "broker/request/attention-denial.h"

#include "broker/operation/operation.h"

#define MOST 256 /* the oldest goes: a person is asked again, which is no harm */

typedef struct
{
  Principal *of; /* the requester, and a process with what it starts */
  Operation operation;
  char *resource; /* or NULL */
  gint64 until;   /* µs of boot time */
} Denial;

struct _AttentionDenials
{
  GQueue all; /* of Denial, the oldest first */
};

static void
denial_free (gpointer data)
{
  Denial *denial = data;

  principal_free (denial->of);
  g_free (denial->resource);
  g_free (denial);
}

AttentionDenials *
attention_denials_new (void)
{
  return g_new0 (AttentionDenials, 1);
}

void
attention_denials_free (AttentionDenials *self)
{
  g_queue_clear_full (&self->all, denial_free);
  g_free (self);
}

void
attention_denials_add (AttentionDenials *self, const Request *request, gint64 until)
{
  Denial *denial = g_new0 (Denial, 1);

  denial->of = requester_is_subject (request->requester)
                   ? principal_of (request->requester)
                   : principal_new (PRINCIPAL_SUBTREE, request->requester->process);
  denial->operation = request->row->operation;
  denial->resource = g_strdup (request->resource);
  denial->until = until;
  g_queue_push_tail (&self->all, denial);
  if (self->all.length > MOST)
    denial_free (g_queue_pop_head (&self->all));
}

gint64
attention_denials_until (AttentionDenials *self, const Request *request)
{
  gint64 now = loop_now (), until = 0;

  for (GList *l = self->all.head, *next; l != NULL; l = next)
    {
      Denial *denial = l->data;
      next = l->next;
      if (denial->until <= now)
        {
          denial_free (denial);
          g_queue_delete_link (&self->all, l);
        }
      else if (denial->operation == request->row->operation
               && g_strcmp0 (denial->resource, request->resource) == 0
               && principal_covers (denial->of, request->requester))
        until = MAX (until, denial->until);
    }
  return until;
}
