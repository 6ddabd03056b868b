/* SPDX-License-Identifier: MIT
 *
 * What is too long for a line, in memory that nobody can change any more.
 *
 * MUST
 *  - read nothing that its sender could still change
 */
#pragma once

#include "broker/base/secret.h"
#include "broker/base/wire.h"

/* From @fd, a sealed memfd, which stays the caller's. NULL: it is none, or not strict JSON. */
json_t *worker_sealed_read (int fd);
/* A sealed copy of @bytes, or -1. */
int worker_sealed_bytes (GBytes *bytes);
/* What came with an answer in @fd (or -1; stays the caller's), for each of its @names: char* →
 * Secret. NULL: they are not these, or there is no room for them. */
GHashTable *worker_sealed_values (int fd, const json_t *names);
