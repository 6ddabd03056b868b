/* SPDX-License-Identifier: MIT
 *
 * Who asks, and who may hold a grant.
 *
 * MUST
 *  - take nobody's word for who they are: a requester is a pinned process, found from the socket,
 * or the subject of a token that the broker verified
 *  - never let our HTTP program act as the process that started it
 *  - cover nobody when in doubt
 */
#pragma once

#include "broker/base/process.h"
#include "broker/caller/subject.h"
#include "broker/grant/facts.h"

#include <jansson.h>

/* Who asks. Immutable, reference-counted. */
typedef struct
{
  gint refs;
  Process *peer;      /* who connected */
  Process *process;   /* who asks: the peer, or what started it when the peer is our own program */
  gboolean via;       /* the peer is ours: a carrier, not the requester */
  gboolean remote;    /* the peer is our HTTP program: it asks for nobody but a subject */
  Subject *subject;   /* who asks over HTTP; then @process is the HTTP program. NULL: a process */
  char *name;         /* base name of the executable, or what the subject is called */
  char *key;          /* as requester_key() */
  GPtrArray *holders; /* found when first asked for: each pin costs two descriptors, and a requester
                         may ask thousands of times */
  Facts *facts;       /* as they were last read */
  char *claim_name, *claim_version; /* what the client says it is; NULL: nothing */
} Requester;

/* Takes over @peer. @carriers: paths of our programs that only carry, NULL-terminated. @remote: the
 * path of our HTTP program, or NULL. */
Requester *requester_new (Process *peer, const char *const *carriers, const char *remote,
                          GError **error);
/* The same HTTP program's, once it has shown the token of @subject; with its claim. */
Requester *requester_new_subject (const Requester *carrier, Subject *subject);
Requester *requester_ref (Requester *self);
void requester_unref (Requester *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Requester, requester_unref)
/* The requester is alive and runs what it ran; so does its carrier, unless it has ended. A subject
 * has no process that could end. */
gboolean requester_check (const Requester *self, GError **error);
/* The executable to hold against the policy; NULL when unverified, and for a subject. */
const char *requester_exe (const Requester *self);
/* As the policy knows a subject, "work/ann@example.com"; NULL for a process. */
const char *requester_caller (const Requester *self);
/* The same process, or the same subject. */
gboolean requester_equal (const Requester *one, const Requester *other);
/* A text that no other requester of this boot has: for tables. Borrowed. */
const char *requester_key (const Requester *self);
/* TRUE for a subject, who has no process: what ends when a process does must end otherwise. */
gboolean requester_is_subject (const Requester *self);
/* For the card: name pid exe verified argv cwd unit via claim chain. Reads /proc now. */
json_t *requester_describe (const Requester *self);
/* @process (not taken) and what is above it, nearest first; of Process. The caller owns it. */
GPtrArray *requester_ancestors (Process *process);
/* Ancestors that may hold a grant for all they start: at least @process's parent, below the session
 * leader, and never a shell, multiplexer, service manager or a container's init. Of Process;
 * nearest first. */
GPtrArray *requester_holders (Requester *self);

typedef enum
{
  PRINCIPAL_PROCESS, /* this process alone */
  PRINCIPAL_SUBTREE, /* it and what it starts */
  PRINCIPAL_SUBJECT  /* who calls over HTTP, by whichever connection */
} PrincipalKind;

typedef struct
{
  PrincipalKind kind;
  union
  {
    Process *process; /* PRINCIPAL_PROCESS, PRINCIPAL_SUBTREE */
    Subject *subject; /* PRINCIPAL_SUBJECT */
  };
} Principal;

/* What @process is called, in UTF-8: a file may have any bytes for its name, JSON may not.
 * g_free(). */
char *principal_name (const Process *process);

Principal *principal_new (PrincipalKind kind, Process *process); /* not of a subject */
Principal *principal_new_subject (Subject *subject);
/* Whoever asks, alone. */
Principal *principal_of (const Requester *requester);
Principal *principal_copy (const Principal *self);
void principal_free (Principal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Principal, principal_free)
/* "process:4711", "subtree:4711" or "subject:work/ann@example.com": an id within one card, never an
 * identity by itself. */
char *principal_id (const Principal *self);
/* "node (pid 4711)", "claude (pid 4711) and what it starts"; unescaped. */
char *principal_label (const Principal *self);
/* Alive, still the program it was, and @requester is within it; walks the process tree for a
 * subtree. */
gboolean principal_covers (const Principal *self, const Requester *requester);
/* NULL for a subject. */
Process *principal_process (const Principal *self);
/* A text that no other principal of this boot has; g_free(). */
char *principal_key (const Principal *self);
/* A process that has ended holds nothing. */
gboolean principal_alive (const Principal *self);
