/* SPDX-License-Identifier: MIT
 *
 * Telling requests and grants that a process has ended. However many wait for one process, its
 * pidfd is in the epoll set once.
 */
#pragma once

#include "broker/base/process.h"
#include "broker/serve/loop.h"

typedef struct _Lifetimes Lifetimes;

/* Embedded in who waits; the fields below the line are not for the owner. */
typedef struct
{
  void (*gone) (gpointer data);
  gpointer data;
  /* --- */
  gpointer entry;
  GList link;
} Lifetime;

Lifetimes *lifetimes_new (Loop *loop);
void lifetimes_free (Lifetimes *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Lifetimes, lifetimes_free)

/* gone runs once, on a later turn, after which @lifetime is not set; also when @process has ended
 * already. FALSE when the kernel refuses another watch. */
gboolean lifetime_set (Lifetimes *self, Lifetime *lifetime, Process *process, GError **error);
void lifetime_clear (Lifetimes *self, Lifetime *lifetime);
