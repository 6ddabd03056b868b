/* SPDX-License-Identifier: MIT
 *
 * Writing the parts of a record as JSON text, each in the one spelling that audit_line_scan()
 * accepts.
 *
 * MUST
 *  - let a text, whatever is in it, end where its quote ends
 */
#pragma once

#include <glib.h>

/* With its quotes. A byte that is not UTF-8 becomes \\x{hh}, as text_escape() shows it. */
void audit_json_text (GString *out, const char *text);
void audit_json_integer (GString *out, gint64 value);
/* ,"key": */
void audit_json_key (GString *out, const char *key);
