/* SPDX-License-Identifier: MIT
 *
 * Getting messages to where they belong.
 *
 * What "taken" means: on a socket of this machine, the receiver has it in its queue. By TCP and
 * TLS, the receiver's program has read it all: each burst is a connection of its own, which we
 * close for writing, and which the receiver then closes without an error; by TLS it says so under
 * its key. By UDP, nothing more than that it was sent and nobody at once said that nobody listens.
 *
 * MUST
 *  - call nothing taken that may have been lost with a connection
 *  - give nothing to a TLS server whose certificate does not name it
 */
#pragma once

#include "broker/sink/sink-place.h"

/* Files, PEM. Each may be NULL: the system's authorities, and no certificate of our own. */
typedef struct
{
  char *ca, *certificate, *key;
} SinkTls;

typedef struct _SinkLink SinkLink;

/* Nothing is connected yet. NULL with an error when the files of @tls are none. */
SinkLink *sink_link_new (const SinkPlace *place, const SinkTls *tls, GError **error);
void sink_link_free (SinkLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SinkLink, sink_link_free)

/* How many of @messages (GString), which are sent in order, were taken; fewer than all: with
 * SINK_ERROR_SEND. Blocks for as long as the receiver takes. */
guint sink_link_send (SinkLink *link, const GPtrArray *messages, GError **error);
/* How many go in one burst, and how long to wait after one, in milliseconds; @more: there are more
 * of them already. */
guint sink_link_burst (const SinkLink *link);
guint sink_link_pause (const SinkLink *link, gboolean more);
