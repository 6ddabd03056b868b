/* SPDX-License-Identifier: MIT
 *
 * What kind of place an address is.
 *
 * MUST
 *  - judge the address that is connected to, never a name: names are somebody else's to change
 *  - refuse what is in no list of ordinary places: addresses of this host and this link, of many,
 *    of nobody, and those that carry another address inside
 *  - refuse where clouds hand out credentials, whatever a service says
 *
 * From the IANA special-purpose address registries (RFC 6890 and its successors).
 */
#pragma once

#include <glib.h>
#include <sys/socket.h>

typedef enum
{
  HTTP_NETWORK_NONE = 0, /* may not be connected to at all */
  HTTP_NETWORK_PUBLIC,
  HTTP_NETWORK_PRIVATE, /* RFC 1918, 6598, 4193 */
  HTTP_NETWORK_LOOPBACK
} HttpNetwork;

HttpNetwork http_address_network (const struct sockaddr *address);
/* "public", "private", "loopback"; HTTP_NETWORK_NONE for any other word. */
HttpNetwork http_network_from_word (const char *word);
const char *http_network_word (HttpNetwork network);
