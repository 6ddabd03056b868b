/* SPDX-License-Identifier: MIT
 *
 * Who is told of changes: in the handshake era by the session, since 2026-07-28 by a request that
 * stays open.
 */
#include "mcp/wire/mcp-wire-private.h"

#define URI_BYTES 1024
#define URIS_MOST 64 /* of one session, or of one that listens */

typedef struct
{
  McpOpen open;
  guint lists; /* bits by McpList */
  GHashTable *uris;
} McpListen;

static const struct
{
  McpList list;
  const char *wish, *method;
  McpOffers offer;
} changes[] = {
  { MCP_LIST_TOOLS, "toolsListChanged", "notifications/tools/list_changed", MCP_OFFERS_TOOLS },
  { MCP_LIST_PROMPTS, "promptsListChanged", "notifications/prompts/list_changed",
    MCP_OFFERS_PROMPTS },
  { MCP_LIST_RESOURCES, "resourcesListChanged", "notifications/resources/list_changed",
    MCP_OFFERS_RESOURCES },
};

static GHashTable *
uris_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* --- Handshake era --- */

void
mcp_take_subscribe (const McpRequest *request)
{
  McpSession *session = request->session;
  const char *uri = wire_string (request->params, "uri");

  if (uri == NULL || strlen (uri) > URI_BYTES)
    {
      mcp_request_refuse (request, MCP_INVALID_PARAMS, "uri: must be text of up to 1024 bytes");
      return;
    }
  if (session->subscribed == NULL)
    session->subscribed = uris_new ();
  if (g_hash_table_size (session->subscribed) >= URIS_MOST)
    {
      mcp_request_refuse (request, MCP_INVALID_PARAMS, "uri: too many are subscribed to");
      return;
    }
  g_hash_table_add (session->subscribed, g_strdup (uri));
  mcp_request_answer (request, json_object (), FALSE);
}

void
mcp_take_unsubscribe (const McpRequest *request)
{
  const char *uri = wire_string (request->params, "uri");

  if (uri == NULL)
    {
      mcp_request_refuse (request, MCP_INVALID_PARAMS, "uri: must be text");
      return;
    }
  if (request->session->subscribed != NULL)
    g_hash_table_remove (request->session->subscribed, uri);
  mcp_request_answer (request, json_object (), FALSE);
}

/* --- Since 2026-07-28 --- */

void
mcp_listen_free (McpOpen *open)
{
  McpListen *listen = (McpListen *) open;

  g_hash_table_unref (listen->uris);
  g_free (listen);
}

static json_t *
make_meta (const McpListen *listen)
{
  return json_pack ("{s:O}", MCP_META_SUBSCRIPTION, listen->open.reply.id);
}

/* What of @wishes can come, said back. */
static json_t *
honour (McpListen *listen, const json_t *wishes)
{
  guint offers = listen->open.session->server->handler->offers;
  const json_t *uris = json_object_get (wishes, "resourceSubscriptions");
  json_t *honoured = json_object (), *kept;

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    if ((offers & changes[i].offer) != 0 && (offers & MCP_OFFERS_CHANGES) != 0
        && json_is_true (json_object_get (wishes, changes[i].wish)))
      {
        listen->lists |= 1u << changes[i].list;
        json_object_set_new (honoured, changes[i].wish, json_true ());
      }
  if ((offers & MCP_OFFERS_RESOURCES) == 0 || (offers & MCP_OFFERS_CHANGES) == 0
      || json_array_size (uris) == 0)
    return honoured;
  kept = json_array ();
  for (gsize i = 0; i < json_array_size (uris); i++)
    if (g_hash_table_add (listen->uris, g_strdup (json_string_value (json_array_get (uris, i)))))
      json_array_append (kept, json_array_get (uris, i));
  json_object_set_new (honoured, "resourceSubscriptions", kept);
  return honoured;
}

static const char *
wishes_fault (const json_t *wishes)
{
  const json_t *uris = json_object_get (wishes, "resourceSubscriptions");

  if (!json_is_object (wishes))
    return "notifications: must be an object";
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      const json_t *wish = json_object_get (wishes, changes[i].wish);
      if (wish != NULL && !json_is_boolean (wish))
        return "notifications: each must be true or false";
    }
  if (uris != NULL && (!json_is_array (uris) || json_array_size (uris) > URIS_MOST))
    return "notifications: resourceSubscriptions must be a list of at most 64";
  for (gsize i = 0; i < json_array_size (uris); i++)
    {
      const json_t *uri = json_array_get (uris, i);
      if (!json_is_string (uri) || json_string_length (uri) > URI_BYTES)
        return "notifications: resourceSubscriptions must be texts of up to 1024 bytes";
    }
  return NULL;
}

