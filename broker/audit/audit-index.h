/* SPDX-License-Identifier: MIT
 *
 * What a reader of the trail keeps about files that no record comes to any more, so that it need
 * not read them again: where the records of a time are, and those of a request. A cache: what is
 * missing, damaged or not ours is made anew, and nothing is lost with it.
 *
 * MUST
 *  - never say that a block has no such record when it has one: whoever can write the cache must
 *    not be able to hide a record from who reads the trail. So each part bears a MAC under a key
 *    that the broker gives to who has shown the PIN
 *  - be of no use for a file that is not the one, to the byte, that it was made from
 */
#pragma once

#include "broker/audit/audit-line.h"
#include "broker/base/secret.h"

#include <sys/stat.h>

/* Where the indexes of one log are. */
typedef struct _AuditCache AuditCache;
/* @dir is made (0700) when it is missing. NULL with an error when it cannot be, or is not ours
 * alone. @key, of CRYPT_KEY_LEN bytes, is copied. */
AuditCache *audit_cache_new (const char *dir, const Secret *key, GError **error);
void audit_cache_free (AuditCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuditCache, audit_cache_free)
/* How many were made, for who waited for them. */
guint audit_cache_made (const AuditCache *cache);

/* Removes the indexes of files before @first, which are not there any more. */
void audit_cache_sweep (const AuditCache *cache, guint first);

/* Makes those of all finished files in @dir that have none, on all cores; @progress (may be NULL)
 * is told after each. */
typedef void (*AuditCacheProgress) (guint done, guint all, gpointer user);
void audit_cache_make_all (AuditCache *cache, const char *dir, AuditCacheProgress progress,
                           gpointer user);

typedef struct _AuditIndex AuditIndex;
/* Of the file @number, which is open as @fd and finished; @st is its stat. Made when there is none
 * that is good. NULL where none can be had (the file is no log, the disk is full): then the file
 * itself is read. */
AuditIndex *audit_index_open (AuditCache *cache, guint number, int fd, const struct stat *st);
void audit_index_free (AuditIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuditIndex, audit_index_free)

/* A run of lines. */
typedef struct
{
  guint64 offset, len;
} AuditSpan;

typedef struct
{
  const char *since, *until; /* as records write times */
  const char *event;
  const char *ids[2]; /* each must be in the block, as request, grant or resource token */
  guint64 seq;
} AuditLookup;

/* All runs that may have such a record, in order, those that touch as one. NULL: a part of the
 * index is damaged, and the file itself has to be read. */
GArray *audit_index_spans (AuditIndex *index, const AuditLookup *lookup);
