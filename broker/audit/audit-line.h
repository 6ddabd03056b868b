/* SPDX-License-Identifier: MIT
 *
 * One line of the audit trail, as bytes: the only form of a record that is accepted. The grammar is
 * in broker/PROTOCOL.md, "The audit trail".
 *
 * MUST
 *  - accept one spelling of a record and no other, so that nothing hides in how it is written
 *  - accept nothing that audit_parse_line() then reads otherwise
 */
#pragma once

#include <glib.h>

#define AUDIT_HASH_LEN 32
#define AUDIT_HEX_LEN 64
#define AUDIT_TIME_LEN 24
#define AUDIT_LINE_MIN 200           /* no record is shorter */
#define AUDIT_LINE_MAX (1024 * 1024) /* none is longer; both without the line's end */
#define AUDIT_PREV ",\"prev\":\""
#define AUDIT_MAC ",\"mac\":\""

/* Where things are in a line; the pointers borrow from it. */
typedef struct
{
  guint64 seq;
  const char *time; /* AUDIT_TIME_LEN bytes */
  const char *event;
  gsize event_len;
  const char *prev, *mac; /* AUDIT_HEX_LEN bytes each */
  gsize signed_len;       /* how much of the line the MAC covers */
  gsize fault;            /* when it is not a record: the byte where that shows */
} AuditLine;

/* FALSE when the bytes (without a line's end) are no record; only @out->fault is then set. */
gboolean audit_line_scan (const char *line, gsize len, AuditLine *out);

gboolean audit_line_is_event (const AuditLine *line, const char *event);

/* Lower-case hex. @hex gets AUDIT_HEX_LEN bytes and no NUL. */
void audit_hex (const guint8 hash[AUDIT_HASH_LEN], char *hex);
gboolean audit_unhex (const char *hex, guint8 hash[AUDIT_HASH_LEN]);
