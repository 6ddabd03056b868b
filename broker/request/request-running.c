/* SPDX-License-Identifier: MIT
 *
 * Requests that take their time, and what ends them: their grant, or the end of the broker.
 */
#include "broker/request/request-private.h"

#include "broker/operation/operation.h"

static gboolean
holds_grant (const Request *request, gconstpointer unused)
{
  return request->state == REQUEST_EXECUTING && request->running;
}

static gboolean
runs_under (const Request *request, gconstpointer grant_id)
{
  return holds_grant (request, NULL) && g_str_equal (request->grant_id, grant_id);
}

static gboolean
has_lost_grant (const Request *request, gconstpointer unused)
{
  return holds_grant (request, NULL)
         && grants_find (request->vault->grants, request->grant_id) == NULL;
}

static gboolean
is_running (const Request *request, gconstpointer unused)
{
  return request->state == REQUEST_EXECUTING && request->row->slow;
}

static void
end_all (Requests *self, RequestMatch match, gconstpointer data, const char *message)
{
  g_autoptr (GPtrArray) ids = requests_find_all (self, match, data);

  for (guint i = 0; i < ids->len; i++)
    {
      Request *request = requests_find (self, g_ptr_array_index (ids, i), NULL);
      if (request != NULL && match (request, data))
        request_fail (request, "ended", message);
    }
}

void
requests_end_under (Requests *self, const char *grant_id, const char *why)
{
  g_autofree char *message = g_strdup_printf ("its grant ended (%s) while it ran", why);

  end_all (self, runs_under, grant_id, message);
}

void
requests_rejoin (Requests *self)
{
  end_all (self, has_lost_grant, NULL, "its grant did not come back after the lock");
  g_autoptr (GPtrArray) ids = requests_find_all (self, holds_grant, NULL);
  for (guint i = 0; i < ids->len; i++)
    {
      const Request *request = requests_find (self, g_ptr_array_index (ids, i), NULL);
      grant_keep (grants_find (self->vault->grants, request->grant_id));
    }
}

void
requests_end_running (Requests *self)
{
  end_all (self, is_running, NULL,
           "the broker was replaced while it ran; it may have been done in part");
}
