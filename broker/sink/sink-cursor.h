/* SPDX-License-Identifier: MIT
 *
 * How far a sink has got: <audit directory>/sink-NAME.json, which retention reads too.
 *
 *   {"format":1,"to":"syslog:/dev/log","log":"…","file":3,"offset":812,"seq":44,"hash":"…"}
 *
 * MUST
 *  - say of no record that it was sent before it was
 *  - be whole or the one before, whenever the program or the machine stops
 */
#pragma once

#include "broker/audit/audit-line.h"

typedef struct
{
  char *log;      /* id of the trail; NULL: nothing was read yet */
  guint segment;  /* number of the file; 0: nothing was read yet */
  guint64 offset; /* where the next line begins in it */
  guint64 seq;    /* of the last record; 0: none was sent yet, of what is there now */
  char hash[AUDIT_HEX_LEN + 1];
} SinkCursor;

void sink_cursor_clear (SinkCursor *cursor);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SinkCursor, sink_cursor_clear)
/* As a store's id is. Anything else in a file or a cursor was put there to be read by who reads
 * what is sent, and may be of any length. */
gboolean sink_cursor_log_fits (const char *log);
/* @to is cleared first. */
void sink_cursor_copy (SinkCursor *to, const SinkCursor *from);

/* Nobody else uses that name as long as the descriptor is open. -1 with an error. */
int sink_cursor_lock (const char *dir, const char *name, GError **error);
/* An empty one, and TRUE for @missing, when there is none yet. FALSE with SINK_ERROR_CURSOR when it
 * is of another place than @to, or cannot be read. */
gboolean sink_cursor_load (const char *dir, const char *name, const char *to, SinkCursor *cursor,
                           gboolean *missing, GError **error);
gboolean sink_cursor_save (const char *dir, const char *name, const char *to,
                           const SinkCursor *cursor, GError **error);
