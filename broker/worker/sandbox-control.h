/* SPDX-License-Identifier: MIT
 *
 * Between a confined command's first process and who started it: a SOCK_SEQPACKET pair, a letter at
 * the beginning of each message. What comes from inside is not believed further than it says.
 */
#pragma once

#include <glib.h>

#define CONTROL_MAX 4096

enum
{
  /* from inside */
  CONTROL_UP = 'U',       /* process 1 runs: namespaces and mounts are made */
  CONTROL_CONFINED = 'C', /* and what is missing, a line each */
  CONTROL_LISTENS = 'L',  /* with the socket */
  CONTROL_FAILED = 'F',   /* and why: one of the letters below, then the message */
  CONTROL_ENDED = 'X',    /* and an int: the status, as of waitpid(2) */
  /* from outside; a signal's number follows */
  CONTROL_SIGNAL_ALL = 'A',
  CONTROL_SIGNAL_ONE = 'O',
  /* why */
  CONTROL_BECAUSE_SYSTEM = 's',
  CONTROL_BECAUSE_PROGRAM = 'p',
  CONTROL_BECAUSE_CONFINEMENT = 'c',
  CONTROL_BECAUSE_FIELD = 'f',
};

/* One message of at most CONTROL_MAX bytes, without waiting. 0: the other side is gone. @fd: what
 * came with it, the caller's, or -1. */
gssize control_receive (int socket, char *data, int *fd);
/* FALSE when the other side is gone. @fd may be -1. */
gboolean control_send (int socket, char letter, const void *data, gsize len, int fd);
G_GNUC_PRINTF (3, 4)
void control_fail (int socket, char because, const char *format, ...);
