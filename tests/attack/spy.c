/* SPDX-License-Identifier: MIT
 *
 * What an agent would preload into a broker of its making: writes all that the process reads to
 * $SPY_LOG.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t spy_read (int fd, void *data, size_t len) __asm__("read");
ssize_t spy_recv (int fd, void *data, size_t len, int flags) __asm__("recv");
ssize_t spy_recvmsg (int fd, struct msghdr *message, int flags) __asm__("recvmsg");

static int log_fd = -1;

/* Opened before main(): the broker may forget its environment, or be confined later. */
__attribute__ ((constructor)) static void
spy_open (void)
{
  const char *path = getenv ("SPY_LOG");
  if (path != NULL)
    log_fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void
spy_log (const void *data, ssize_t len)
{
  if (log_fd >= 0 && len > 0 && write (log_fd, data, (size_t) len) < 0)
    log_fd = -1;
}

ssize_t
spy_read (int fd, void *data, size_t len)
{
  ssize_t (*real) (int, void *, size_t) = dlsym (RTLD_NEXT, "read");
  ssize_t got = real (fd, data, len);
  spy_log (data, got);
  return got;
}

ssize_t
spy_recv (int fd, void *data, size_t len, int flags)
{
  ssize_t (*real) (int, void *, size_t, int) = dlsym (RTLD_NEXT, "recv");
  ssize_t got = real (fd, data, len, flags);
  spy_log (data, got);
  return got;
}

ssize_t
spy_recvmsg (int fd, struct msghdr *message, int flags)
{
  ssize_t (*real) (int, struct msghdr *, int) = dlsym (RTLD_NEXT, "recvmsg");
  ssize_t got = real (fd, message, flags);
  ssize_t left = got;
  for (size_t i = 0; i < message->msg_iovlen && left > 0; i++)
    {
      ssize_t part = left < (ssize_t) message->msg_iov[i].iov_len
                         ? left
                         : (ssize_t) message->msg_iov[i].iov_len;
      spy_log (message->msg_iov[i].iov_base, part);
      left -= part;
    }
  return got;
}
