/* SPDX-License-Identifier: MIT
 *
 * Sending a trail to a sink: reads, sends, and keeps the cursor.
 *
 * MUST
 *  - move the cursor behind what was taken, never before
 *  - go on for as long as it takes when it follows, whatever the sink or the trail does
 */
#pragma once

#include "broker/sink/sink-link.h"

typedef struct
{
  SinkPlace place;
  SinkTls tls;
  char *dir;  /* of the trail */
  char *name; /* of the cursor */
  gboolean follow, sealed;
} SinkOptions;

/* Without follow: until all that is there was taken. FALSE with an error. */
gboolean sink_run (const SinkOptions *options, GError **error);
