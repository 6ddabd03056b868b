/* SPDX-License-Identifier: MIT
 *
 * The card: what a person decides about, as the broker described it.
 *
 * MUST
 *  - be read strictly: a member that we do not know is a request that we do not understand
 *  - be bound to the answer by the digest of exactly the text that was read
 *  - let no agent text out unescaped, and cut none
 *
 * Its text is from our broker, but purpose, claim, names, paths and arguments in it are from the
 * agent.
 */
#pragma once

#include <glib.h>

#define CARD_ERROR (card_error_quark ())
typedef enum
{
  CARD_ERROR_UNREADABLE
} CardError;
GQuark card_error_quark (void);

typedef enum
{
  CARD_RISK_DISCLOSE = 0, /* a value leaves the broker */
  CARD_RISK_WRITE,
  CARD_RISK_READ
} CardRisk;

/* "Value", "12 bytes"; id and label of a holder. */
typedef struct
{
  char *name, *value;
} CardPair;

typedef struct
{
  char *name; /* of the program, or what the kernel calls it */
  gint64 pid;
  char *exe; /* or NULL */
  gboolean verified;
  char **argv;
  gboolean argv_cut;                /* there is more than the kernel was asked for */
  char *cwd, *unit, *via;           /* or NULL */
  char *claim_name, *claim_version; /* or NULL: what it calls itself */
  char **chain;                     /* names, the requester's own first */
} CardRequester;

/* As they came, unescaped. Times are microseconds since 1970, durations seconds. */
typedef struct
{
  char digest[65];
  char *request_id, *operation;
  char *resource, *purpose; /* or NULL */
  CardRisk risk;
  GPtrArray *facts; /* CardPair */
  char **scopes;
  gint64 asked_duration, max_duration,
      default_duration;          /* max 0: for one execution, not for a time */
  gint64 max_uses, default_uses; /* 0: not limited */
  gboolean wants_pin;
  char *rule;
  gint64 received_at, deadline;
  CardRequester requester;
  GPtrArray *holders; /* CardPair; the first is the requester alone */
} Card;

/* The card in @text; the caller owns it. */
Card *card_parse (const char *text, gsize len, GError **error);
void card_free (Card *card);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Card, card_free)

gboolean card_has_scope (const Card *card, const char *scope);
/* The holder whose id or label is @name, or NULL. */
const CardPair *card_find_holder (const Card *card, const char *name);
