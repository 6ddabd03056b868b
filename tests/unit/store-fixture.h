/* SPDX-License-Identifier: MIT
 *
 * A store in a folder of its own, and its asynchronous calls made to wait.
 */
#pragma once

#include "broker/store/store-private.h"

#define PASSPHRASE "correct horse battery staple"

/* The cheapest that is within bounds: what the passphrase costs is not what is tried. */
extern const CryptKdf fixture_kdf;

typedef struct
{
  char *dir, *path;
  Writer *writer;
  Store *store; /* claimed and loaded, or NULL */
  GMutex mutex;
  GCond cond;
  gboolean held, holding;
} Fixture;

void fixture_init (Fixture *fixture);                     /* in a new folder */
void fixture_init_at (Fixture *fixture, const char *dir); /* in @dir, which is left alone */
void fixture_create (Fixture *fixture);
void fixture_clear (Fixture *fixture);  /* removes the folder */
void fixture_close (Fixture *fixture);  /* the store only */
void fixture_reopen (Fixture *fixture); /* closes, opens, must succeed */
/* Opens, unlocks, claims and loads; NULL with the error of the first that fails. */
Store *fixture_try (const Fixture *fixture, const char *passphrase, GError **error);

Secret *fixture_secret (const char *text);

/* These wait for the done. FALSE with the done's error. */
gboolean fixture_set (Fixture *fixture, const char *name, const char *value, StoreSetMode mode,
                      GError **error);
gboolean fixture_set_tagged (Fixture *fixture, const char *name, const char *value, const char *tag,
                             const char *tag_value);
gboolean fixture_remove (Fixture *fixture, const char *name, GError **error);
gboolean fixture_rename (Fixture *fixture, const char *name, const char *to, GError **error);
gboolean fixture_put_meta (Fixture *fixture, const char *key, const char *value, GError **error);
Secret *fixture_read (Fixture *fixture, const char *name, GError **error);
/* Each must succeed. */
void fixture_must_set (Fixture *fixture, const char *name, const char *value);
void fixture_assert_value (Fixture *fixture, const char *name, const char *value);

/* Creates it with shop/live/FIRST ("first value", tag team=till), shop/live/SECOND of two versions
 * ("second value", "second value, newer"), and meta "policy" and "pin". */
void fixture_fill (Fixture *fixture);
/* NULL: there is none. */
void fixture_assert_meta (Fixture *fixture, const char *key, const char *expected);
/* Puts "head" under "audit-head", on the writer thread. */
void fixture_put_raw (Fixture *fixture);
void fixture_assert_raw (Fixture *fixture, const char *key, const char *expected);

/* A done that counts down and keeps the error. */
typedef struct
{
  gboolean called;
  GError *error;
} Outcome;
void outcome_done (gpointer data, const GError *error);
void outcome_clear (Outcome *outcome);

/* Between these the writer runs nothing: what is pushed is one batch, however the threads are
 * scheduled. */
void fixture_hold (Fixture *fixture);
void fixture_release (Fixture *fixture);

/* Runs @sql on the file beside the store, which must be closed. */
void fixture_sql (const Fixture *fixture, const char *sql);
/* TRUE when @bytes stand anywhere in a file of the folder. */
gboolean fixture_contains (const Fixture *fixture, const void *bytes, gsize len);
