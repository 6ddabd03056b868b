/* SPDX-License-Identifier: MIT
 *
 * Where something is that a credential goes to.
 */
#pragma once

#include <glib.h>

typedef enum
{
  SCHEME_HTTPS,
  SCHEME_HTTP,
  SCHEME_TCP
} ServiceScheme;

typedef enum
{
  NETWORK_PUBLIC,
  NETWORK_PRIVATE,
  NETWORK_LOOPBACK
} ServiceNetwork;
extern const char *const service_scheme_words[];
extern const char *const service_network_words[];

typedef struct
{
  ServiceScheme scheme;
  char *host; /* lower case, without brackets */
  guint port;
  char *path;   /* without a slash at its end; may be empty */
  char *origin; /* "https://host", with a port that is not the scheme's own */
} ServiceBase;

/* NULL, or what is wrong with @text and what would be right; g_free(). */
char *service_base_parse (const char *text, ServiceBase *base);
void service_base_clear (ServiceBase *base);
/* NULL, or why @base cannot be in @network. */
char *service_base_network_problem (const ServiceBase *base, ServiceNetwork network);
/* TRUE when the host itself says that it is this machine. */
gboolean service_base_is_loopback (const ServiceBase *base);
