/* SPDX-License-Identifier: MIT
 *
 * The file that a call's answer is written to in place of being returned.
 *
 * MUST
 *  - be new: nothing that exists is written to, through a link neither
 *  - be gone again when the call does not complete, unless another file has taken its place
 *  - be named as it really is: what a person is shown is where it goes
 */
#pragma once

#include <glib.h>

typedef struct _McpOutput McpOutput;

/* Makes the file at @path (absolute), of mode 0600. The error begins with the field's name. */
McpOutput *mcp_output_new (const char *path, GError **error);
/* Removes the file, unless it was kept. */
void mcp_output_free (McpOutput *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpOutput, mcp_output_free)

/* Open for writing; borrowed. */
int mcp_output_fd (const McpOutput *output);
/* Where it is, without links; valid UTF-8. Borrowed. */
const char *mcp_output_path (const McpOutput *output);
/* The call has completed. */
void mcp_output_keep (McpOutput *output);
