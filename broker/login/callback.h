/* SPDX-License-Identifier: MIT
 *
 * Where a person's browser comes back to (RFC 8252, 7.3): a worker that listens on this machine's
 * loopback addresses, and reads what a browser, or anybody else, sends there.
 *
 * MUST
 *  - end with its flow
 */
#pragma once

#include "broker/dispatch/worker-process.h"

typedef struct _Callback Callback;

typedef struct
{
  guint port; /* 0: any */
  const char *path, *state;
  const char *issuer; /* or NULL */
  gboolean issuer_required;
  const char *title; /* of the page that says how it went */
  gint64 timeout;    /* seconds */
} CallbackAsk;

typedef struct
{
  /* It listens at @port of localhost. */
  void (*listening) (gpointer data, guint port);
  /* The browser came back, with @code (borrowed). */
  void (*code) (gpointer data, const Secret *code);
  /* It did not, or with another word; "port": the port is another program's. */
  void (*failed) (gpointer data, const char *code, const char *message);
} CallbackEvents;

/* None of @events is called from within, and none after one of the last two. */
Callback *callback_begin (Vault *vault, const CallbackAsk *ask, const CallbackEvents *events,
                          gpointer data, GError **error);
void callback_end (Callback *callback); /* NULL is fine */
