/* SPDX-License-Identifier: MIT */
#include "broker/cli/policy/cli-past.h"

#include "broker/base/wire.h"
#include "broker/cli/policy/cli-recorded.h"
#include "broker/client/client-system.h"

static void
past_request_free (gpointer data)
{
  CliPastRequest *past = data;

  policy_request_free (past->request);
  g_free (past->who);
  g_free (past);
}

void
cli_past_clear (CliPast *past)
{
  g_clear_pointer (&past->requests, g_ptr_array_unref);
}

/* ---- which records ---- */

/* Each request once, by its ID, with all that was recorded of it when it was asked. */
typedef struct
{
  GHashTable *by_id;  /* of json_t, borrowed from: */
  GPtrArray *records; /* in the order in which they came */
} Gathering;

/* The policy was asked: what came to another end before, or was never asked about, is no question
 * that another policy could answer. */
static gboolean
was_decided (const json_t *record)
{
  static const char *const codes[] = { "policy", "rate", "scopes", NULL };
  const char *code = wire_string (record, "code");

  return g_strcmp0 (wire_string (record, "event"), "request_denied") != 0
         || (code != NULL && g_strv_contains (codes, code));
}

static void
gather (Gathering *to, json_t *record)
{
  const char *id = wire_string (record, "request_id");
  json_t *before = id != NULL ? g_hash_table_lookup (to->by_id, id) : NULL;

  if (id == NULL || (before == NULL && !was_decided (record)))
    return;
  if (before != NULL)
    {
      cli_recorded_join (before, record);
      return;
    }
  g_ptr_array_add (to->records, json_incref (record));
  g_hash_table_insert (to->by_id, g_strdup (id), record);
}

static int
by_seq (gconstpointer a, gconstpointer b)
{
  gint64 one = wire_integer (*(json_t *const *) a, "seq", 0),
         other = wire_integer (*(json_t *const *) b, "seq", 0);

  return one < other ? -1 : one > other;
}

/* One kind after the other, so that no more is kept of a long trail than is needed. */
static GPtrArray *
read_events (const CliTrail *trail, const char *since, const char *const *events, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);

  for (; *events != NULL; events++)
    {
      CliAuditChoice choice = { .event = *events, .since = (char *) since };
      g_autoptr (GPtrArray) some = cli_audit_read (trail, &choice, error);
      if (some == NULL)
        return NULL;
      for (guint i = 0; i < some->len; i++)
        g_ptr_array_add (all, json_incref (some->pdata[i]));
    }
  g_ptr_array_sort (all, by_seq);
  return g_steal_pointer (&all);
}

static GPtrArray *
read_requests (const Cli *cli, const CliTrail *trail, const char *since, GError **error)
{
  static const char *const events[] = { "request_held", "request_denied", "grant_made", NULL };
  g_autoptr (GHashTable) by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  g_autoptr (GPtrArray) all = read_events (trail, since, events, error);
  Gathering to = { by_id, found };

  for (guint i = 0; all != NULL && i < all->len; i++)
    gather (&to, all->pdata[i]);
  if (all == NULL || !cli_audit_open (cli, trail, found, error))
    return NULL;
  return g_steal_pointer (&found);
}

static gboolean
count_refused (const CliTrail *trail, const char *since, gint64 *n, GError **error)
{
  static const char *const events[] = { "requests_refused", NULL };
  g_autoptr (GPtrArray) records = read_events (trail, since, events, error);

  *n = 0;
  for (guint i = 0; records != NULL && i < records->len; i++)
    *n += wire_integer (records->pdata[i], "count", 0);
  return records != NULL;
}

/* ---- what they say ---- */

/* Whoever is verified by name, else by uid; over HTTP by who it is. */
static char *
who_asked (PolicyRequest *request)
{
  const PolicyQuery *query = policy_request_query (request);

  if (query->caller != NULL)
    return g_strconcat ("caller ", query->caller, NULL);
  return g_strdup_printf ("%u %s", query->uid, query->exe != NULL ? query->exe : "");
}

static gint64
time_of (const json_t *record)
{
  const char *text = wire_string (record, "time");
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time == NULL
             ? 0
             : g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
}

static void
take (CliPast *past, const json_t *record, gboolean user_mode)
{
  PolicyRequest *request = cli_recorded_request (record, user_mode);

  if (request == NULL)
    {
      past->unknown++;
      return;
    }
  CliPastRequest *one = g_new0 (CliPastRequest, 1);
  one->request = request;
  one->time = time_of (record);
  one->who = who_asked (request);
  g_ptr_array_add (past->requests, one);
}

gboolean
cli_past_read (const Cli *cli, const CliTrail *trail, const char *since, CliPast *past,
               GError **error)
{
  *past = (CliPast){ 0 };
  g_autoptr (GPtrArray) records = read_requests (cli, trail, since, error);

  if (records == NULL || !count_refused (trail, since, &past->uncounted, error))
    return FALSE;
  past->requests = g_ptr_array_new_with_free_func (past_request_free);
  for (guint i = 0; i < records->len; i++)
    take (past, records->pdata[i], !client_is_system (cli->socket));
  return TRUE;
}
