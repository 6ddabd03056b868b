/* SPDX-License-Identifier: MIT
 *
 * Certificates in PEM, as text.
 */
#pragma once

#include <glib.h>

/* NULL, or what is wrong with @text, which is to be certificates and nothing else; g_free(). */
char *service_pem_problem (const char *text, gsize len);
