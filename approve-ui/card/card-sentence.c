/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "approve-ui/card/card-private.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"

/* What an operation is in a sentence, and what follows from it. */
static const struct
{
  const char *operation;
  const char *about;   /* a resource */
  const char *without; /* the same when there is no resource, or NULL */
  const char *consequence;
} operations[] = {
  { "list_secrets", N_ ("{who} wants to see the names of the secrets in {what}"),
    N_ ("{who} wants to see the names of all secrets"),
    N_ ("it learns names, tags and dates; no value") },
  { "get_secret", N_ ("{who} wants a reference to {what}"), NULL,
    N_ ("it gets a handle that nobody else can use; the value stays with the broker") },
  { "reveal", N_ ("{who} wants to read the value of {what}"), NULL,
    N_ ("the value itself leaves the broker and cannot be called back") },
  { "store_secret", N_ ("{who} wants to store a new secret, {what}"), NULL,
    N_ ("a secret is added; it may be used under your policy afterwards") },
  { "update_secret", N_ ("{who} wants to replace the value of {what}"), NULL,
    N_ ("whatever uses this secret uses the new value afterwards") },
  { "delete_secret", N_ ("{who} wants to delete {what}"), NULL,
    N_ ("the secret is gone afterwards") },
};

/* Once through: what is put in is not looked at again. */
static char *
fill (const char *pattern, const char *who, const char *what)
{
  GString *out = g_string_new (NULL);

  while (*pattern != '\0')
    if (g_str_has_prefix (pattern, "{who}"))
      {
        g_string_append (out, who);
        pattern += 5;
      }
    else if (g_str_has_prefix (pattern, "{what}"))
      {
        g_string_append (out, what);
        pattern += 6;
      }
    else
      g_string_append_c (out, *pattern++);
  return g_string_free (out, FALSE);
}

char *
card_sentence (const Card *card)
{
  g_autofree char *who = card_who (&card->requester);
  g_autofree char *what = card->resource != NULL ? card_name (card->resource) : NULL;
  g_autofree char *operation = card_name (card->operation);

  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      if (strcmp (operations[i].operation, card->operation) != 0)
        continue;
      if (what != NULL)
        return fill (_ (operations[i].about), who, what);
      if (operations[i].without != NULL)
        return fill (_ (operations[i].without), who, "");
    }
  return what != NULL ? g_strdup_printf (_ ("%s asks for %s of %s"), who, operation, what)
                      : g_strdup_printf (_ ("%s asks for %s"), who, operation);
}

const char *
card_consequence (const Card *card)
{
  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    if (strcmp (operations[i].operation, card->operation) == 0)
      return _ (operations[i].consequence);
  switch (card->risk)
    {
    case CARD_RISK_READ:
      return _ ("it uses what is kept");
    case CARD_RISK_WRITE:
      return _ ("it changes what is kept");
    case CARD_RISK_DISCLOSE:
    default:
      return _ ("a value leaves the broker");
    }
}
