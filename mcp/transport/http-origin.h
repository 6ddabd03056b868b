/* SPDX-License-Identifier: MIT
 *
 * Whether a request was meant for this server, and by whose page. A browser is made to send
 * requests here by any page it shows: under a name of the page's own that now leads here (DNS
 * rebinding), or under ours, and then it says in Origin whose page it was.
 *
 * MUST
 *  - take no request under a name that is not ours
 *  - take no request of a page that is not ours
 */
#pragma once

#include "mcp/transport/http-head.h"

/* @hosts: what the server is called, without ports, in lower case; NULL at its end. 0, or the
 * status of HTTP it is refused with: 421 for Host, 403 for Origin; @why is told its sender and says
 * nothing of what was sent. */
guint http_origin_check (const char *const *hosts, const HttpHead *head, const char **why);
