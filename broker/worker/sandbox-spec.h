/* SPDX-License-Identifier: MIT
 *
 * What the inner stage is told: one sealed memfd of strings, a letter before each and a NUL after.
 *
 * MUST
 *  - keep what is told off command lines and out of environments on its way: it holds values
 *  - be read once and unmapped by the very exec that it describes
 */
#pragma once

#include <glib.h>

#include "broker/base/secret.h"

/* A descriptor of the command, and where it is before the exec. */
typedef struct
{
  int from, to;
} SpecFd;

typedef struct
{
  const char *program; /* absolute */
  guint64 device, inode, changed;
  GPtrArray *argv, *env; /* NULL at their ends, ready for exec */
  const char *work_dir;
  GPtrArray *write, *hide; /* for Landlock; canonical */
  const char *listen_host; /* NULL: nothing can be reached */
  guint16 listen_port;
  GArray *fds;         /* of SpecFd */
  gboolean namespaces; /* bubblewrap came before: we are its process 1 */
  gboolean whole;      /* nothing may be missing */
  gboolean probe;      /* only to see what can be had */
  void *text;          /* what all these point into */
  gsize size;
} Spec;

/* Writing. A failure is remembered and told by spec_writer_end(). */
typedef struct
{
  int fd, failed;
} SpecWriter;

void spec_writer_begin (SpecWriter *writer);
void spec_add (SpecWriter *writer, char letter, const char *text);
void spec_add_number (SpecWriter *writer, char letter, guint64 number);
void spec_add_fd (SpecWriter *writer, int from, int to);
/* NAME=value, straight from locked memory. The value must not contain NUL. */
void spec_add_secret (SpecWriter *writer, const char *name, const Secret *value);
/* The memfd, sealed, close-on-exec; -1 with an error. */
int spec_writer_end (SpecWriter *writer, GError **error);

/* Reading: the strings stay in the mapping of @fd, which is closed. NULL when it is not one of
 * ours. Lives as long as the process. */
Spec *spec_read (int fd);
/* The strings, and with them all values, are gone; the descriptors stay. */
void spec_forget (Spec *spec);
