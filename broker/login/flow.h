/* SPDX-License-Identifier: MIT
 *
 * How a login comes to be: a person logs in at the provider, in a browser (RFC 6749, 7636, 8252) or
 * on another device (RFC 8628), and what comes of it is stored.
 *
 * MUST
 *  - record that it begins before anything is sent, and that it succeeded before anything is stored
 *  - take endpoints, client and ports from the person's accepted file alone
 *  - be over when whoever began it is, when the vault is locked, and after a time
 */
#pragma once

#include "broker/login/login.h"

typedef struct _Flow Flow;

typedef struct
{
  const char *provider, *secret;
  const char *const *scopes; /* NULL: those that the provider's file allows */
  gboolean device;           /* by a code on another device, also where a browser would do */
} FlowAsk;

/* What the person is to open. */
typedef struct
{
  const char *provider, *url;
  const char *user_code; /* of the device flow, to compare or to type; else NULL */
  gint64 expires_at;     /* seconds since 1970 */
} FlowBrowse;

typedef struct
{
  gboolean ok;
  const char *code;    /* unless ok */
  const char *message; /* for people and agents */
  const char *scope;   /* as granted by the provider; NULL unless ok */
  gint64 expires_in;   /* seconds; 0: not said */
  gboolean refreshes;
} FlowOutcome;

typedef struct
{
  /* A record of that event, with who asked; NULL: there is no trail. */
  AuditRecord *(*record) (gpointer data, const char *event);
  /* FALSE: there is nobody who could open it. */
  gboolean (*browse) (gpointer data, const FlowBrowse *browse);
  /* Once; the flow is gone by then. */
  void (*done) (gpointer data, const FlowOutcome *outcome);
} FlowEvents;

/* Whether it could begin: LOGIN_ERROR, with words for whoever asked. */
gboolean flow_check (Vault *vault, const FlowAsk *ask, GError **error);
/* Nothing is called from within. NULL with an error of flow_check(). */
Flow *flow_begin (Vault *vault, const FlowAsk *ask, const FlowEvents *events, gpointer data,
                  GError **error);
const char *flow_id (const Flow *flow);
/* Without done. */
void flow_cancel (Flow *flow);

/* The provider @name, if one can log in there; the error says how to set it up. */
const Provider *flow_provider (const Vault *vault, const char *name, GError **error);
