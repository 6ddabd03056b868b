/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-decision.h"

#include "approve-ui/card/card-words.h"
#include "broker/base/wire.h"

char *
cli_decision_words (const Card *card, const Draft *draft, const json_t *result)
{
  g_autofree char *operation = card_escape (card->operation), *given = draft_summary (draft);
  g_autofree char *resource = card_escape (card->resource != NULL ? card->resource : "");
  const char *id = wire_string (result, "grant_id");
  g_autofree char *grant = id != NULL ? card_escape (id) : NULL;

  return g_strdup_printf ("Granted: %s%s%s: %s%s%s", operation, *resource != '\0' ? " " : "",
                          resource, given, grant != NULL ? "; grant " : "",
                          grant != NULL ? grant : "");
}

json_t *
cli_decision_json (const Card *card, const Draft *draft, const json_t *result)
{
  const char *id = wire_string (result, "grant_id");
  json_t *object = draft_decision (draft);

  json_object_del (object, "verdict");
  json_object_del (object, "card_digest");
  json_object_set_new (object, "id", json_string (card->request_id));
  json_object_set_new (object, "operation", json_string (card->operation));
  json_object_set_new (object, "status", json_string ("granted"));
  if (card->resource != NULL)
    json_object_set_new (object, "resource", json_string (card->resource));
  if (id != NULL)
    json_object_set_new (object, "grant_id", json_string (id));
  return object;
}
