/* SPDX-License-Identifier: MIT
 *
 * A person's answer, however it came: one check for the terminal, the dialog and whatever follows.
 *
 * MUST
 *  - bind the answer to what was shown (card digest)
 *  - narrow only: never a scope, second, use or holder that the card did not offer
 *  - demand the proof that the policy and the risk ask for: where both are needed, a touch without
 *    the PIN is as little as the PIN without a touch
 */
#pragma once

#include "broker/human/key.h"
#include "broker/request/request.h"

typedef enum
{
  VERDICT_DENY = 0,
  VERDICT_GRANT
} Verdict;

/* What stands for "a person": each is checked by the broker, none is taken from the approver's
 * word. */
typedef struct
{
  gboolean pin;             /* the right PIN came with this very decision */
  gboolean connection;      /* the approver's connection was opened with the PIN */
  gboolean spawned;         /* it is the dialog program's */
  const KeyAssertion *key;  /* of a touch that came with it, not verified yet; NULL: none did */
  KeyChallenge **challenge; /* that this connection has open; taken when the touch is looked at */
  gint64 pin_at;            /* when it was last given there (µs, boot time) */
} Proof;

typedef struct
{
  const char *request_id;
  Verdict verdict;
  const char *card_digest;
  char **scopes;       /* NULL: all that is asked */
  gint64 duration;     /* 0: the card's default */
  gint64 uses;         /* 0: the card's default */
  const char *holder;  /* NULL: the card's first */
  const char *reason;  /* of a denial, for the agent */
  gint64 deny_seconds; /* of a denial: the same is denied unasked for so long; 0: this once */
  gboolean always;     /* of a grant: and without asking from now on, by the card's rule */
  guint64 approver;    /* the number of the Human that says so */
  const char *by;      /* who answered, for the other approvers and the record */
  Proof proof;
} Decision;

#define DECISION_ERROR (decision_error_quark ())
typedef enum
{
  DECISION_ERROR_NOT_HELD,
  DECISION_ERROR_FIELD,    /* the message begins with the field's name */
  DECISION_ERROR_PROOF,    /* the PIN is needed */
  DECISION_ERROR_KEY,      /* a touch of a security key is needed */
  DECISION_ERROR_REQUESTER /* gone, or changed */
} DecisionError;
GQuark decision_error_quark (void);

/* A denial takes effect at once. A grant: @done runs when its record is on disk (or could not be).
 * FALSE: nothing was decided, @done does not run. */
/* What the policy, or a standing rule (@by), grants without a person. */
void decision_allow (Request *request, const char *by);
/* What the card of @request said follows from it, for its requester alone: a grant of @operation of
 * @resource, with the scope "use" and a reference, for so long. The caller owns it. */
Grant *decision_follow_up (const Request *request, Operation operation, const char *resource,
                           gint64 seconds);
gboolean decision_apply (Vault *vault, const Decision *decision, WriterDone done, gpointer data,
                         GError **error);
