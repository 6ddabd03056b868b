/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-start.h"

#include "mcp/http/http-resource.h"

#include <gio/gio.h>
#include <string.h>

/* broker/PROTOCOL.md */
#define FAULT_AWAY 0
#define FAULT_NOT_SET_UP 1
#define FAULT_BUSY 2
#define FAULT_LOCKED 3

typedef struct
{
  GMainLoop *loop;
  const char *vouch;
  gboolean fine;
  char *note;
  GError *error;
} Start;

G_GNUC_PRINTF (2, 3)
static void
refuse (Start *start, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  start->error = g_error_new_valist (G_IO_ERROR, G_IO_ERROR_FAILED, format, args);
  va_end (args);
}

static gboolean
is_accepted (const json_t *callers, const char *issuer)
{
  const json_t *issuers = json_object_get (callers, "issuers");

  for (size_t i = 0; i < json_array_size (issuers); i++)
    if (g_strcmp0 (wire_string (json_array_get (issuers, i), "issuer"), issuer) == 0)
      return TRUE;
  return FALSE;
}

static void
judge (Start *start, const json_t *callers)
{
  if (start->vouch != NULL && !is_accepted (callers, start->vouch))
    refuse (start,
            "VOUCH_ISSUER is %s, and no issuer that is accepted has this address.\n"
            "    countersign caller trust %s\n"
            "writes a file into callers.d, which says\n"
            "    issuer \"%s\"\n"
            "    audience resource\n"
            "and asks for the PIN. With --audience none it takes tokens whoever they are for, as "
            "Vouch's guide does.",
            start->vouch, start->vouch, start->vouch);
  else if (!http_resource_has_issuer (callers) && wire_integer (callers, "local", 0) == 0)
    refuse (start,
            "refuses to start: nobody could call. `countersign caller trust URL` accepts an issuer "
            "whose tokens count, `countersign caller add NAME` makes a token of its own; "
            "--verifiers-only serves those who verify tokens, without either.");
  else
    start->fine = TRUE;
}

static void
on_reply (gpointer data, const HttpReply *reply)
{
  Start *start = data;

  if (json_is_object (reply->result))
    judge (start, reply->result);
  else if (reply->code == FAULT_AWAY || reply->code == FAULT_BUSY || reply->code == FAULT_LOCKED)
    {
      start->fine = TRUE;
      start->note = g_strdup_printf ("nobody is let in until this is mended: %s", reply->message);
    }
  else
    refuse (start, "refuses to start: %s%s", reply->message,
            reply->code == FAULT_NOT_SET_UP ? "" : " (asked who may call)");
  g_main_loop_quit (start->loop);
}

gboolean
http_start_check (HttpBroker *broker, const char *vouch, char **note, GError **error)
{
  Start start = { .loop = g_main_loop_new (NULL, FALSE), .vouch = vouch };

  http_broker_ask (broker, "resource", json_object (), on_reply, &start);
  if (!start.fine && start.error == NULL)
    g_main_loop_run (start.loop);
  g_main_loop_unref (start.loop);
  *note = start.note;
  if (start.error != NULL)
    g_propagate_error (error, start.error);
  return start.fine;
}
