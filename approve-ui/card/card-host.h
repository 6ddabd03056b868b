/* SPDX-License-Identifier: MIT
 *
 * Where a request goes to, as a person would be misled about it.
 *
 * MUST
 *  - name the host as it is asked of the network, whatever letters it is written in
 */
#pragma once

#include <glib.h>

/* "api.github.com", "localhost:8443": the host of @url, with a port that is not the scheme's own,
 * as it stands there. NULL when @url has none that can be told. g_free(). */
char *card_host (const char *url);

/* What is to be said of such a host: NULL when it has ASCII letters only, else what it is called in
 * ASCII, and whether letters of several scripts are mixed in it. g_free(). */
char *card_host_doubt (const char *host);
