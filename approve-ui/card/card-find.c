/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "approve-ui/card/card.h"

static gboolean
same_facts (const Card *card, const Card *other)
{
  if (card->facts->len != other->facts->len)
    return FALSE;
  for (guint i = 0; i < card->facts->len; i++)
    {
      const CardPair *one = card->facts->pdata[i], *two = other->facts->pdata[i];
      if (strcmp (one->name, two->name) != 0 || strcmp (one->value, two->value) != 0)
        return FALSE;
    }
  return TRUE;
}

gboolean
card_alike (const Card *card, const Card *other)
{
  /* What is granted for one execution is granted one by one: two that replace a value may bring
   * different ones. */
  return card->risk != CARD_RISK_DISCLOSE && card->risk == other->risk && card->max_duration > 0
         && card->requester.pid == other->requester.pid
         && g_strcmp0 (card->requester.issuer, other->requester.issuer) == 0
         && g_strcmp0 (card->requester.subject, other->requester.subject) == 0
         && strcmp (card->operation, other->operation) == 0
         && g_strcmp0 (card->resource, other->resource) == 0
         && g_strv_equal ((const char *const *) card->scopes, (const char *const *) other->scopes)
         && card->max_duration == other->max_duration && card->max_uses == other->max_uses
         && card->confirm == other->confirm && same_facts (card, other);
}

gboolean
card_has_scope (const Card *card, const char *scope)
{
  return g_strv_contains ((const char *const *) card->scopes, scope);
}

const CardPair *
card_find_holder (const Card *card, const char *name)
{
  for (guint i = 0; i < card->holders->len; i++)
    {
      const CardPair *holder = card->holders->pdata[i];
      if (strcmp (holder->name, name) == 0 || strcmp (holder->value, name) == 0)
        return holder;
    }
  return NULL;
}
