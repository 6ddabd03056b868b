/* SPDX-License-Identifier: MIT
 *
 * The head: where the log stood when it was last synced, kept in the store and sealed, because it
 * holds the key of the next record and the seed of the file's signature.
 */
#pragma once

#include "broker/audit/audit-chain.h"

/* Bound to @log_id: the head of another log does not open. NULL with an error. */
GBytes *audit_head_seal (const Secret *head_key, const char *log_id, const AuditChain *chain,
                         GError **error);
/* Of this format, or of format 1: @chain then has no seed. */
gboolean audit_head_open (const Secret *head_key, const char *log_id, GBytes *head,
                          AuditChain *chain, GError **error);
