/* SPDX-License-Identifier: MIT
 *
 * The little of TOML 1.0 that a client's file takes.
 */
#pragma once

#include <glib.h>

/* "text", as a basic string. @text is UTF-8. */
void mcp_toml_add_string (GString *toml, const char *text);
/* ["a", "b"] of @list, NULL-terminated. */
void mcp_toml_add_list (GString *toml, const char *const *list);
