/* SPDX-License-Identifier: MIT
 *
 * The window beside a login in the browser: which page was opened, the code that is asked for
 * there, and how it ended.
 */
#pragma once

#include <gtk/gtk.h>

#include "approve-ui/card/browse.h"

#define APPROVE_TYPE_PAGE (approve_page_get_type ())
G_DECLARE_FINAL_TYPE (ApprovePage, approve_page, APPROVE, PAGE, GtkWindow)

/* Shows @browse and has the page opened. Closing it ends nothing: the login goes on. */
ApprovePage *approve_page_new (const Browse *browse);
/* One that only says what is wrong; both are escaped. */
ApprovePage *approve_page_new_refused (const char *heading, const char *why);
/* It is over: @text, escaped, says how. */
void approve_page_end (ApprovePage *self, const char *text, gboolean ok);
