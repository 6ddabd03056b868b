/* SPDX-License-Identifier: MIT
 *
 * Bytes on their way out: messages are gathered, many go with one write, descriptors travel with
 * their message.
 *
 * MUST
 *  - wipe what was written, and what never will be: a message may have held a value
 *  - pass a descriptor with the first byte of its message and with no byte of another
 */
#pragma once

#include "broker/base/wire.h"

typedef struct _Outbox Outbox;

Outbox *outbox_new (void);
void outbox_free (Outbox *outbox); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Outbox, outbox_free)

void outbox_add (Outbox *outbox, const char *data, gsize len);
void outbox_add_text (Outbox *outbox, const char *text);
/* @value as compact JSON; any value, not only objects. */
void outbox_add_json (Outbox *outbox, const json_t *value);
/* Adds what was added to @from and not ended, and takes it out of there. */
void outbox_add_outbox (Outbox *outbox, Outbox *from);
/* Bytes added since the last end, and taking them back. */
gsize outbox_unended (const Outbox *outbox);
void outbox_take_back (Outbox *outbox);
/* Ends the message that was added since the last end, with a newline. @fd, unless -1, goes with its
 * first byte; it is duplicated, so the caller's stays the caller's. FALSE, and the message is taken
 * back, when it cannot be. */
gboolean outbox_end (Outbox *outbox, int fd, GError **error);
/* The same with several, in this order; those that are -1 are left out. */
#define OUTBOX_FDS_MAX 2
gboolean outbox_end_fds (Outbox *outbox, const int *fds, gsize n_fds, GError **error);

/* Ends it as it is, without a newline and a descriptor. */
void outbox_end_plain (Outbox *outbox);

/* Bytes that wait. */
gsize outbox_size (const Outbox *outbox);
/* The first of them, and how many they are; valid until something is added. The second wipes the
 * first @n. For what goes elsewhere than to a descriptor, and carries none. */
const char *outbox_peek (const Outbox *outbox, gsize *len);
void outbox_drop (Outbox *outbox, gsize n);
/* Writes what @fd takes at once. FALSE, with a G_FILE_ERROR, when it will take no more ever. A
 * socket is never waited for; anything else only when its description is blocking. */
gboolean outbox_flush (Outbox *outbox, int fd, GError **error);
