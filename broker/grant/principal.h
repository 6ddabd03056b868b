/* SPDX-License-Identifier: MIT
 *
 * Who asks, and who may hold a grant.
 *
 * MUST
 *  - take nobody's word for who they are: a requester is a pinned process, found from the socket
 *  - cover nobody when in doubt
 */
#pragma once

#include "broker/base/process.h"

#include <jansson.h>

/* Who asks. Immutable, reference-counted. */
typedef struct
{
  gint refs;
  Process *peer;      /* who connected */
  Process *process;   /* who asks: the peer, or what started it when the peer is our own program */
  gboolean via;       /* the peer is ours: a carrier, not the requester */
  char *name;         /* base name of the executable */
  GPtrArray *holders; /* found when first asked for: each pin costs two descriptors, and a requester
                         may ask thousands of times */
  char *claim_name, *claim_version; /* what the client says it is; NULL: nothing */
} Requester;

/* Takes over @peer. @carriers: paths of our programs that only carry, NULL-terminated. */
Requester *requester_new (Process *peer, const char *const *carriers, GError **error);
Requester *requester_ref (Requester *self);
void requester_unref (Requester *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Requester, requester_unref)
/* The requester is alive and runs what it ran; so does its carrier, unless it has ended. */
gboolean requester_check (const Requester *self, GError **error);
/* The executable to hold against the policy; NULL when unverified. */
const char *requester_exe (const Requester *self);
/* For the card: name pid exe verified argv cwd unit via claim chain. Reads /proc now. */
json_t *requester_describe (const Requester *self);
/* Ancestors that may hold a grant for all they start: at least @process's parent, below the session
 * leader, and never a shell, multiplexer, service manager or a container's init. Of Process;
 * nearest first. */
GPtrArray *requester_holders (Requester *self);

typedef enum
{
  PRINCIPAL_PROCESS, /* this process alone */
  PRINCIPAL_SUBTREE  /* it and what it starts */
} PrincipalKind;

typedef struct
{
  PrincipalKind kind;
  union
  {
    Process *process; /* PRINCIPAL_PROCESS, PRINCIPAL_SUBTREE */
  };
} Principal;

/* What @process is called, in UTF-8: a file may have any bytes for its name, JSON may not.
 * g_free(). */
char *principal_name (const Process *process);

Principal *principal_new (PrincipalKind kind, Process *process);
void principal_free (Principal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Principal, principal_free)
/* "process:4711" or "subtree:4711": an id within one card, never an identity by itself. */
char *principal_id (const Principal *self);
/* "node (pid 4711)", "claude (pid 4711) and what it starts"; unescaped. */
char *principal_label (const Principal *self);
/* Alive, still the program it was, and @requester is within it; walks the process tree for a
 * subtree. */
gboolean principal_covers (const Principal *self, const Requester *requester);
