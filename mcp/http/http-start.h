/* SPDX-License-Identifier: MIT
 *
 * Whether anybody could call.
 *
 * MUST
 *  - not let it begin when nobody could, or not by the issuer that it was told of: it would look as
 *    if it worked
 */
#pragma once

#include "mcp/http/http-broker.h"

/* Asks the broker, and waits for its answer. While it is locked or away nobody can say, and nobody
 * is let in: then this is no error, and @note says so (g_free(); NULL: nothing to say). @vouch: an
 * issuer that has to be accepted, or NULL. */
gboolean http_start_check (HttpBroker *broker, const char *vouch, char **note, GError **error);
