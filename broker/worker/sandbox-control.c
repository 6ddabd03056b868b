/* SPDX-License-Identifier: MIT */
#include "broker/worker/sandbox-control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

typedef union
{
  struct cmsghdr header;
  char room[CMSG_SPACE (sizeof (int))];
} Passed;

gssize
control_receive (int socket, char *data, int *fd)
{
  struct iovec iov = { data, CONTROL_MAX };
  Passed passed;
  struct msghdr message = { .msg_iov = &iov,
                            .msg_iovlen = 1,
                            .msg_control = passed.room,
                            .msg_controllen = sizeof passed.room };
  gssize len;

  *fd = -1;
  do
    len = recvmsg (socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (len < 0 && errno == EINTR);
  const struct cmsghdr *part = len > 0 ? CMSG_FIRSTHDR (&message) : NULL;
  if (part != NULL && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
    memcpy (fd, CMSG_DATA (part), sizeof *fd);
  return len;
}

gboolean
control_send (int socket, char letter, const void *data, gsize len, int fd)
{
  struct iovec iov[] = { { &letter, 1 }, { (void *) data, MIN (len, CONTROL_MAX - 1) } };
  Passed passed = { 0 };
  struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };

  if (fd >= 0)
    {
      message.msg_control = passed.room;
      message.msg_controllen = sizeof passed.room;
      passed.header.cmsg_level = SOL_SOCKET;
      passed.header.cmsg_type = SCM_RIGHTS;
      passed.header.cmsg_len = CMSG_LEN (sizeof (int));
      memcpy (CMSG_DATA (&passed.header), &fd, sizeof fd);
    }
  gssize sent;
  do
    sent = sendmsg (socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

void
control_fail (int socket, char because, const char *format, ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, format);
  words = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *all = g_strdup_printf ("%c%s", because, words);
  control_send (socket, CONTROL_FAILED, all, strlen (all), -1);
}
