/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-decision.h"

#include "approve-ui/card-show.h"
#include "broker/base/text.h"
#include "broker/base/wire.h"

static json_t *
scopes_json (char **scopes)
{
  json_t *array = json_array ();

  for (; *scopes != NULL; scopes++)
    json_array_append_new (array, json_string (*scopes));
  return array;
}

json_t *
cli_decision_grant (const Card *card, const TerminalAnswer *answer)
{
  json_t *params = json_pack ("{s:s, s:s, s:s, s:o, s:s}", "request_id", card->request_id,
                              "verdict", "grant", "card_digest", card->digest, "scopes",
                              scopes_json (answer->scopes), "holder", answer->holder);

  if (card->max_duration > 0)
    json_object_set_new (params, "duration", json_integer (answer->duration));
  if (answer->uses > 0)
    json_object_set_new (params, "uses", json_integer (answer->uses));
  return params;
}

json_t *
cli_decision_deny (const char *request_id, const char *reason, gint64 seconds)
{
  json_t *params = json_pack ("{s:s, s:s}", "request_id", request_id, "verdict", "deny");

  if (reason != NULL)
    json_object_set_new (params, "reason", json_string (reason));
  if (seconds > 0)
    json_object_set_new (params, "deny_seconds", json_integer (seconds));
  return params;
}

static const char *
holder_label (const Card *card, const char *id)
{
  const CardPair *holder = card_find_holder (card, id);

  return holder != NULL ? holder->value : id;
}

static char *
bounds_words (const Card *card, const TerminalAnswer *answer)
{
  g_autofree char *time = text_format_duration (answer->duration);

  if (card->max_duration == 0)
    return g_strdup ("once");
  if (answer->uses == 0)
    return g_strdup_printf ("for %s", time);
  return g_strdup_printf ("for %s, %" G_GINT64_FORMAT " use%s", time, answer->uses,
                          answer->uses == 1 ? "" : "s");
}

char *
cli_decision_words (const Card *card, const TerminalAnswer *answer, const json_t *result)
{
  g_autofree char *joined = g_strjoinv (", ", answer->scopes),
                  *bounds = bounds_words (card, answer);
  const char *id = wire_string (result, "grant_id");
  g_autofree char *text = g_strdup_printf (
      "Granted: %s%s%s (%s) %s, to %s%s%s", card->operation, card->resource != NULL ? " " : "",
      card->resource != NULL ? card->resource : "", joined, bounds,
      holder_label (card, answer->holder), id != NULL ? "; grant " : "", id != NULL ? id : "");

  return card_escape (text);
}

json_t *
cli_decision_json (const Card *card, const TerminalAnswer *answer, const json_t *result)
{
  const char *id = wire_string (result, "grant_id");
  json_t *object = json_pack ("{s:s, s:s, s:s*, s:s, s:s*, s:o, s:s}", "id", card->request_id,
                              "request_id", card->request_id, "grant_id", id, "operation",
                              card->operation, "resource", card->resource, "scopes",
                              scopes_json (answer->scopes), "holder", answer->holder);

  json_object_set_new (object, "status", json_string ("granted"));
  if (card->max_duration > 0)
    json_object_set_new (object, "duration", json_integer (answer->duration));
  if (answer->uses > 0)
    json_object_set_new (object, "uses", json_integer (answer->uses));
  return object;
}
