/* SPDX-License-Identifier: MIT
 *
 * A request's life, inside: request.c has the table and the ends, request-wait.c those who wait,
 * request-record.c what must be in the trail first, request-enter.c how one begins, request-key.c
 * what makes two the same, request-kept.c what stays of one that is over, requests.c all of them.
 */
#pragma once

#include "broker/request/request.h"

typedef enum
{
  EVENT_ASK,     /* checked: a person is to be asked */
  EVENT_COVERED, /* checked: a live grant has it */
  EVENT_REFUSED, /* by policy, person, panic, shutdown, requester gone, cancelled */
  EVENT_DEADLINE,
  EVENT_APPROVED,
  EVENT_RECORDED,
  EVENT_CLAIMED,
  EVENT_DONE,
  EVENT_FAILED
} RequestEvent;

struct _Requests
{
  Vault *vault;
  GHashTable *by_id;      /* owns */
  GHashTable *by_key;     /* open ones */
  GQueue held;            /* Request, oldest first */
  GHashTable *by_subject; /* grant_target() → GQueue of the held ones */
  guint open;
  GQueue kept;      /* Request: over, and may still be asked for; oldest first */
  gsize kept_bytes; /* of them, about */
};

gboolean request_is_final (const Request *request);
/* @input: a descriptor that came with the call, or -1. g_free(). */
char *request_key (const Requester *requester, const OperationRow *row, const json_t *args,
                   int input);
void request_free (Request *request); /* one that never entered */
/* The only place that changes a state. A move that is not in the table is a denial; one away from a
 * final state is none at all. FALSE: it is over. */
gboolean request_move (Request *request, RequestEvent event);
/* A grant of this has just become live: what is held and covered by it needs no answer of its own.
 */
void requests_cover (Requests *self, Operation operation, const char *resource);
/* A live grant under which it needs no person; NULL. */
Grant *request_covering_grant (const Request *request);
/* Under a live grant: one more use of it. */
void request_use_grant (Request *request, Grant *grant);
/* Asks the policy, counts it, cuts its scopes. FALSE: the policy said no, and it is over. */
gboolean request_passes_policy (Request *request);
/* What the policy says of request->question, into request->bounds. */
void request_decide (Request *request);
/* Takes away the scopes that it leaves out. FALSE: none is left. */
gboolean request_cut_scopes (Request *request);
/* Executes what was granted, if somebody is there to receive it. */
void request_claim (Request *request);
void request_on_deadline (gpointer request);
void request_on_requester_gone (gpointer request);

typedef gboolean (*RequestMatch) (const Request *, gconstpointer);
/* Ids: one that ends may take others with it, so each is looked up again. Free the array. */
GPtrArray *requests_find_all (Requests *self, RequestMatch match, gconstpointer data);

/* It is over: stays as long as its outcome may be asked for, and there is room. May free others. */
void request_keep (Request *request);
void request_kept_leave (Request *request);

/* Answers all who wait; each is then its owner's to free. */
void request_answer_all (Request *request, const Secret *value);
/* One more who waits, for at most @hold_seconds. */
void request_add_waiter (Request *request, gint64 hold_seconds, Waiter *waiter);
/* @waiter (NULL: all) learns that a person is asked, or that the broker is locked. */
void request_tell_held (Request *request, Waiter *waiter);
/* Tells all, or one, that what was held is allowed and takes its time. */
void request_tell_running (Request *request, Waiter *only);

/* Takes @what. With the record the request goes on to GRANTED, live and claimed; without it, to
 * DENIED. @done may be NULL. */
void request_record (Request *request, AuditRecord *what, AuditLevel level, WriterDone done,
                     gpointer data);
/* What lets it go on is in the trail, or will be before anything of it leaves. */
void request_recorded (Request *request);
/* That a person is asked; a request whose holding cannot be recorded is denied. */
void request_record_held (Request *request);
