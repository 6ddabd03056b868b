/* SPDX-License-Identifier: MIT */
#pragma once

#include "broker/request/request.h"

/* How long whoever asked for a login may use the token that becomes @secret, once a person has
 * approved the login; 0: not without being asked. */
gint64 login_use_seconds (const Request *request, const char *secret);
/* The login is done: grants that, for @seconds as the card said, and ends the request with @result,
 * which it takes. */
void login_use_begin (Request *request, const char *secret, gint64 seconds, json_t *result);
