/* SPDX-License-Identifier: MIT
 *
 * Reading an executable, on a thread that may wait for it.
 */
#pragma once

#include "broker/base/process.h"

#define EXECUTABLE_SHA256_LEN 64
#define EXECUTABLE_SIZE_MAX (512 * 1024 * 1024) /* bytes; larger ones have no SHA-256 here */

typedef struct
{
  int dir; /* of process_dup_dir(); owned */
  ProcessFile file;
  char *path;
  guint needs;
  const gint *stop; /* atomic: anything but 0 ends the reading */
  /* What came of it. */
  char sha256[EXECUTABLE_SHA256_LEN + 1]; /* "": could not be found */
  char *package;                          /* NULL: could not be found */
  gboolean steady;                        /* and is so as long as the file is the same */
} ExecutableRead;

void executable_read (ExecutableRead *self);
void executable_read_free (ExecutableRead *self);
