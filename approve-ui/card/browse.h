/* SPDX-License-Identifier: MIT
 *
 * A page that a person is to open in their browser, to log in at a provider: what the broker sends
 * to whoever approved it.
 *
 * MUST
 *  - take no address but https, or http on this machine's own loopback, written in plain ASCII
 *  - take none that names a user: what stands before an @ looks like the host
 */
#pragma once

#include <jansson.h>

#include <glib.h>

#define BROWSE_ERROR (browse_error_quark ())
typedef enum
{
  BROWSE_ERROR_UNREADABLE,
  BROWSE_ERROR_ADDRESS /* it is not to be opened */
} BrowseError;
GQuark browse_error_quark (void);

typedef struct
{
  char *id;          /* of the request that was approved, or of the login */
  char *provider;    /* unescaped */
  char *url;         /* graphic ASCII: can be shown as it is */
  char *user_code;   /* unescaped; NULL: none is asked for (RFC 8628, section 3.3) */
  gint64 expires_at; /* microseconds since 1970; 0: not said */
} Browse;

/* Of the notification `browse`; the caller owns it. */
Browse *browse_parse (const json_t *params, GError **error);
void browse_free (Browse *browse);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Browse, browse_free)

/* FALSE, with an error that says what is wrong, for an address that is not to be opened. */
gboolean browse_check_url (const char *url, GError **error);

/* "Log in to github", escaped; g_free(). */
char *browse_title (const Browse *browse);
/* What a person does with address and code; ours. */
const char *browse_what_to_do (const Browse *browse);
/* "github: logged in", or why not, escaped: of the notification that ends it. g_free(). */
char *browse_outcome (const char *provider, const json_t *params);
