/* SPDX-License-Identifier: MIT
 *
 * What libsoup gets in place of a connection: a stream on which there is one request already, as
 * http_head_write() says it, and then its end. Where the answer goes to is the connection's own. It
 * is a GObject because GIO's streams are.
 */
#pragma once

#include <gio/gio.h>

#define HTTP_TYPE_INTAKE (http_intake_get_type ())
G_DECLARE_FINAL_TYPE (HttpIntake, http_intake, HTTP, INTAKE, GIOStream)

/* @text lives as long as the program; @output is referenced. @closed is called once, when libsoup
 * lets go of it. */
HttpIntake *http_intake_new (const char *text, GOutputStream *output,
                             void (*closed) (gpointer user), gpointer user);
/* @closed is not called any more. */
void http_intake_forget (HttpIntake *intake);
