/* SPDX-License-Identifier: MIT
 *
 * The options behind --http, for the help of both programs that take it.
 */
#pragma once

#define HTTP_USAGE                                                                                 \
  "  --http [ADDR:PORT]     where: an IP address and a port, such as 127.0.0.1:8643 or\n"          \
  "                         [::1]:8643; port 0 is one that is free\n"                              \
  "  --tls-certificate FILE its certificate, followed by those that vouch for it (PEM);\n"         \
  "                         without one only an address of this machine alone is taken\n"          \
  "  --tls-key FILE         the certificate's key (PEM)\n"                                         \
  "  --host NAME            a name that it is called by, besides localhost\n"                      \
  "  --resource URI         what clients call /mcp, and callers' tokens are for; else the\n"       \
  "                         address with /mcp behind\n"                                            \
  "  --verifiers-only       serve those who verify tokens, and no MCP\n"
