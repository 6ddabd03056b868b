/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-link.h"

#include "broker/base/paths.h"
#include "broker/client/client-system.h"

#include <unistd.h>

#define GREETING_WAIT (10 * G_USEC_PER_SEC)
#define REPLACE_WAIT (10 * G_USEC_PER_SEC) /* for another broker after one went away */
#define START_WAIT (5 * G_USEC_PER_SEC)    /* for one that we started */
#define FIRST_PAUSE (5 * 1000)
#define LONGEST_PAUSE (200 * 1000)

typedef enum
{
  LINK_DOWN,
  LINK_TRYING,   /* again at next_try; nobody was there yet */
  LINK_GREETING, /* connected; hello is not answered */
  LINK_PROVING,  /* greeted; what proves who asks is not answered */
  LINK_UP
} LinkState;

struct _McpLink
{
  char *socket; /* NULL: the default */
  const McpLinkHandler *handler;
  gpointer user;
  LinkState state;
  Client *client;
  json_t *claim;
  gboolean started;                 /* a broker, in this attempt */
  gint64 next_try, pause, patience; /* patience: until when nobody there is not yet a failure */
  gint64 replaced_until; /* until when a broker that went away may be replaced by a person */
  gint64 greeting_due;   /* until when it is greeted and proved */
  gint64 proof;          /* the id of what is to be accepted */
};

McpLink *
mcp_link_new (const char *socket, const McpLinkHandler *handler, gpointer user)
{
  McpLink *link = g_new0 (McpLink, 1);

  link->socket = g_strdup (socket);
  link->handler = handler;
  link->user = user;
  return link;
}

void
mcp_link_free (McpLink *link)
{
  if (link == NULL)
    return;
  client_free (link->client);
  json_decref (link->claim);
  g_free (link->socket);
  g_free (link);
}

Client *
mcp_link_client (McpLink *link)
{
  return link->state == LINK_UP ? link->client : NULL;
}

const char *
mcp_link_instance (const McpLink *link)
{
  return link->state == LINK_UP ? wire_string (client_hello (link->client), "instance") : NULL;
}

int
mcp_link_fd (const McpLink *link)
{
  return link->client != NULL ? client_fd (link->client) : -1;
}

gsize
mcp_link_backlog (const McpLink *link)
{
  return link->client != NULL ? client_backlog (link->client) : 0;
}

gint64
mcp_link_due (const McpLink *link)
{
  switch (link->state)
    {
    case LINK_TRYING:
      return link->next_try;
    case LINK_GREETING:
    case LINK_PROVING:
      return link->greeting_due;
    case LINK_DOWN:
    case LINK_UP:
      break;
    }
  return G_MAXINT64;
}

/* --- Starting one --- */

static void
in_child (gpointer unused)
{
  /* Away from the terminal and the process group of the agent: what ends those must not end it. */
  setsid ();
}

static gboolean
start_broker (GError **error)
{
  g_autofree char *program = paths_program ("countersignd", error);
  const char *root = paths_root ();
  char *argv[] = { program, (char *) (root != NULL ? "--state-dir" : NULL), (char *) root, NULL };

  /* Forks twice, closes what is open, and reads nothing: standard streams are /dev/null. */
  return program != NULL
         && g_spawn_async ("/", argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                           in_child, NULL, NULL, error);
}

/* --- Connecting --- */

static void
fail (McpLink *link, const GError *why)
{
  link->state = LINK_DOWN;
  g_clear_pointer (&link->client, client_free);
  link->handler->failed (link->user, why);
}

/* Nobody is there. Waits a little, or starts a broker, or gives up. */
static void
nobody_there (McpLink *link, const GError *why)
{
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&link->client, client_free);
  link->state = LINK_TRYING;
  if (now >= link->patience)
    {
      if (link->started)
        g_set_error (&error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE,
                     "a broker was started and does not answer (%s); `countersign doctor` says why",
                     why->message);
      else if (link->socket != NULL || client_is_system (NULL))
        error = g_error_copy (why);
      if (error != NULL || !start_broker (&error))
        {
          fail (link, error);
          return;
        }
      link->started = TRUE;
      link->patience = now + START_WAIT;
      link->pause = FIRST_PAUSE;
    }
  link->next_try = now + link->pause;
  link->pause = MIN (2 * link->pause, LONGEST_PAUSE);
}

