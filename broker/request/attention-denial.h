/* SPDX-License-Identifier: MIT
 *
 * Denials that stand for a time: "not this, not for the next ten minutes".
 */
#pragma once

#include "broker/request/request.h"

typedef struct _AttentionDenials AttentionDenials;

AttentionDenials *attention_denials_new (void);
void attention_denials_free (AttentionDenials *self);
/* For the requester of @request and what it starts, its operation and its resource; @until in µs of
 * boot time. */
void attention_denials_add (AttentionDenials *self, const Request *request, gint64 until);
/* Until when @request is denied; 0 when it is not. */
gint64 attention_denials_until (AttentionDenials *self, const Request *request);
