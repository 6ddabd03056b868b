/* SPDX-License-Identifier: MIT
 *
 * What a person is shown of a request: made once, and bound to the decision by its digest.
 */
#pragma once

#include "broker/request/request.h"

#define CARD_DEFAULT_DURATION 300

/* Sets request->card, digest and holders. */
void request_card_make (Request *request);
/* The longest and the preselected duration of what is asked; 0 when it is for one execution. */
gint64 request_max_duration (const Request *request);
gint64 request_default_duration (const Request *request);
/* The most uses, and the preselected; 0: not limited. */
gint64 request_max_uses (const Request *request);
