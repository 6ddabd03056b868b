/* SPDX-License-Identifier: MIT
 *
 * Who calls over HTTP.
 *
 * MUST
 *  - call nobody verified but by the label that the broker made of a verified token
 */
#include <string.h>

#include "approve-ui/card/card-private.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"

/* Takes @value. */
static void
add (GPtrArray *lines, CardEmphasis emphasis, const char *id, char *value)
{
  card_line_add (lines, emphasis, id, card_label (id), value);
}

static gboolean
is_local (const CardRequester *requester)
{
  return strcmp (requester->caller, "local") == 0;
}

static char *
person (const CardRequester *requester)
{
  g_autofree char *name = is_local (requester) ? card_name (requester->name) : NULL;

  return name != NULL ? g_strdup_printf (_ ("%s (local token)"), name)
                      : card_escape (requester->label);
}

/* One of our own local tokens has no issuer but this broker. */
static char *
issuer (const CardRequester *requester)
{
  g_autofree char *name = card_name (requester->caller), *url = card_escape (requester->issuer);

  return is_local (requester)
             ? g_strdup (_ ("this broker: a local token, which says only who was given it"))
             : g_strdup_printf ("%s, %s", name, url);
}

static char *
way (const CardRequester *requester)
{
  g_autofree char *via = card_name (requester->via);

  return g_strdup_printf (_ ("MCP over HTTP (%s)"), via);
}

/* Everything here is verified: by a signature of the issuer, which a person has accepted. */
void
card_caller_add (GPtrArray *lines, const CardRequester *requester)
{
  add (lines, CARD_STRONG, "who", person (requester));
  add (lines, CARD_STRONG, "issuer", issuer (requester));
  if (!is_local (requester) && strcmp (requester->subject, requester->name) != 0)
    add (lines, CARD_PLAIN, "subject", card_escape (requester->subject));
  add (lines, CARD_PLAIN, "way", way (requester));
  if (requester->claim_name != NULL)
    add (lines, CARD_CLAIM, "claim", card_claim (requester));
}
