/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>
#include <jansson.h>

/* Of mint_token, beyond what the table of its fields says. Errors are WIRE_ERROR_FIELD; one about a
 * life that is too long names both numbers. */
gboolean arguments_check_token (const json_t *object, GError **error);
