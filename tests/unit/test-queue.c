/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "approve-ui/card/queue.h"
#include "broker/base/wire.h"
#include "card-case.h"

/* "a1": requester a (by its letter) asks for resource 1; @id tells requests apart. */
static void
add (Queue *queue, const char *who, const char *id)
{
  g_autofree char *pid = g_strdup_printf ("'pid':%d,'exe'", who[0]);
  g_autofree char *resource = g_strdup_printf ("'name-%c'", who[1]);
  g_autofree char *request = g_strdup_printf ("'request_id':'%s'", id);

  queue_add (queue, card_case_new ("'request_id':'r1'", request, "'pid':7,'exe'", pid,
                                   "'github-token'", resource, NULL));
}

/* "a1 b1* a2x3": groups in order, the current one with a star, several alike with their number. */
static char *
drawn (const Queue *queue)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; queue_nth (queue, i) != NULL; i++)
    {
      const CardGroup *group = queue_nth (queue, i);
      const Card *first = group->cards->pdata[0];
      g_string_append_printf (out, "%s%c%c", i > 0 ? " " : "", (char) first->requester.pid,
                              first->resource[5]);
      if (group->cards->len > 1)
        g_string_append_printf (out, "x%u", group->cards->len);
      if (group == queue_current (queue))
        g_string_append_c (out, '*');
    }
  return g_string_free (out, FALSE);
}

/* Steps: "+a1" adds the next request (its id is its number, from 1), "-3" removes one, ">" and "<"
 * move. */
static const struct
{
  const char *sentence, *steps, *drawn;
} rows[] = {
  { "an empty queue shows nothing", "", "" },
  { "the first that comes is looked at", "+a1", "a1*" },
  { "requests alike are one", "+a1 +a1 +a1", "a1x3*" },
  { "a request of another process is not alike", "+a1 +b1", "a1* b1" },
  { "requesters take turns", "+a1 +a2 +a3 +b1", "a1* b1 a2 a3" },
  { "the third requester comes before the second turn", "+a1 +a2 +b1 +b2 +c1", "a1* b1 c1 a2 b2" },
  { "what is looked at stays so when another comes before it", "+a1 +a2 > +b1", "a1 b1 a2*" },
  { "a request that goes takes its place along", "+a1 +b1 -2", "a1*" },
  { "the next is looked at when the first goes", "+a1 +b1 +c1 -1", "b1* c1" },
  { "the first is looked at when the last goes", "+a1 +b1 > -2", "a1*" },
  { "one of several alike leaves the others", "+a1 +a1 -1", "a1*" },
  { "nothing is looked at when all have gone", "+a1 -1", "" },
  { "those that waited behind move up a turn", "+a1 +a2 +a3 +b1 +b2 -1", "b1* a2 b2 a3" },
  { "moving ends at the ends", "+a1 +b1 < > > >", "a1 b1*" },
  { "an unknown request changes nothing", "+a1 -9", "a1*" },
};

static void
test_row (gconstpointer data)
{
  gsize n = GPOINTER_TO_SIZE (data);
  g_auto (GStrv) steps = g_strsplit (rows[n].steps, " ", -1);
  g_autoptr (Queue) queue = queue_new ();
  g_autofree char *text = NULL;
  guint added = 0;

  for (char **step = steps; *step != NULL; step++)
    {
      g_autofree char *id = g_strdup_printf ("%u", added + 1);
      if (**step == '+' && ++added > 0)
        add (queue, *step + 1, id);
      else if (**step == '-')
        queue_remove (queue, *step + 1);
      else
        queue_move (queue, **step == '>' ? 1 : -1);
    }
  text = drawn (queue);
  g_assert_cmpstr (text, ==, rows[n].drawn);
}

static void
test_same (void)
{
  g_autoptr (Queue) queue = queue_new ();

  add (queue, "a1", "1");
  add (queue, "a1", "1");
  g_assert_cmpuint (queue_requests (queue), ==, 1);
}

static void
test_removed (void)
{
  g_autoptr (Queue) queue = queue_new ();

  add (queue, "a1", "1");
  add (queue, "a1", "2");
  add (queue, "b1", "3");
  g_assert_cmpint (queue_remove (queue, "4"), ==, QUEUE_UNKNOWN);
  g_assert_cmpint (queue_remove (queue, "3"), ==, QUEUE_BEHIND);
  g_assert_cmpint (queue_remove (queue, "1"), ==, QUEUE_CURRENT_FEWER);
  g_assert_cmpint (queue_remove (queue, "2"), ==, QUEUE_CURRENT_GONE);
  g_assert_cmpuint (queue_position (queue), ==, 0);
}

/* Whoever asks a thousand times has one turn. */
static void
test_flood (void)
{
  g_autoptr (Queue) queue = queue_new ();

  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *id = g_strdup_printf ("%d", i);
      const char who[] = { 'a', (char) ('0' + i % 75), '\0' };
      add (queue, who[1] == '\'' || who[1] == '\\' ? "a~" : who, id);
    }
  add (queue, "b1", "last");
  g_assert_cmpuint (queue_requests (queue), ==, 1001);
  g_assert_cmpint (((Card *) queue_nth (queue, 1)->cards->pdata[0])->requester.pid, ==, 'b');
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/queue/", rows[i].sentence, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_row);
    }
  g_test_add_func ("/queue/the same request twice is one", test_same);
  g_test_add_func ("/queue/it is said what a removal means for who looks", test_removed);
  g_test_add_func ("/queue/a flood takes one turn", test_flood);
  return g_test_run ();
}