static void
acknowledge (const McpListen *listen, const json_t *honoured)
{
  g_autoptr (json_t) params
      = json_pack ("{s:o, s:O}", "_meta", make_meta (listen), "notifications", honoured);

  mcp_channel_notify (listen->open.reply.channel, "notifications/subscriptions/acknowledged",
                      params);
}

static void
end_listening (McpListen *listen)
{
  g_autoptr (json_t) meta = make_meta (listen);
  g_autoptr (json_t) result = json_pack ("{s:s, s:O}", "resultType", "complete", "_meta", meta);

  json_object_set (meta, MCP_META_SERVER, listen->open.session->server->info);
  mcp_reply_result (&listen->open.reply, result);
  mcp_open_end (&listen->open);
}

void
mcp_take_listen (const McpRequest *request)
{
  const json_t *wishes = json_object_get (request->params, "notifications");
  const char *fault = wishes_fault (wishes);

  if (fault != NULL)
    {
      mcp_request_refuse (request, MCP_INVALID_PARAMS, fault);
      return;
    }
  McpListen *listen = g_new0 (McpListen, 1);
  mcp_open_begin (&listen->open, MCP_OPEN_LISTEN, request);
  listen->uris = uris_new ();
  g_autoptr (json_t) honoured = honour (listen, wishes);
  acknowledge (listen, honoured);
  /* Nothing can ever come: it is over at once. */
  if (json_object_size (honoured) == 0)
    end_listening (listen);
}

/* --- Telling --- */

static McpListen *
find_listening (McpSession *session)
{
  GHashTableIter iter;
  gpointer open;

  g_hash_table_iter_init (&iter, session->open);
  while (g_hash_table_iter_next (&iter, &open, NULL))
    if (((McpOpen *) open)->kind == MCP_OPEN_LISTEN)
      return open;
  return NULL;
}

/* From the start each time: a transport may let go of the session with its last request. */
void
mcp_server_end_listening (McpServer *server)
{
  McpListen *listen = NULL;

  for (GList *item = server->sessions.head; item != NULL;
       item = listen != NULL ? server->sessions.head : item->next)
    if ((listen = find_listening (item->data)) != NULL)
      end_listening (listen);
}

static void
tell_listeners (McpSession *session, guint lists, const char *uri, const char *method)
{
  g_autoptr (GList) all = g_hash_table_get_keys (session->open);

  for (GList *item = all; item != NULL; item = item->next)
    {
      McpListen *listen = item->data;
      if (listen->open.kind != MCP_OPEN_LISTEN || listen->open.reply.channel == NULL)
        continue;
      if ((listen->lists & lists) == 0
          && (uri == NULL || !g_hash_table_contains (listen->uris, uri)))
        continue;
      g_autoptr (json_t) params
          = json_pack ("{s:o, s:s*}", "_meta", make_meta (listen), "uri", uri);
      mcp_channel_notify (listen->open.reply.channel, method, params);
    }
}

static void
tell_session (McpSession *session, const char *uri, const char *method)
{
  if (!session->ready || session->unasked == NULL || mcp_version_is_modern (session->version)
      || (uri != NULL
          && (session->subscribed == NULL || !g_hash_table_contains (session->subscribed, uri))))
    return;
  g_autoptr (json_t) params = uri != NULL ? json_pack ("{s:s}", "uri", uri) : NULL;
  mcp_channel_notify (session->unasked, method, params);
}

static void
tell_all (McpServer *server, guint lists, const char *uri, const char *method)
{
  if ((server->handler->offers & MCP_OFFERS_CHANGES) == 0)
    return;
  for (GList *item = server->sessions.head, *next; item != NULL; item = next)
    {
      next = item->next;
      tell_session (item->data, uri, method);
      tell_listeners (item->data, lists, uri, method);
    }
}

void
mcp_server_changed (McpServer *server, McpList list)
{
  /* Templates are told of as resources are. */
  if (list == MCP_LIST_TEMPLATES)
    list = MCP_LIST_RESOURCES;
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    if (changes[i].list == list && (server->handler->offers & changes[i].offer) != 0)
      tell_all (server, 1u << list, NULL, changes[i].method);
}

void
mcp_server_updated (McpServer *server, const char *uri)
{
  tell_all (server, 0, uri, "notifications/resources/updated");
}
