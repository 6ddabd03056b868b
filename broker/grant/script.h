/* SPDX-License-Identifier: MIT
 *
 * What a program that runs others was told to run, read from its command line.
 *
 * MUST
 *  - say nothing rather than guess: an option that we do not know ends the reading
 *
 * A process can rewrite its own command line, so this is a help for people and no input of policy.
 */
#pragma once

#include <glib.h>

typedef enum
{
  SCRIPT_NONE
  = 0, /* no interpreter, or it reads what to run from elsewhere, or it cannot be told */
  SCRIPT_FILE,
  SCRIPT_MODULE, /* python -m NAME */
  SCRIPT_CODE    /* sh -c CODE */
} ScriptKind;

/* @exe is the path of the executable, @argv its command line, @cwd its directory (may be NULL) by
 * which a relative path is completed. @text gets the path, name or code; g_free(). */
ScriptKind script_find (const char *exe, char **argv, const char *cwd, char **text);
const char *script_kind_name (ScriptKind kind); /* "file", "module", "code" */
