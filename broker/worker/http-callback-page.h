/* SPDX-License-Identifier: MIT
 *
 * What a browser shows after the callback.
 *
 * MUST
 *  - hold nothing of what was asked: only words of ours, and the provider's name from the person's
 *    file
 *  - run nothing, load nothing, be kept nowhere
 */
#pragma once

#include "broker/worker/http-callback-request.h"

/* All bytes of an HTTP answer; @error as http_callback_request_read() gave it. g_free(). */
char *http_callback_page (HttpCallbackKind kind, const char *error, const char *provider);
