/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-caller-private.h"

#include <string.h>

#define TOKENS_MOST 8   /* of one caller */
#define FAULT_REFUSED 4 /* broker/PROTOCOL.md */

HttpToken *
http_token_new (HttpCaller *caller, const guint8 *digest)
{
  HttpToken *token = g_new0 (HttpToken, 1);

  memcpy (token->digest, digest, HTTP_DIGEST_LEN);
  token->caller = caller;
  token->ends = G_MAXINT64;
  token->link.data = token;
  g_queue_push_tail_link (&caller->tokens, &token->link);
  g_hash_table_insert (caller->callers->by_digest, token->digest, token);
  return token;
}

void
http_token_free (HttpToken *token)
{
  g_queue_unlink (&token->caller->tokens, &token->link);
  g_hash_table_remove (token->caller->callers->by_digest, token->digest);
  g_free (token);
}

gboolean
http_token_is_over (const HttpToken *token)
{
  return g_get_real_time () >= token->ends;
}

HttpToken *
http_caller_shown (const HttpCaller *caller)
{
  return caller->tokens.tail != NULL ? caller->tokens.tail->data : NULL;
}

/* --- One caller --- */

static void
tell_all (HttpCaller *caller, McpBroker *broker, const HttpReply *why)
{
  GQueue waiting = caller->waiting;
  HttpWaiting *next;

  g_queue_init (&caller->waiting);
  while ((next = g_queue_pop_head (&waiting)) != NULL)
    {
      next->told (next->data, broker, why);
      g_free (next);
    }
}

static void
caller_free (HttpCaller *caller)
{
  g_source_destroy (caller->source);
  g_source_unref (caller->source);
  mcp_broker_unref (caller->broker);
  g_queue_clear_full (&caller->waiting, g_free);
  g_free (caller->identity);
  g_free (caller);
}

gboolean
http_callers_reap (gpointer user)
{
  HttpCallers *callers = user;
  GList *item;

  callers->reap = 0;
  while ((item = g_queue_pop_head_link (&callers->ended)) != NULL)
    caller_free (item->data);
  return G_SOURCE_REMOVE;
}

static void
set_identity (HttpCaller *caller, char *identity)
{
  GHashTable *all = caller->callers->by_identity;

  if (caller->identity != NULL && g_hash_table_lookup (all, caller->identity) == caller)
    g_hash_table_remove (all, caller->identity);
  g_free (caller->identity);
  caller->identity = identity;
  if (identity != NULL)
    g_hash_table_insert (all, identity, caller);
}

void
http_caller_end (HttpCaller *caller)
{
  HttpCallers *callers = caller->callers;

  if (!caller->known)
    return;
  caller->known = FALSE;
  while (http_caller_shown (caller) != NULL)
    http_token_free (http_caller_shown (caller));
  set_identity (caller, NULL);
  g_queue_unlink (&callers->all, &caller->link);
  g_queue_push_tail_link (&callers->ended, &caller->link);
  if (callers->reap == 0)
    callers->reap = g_idle_add (http_callers_reap, callers);
  callers->options.over (callers->options.user, caller->broker);
}

/* What others have too (a session, a request) stays while the broker is away, and from one token to
 * the next. */
void
http_caller_refuse (HttpCaller *caller, const HttpReply *why)
{
  HttpToken *token = http_caller_shown (caller);
  gboolean ended = token != NULL && http_token_is_over (token);

  if ((why->code == FAULT_REFUSED && !ended) || !mcp_broker_is_shared (caller->broker))
    http_caller_end (caller);
  else if (ended)
    http_token_free (token);
  tell_all (caller, NULL, why);
}

gboolean
http_caller_is_waited_for (const HttpCaller *caller)
{
  return caller->waiting.length > 0;
}

gboolean
http_caller_is_idle (const HttpCaller *caller)
{
  return !http_caller_is_waited_for (caller) && !mcp_broker_is_shared (caller->broker);
}

void
http_caller_wait (HttpCaller *caller, HttpWaiting *waiting)
{
  if (!http_caller_is_waited_for (caller))
    caller->asked = g_get_monotonic_time ();
  g_queue_push_tail (&caller->waiting, waiting);
  mcp_broker_open (caller->broker);
}

/* --- What the broker says of them --- */

static gint64
time_of (const json_t *subject)
{
  const char *text = wire_string (subject, "expires_at");
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time != NULL ? g_date_time_to_unix (time) * G_USEC_PER_SEC : 0;
}

/* All that was verified, but for how long: two tokens that say the same are one caller's. */
static char *
identity_of (const json_t *subject)
{
  g_autoptr (json_t) lasting = json_copy ((json_t *) subject);

  json_object_del (lasting, "expires_at");
  char *text = json_dumps (lasting, JSON_COMPACT | JSON_SORT_KEYS);
  char *identity = g_strdup (text);
  wire_text_free (text, strlen (text));
  return identity;
}

/* Whoever came in by another token is there again with this one: sessions and what waits for a
 * person go on. */
static void
merge (HttpCaller *newer, HttpCaller *older)
{
  HttpToken *token = http_caller_shown (newer), *before = http_caller_shown (older);
  HttpWaiting *waiting;

  g_queue_unlink (&newer->tokens, &token->link);
  token->caller = older;
  if (before != NULL && before->ends > token->ends)
    g_queue_push_head_link (&older->tokens, &token->link);
  else
    {
      g_queue_push_tail_link (&older->tokens, &token->link);
      mcp_broker_adopt (older->broker, newer->broker);
    }
  if (older->tokens.length > TOKENS_MOST)
    http_token_free (g_queue_peek_head (&older->tokens));
  while ((waiting = g_queue_pop_head (&newer->waiting)) != NULL)
    http_caller_wait (older, waiting);
  http_caller_end (newer);
  if (mcp_broker_is_open (older->broker))
    tell_all (older, older->broker, NULL);
}

static void
accept (HttpCaller *caller, const json_t *subject)
{
  g_autofree char *identity = identity_of (subject);
  HttpCaller *other = g_hash_table_lookup (caller->callers->by_identity, identity);

  http_caller_shown (caller)->ends = time_of (subject);
  /* The others were verified by a broker that may be gone. */
  while (caller->tokens.length > 1)
    http_token_free (g_queue_peek_head (&caller->tokens));
  if (other != NULL && other != caller)
    merge (caller, other);
  else
    {
      set_identity (caller, g_steal_pointer (&identity));
      tell_all (caller, caller->broker, NULL);
    }
}

void
http_caller_proved (gpointer user, McpBroker *broker, const json_t *subject, const json_t *fault)
{
  HttpCaller *caller = user;
  const char *words = wire_string (fault, "message");

  if (subject != NULL && http_caller_shown (caller) != NULL)
    accept (caller, subject);
  else
    http_caller_refuse (
        caller, &(HttpReply){ .code = wire_integer (fault, "code", 0),
                              .message = words != NULL ? words : "The broker was not reached.",
                              .data = json_object_get (fault, "data") });
}
