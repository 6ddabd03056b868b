/* SPDX-License-Identifier: MIT */
#include "broker/base/outbox.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  int ours, theirs;
} Pair;

static void
pair_open (Pair *pair, gconstpointer unused)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  *pair = (Pair){ fds[0], fds[1] };
}

static void
pair_close (Pair *pair, gconstpointer unused)
{
  close (pair->ours);
  close (pair->theirs);
}

/* One recvmsg(), as text; @fd gets what came with it. */
static char *
receive (int from, int *fd)
{
  static char data[256 * 1024];
  char control[CMSG_SPACE (sizeof (int))];
  struct iovec iov = { data, sizeof data - 1 };
  struct msghdr message = {
    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
  };
  gssize n = recvmsg (from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  struct cmsghdr *part = CMSG_FIRSTHDR (&message);

  *fd = -1;
  if (n < 0)
    return NULL;
  if (part != NULL)
    memcpy (fd, CMSG_DATA (part), sizeof *fd);
  data[n] = '\0';
  return data;
}

static void
test_gathers (Pair *pair, gconstpointer unused)
{
  g_autoptr (Outbox) outbox = outbox_new ();
  g_autoptr (json_t) value = json_pack ("{s:i}", "b", 2);
  int fd;

  outbox_add_text (outbox, "{\"a\":");
  outbox_add_json (outbox, value);
  outbox_add (outbox, "}etc", 1);
  g_assert_cmpuint (outbox_size (outbox), ==, 0);
  g_assert_true (outbox_end (outbox, -1, NULL));
  outbox_add_text (outbox, "second");
  g_assert_true (outbox_end (outbox, -1, NULL));
  g_assert_cmpuint (outbox_size (outbox), ==, strlen ("{\"a\":{\"b\":2}}\nsecond\n"));
  g_assert_true (outbox_flush (outbox, pair->ours, NULL));
  g_assert_cmpstr (receive (pair->theirs, &fd), ==, "{\"a\":{\"b\":2}}\nsecond\n");
}

static void
test_keeps_unfinished (Pair *pair, gconstpointer unused)
{
  g_autoptr (Outbox) outbox = outbox_new ();
  int fd;

  outbox_add_text (outbox, "whole");
  g_assert_true (outbox_end (outbox, -1, NULL));
  outbox_add_text (outbox, "not ");
  g_assert_true (outbox_flush (outbox, pair->ours, NULL));
  g_assert_cmpstr (receive (pair->theirs, &fd), ==, "whole\n");
  outbox_add_text (outbox, "yet");
  g_assert_true (outbox_end (outbox, -1, NULL));
  g_assert_true (outbox_flush (outbox, pair->ours, NULL));
  g_assert_cmpstr (receive (pair->theirs, &fd), ==, "not yet\n");
}

static void
test_passes_fd (Pair *pair, gconstpointer unused)
{
  g_autoptr (Outbox) outbox = outbox_new ();
  int memfd = memfd_create ("value", MFD_CLOEXEC), fd;
  g_autofree char *got = NULL;
  char value[8] = "";

  g_assert_cmpint (write (memfd, "value", 5), ==, 5);
  for (int i = 0; i < 3; i++)
    {
      outbox_add_text (outbox, i == 1 ? "with" : "without");
      g_assert_true (outbox_end (outbox, i == 1 ? memfd : -1, NULL));
    }
  close (memfd);
  g_assert_true (outbox_flush (outbox, pair->ours, NULL));

  /* The kernel ends a piece after bytes that carry a descriptor. */
  got = g_strdup (receive (pair->theirs, &fd));
  if (fd < 0)
    got = (g_free (got), g_strdup (receive (pair->theirs, &fd)));
  g_assert_true (g_str_has_suffix (got, "with\n") && !g_str_has_suffix (got, "without\n"));
  g_assert_cmpint (pread (fd, value, sizeof value, 0), ==, 5);
  g_assert_cmpstr (value, ==, "value");
  close (fd);
  g_assert_cmpstr (receive (pair->theirs, &fd), ==, "without\n");
  g_assert_cmpint (fd, ==, -1);
}

static void
test_passes_two (Pair *pair, gconstpointer unused)
{
  g_autoptr (Outbox) outbox = outbox_new ();
  int fds[] = { -1, memfd_create ("a", MFD_CLOEXEC), memfd_create ("b", MFD_CLOEXEC) };
  char byte[2], room[CMSG_SPACE (4 * sizeof (int))], value[2] = "";
  struct iovec iov = { byte, sizeof byte };
  struct msghdr message
      = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room };

  g_assert_cmpint (write (fds[1], "a", 1) + write (fds[2], "b", 1), ==, 2);
  g_assert_true (outbox_end_fds (outbox, fds, 2, NULL)); /* one is none */
  outbox_add_text (outbox, "x");
  g_assert_true (outbox_end_fds (outbox, fds + 1, 2, NULL));
  close (fds[1]);
  close (fds[2]);
  g_assert_true (outbox_flush (outbox, pair->ours, NULL));
  g_assert_cmpint (recvmsg (pair->theirs, &message, 0), ==, 1);
  close (*(int *) CMSG_DATA (CMSG_FIRSTHDR (&message)));

  message.msg_controllen = sizeof room;
  g_assert_cmpint (recvmsg (pair->theirs, &message, 0), ==, 2);
  struct cmsghdr *part = CMSG_FIRSTHDR (&message);
  g_assert_cmpuint (part->cmsg_len, ==, CMSG_LEN (2 * sizeof (int)));
  for (int i = 0; i < 2; i++)
    {
      int fd = ((int *) CMSG_DATA (part))[i];
      g_assert_cmpint (pread (fd, value, 1, 0), ==, 1);
      g_assert_cmpstr (value, ==, i == 0 ? "a" : "b");
      close (fd);
    }
}

