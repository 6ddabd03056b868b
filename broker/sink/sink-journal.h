/* SPDX-License-Identifier: MIT
 *
 * A record as an entry of systemd's journal, in the form of its native protocol: a line NAME=value
 * for each field.
 */
#pragma once

#include "broker/sink/sink-record.h"

/* @log_id: of the trail. g_string_free(). */
GString *sink_journal_format (const SinkRecord *record, const char *log_id);
