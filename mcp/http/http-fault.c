/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-fault.h"

#include "broker/base/text.h"
#include "mcp/transport/http-answer.h"

#include <stdio.h>

/* broker/PROTOCOL.md */
#define FAULT_REFUSED 4
#define FAULT_PARAMS (-32602)

static const struct
{
  gint64 code; /* broker/PROTOCOL.md; 0: it was not reached */
  const char *description;
  guint retry; /* seconds */
} faults[] = {
  { 0, "Countersign is not running. Whoever runs it has to `countersign unlock`.", 10 },
  { 1, "Countersign is not set up. A person has to run `countersign init`.", 60 },
  { 2, "Countersign is busy.", 1 },
  { 3, "Countersign is locked. A person has to run `countersign unlock`.", 30 },
};

gboolean
http_fault_is_client (const HttpReply *reply)
{
  return reply->result == NULL && reply->code == FAULT_REFUSED;
}

gboolean
http_fault_is_caller (const HttpReply *reply)
{
  return reply->result == NULL && (reply->code == FAULT_REFUSED || reply->code == FAULT_PARAMS);
}

/* Whose keys verify what was shown. */
static gboolean
is_issuer (const HttpReply *reply)
{
  return reply->result == NULL && g_strcmp0 (wire_string (reply->data, "reason"), "issuer") == 0;
}

static void
tell_operator (const HttpReply *reply)
{
  g_autofree char *words
      = text_escape (reply->message != NULL ? reply->message : "its answer is not understood");

  fprintf (stderr, "countersign-mcp-http: the broker: %s\n", words);
}

void
http_fault_answer (SoupServerMessage *message, const HttpReply *reply)
{
  for (gsize i = 0; reply->result == NULL && i < G_N_ELEMENTS (faults); i++)
    if (faults[i].code == reply->code)
      {
        http_answer_error (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "temporarily_unavailable",
                           faults[i].description, faults[i].retry);
        return;
      }
  if (reply->code == FAULT_PARAMS)
    {
      http_answer_error (
          message, SOUP_STATUS_BAD_REQUEST, "invalid_request",
          "What was sent is too long, or no text, to be a token or who asks about it.", 0);
      return;
    }
  tell_operator (reply);
  if (is_issuer (reply))
    http_answer_error (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "temporarily_unavailable",
                       "Whoever issued the token does not say by which keys it is verified.", 30);
  else
    http_answer_error (message, SOUP_STATUS_INTERNAL_SERVER_ERROR, "server_error",
                       "Countersign could not answer this; its own output says why.", 0);
}
