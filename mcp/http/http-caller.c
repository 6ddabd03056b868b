/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-caller-private.h"

#include "mcp/tools/mcp-source.h"

#include <string.h>

#define CALLERS_MOST 512
/* At once, of those who are not in yet. Enough that an issuer which does not answer keeps nobody of
 * another out. */
#define PROVING_MOST 128
#define IDLE_MOST (120 * G_USEC_PER_SEC)
#define BETWEEN_MOST (600 * G_USEC_PER_SEC) /* from the end of one token to the next */
#define PROOF_WAIT (20 * G_USEC_PER_SEC)
#define SWEEP_SECONDS 5
#define FAULT_BUSY 2 /* broker/PROTOCOL.md */

/* --- Digests --- */

static guint
digest_hash (gconstpointer digest)
{
  guint hash;

  memcpy (&hash, digest, sizeof hash);
  return hash;
}

static gboolean
digest_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, HTTP_DIGEST_LEN) == 0;
}

/* A checksum keeps the end of what it was told, and is freed as ordinary memory: it is told
 * something else first. */
static void
digest_of (const char *token, guint8 *digest)
{
  static const guint8 nothing[2 * 64] = { 0 };
  GChecksum *sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize len = HTTP_DIGEST_LEN;

  g_checksum_update (sum, (const guchar *) token, strlen (token));
  g_checksum_get_digest (sum, digest, &len);
  g_checksum_reset (sum);
  g_checksum_update (sum, nothing, sizeof nothing);
  g_checksum_free (sum);
}

/* --- The table --- */

static void
look_at (HttpCaller *caller, gint64 now)
{
  static const HttpReply late = { .message = "The broker does not answer." };

  for (GList *item = caller->tokens.head, *next; item != NULL; item = next)
    {
      next = item->next;
      if (http_token_is_over (item->data))
        http_token_free (item->data);
    }
  if (http_caller_is_waited_for (caller) && now - caller->asked >= PROOF_WAIT)
    http_caller_refuse (caller, &late);
  else if (now - caller->used >= IDLE_MOST && http_caller_is_idle (caller))
    http_caller_end (caller);
  else if (now - caller->used >= BETWEEN_MOST && http_caller_shown (caller) == NULL)
    http_caller_end (caller);
  else if (http_caller_shown (caller) != NULL && !http_caller_is_idle (caller)
           && !mcp_broker_is_open (caller->broker))
    /* Somebody listens for it: whether that may go on is to be known. */
    mcp_broker_open (caller->broker);
}

static gboolean
on_sweep (gpointer user)
{
  HttpCallers *callers = user;
  gint64 now = g_get_monotonic_time ();

  for (GList *item = callers->all.head, *next; item != NULL; item = next)
    {
      next = item->next;
      look_at (item->data, now);
    }
  if (callers->all.length > 0)
    return G_SOURCE_CONTINUE;
  callers->sweep = 0;
  return G_SOURCE_REMOVE;
}

/* FALSE: there are as many as there may be, and all are of use. */
static gboolean
make_room (HttpCallers *callers)
{
  guint proving = 0;
  HttpCaller *idle = NULL;

  for (GList *item = callers->all.head; item != NULL; item = item->next)
    {
      proving += http_caller_is_waited_for (item->data);
      if (idle == NULL && http_caller_is_idle (item->data))
        idle = item->data;
    }
  if (callers->all.length >= CALLERS_MOST && idle != NULL)
    http_caller_end (idle);
  return proving < PROVING_MOST && callers->all.length < CALLERS_MOST;
}

static int
fd_of (gpointer broker)
{
  return mcp_broker_fd (broker);
}

static gboolean
has_backlog (gpointer broker)
{
  return mcp_broker_has_backlog (broker);
}

static gint64
due_of (gpointer broker)
{
  return mcp_broker_due (broker);
}

static void
turn (gpointer broker)
{
  mcp_broker_read (broker);
  mcp_broker_tick (broker);
  mcp_broker_flush (broker);
}

static HttpToken *
add (HttpCallers *callers, const guint8 *digest, const char *text)
{
  static const McpSourceEnds ends = { fd_of, has_backlog, due_of, turn };
  McpBrokerOptions options = callers->options.each;
  HttpCaller *caller = g_new0 (HttpCaller, 1);

  caller->callers = callers;
  caller->known = TRUE;
  caller->link.data = caller;
  options.bearer = text;
  options.proved = http_caller_proved;
  options.user = caller;
  caller->broker = mcp_broker_new (&options);
  caller->source = mcp_source_new (&ends, caller->broker);
  g_source_attach (caller->source, NULL);
  g_queue_push_tail_link (&callers->all, &caller->link);
  if (callers->sweep == 0)
    callers->sweep = g_timeout_add_seconds (SWEEP_SECONDS, on_sweep, callers);
  return http_token_new (caller, digest);
}

/* One that is still good, by a connection that is there, or is the next to be shown; NULL: none. */
static HttpToken *
find (HttpCallers *callers, const guint8 *digest)
{
  HttpToken *token = g_hash_table_lookup (callers->by_digest, digest);

  if (token == NULL
      || (!http_token_is_over (token)
          && (token == http_caller_shown (token->caller)
              || mcp_broker_is_open (token->caller->broker))))
    return token;
  http_token_free (token);
  return NULL;
}

static void
touch (HttpCaller *caller)
{
  GQueue *all = &caller->callers->all;

  caller->used = g_get_monotonic_time ();
  g_queue_unlink (all, &caller->link);
  g_queue_push_tail_link (all, &caller->link);
}

void
http_callers_find (HttpCallers *callers, const char *text, HttpCallerTold told, gpointer data)
{
  static const HttpReply busy = { .code = FAULT_BUSY, .message = "There are too many callers." };
  guint8 digest[HTTP_DIGEST_LEN];

  digest_of (text, digest);
  HttpToken *token = find (callers, digest);
  if (token == NULL && make_room (callers))
    token = add (callers, digest, text);
  if (token == NULL)
    {
      told (data, NULL, &busy);
      return;
    }
  HttpCaller *caller = token->caller;
  touch (caller);
  if (mcp_broker_is_open (caller->broker))
    told (data, caller->broker, NULL);
  else
    {
      HttpWaiting *waiting = g_new (HttpWaiting, 1);
      *waiting = (HttpWaiting){ told, data };
      http_caller_wait (caller, waiting);
    }
}

HttpCallers *
http_callers_new (const HttpCallersOptions *options)
{
  HttpCallers *callers = g_new0 (HttpCallers, 1);

  callers->options = *options;
  callers->by_digest = g_hash_table_new (digest_hash, digest_equal);
  callers->by_identity = g_hash_table_new (g_str_hash, g_str_equal);
  return callers;
}

void
http_callers_free (HttpCallers *callers)
{
  GList *item;

  if (callers == NULL)
    return;
  while ((item = callers->all.head) != NULL)
    http_caller_end (item->data);
  g_clear_handle_id (&callers->sweep, g_source_remove);
  g_clear_handle_id (&callers->reap, g_source_remove);
  http_callers_reap (callers);
  g_hash_table_unref (callers->by_identity);
  g_hash_table_unref (callers->by_digest);
  g_free (callers);
}
