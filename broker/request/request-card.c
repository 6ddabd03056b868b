/* SPDX-License-Identifier: MIT */
#include "broker/request/request-card.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/grant/standing.h"
#include "broker/operation/operation.h"
#include "broker/request/previous.h"

gint64
request_max_duration (const Request *request)
{
  gint64 bound = request->bounds.max_duration;
  return bound > 0 ? MIN (request->asked, bound) : request->asked;
}

gint64
request_default_duration (const Request *request)
{
  return MIN (request_max_duration (request), CARD_DEFAULT_DURATION);
}

gint64
request_max_uses (const Request *request)
{
  return request->row->reusable ? request->bounds.max_uses : 1;
}

/* The requester alone first, then itself with what it starts and each ancestor that may hold for
 * its helpers. */
static json_t *
offer_holders (Request *request)
{
  const GPtrArray *above = requester_holders (request->requester);
  json_t *offered = json_array ();

  request->holders = g_ptr_array_new_with_free_func ((GDestroyNotify) principal_free);
  g_ptr_array_add (request->holders, principal_of (request->requester));
  for (guint i = 0; request->row->reusable && i < above->len; i++)
    g_ptr_array_add (request->holders,
                     principal_new (PRINCIPAL_SUBTREE, g_ptr_array_index (above, i)));
  for (guint i = 0; i < request->holders->len; i++)
    {
      const Principal *holder = g_ptr_array_index (request->holders, i);
      g_autofree char *id = principal_id (holder);
      g_autofree char *label = principal_label (holder);
      json_array_append_new (offered, json_pack ("{s:s, s:s}", "id", id, "label", label));
    }
  return offered;
}

void
request_card_make (Request *request)
{
  g_autofree char *received = text_format_time (request->received_at);
  g_autofree char *due = text_format_time (request->due_at);
  g_autofree char *rule = policy_rule_text (request->vault->policy, request->bounds.rule);
  json_t *facts = json_array ();
  if (request->row->facts != NULL)
    request->row->facts (request, facts);

  g_autoptr (json_t) card = json_pack (
      "{s:i, s:s, s:s, s:s*, s:s*, s:s, s:o, s:o, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:o, s:o}",
      "version", 1, "request_id", request->id, "operation",
      operation_name (request->row->operation), "resource", request->resource, "purpose",
      request->purpose, "risk", risk_name (request->risk), "facts", facts, "scopes",
      wire_texts_json (request->scopes), "asked_duration", (json_int_t) request->asked,
      "max_duration", (json_int_t) request_max_duration (request), "default_duration",
      (json_int_t) request_default_duration (request), "confirm",
      policy_confirm_name (request->bounds.confirm), "rule",
      rule != NULL ? rule : "no rule matches: asked", "received_at", received, "deadline", due,
      "requester", requester_describe (request->requester), "holders", offer_holders (request));
  if (request->cut != NULL)
    json_object_set_new (card, "cut", wire_texts_json (request->cut));
  g_autofree char *always = request_always_rule (request);
  if (always != NULL)
    json_object_set_new (card, "always", json_string (always));
  gint64 uses = request_max_uses (request);
  if (uses > 0)
    {
      json_object_set_new (card, "max_uses", json_integer (uses));
      json_object_set_new (card, "default_uses", json_integer (uses));
    }
  previous_compare (request->vault->previous, card);
  char *text = json_dumps (card, JSON_COMPACT);
  request->card = g_strdup (text);
  request->digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  free (text);
}
