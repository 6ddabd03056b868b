/* SPDX-License-Identifier: MIT
 *
 * A login under way, inside: flow.c has its beginning and end, flow-browser.c and flow-device.c the
 * two ways in between.
 */
#pragma once

#include "broker/login/callback.h"
#include "broker/login/flow.h"
#include "broker/login/login-private.h"
#include "broker/provider/oauth2.h"

struct _Flow
{
  Logins *owner;
  Vault *vault;
  char *id;
  FlowEvents events;
  gpointer data;
  char *secret;
  char **scopes;
  gboolean device;
  Providers *providers; /* the set that it began with */
  const Provider *provider;
  json_t *metadata; /* or NULL */
  guint attempt;    /* of discovery */
  Exchange *exchange;
  Callback *callback;
  char *state, *redirect;
  guint port;         /* that it listens at, or waits for; 0: any */
  gboolean waits;     /* for another flow to end that has the port */
  GHashTable *values; /* char* → Secret: what the next exchange needs, then the tokens */
  json_t *fields;     /* that came with the tokens */
  gint64 asked_at;    /* seconds since 1970: from then on a token lives, at the latest */
  gboolean redeems;   /* the exchange may bring tokens */
  gboolean kept;      /* they are the store's */
  char *ending;       /* why it ends when it takes too long */
  Deadline limit, poll;
  gint64 interval; /* seconds between two polls */
};

/* The name is free, or that of the same provider's login, which is then renewed. */
gboolean flow_check_secret (const Vault *vault, const Provider *provider, const char *secret,
                            GError **error);
/* The flow is over, and gone. */
void flow_fail (Flow *flow, const char *code, const char *message);
/* Sets how long it may take from here on. */
void flow_limit (Flow *flow, gint64 seconds, const char *what);
/* Takes @exchange (NULL: @error says why there is none). FALSE: the flow is gone. */
gboolean flow_exchange (Flow *flow, ProviderExchange *exchange, const GError *error,
                        ExchangeDone done);
/* The provider gave tokens, or did not. */
void flow_on_tokens (gpointer flow, ExchangeOutcome *outcome);

void flow_browser_begin (Flow *flow);
/* A port is free again: whoever waits for it listens. */
void flow_browser_next (Logins *owner);
void flow_device_begin (Flow *flow);
