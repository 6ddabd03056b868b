/* SPDX-License-Identifier: MIT
 *
 * Certificates in PEM, as text.
 */
#pragma once

#include "policy/policy.h"

/* NULL, or what is wrong with @text, which is to be certificates and nothing else; g_free(). */
char *service_pem_problem (const char *text, gsize len);

/* The text of the file @name in @folder ("providers.d/"), which is to be among @sources and to hold
 * certificates, of at most @max bytes; g_free(). NULL with @problem set (g_free()): it names the
 * file. */
char *service_pem_find (const char *folder, const char *name, const PolicySource *sources, gsize n,
                        gsize max, char **problem);
