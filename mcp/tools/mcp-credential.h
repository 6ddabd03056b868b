/* SPDX-License-Identifier: MIT
 *
 * Credentials that were issued: what of them is secret comes from the broker apart, and stands in
 * the result where clients look for it.
 */
#pragma once

#include "broker/base/wire.h"

/* Puts "value" of @result in its place: a minted token into "token", the members of an issued
 * credential beside the others. Other results stay as they are. FALSE when it is none of these
 * though it should be. */
gboolean mcp_credential_unfold (json_t *result, GError **error);
