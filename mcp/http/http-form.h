/* SPDX-License-Identifier: MIT
 *
 * What a caller of the token endpoints sends: a form in the body, and who it is.
 *
 * MUST
 *  - wipe what it has read: it is a token and a secret
 *  - refuse a caller that says twice who it is (RFC 6749, section 2.3)
 */
#pragma once

#include <glib.h>

typedef struct
{
  char *token;
  char *client_id, *client_secret; /* without both the caller has not said who it is */
} HttpForm;

/* @body: application/x-www-form-urlencoded. @authorization: that header, or NULL. What is in
 * neither is NULL in the form; parameters that are none of ours are passed over, as RFC 6749,
 * section 3.2 has it. NULL with @why set (a sentence for the caller) when it cannot be read. */
HttpForm *http_form_parse (const char *body, gsize len, const char *authorization,
                           const char **why);
void http_form_free (HttpForm *form); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpForm, http_form_free)
