/* SPDX-License-Identifier: MIT
 *
 * Where records are sent to, as a person names it:
 *
 *   journald                   the journal of this machine; journald:/PATH another socket of it
 *   syslog                     /dev/log; syslog:/PATH another socket
 *   syslog:udp:HOST[:PORT]     RFC 5426; port 514
 *   syslog:tcp:HOST[:PORT]     RFC 6587, octet counting; port 514
 *   syslog:tls:HOST[:PORT]     RFC 5425; port 6514
 *
 * An IPv6 address that a port follows stands in brackets.
 */
#pragma once

#include <glib.h>

#define SINK_ERROR (sink_error_quark ())
typedef enum
{
  SINK_ERROR_PLACE,  /* is named wrongly */
  SINK_ERROR_CURSOR, /* is of another place, in use, or cannot be read */
  SINK_ERROR_SEND    /* not taken there; to be tried again */
} SinkError;
GQuark sink_error_quark (void);

typedef enum
{
  SINK_JOURNALD,
  SINK_SYSLOG_UNIX,
  SINK_SYSLOG_UDP,
  SINK_SYSLOG_TCP,
  SINK_SYSLOG_TLS
} SinkKind;

typedef struct
{
  SinkKind kind;
  char *path;        /* of a socket of this machine, or NULL */
  char *host, *port; /* else */
  char *text;        /* with all that was left out; one place has one such text */
} SinkPlace;

/* FALSE with SINK_ERROR_PLACE; @place is then empty. */
gboolean sink_place_parse (const char *text, SinkPlace *place, GError **error);
void sink_place_clear (SinkPlace *place);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SinkPlace, sink_place_clear)

/* The name of a cursor for it, where nobody gives one: "journald", "syslog", or for another place
 * of the kind for example "syslog-udp-logs-example-org-514". g_free(). */
char *sink_place_name (const SinkPlace *place);
/* A name's form: 1 to 64 of a-z, 0-9, "-", beginning with a letter or digit. */
gboolean sink_place_check_name (const char *name, GError **error);