static void
test_bad_fd (Pair *pair, gconstpointer unused)
{
  g_autoptr (Outbox) outbox = outbox_new ();
  g_autoptr (GError) error = NULL;
  int closed = dup (pair->ours), fd;

  close (closed);
  outbox_add_text (outbox, "lost");
  g_assert_false (outbox_end (outbox, closed, &error));
  g_assert_nonnull (error);
  outbox_add_text (outbox, "kept");
  g_assert_true (outbox_end (outbox, -1, NULL));
  g_assert_true (outbox_flush (outbox, pair->ours, NULL));
  g_assert_cmpstr (receive (pair->theirs, &fd), ==, "kept\n");
}

/* Reads and flushes by turns until all is through; the text must be whole and in order. */
static void
drain (Outbox *outbox, Pair *pair, const char *expected)
{
  g_autoptr (GString) all = g_string_new (NULL);
  const char *piece;
  int fd;

  do
    {
      g_assert_true (outbox_flush (outbox, pair->ours, NULL));
      piece = receive (pair->theirs, &fd);
      g_string_append (all, piece != NULL ? piece : "");
    }
  while (piece != NULL);
  g_assert_cmpuint (outbox_size (outbox), ==, 0);
  g_assert_cmpuint (all->len, ==, strlen (expected));
  g_assert_cmpstr (all->str, ==, expected);
}

static void
test_full_socket (Pair *pair, gconstpointer unused)
{
  g_autoptr (Outbox) outbox = outbox_new ();
  g_autoptr (GString) expected = g_string_new (NULL);

  for (int i = 0; i < 100000; i++)
    {
      g_autofree char *text = g_strdup_printf ("message %d", i);
      outbox_add_text (outbox, text);
      g_assert_true (outbox_end (outbox, -1, NULL));
      g_string_append_printf (expected, "%s\n", text);
      if (i % 1000 == 0)
        g_assert_true (outbox_flush (outbox, pair->ours, NULL));
    }
  g_assert_cmpuint (outbox_size (outbox), >, 0);
  drain (outbox, pair, expected->str);
}

static void
test_closed (Pair *pair, gconstpointer unused)
{
  g_autoptr (Outbox) outbox = outbox_new ();
  g_autoptr (GError) error = NULL;

  shutdown (pair->theirs, SHUT_RDWR);
  outbox_add_text (outbox, "too late");
  g_assert_true (outbox_end (outbox, -1, NULL));
  g_assert_false (outbox_flush (outbox, pair->ours, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_PIPE);
}

static void
test_pipe (Pair *pair, gconstpointer unused)
{
  g_autoptr (Outbox) outbox = outbox_new ();
  char got[32] = "";
  int ends[2];

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC | O_NONBLOCK), ==, 0);
  outbox_add_text (outbox, "by write");
  g_assert_true (outbox_end (outbox, -1, NULL));
  g_assert_true (outbox_flush (outbox, ends[1], NULL));
  g_assert_cmpint (read (ends[0], got, sizeof got - 1), ==, 9);
  g_assert_cmpstr (got, ==, "by write\n");
  close (ends[0]);
  close (ends[1]);
}

static void
test_peek (void)
{
  g_autoptr (Outbox) outbox = outbox_new ();
  const char *data;
  gsize len;

  outbox_peek (outbox, &len);
  g_assert_cmpuint (len, ==, 0);
  outbox_drop (outbox, 0);
  outbox_add_text (outbox, "one");
  outbox_peek (outbox, &len);
  g_assert_cmpuint (len, ==, 0); /* it may be taken back */
  outbox_end_plain (outbox);
  outbox_add_text (outbox, "two");
  outbox_end (outbox, -1, NULL);
  data = outbox_peek (outbox, &len);
  g_assert_cmpmem (data, len, "onetwo\n", 7);
  outbox_drop (outbox, 4);
  g_assert_cmpmem (data, 4, "\0\0\0\0", 4);
  data = outbox_peek (outbox, &len);
  g_assert_cmpmem (data, len, "wo\n", 3);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *sentence;
    void (*test) (Pair *pair, gconstpointer unused);
  } cases[] = {
    { "/outbox/whole messages go with one write", test_gathers },
    { "/outbox/a message that is not ended stays", test_keeps_unfinished },
    { "/outbox/a descriptor comes with its message and no other", test_passes_fd },
    { "/outbox/two descriptors come in their order", test_passes_two },
    { "/outbox/a message whose descriptor cannot be passed is taken back", test_bad_fd },
    { "/outbox/what a full socket does not take goes later", test_full_socket },
    { "/outbox/a closed end is an error, not a signal", test_closed },
    { "/outbox/a pipe is written to", test_pipe },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].sentence, Pair, NULL, pair_open, cases[i].test, pair_close);
  g_test_add_func ("/outbox/what goes elsewhere is looked at, and wiped when it is dropped",
                   test_peek);
  return g_test_run ();
}
