/* SPDX-License-Identifier: MIT
 *
 * The logins that go on in the person's browser, each with its window.
 */
#pragma once

#include <jansson.h>

#include <glib.h>

typedef struct _Pages Pages;

/* @changed: a window came or went. */
Pages *pages_new (void (*changed) (gpointer user), gpointer user);
/* Closes the windows. */
void pages_free (Pages *self);

/* Of the notifications browse and browse_over. */
void pages_begin (Pages *self, const json_t *params);
void pages_end (Pages *self, const json_t *params);
/* How many windows there are. */
guint pages_shown (const Pages *self);
