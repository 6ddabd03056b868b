/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-mcp.h"

#include "mcp/transport/http-answer.h"
#include "mcp/transport/http-talk.h"

#include <string.h>

#define JSON "application/json"
#define EVENTS "text/event-stream"
#define METHODS "GET, POST, DELETE"
#define METHODS_MODERN "POST"

#define SESSION_IDLE_S (30 * 60)
#define SESSIONS_MOST 64
#define REQUESTS_MOST 1024

struct _HttpMcp
{
  HttpTalks talks;
};

static void
refuse (const HttpAsked *asked, guint status, const char *why)
{
  http_talk_refuse (asked, status, why, NULL);
}

/* Of the handshake era. NULL: it was refused. */
static HttpSession *
find_session (const HttpAsked *asked)
{
  const char *id = asked->request->head->session_id;
  HttpSession *session
      = id != NULL ? http_sessions_find (asked->all->sessions, id, asked->owner) : NULL;

  if (id == NULL)
    refuse (asked, SOUP_STATUS_BAD_REQUEST,
            "Mcp-Session-Id is missing: begin with initialize, whose answer has it.");
  else if (session == NULL)
    refuse (asked, SOUP_STATUS_NOT_FOUND,
            "There is no such session, or not any more: begin with initialize.");
  else
    http_session_touch (session);
  return session;
}

/* --- POST --- */

static gboolean
begins_session (const json_t *json)
{
  return g_strcmp0 (wire_string (json, "method"), "initialize") == 0;
}

/* NULL: it is alone, or begins a session. FALSE: it was refused. */
static gboolean
choose_session (const HttpAsked *asked, const json_t *json, HttpSession **session)
{
  const HttpHead *head = asked->request->head;
  const McpHeaders headers
      = { .protocol_version = head->protocol_version, head->mcp_method, head->mcp_name };

  *session = NULL;
  if (json == NULL || begins_session (json)
      || mcp_era_choose (json, &headers, MCP_VERSION_NONE).era != MCP_ERA_LEGACY)
    return TRUE;
  *session = find_session (asked);
  return *session != NULL;
}

static void
post (const HttpAsked *asked)
{
  const HttpHead *head = asked->request->head;
  HttpSession *session;

  if (g_strcmp0 (head->type, JSON) != 0)
    {
      refuse (asked, SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE, "Content-Type must be " JSON ".");
      return;
    }
  if (!http_head_accepts (head, JSON) || !http_head_accepts (head, EVENTS))
    {
      refuse (asked, SOUP_STATUS_NOT_ACCEPTABLE, "Accept must list both " JSON " and " EVENTS ".");
      return;
    }
  if (!http_talks_have_room (asked->all, asked->owner, head->body))
    {
      refuse (asked, HTTP_TOO_MANY_REQUESTS, "Too much waits for its answer already.");
      return;
    }
  g_autoptr (json_t) json
      = head->body > 0 ? wire_parse (asked->request->body, head->body, TRUE, NULL) : NULL;
  if (choose_session (asked, json, &session))
    http_talk_post (asked, session, json);
}

/* --- GET and DELETE, which the handshake era has --- */

/* NULL: it was refused. */
static HttpSession *
find_legacy (const HttpAsked *asked)
{
  const char *name = asked->request->head->protocol_version;
  McpVersion version = mcp_version_find (name);

  if (mcp_version_is_modern (version))
    http_talk_refuse (asked, SOUP_STATUS_METHOD_NOT_ALLOWED,
                      "This version of the protocol has POST alone.", METHODS_MODERN);
  else if (name != NULL && version == MCP_VERSION_NONE)
    refuse (asked, SOUP_STATUS_BAD_REQUEST, "MCP-Protocol-Version is not one that is spoken here.");
  else
    return find_session (asked);
  return NULL;
}

static void
get (const HttpAsked *asked)
{
  const HttpHead *head = asked->request->head;

  if (!http_head_accepts (head, EVENTS))
    {
      refuse (asked, SOUP_STATUS_NOT_ACCEPTABLE, "Accept must list " EVENTS ".");
      return;
    }
  HttpSession *session = find_legacy (asked);
  if (session != NULL && head->last_event_id != NULL)
    http_talk_resume (asked, session, head->last_event_id);
  else if (session != NULL)
    http_talk_listen (asked, session);
}

static void
end_session (const HttpAsked *asked)
{
  HttpSession *session = find_legacy (asked);

  if (session == NULL)
    return;
  http_sessions_end (asked->all->sessions, session);
  http_stream_answer_nothing (
      http_stream_new (asked->message, asked->request->head->close, NULL, NULL),
      SOUP_STATUS_NO_CONTENT);
}

/* --- All of it --- */

static const struct
{
  const char *method;
  void (*answer) (const HttpAsked *asked);
} methods[] = { { "POST", post }, { "GET", get }, { "DELETE", end_session } };

void
http_mcp_take (HttpMcp *mcp, SoupServerMessage *message, HttpRequest *owned, gpointer owner)
{
  g_autoptr (HttpRequest) request = owned;
  const HttpAsked asked = { &mcp->talks, message, request, owner };

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (request->head->method, methods[i].method))
      {
        methods[i].answer (&asked);
        return;
      }
  http_talk_refuse (&asked, SOUP_STATUS_METHOD_NOT_ALLOWED, "This address takes other methods.",
                    METHODS);
}

void
http_mcp_forget (HttpMcp *mcp, gpointer owner)
{
  http_sessions_end_all (mcp->talks.sessions, owner, 0);
  http_talks_end (&mcp->talks, owner);
}

HttpMcp *
http_mcp_new (McpServer *server, const HttpMcpOptions *options)
{
  HttpMcp *mcp = g_new0 (HttpMcp, 1);
  HttpMcpOptions all = *options;

  all.session_idle_s = all.session_idle_s > 0 ? all.session_idle_s : SESSION_IDLE_S;
  all.sessions_most = all.sessions_most > 0 ? all.sessions_most : SESSIONS_MOST;
  all.requests_most = all.requests_most > 0 ? all.requests_most : REQUESTS_MOST;
  http_talks_init (&mcp->talks, server, &all);
  mcp->talks.sessions = http_sessions_new (&mcp->talks.options);
  return mcp;
}

void
http_mcp_free (HttpMcp *mcp)
{
  if (mcp == NULL)
    return;
  http_sessions_free (mcp->talks.sessions);
  http_talks_clear (&mcp->talks);
  g_free (mcp);
}
