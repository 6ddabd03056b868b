/* SPDX-License-Identifier: MIT
 *
 * What speaks to the broker without ever waiting, on a GLib main loop.
 */
#pragma once

#include <glib.h>

/* As in mcp-link.h. */
typedef struct
{
  int (*fd) (gpointer user); /* another from one broker to the next; -1: none */
  gboolean (*has_backlog) (gpointer user);
  gint64 (*due) (gpointer user); /* monotonic, µs; G_MAXINT64: never */
  void (*turn) (gpointer user);  /* reads, does what is due, sends */
} McpSourceEnds;

/* @ends and @user are borrowed until the source is destroyed, within `turn` too. The caller
 * attaches it. */
GSource *mcp_source_new (const McpSourceEnds *ends, gpointer user);