static void
try_now (McpLink *link)
{
  g_autoptr (GError) error = NULL;

  link->client = client_begin (CLIENT_AGENT, link->socket, link->claim, &error);
  if (link->client != NULL)
    {
      client_gather (link->client);
      link->state = LINK_GREETING;
      link->greeting_due = g_get_monotonic_time () + GREETING_WAIT;
    }
  else if (g_error_matches (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE)
           || g_error_matches (error, CLIENT_ERROR, CLIENT_ERROR_CLOSED))
    nobody_there (link, error);
  else
    fail (link, error);
}

static void
begin (McpLink *link)
{
  link->started = FALSE;
  link->pause = FIRST_PAUSE;
  link->patience = link->replaced_until;
  try_now (link);
}

void
mcp_link_want (McpLink *link, const json_t *claim)
{
  if (link->state != LINK_DOWN)
    return;
  if (link->claim == NULL && claim != NULL)
    link->claim = json_incref ((json_t *) claim);
  begin (link);
}

static void
lost (McpLink *link, const GError *why)
{
  if (link->state != LINK_UP)
    {
      nobody_there (link, why);
      return;
    }
  g_clear_pointer (&link->client, client_free);
  link->state = LINK_DOWN;
  link->replaced_until = g_get_monotonic_time () + REPLACE_WAIT;
  if (link->handler->lost (link->user))
    begin (link);
}

/* --- Talking --- */

/* One that does not speak as it should is left too: talking on would mix up answers. */
static void
stop_by (McpLink *link, const GError *error)
{
  if (link->state != LINK_UP && !g_error_matches (error, CLIENT_ERROR, CLIENT_ERROR_CLOSED))
    fail (link, error);
  else
    lost (link, error);
}

static void
come_up (McpLink *link)
{
  link->state = LINK_UP;
  link->handler->up (link->user, client_hello (link->client));
}

static void
greeted (McpLink *link)
{
  g_autoptr (GError) error = NULL;

  if (link->handler->prove == NULL)
    {
      come_up (link);
      return;
    }
  link->state = LINK_PROVING;
  link->proof = link->handler->prove (link->user, link->client, &error);
  if (link->proof == 0)
    fail (link, error);
}

/* Takes @message. Nothing else was asked, so nothing else is answered. */
static void
take_proof (McpLink *link, json_t *owned, int fd)
{
  g_autoptr (json_t) message = owned;
  g_autoptr (GError) error = NULL;

  if (fd >= 0)
    close (fd);
  if (link->state != LINK_PROVING || wire_integer (message, "id", 0) != link->proof)
    return;
  if (link->handler->proved (link->user, message, &error))
    come_up (link);
  else
    fail (link, error);
}

static void
take (McpLink *link, json_t *message, int fd)
{
  if (link->state == LINK_UP)
    link->handler->message (link->user, message, fd);
  else
    take_proof (link, message, fd);
}

void
mcp_link_read (McpLink *link)
{
  while (link->client != NULL)
    {
      g_autoptr (GError) error = NULL;
      Client *client = link->client;
      int fd = -1;
      json_t *message = client_receive (client, FALSE, &fd, &error);

      if (link->state == LINK_GREETING && client_hello (client) != NULL)
        greeted (link);
      if (message != NULL)
        take (link, message, fd);
      else if (error != NULL && link->client == client)
        stop_by (link, error);
      else
        return;
    }
}

void
mcp_link_flush (McpLink *link)
{
  g_autoptr (GError) error = NULL;
  Client *client = link->client;

  if (client == NULL || client_flush (client, &error))
    return;
  /* What it answered before it went is still to be read, and the end is met behind it. */
  mcp_link_read (link);
  if (link->client == client)
    stop_by (link, error);
}

void
mcp_link_tick (McpLink *link)
{
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_monotonic_time ();

  if (now < mcp_link_due (link))
    return;
  if (link->state == LINK_TRYING)
    try_now (link);
  else
    {
      g_set_error_literal (&error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE,
                           "the broker does not answer");
      fail (link, error);
    }
}
