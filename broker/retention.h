/* SPDX-License-Identifier: MIT
 *
 * How long the audit trail is kept: for ever, unless a person says otherwise.
 *
 * MUST
 *  - shorten it only as recorded, and when that record is on disk
 */
#pragma once

#include "broker/vault.h"

Retention *retention_new (Vault *vault);
void retention_free (Retention *self);

/* What the store remembers; FALSE when that cannot be read. */
gboolean retention_load (Retention *self, GError **error);
/* Removes what is old enough, now and once a day, as long as there is a trail. */
void retention_begin (Retention *self);
void retention_end (Retention *self);

gint64 retention_days (const Retention *self); /* 0: for ever */
/* The broker is unlocked. @done once the store has it, or with the reason why it stays as it was.
 */
void retention_set (Retention *self, gint64 days, const Process *caller, WriterDone done,
                    gpointer data);
