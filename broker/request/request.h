/* SPDX-License-Identifier: MIT
 *
 * The life of a request, from the agent's line to its one answer.
 *
 * MUST
 *  - move only as the table in request.c says; any other move ends in DENIED
 *  - answer each caller exactly once; a request that is dropped is denied
 *  - carry out what was approved only when somebody waits for it, and once
 */
#pragma once

#include "broker/grant/grant.h"
#include "broker/request/question.h"

/* How much is at stake; the worst is the default. */
typedef enum
{
  RISK_DISCLOSE = 0,
  RISK_WRITE,
  RISK_READ
} Risk;

typedef struct _OperationRow OperationRow;
typedef struct _Request Request;
typedef struct
{
  int input, output, relay;
} OperationFiles; /* descriptors that came with a call, or -1: borrowed */

typedef enum
{
  REQUEST_DENIED = 0,
  REQUEST_EXPIRED,
  REQUEST_FAILED,
  REQUEST_COMPLETED,
  REQUEST_RECEIVED,  /* not checked yet: the vault is locked */
  REQUEST_HELD,      /* a person is asked */
  REQUEST_RECORDING, /* decided; the record is on its way to disk */
  REQUEST_GRANTED,   /* waits for somebody to fetch it */
  REQUEST_EXECUTING
} RequestState;

/* Somebody who waits for a request's answer. */
typedef struct _Waiter Waiter;
struct _Waiter
{
  Request *request; /* NULL: answered straight away */
  /* Called once. @state is REQUEST_HELD for "pending". @value is the value of a secret_result,
   * borrowed. */
  void (*answer) (Waiter *waiter, const Request *request, gboolean pending, const Secret *value);
  /* Told that it is held, or no longer: by its state. */
  void (*held) (Waiter *waiter, const Request *request);
  /* What a command wrote while it runs. NULL: not asked for. */
  void (*progress) (Waiter *waiter, const char *stream, const char *text);
  gpointer user;
  Deadline hold;
};

struct _Request
{
  char *id;
  const OperationRow *row;
  Vault *vault;
  Requester *requester;
  RequestState state;
  char *resource;
  Risk risk;
  char **scopes;   /* asked, without those that the policy cuts */
  char **cut;      /* those; NULL: none */
  char *binding;   /* digest of exactly what is done; NULL: resource and scopes say it all */
  gint64 asked;    /* seconds asked for */
  char *purpose;   /* NULL when the operation has none */
  char *reference; /* resolve_secret */
  char *app, *environment; /* list_secrets */
  Secret *value;           /* store, update */
  GHashTable *tags;
  gpointer detail;    /* what only this operation has; its end() frees it */
  gboolean settling;  /* it is being found out what it comes down to */
  gboolean lasting;   /* its use of a grant lasts, as that of a slow operation does */
  Question *question; /* NULL: nothing has been decided yet */
  PolicyDecision bounds;
  char *ruling;         /* the rule by which the bounds are, "policy.conf:24: deny reveal" */
  gboolean counted;     /* by the rules that count */
  char *card, *digest;  /* text and its SHA-256 */
  GPtrArray *holders;   /* Principal: whom the card offers */
  gint64 received_at;   /* µs since 1970 */
  gint64 changed_at;    /* the same: when it came to its state */
  gint64 due_at;        /* µs since 1970, for people */
  char *grant_id;       /* once granted */
  char **granted;       /* what was left of the scopes; NULL until then */
  guint64 approver;     /* the number of the Human over which it was approved; 0: of none */
  gboolean spent;       /* its use of that grant is counted already */
  gboolean running;     /* and holds it, until the end of the request */
  Grant *pending_grant; /* RECORDING: what becomes live with the record */
  /* the outcome */
  const char *code;
  char *message, *by;
  char *rule; /* that denied it, "policy.conf:24: deny reveal"; NULL: none did */
  json_t *result;
  /* --- kept by request.c --- */
  char *key;           /* request_key() */
  ExecutableWait wait; /* for what its requester runs */
  gboolean announced;  /* somebody was told its id while it was open */
  gboolean handed_out; /* answered "pending" once: its id is known out there */
  GPtrArray *waiters;
  Deadline deadline;
  Lifetime lifetime;
  GList held_link;  /* in the queue of those held, later of those kept */
  gsize kept_bytes; /* 0: is not kept */
  GList subject_link;
};

Requests *requests_new (Vault *vault);
void requests_free (Requests *self);
guint requests_count_held (const Requests *self);
guint requests_count_open (const Requests *self);
/* NULL when unknown; with @requester also when it is another's. */
Request *requests_find (Requests *self, const char *id, const Requester *requester);
/* Those of @requester that are kept, open or over, in no order; free the array. */
GPtrArray *requests_of (Requests *self, const Requester *requester);
/* HELD ones, oldest first; free the array. */
GPtrArray *requests_held (Requests *self);

/* Everything that is asked for enters here. @args is checked already. Takes @waiter (and answers
 * it, perhaps at once). @error: the caller asked wrongly; @waiter is then still the
 * caller's. */
gboolean request_submit (Vault *vault, const OperationRow *row, Requester *requester, json_t *args,
                         const OperationFiles *files, gint64 hold_seconds, Waiter *waiter,
                         GError **error);
typedef struct
{
  const char *id;
  const Requester *requester;
  const OperationRow *row;
  const json_t *args;
  int input; /* a descriptor that came with the call, or -1 */
} RequestResumed;

/* The request that the same call once made. For another requester, call or arguments there is none:
 * NULL. */
Request *requests_find_resumed (Requests *self, const RequestResumed *what);
/* approval_wait: one more waiter on a request. */
void request_wait (Request *request, gint64 hold_seconds, Waiter *waiter);
/* The caller has gone or cancelled; the waiter is not answered. @withdraw: with the last one the
 * request goes even though its id was handed out. */
void request_forsake (Waiter *waiter, gboolean withdraw);
/* Its requester wants it no more: it is ended for all who wait, unless it is being done and takes
 * but a moment. */
void request_withdraw (Request *request);

/* The policy's word, by the rule of request->bounds. @because goes on after the rule's words. */
void request_refuse_by_rule (Request *request, const char *code, const char *because);
/* A person's word; broker/request/decision.c has checked it. */
void request_approve (Request *request, Grant *grant /* taken */, const char *by, WriterDone done,
                      gpointer data);
void request_refuse (Request *request, const char *code, const char *message, const char *by);
/* By the executors. */
void request_settled (Request *request);
/* One use of @grant, for this request: of a slow one until its end. */
void request_spend (Request *request, Grant *grant);
/* To those who asked to hear of it. */
void request_progress (Request *request, const char *stream, const char *text);
void request_finish (Request *request, json_t *result /* taken */, const Secret *value);
void request_fail (Request *request, const char *code, const char *message);

/* The grant has ended: what is being done under it ends too. */
void requests_end_under (Requests *self, const char *grant_id, const char *why);
/* The grants are back after a lock: what runs holds its own again, or ends with it. */
void requests_rejoin (Requests *self);
/* The broker leaves: what runs is not to be run once more by the next one. */
void requests_end_running (Requests *self);
/* The vault is open again: what came meanwhile is checked, what was granted is fetched. */
void requests_go_on (Requests *self);
/* Those of subjects that @match, whatever their state: what they were told may not be fetched. */
void requests_end_subjects (Requests *self, gboolean (*match) (const Subject *, gconstpointer),
                            gconstpointer data);
void requests_deny_all (Requests *self, const char *code, const char *message);
const char *request_status (const Request *request); /* "completed", "denied", … */
