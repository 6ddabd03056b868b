/* SPDX-License-Identifier: MIT
 *
 * Records of a trail for a sink: each once, in order, from where it has got to.
 *
 * MUST
 *  - pass over no record: where the trail is another than the one that was sent, say so, and begin
 *    again with its file
 *  - wait for a line that is not whole yet
 */
#pragma once

#include "broker/sink/sink-cursor.h"
#include "broker/sink/sink-record.h"

typedef struct _SinkTrail SinkTrail;

/* @from is copied. @sealed: with what is sealed. */
SinkTrail *sink_trail_new (const char *dir, const SinkCursor *from, gboolean sealed,
                           GError **error);
void sink_trail_free (SinkTrail *trail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SinkTrail, sink_trail_free)

typedef enum
{
  SINK_TRAIL_RECORD,
  SINK_TRAIL_END, /* nothing more for now */
  SINK_TRAIL_FAILED
} SinkTrailRead;
/* The next one, which the caller owns. */
SinkTrailRead sink_trail_next (SinkTrail *trail, SinkRecord **record, GError **error);
/* After the record that came last. */
const SinkCursor *sink_trail_cursor (const SinkTrail *trail);
