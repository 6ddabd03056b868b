/* SPDX-License-Identifier: MIT
 *
 * A record as a syslog message, RFC 5424:
 *
 *   <PRI>1 TIME HOST countersign - EVENT [countersign@32473 …][meta sequenceId="…"] MESSAGE
 *
 * MUST
 *  - be read by any RFC 5424 parser as what the record has, whatever is in it
 *  - name what it leaves out for want of room
 */
#pragma once

#include "broker/sink/sink-record.h"

/* Receivers are to take 2048 bytes (RFC 5424, 6.1), and usual ones take 8192. */
#define SINK_SYSLOG_MAX 8192

/* HOSTNAME for this machine; "-" when it has no name that may stand there. g_free(). */
char *sink_syslog_host (const char *name);
/* @log_id: of the trail. Members are left out, the longest first, until the message has at most
 * @max bytes (at least 1024); their names are then in left_out. g_string_free(). */
GString *sink_syslog_format (const SinkRecord *record, const char *log_id, const char *host,
                             gsize max);
