/* SPDX-License-Identifier: MIT
 *
 * What a process may still do with files, for good (Landlock).
 *
 * MUST
 *  - let nothing be written but what is named
 *  - say when the kernel cannot
 */
#pragma once

#include <glib.h>

typedef struct
{
  const char *const *write; /* absolute, canonical; may be files */
  gsize n_write;
  const char *const *hide; /* directories and files not to be read */
  gsize n_hide;
  const char *only; /* all that is read; NULL: everything but what is hidden */
  gboolean signals; /* only to processes that are confined with this one */
} SealFiles;

/* The kernel's version of Landlock's interface; 0: it has none. */
int seal_files_version (void);
/* Needs PR_SET_NO_NEW_PRIVS, and a kernel that has it. 0, or an errno. */
int seal_files (const SealFiles *seal);
