/* SPDX-License-Identifier: MIT
 *
 * Single members of a record, without reading the rest of it.
 */
#pragma once

#include "broker/audit/audit-line.h"

/* A member that is a text, as it stands in the line: escaped, without its quotes. Borrows from it.
 */
typedef struct
{
  const char *name; /* given */
  const char *at;   /* NULL: the record has no such text */
  gsize len;
} AuditMember;

/* Looks for the @n members that are named in @members among those between "event" and "prev" of
 * @line, in which @scanned was found. */
void audit_line_members (const char *line, const AuditLine *scanned, AuditMember *members, gsize n);

/* TRUE when the member is exactly @text, which has nothing that a record would escape. */
gboolean audit_member_is (const AuditMember *member, const char *text);
