/* SPDX-License-Identifier: MIT
 *
 * Something is done to a log, and it shows: to who has nothing but the files, to who has the first
 * public key, to who has the first key, and to who kept a checkpoint.
 */
#pragma once

#include "tests/unit/audit-log.h"

/* Four files, 30 records: 9 to 16 are the second file's, and its line 4 is record 12. */
AuditLog *audit_case_log (void);
#define AUDIT_CASE_SIZE 1600 /* of its files */
/* One just as long, with other keys, of the store @log_id. */
AuditLog *audit_case_other_log (const char *log_id);
#define AUDIT_CASE_OTHER "ffeeddccbbaa99887766554433221100"

typedef enum
{
  AUDIT_WITH_NOTHING,
  AUDIT_WITH_PUBLIC_KEY, /* of the first file */
  AUDIT_WITH_KEY,        /* K₀ */
  AUDIT_WITH_CHECKPOINT, /* made before anything was done to the log */
  AUDIT_WITH_N
} AuditWith;

typedef struct
{
  AuditDamage damage;
  guint64 seq;
} AuditSeen;

typedef struct
{
  const char *name;
  void (*tamper) (AuditLog *log);
  AuditSeen seen[AUDIT_WITH_N];
  guint segment, line; /* where, with the key; where that sees nothing, with the checkpoint */
} AuditCase;
/* The same to everybody. */
#define ALL(damage, seq)                                                                           \
  {                                                                                                \
    { damage, seq }, { damage, seq }, { damage, seq },                                             \
    {                                                                                              \
      damage, seq                                                                                  \
    }                                                                                              \
  }
#define UNSEEN                                                                                     \
  {                                                                                                \
    NONE, 0                                                                                        \
  }
/* Adds a test for each of @cases, which must last. */
void audit_case_add (const char *path, const AuditCase *cases, gsize n);

void audit_case_assert (const AuditLog *log, gboolean key, gboolean head, AuditDamage damage);

/* The first @what in *@line, which must be there. */
void audit_case_replace (char **line, const char *what, const char *by);
void audit_case_remove (const AuditLog *log, guint segment);

/* As somebody without the key would, from file @first on: new links, old MACs. */
void audit_case_link (const AuditLog *log, guint first);
/* As somebody with the first key would: all numbers, links and MACs are new. */
void audit_case_forge (const AuditLog *log);

#define NONE AUDIT_DAMAGE_NONE
#define MALFORMED AUDIT_DAMAGE_MALFORMED
#define EDITED AUDIT_DAMAGE_EDITED
#define REMOVED AUDIT_DAMAGE_REMOVED
#define REORDERED AUDIT_DAMAGE_REORDERED
#define TRUNCATED AUDIT_DAMAGE_TRUNCATED
#define REPLACED AUDIT_DAMAGE_REPLACED
#define TORN AUDIT_DAMAGE_TORN
#define CLOCK AUDIT_DAMAGE_CLOCK
#define FOREIGN AUDIT_DAMAGE_FOREIGN
#define FORGED AUDIT_DAMAGE_FORGED
