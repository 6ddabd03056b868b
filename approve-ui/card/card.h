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

/* How a person shows that it is one; the strictest first. */
typedef enum
{
  CARD_CONFIRM_KEY = 0, /* a touch of a security key */
  CARD_CONFIRM_PIN,
  CARD_CONFIRM_CLICK
} CardConfirm;

/* What a program that runs others was told to run, by its own command line. */
typedef enum
{
  CARD_SCRIPT_NONE = 0, /* it is none, or that cannot be told */
  CARD_SCRIPT_FILE,
  CARD_SCRIPT_MODULE,
  CARD_SCRIPT_CODE
} CardScript;

/* "Value", "12 bytes"; id and label of a holder; id of a line, and what stood there before. */
typedef struct
{
  char *name, *value;
} CardPair;

/* A program of this machine, or somebody who calls over HTTP: then @caller is there, @verified, and
 * what a program alone has is empty. */
typedef struct
{
  char *name; /* of the program, or what the kernel calls it; of somebody: "ann@example.com" */
  char *caller, *issuer, *subject, *label; /* or NULL: the issuer's file, who it is, what it calls
                                              them, and all of it for people */
  gint64 pid;                              /* of somebody: a number below 0 that stands for them */
  char *exe;                               /* or NULL */
  gboolean verified;
  char **argv;
  gboolean argv_cut;                /* there is more than the kernel was asked for */
  char *cwd, *unit, *via;           /* or NULL */
  char *claim_name, *claim_version; /* or NULL: what it calls itself */
  GPtrArray *chain;     /* CardPair: name, and the script it runs or ""; the requester first */
  gboolean interpreter; /* the program is one that runs others */
  CardScript script_kind;
  char *script; /* or NULL */
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
  char **cut; /* asked for as well, and left out by the policy; NULL: none was */
  gint64 asked_duration, max_duration,
      default_duration;          /* max 0: for one execution, not for a time */
  gint64 max_uses, default_uses; /* 0: not limited */
  CardConfirm confirm;
  char *rule;
  char *always;       /* the rule that "always" would make; NULL: it is not offered */
  gint64 approved_at; /* when the last of its kind (program and operation) was; 0: never */
  GPtrArray *changes; /* CardPair: what was different then */
  gint64 received_at, deadline;
  CardRequester requester;
  GPtrArray *holders; /* CardPair; the first is the requester alone */
} Card;

/* The card in @text; the caller owns the one reference. Immutable from then on. */
Card *card_parse (const char *text, gsize len, GError **error);
Card *card_ref (const Card *card);
void card_unref (Card *card);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Card, card_unref)

/* The same request again in all that is decided: from one process, and nothing is disclosed. */
gboolean card_alike (const Card *card, const Card *other);
gboolean card_has_scope (const Card *card, const char *scope);
/* The holder whose id or label is @name, or NULL. */
const CardPair *card_find_holder (const Card *card, const char *name);
