/* SPDX-License-Identifier: MIT
 *
 * Records of a log that fit what is asked for, in either direction. Where the index of a file can
 * be had, only those of its blocks are read that may have one; which records are found does not
 * depend on it.
 */
#pragma once

#include "broker/audit/audit-index.h"
#include "broker/audit/audit-verify.h"

/* Which records; NULL and 0 do not choose. All that is said must fit. */
typedef struct
{
  const char *since, *until; /* as records write times; both included */
  const char *event;
  const char *id;       /* a request's or a grant's */
  const char *resource; /* its token */
  guint64 seq;
} AuditWish;

/* TRUE when @line, in which @scanned was found, is wished for. */
gboolean audit_wish_fits (const AuditWish *wish, const AuditLine *scanned, const char *line);

/* Calls @each for every such record, oldest first, or newest first when @backward; it returns FALSE
 * to stop. @cache may be NULL. Errors are those of audit_each(): where an index is used, what is no
 * record was found when the index was made. */
gboolean audit_walk (const char *dir, AuditCache *cache, const AuditWish *wish, gboolean backward,
                     AuditEach each, gpointer user, GError **error);
