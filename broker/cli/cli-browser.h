/* SPDX-License-Identifier: MIT
 *
 * The person's browser, from the terminal where they are.
 *
 * MUST
 *  - start it without a shell, with an address that passed browse_check_url(), and with none of our
 *    descriptors
 */
#pragma once

#include <glib.h>

#define CLI_BROWSER_ERROR (cli_browser_error_quark ())
typedef enum
{
  CLI_BROWSER_ERROR_NO_DISPLAY,
  CLI_BROWSER_ERROR_NONE /* nothing was found that opens it */
} CliBrowserError;
GQuark cli_browser_error_quark (void);

/* What $BROWSER names, or else xdg-open. Does not wait for it; that it shows the page is not known
 * by this. */
gboolean cli_browser_open (const char *url, GError **error);
