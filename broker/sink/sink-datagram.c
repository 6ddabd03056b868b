/* SPDX-License-Identifier: MIT */
#include "broker/sink/sink-private.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
open_local (const SinkPlace *place, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, place->path, sizeof address.sun_path);
  if (fd >= 0 && connect (fd, (const struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  sink_fail (place, "cannot be reached", error);
  if (fd >= 0)
    close (fd);
  return -1;
}

static int
open_udp (const SinkPlace *place, GError **error)
{
  const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM };
  struct addrinfo *found;
  int trouble = getaddrinfo (place->host, place->port, &hints, &found), fd = -1;

  if (trouble != 0)
    {
      sink_fail_words (place, gai_strerror (trouble), error);
      return -1;
    }
  for (const struct addrinfo *at = found; fd < 0 && at != NULL; at = at->ai_next)
    {
      fd = socket (at->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (fd >= 0 && connect (fd, at->ai_addr, at->ai_addrlen) != 0)
        {
          close (fd);
          fd = -1;
        }
    }
  if (fd < 0)
    sink_fail (place, "cannot be reached", error);
  freeaddrinfo (found);
  return fd;
}

int
sink_datagram_open (const SinkPlace *place, GError **error)
{
  return place->path != NULL ? open_local (place, error) : open_udp (place, error);
}

/* As the journal takes what no datagram holds: a sealed file and nothing else. */
static gboolean
send_file (int fd, const GString *message)
{
  union
  {
    struct cmsghdr header;
    char room[CMSG_SPACE (sizeof (int))];
  } control = { 0 };
  struct msghdr parcel = { .msg_control = &control, .msg_controllen = sizeof control.room };
  int file = memfd_create ("countersign-record", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  gboolean sent
      = file >= 0 && write (file, message->str, message->len) == (gssize) message->len
        && fcntl (file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;

  if (sent)
    {
      struct cmsghdr *rights = CMSG_FIRSTHDR (&parcel);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN (sizeof file);
      memcpy (CMSG_DATA (rights), &file, sizeof file);
      sent = sendmsg (fd, &parcel, MSG_NOSIGNAL) == 0;
    }
  if (file >= 0)
    close (file);
  return sent;
}

gboolean
sink_datagram_send (int fd, const SinkPlace *place, const GString *message, GError **error)
{
  gssize n;

  do
    n = send (fd, message->str, message->len, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n < 0 && (errno == EMSGSIZE || errno == ENOBUFS) && place->kind == SINK_JOURNALD
      && send_file (fd, message))
    return TRUE;
  if (n < 0)
    return sink_fail (place, "not taken", error);

  int trouble = 0;
  socklen_t size = sizeof trouble;
  if (place->kind != SINK_SYSLOG_UDP || getsockopt (fd, SOL_SOCKET, SO_ERROR, &trouble, &size) != 0
      || trouble == 0)
    return TRUE;
  errno = trouble;
  return sink_fail (place, "not taken", error);
}
