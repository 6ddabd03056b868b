/* SPDX-License-Identifier: MIT
 *
 * What all readers of a provider's answers share.
 *
 * MUST
 *  - put nothing of an answer into a message: what a stranger wrote reaches neither agent nor
 * person
 *  - take what is not as documented for no answer
 */
#pragma once

#include "broker/provider/provider-module.h"

/* @code is one of the refusals of broker/PROTOCOL.md. Always FALSE. */
gboolean provider_answer_refuse (ProviderRead *read, const char *code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* TRUE for a status of 2xx whose body is not too large. Else what is wrong is told of @who
 * ("GitHub"): one that asks to wait, one whose clock is another than ours, one that does not want,
 * one that cannot. */
gboolean provider_answer_status (const ProviderReply *reply, ProviderRead *read, const char *who);
/* The body as one JSON object, or NULL and it is refused: a page, half an answer, something else.
 * Integers over 64 bits are read as real numbers. */
json_t *provider_answer_json (const ProviderReply *reply, ProviderRead *read, const char *who);
/* The same, of an error: NULL when it is none that can be read. */
json_t *provider_answer_error (const ProviderReply *reply);

/* A text of 1 to @max bytes of printable ASCII without blanks, or NULL. */
const char *provider_answer_word (const json_t *object, const char *name, gsize max);
/* A whole number from 0 to @max, also when it is written as 3600.0. */
gboolean provider_answer_number (const json_t *object, const char *name, gint64 max,
                                 gint64 *number);

/* "2026-11-21T14:00:00Z" (RFC 3339) and "Sat, 21 Nov 2026 14:00:00 GMT" (RFC 9110, 5.6.7), as
 * seconds since 1970; -1 for what is neither. */
gint64 provider_answer_time (const char *text);
gint64 provider_answer_date (const char *text);
/* The clock of who answered is another than ours by so much that it may refuse for it. */
gboolean provider_answer_skewed (const ProviderReply *reply);
/* When something that ends at @end by the clock of who answered ends by ours: the field
 * "expires_at". Refused as "expired" when it has ended. */
gboolean provider_answer_expires (const ProviderReply *reply, ProviderRead *read, gint64 end,
                                  const char *what);

void provider_answer_value (ProviderRead *read, const char *name, const char *bytes, gsize len);
/* The value "credential": @object as text. Takes @object. */
void provider_answer_credential (ProviderRead *read, json_t *object);
