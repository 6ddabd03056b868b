/* SPDX-License-Identifier: MIT
 *
 * A log of three files that says something of several requests, and a folder for its indexes.
 */
#pragma once

#include "broker/audit/audit-walk.h"
#include "tests/unit/audit-log.h"

typedef struct
{
  AuditLog *log;
  char *dir; /* of the cache */
  Secret *key;
} IndexPlace;

IndexPlace *index_place_new (void);
void index_place_free (IndexPlace *place);
AuditCache *index_place_cache (const IndexPlace *place);
char *index_place_path (const IndexPlace *place, guint number);

/* Numbers of the records that are found, "3 7 9 "; @cache may be NULL. */
char *index_place_found (const IndexPlace *place, AuditCache *cache, const AuditWish *wish,
                         gboolean backward);
/* Whatever is wished for is found with @cache as without one. */
void index_place_assert_same (const IndexPlace *place, AuditCache *cache);
