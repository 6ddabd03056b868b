/* SPDX-License-Identifier: MIT
 *
 * Having the desktop open a page in the person's own browser.
 *
 * This program has an environment made from nothing and may gain no privileges, and whatever it
 * started would have both: a browser without the person's profile and logins, its sandbox broken.
 * The desktop portal is of the person's session and starts the browser that they use.
 *
 * MUST
 *  - start no program
 */
#pragma once

#include <gtk/gtk.h>

/* @error NULL: it was asked to; that the page shows is not known by this. */
typedef void (*PortalDone) (gpointer user, const GError *error);

/* @url has passed browse_check_url(). @done is not called once @cancel is cancelled. */
void portal_open (const char *url, GCancellable *cancel, PortalDone done, gpointer user);
