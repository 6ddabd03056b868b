/* SPDX-License-Identifier: MIT
 *
 * The broker's side is played by the test: a socketpair, or a socket of its own.
 */
#include "broker/client/client-connect.h"
#include "broker/client/client.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct
{
  Client *client;
  int broker;
} Pair;

static void
pair_open (Pair *pair, gconstpointer unused)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  pair->client = client_open_fd (fds[0], NULL);
  pair->broker = fds[1];
}

static void
pair_close (Pair *pair, gconstpointer unused)
{
  client_free (pair->client);
  if (pair->broker >= 0)
    close (pair->broker);
}

static void
say (int broker, const char *text, int fd)
{
  struct iovec iov = { (char *) text, strlen (text) };
  char control[CMSG_SPACE (sizeof (int))] = "";
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

  if (fd >= 0)
    {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      struct cmsghdr *part = CMSG_FIRSTHDR (&message);
      *part = (struct cmsghdr){ CMSG_LEN (sizeof fd), SOL_SOCKET, SCM_RIGHTS };
      memcpy (CMSG_DATA (part), &fd, sizeof fd);
    }
  g_assert_cmpint (sendmsg (broker, &message, 0), ==, (gssize) strlen (text));
}

static char *
hear (int broker)
{
  char text[4096];
  gssize n = recv (broker, text, sizeof text, MSG_DONTWAIT);
  return n > 0 ? g_strndup (text, n) : NULL;
}

static void
test_call (Pair *pair, gconstpointer unused)
{
  g_autoptr (json_t) params = json_pack ("{s:s}", "name", "X");
  g_autofree char *heard = NULL;

  say (pair->broker, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"version\":3}}\n", -1);
  g_autoptr (json_t) result = client_call (pair->client, "secret_show", params, -1, NULL, NULL);
  g_assert_cmpint (wire_integer (result, "version", 0), ==, 3);
  heard = hear (pair->broker);
  g_assert_cmpstr (heard, ==,
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"secret_show\",\"params\":{\"name\":"
                   "\"X\"}}\n");
}

static void
test_error_answer (Pair *pair, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  say (pair->broker,
       "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":4,\"message\":\"wrong PIN\",\"data\":"
       "{\"wait_seconds\":8}}}\n",
       -1);
  g_assert_null (client_call (pair->client, "secret_rm", NULL, -1, NULL, &error));
  g_assert_error (error, CLIENT_ANSWER_ERROR, 4);
  g_assert_cmpstr (error->message, ==, "wrong PIN");
  g_assert_cmpint (wire_integer (client_error_data (pair->client), "wait_seconds", 0), ==, 8);
}

static void
test_keeps_others (Pair *pair, gconstpointer unused)
{
  say (pair->broker,
       "{\"method\":\"held\",\"params\":{}}\n{\"id\":7,\"result\":{}}\n{\"id\":1,\"result\":{}}\n"
       "{\"method\":\"closed\"}\n",
       -1);
  g_autoptr (json_t) result = client_call (pair->client, "decide", NULL, -1, NULL, NULL);
  g_assert_nonnull (result);

  g_autoptr (json_t) first = client_receive (pair->client, FALSE, NULL, NULL);
  g_autoptr (json_t) second = client_receive (pair->client, FALSE, NULL, NULL);
  g_autoptr (json_t) third = client_receive (pair->client, FALSE, NULL, NULL);
  g_assert_cmpstr (wire_string (first, "method"), ==, "held");
  g_assert_cmpint (wire_integer (second, "id", 0), ==, 7);
  g_assert_cmpstr (wire_string (third, "method"), ==, "closed");
  g_assert_null (client_receive (pair->client, FALSE, NULL, NULL));
}

static void
test_passes_fds (Pair *pair, gconstpointer unused)
{
  int sent = memfd_create ("value", MFD_CLOEXEC), got = -1;
  struct stat a, b;

  say (pair->broker, "{\"id\":1,\"result\":{\"status\":\"completed\"}}\n", -1);
  say (pair->broker, "{\"id\":2,\"result\":{\"result\":{\"value_fd\":true}}}\n", sent);
  g_assert_cmpint (client_send (pair->client, "a", NULL, -1, NULL), ==, 1);
  g_autoptr (json_t) without = client_receive (pair->client, TRUE, &got, NULL);
  g_assert_cmpint (wire_integer (without, "id", 0), ==, 1);
  g_assert_cmpint (got, ==, -1);
  g_autoptr (json_t) with = client_call (pair->client, "b", NULL, sent, &got, NULL);
  g_assert_nonnull (with);
  g_assert_cmpint (fstat (sent, &a), ==, 0);
  g_assert_cmpint (fstat (got, &b), ==, 0);
  g_assert_cmpint (a.st_ino, ==, b.st_ino);
  close (got);
  close (sent);
}

static void
test_missing_fd (Pair *pair, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  say (pair->broker, "{\"id\":1,\"result\":{\"value_fd\":true}}\n", -1);
  g_assert_null (client_call (pair->client, "secret_show", NULL, -1, NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL);
}

static void
test_gathers (Pair *pair, gconstpointer unused)
{
  g_autofree char *before = NULL, *after = NULL;

  client_gather (pair->client);
  g_assert_cmpint (client_send (pair->client, "a", NULL, -1, NULL), ==, 1);
  client_notify (pair->client, "b", NULL);
  before = hear (pair->broker);
  g_assert_null (before);
  g_assert_cmpuint (client_backlog (pair->client), >, 0);
  g_assert_true (client_flush (pair->client, NULL));
  after = hear (pair->broker);
  g_assert_cmpstr (after, ==,
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"}\n"
                   "{\"jsonrpc\":\"2.0\",\"method\":\"b\"}\n");
}

static void
test_too_large (Pair *pair, gconstpointer unused)
{
  g_autofree char *text = g_strnfill (WIRE_MAX_LINE, 'x');
  g_autoptr (json_t) params = json_pack ("{s:s}", "x", text);
  g_autoptr (GError) error = NULL;
  g_autofree char *heard = NULL;

  g_assert_cmpint (client_send (pair->client, "a", params, -1, &error), ==, 0);
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL);
  g_assert_null (strstr (error->message, "xx"));
  g_assert_cmpint (client_send (pair->client, "b", NULL, -1, NULL), ==, 2);
  heard = hear (pair->broker);
  g_assert_cmpstr (heard, ==, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"b\"}\n");
}

static void
test_closed (Pair *pair, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  close (pair->broker);
  pair->broker = -1;
  g_assert_null (client_receive (pair->client, TRUE, NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (client_call (pair->client, "status", NULL, -1, NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_CLOSED);
}

static void
test_not_json (Pair *pair, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  say (pair->broker, "hello\n", -1);
  g_assert_null (client_receive (pair->client, TRUE, NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL);
}

/* --- Reaching the socket --- */

typedef struct
{
  char *dir, *path;
  int listener;
} Place;

static void
place_open (Place *place, gconstpointer unused)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  place->dir = g_dir_make_tmp ("countersign-XXXXXX", NULL);
  place->path = g_build_filename (place->dir, "agent.sock", NULL);
  g_strlcpy (address.sun_path, place->path, sizeof address.sun_path);
  place->listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (place->listener, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (place->listener, 8), ==, 0);
}

static void
place_close (Place *place, gconstpointer unused)
{
  close (place->listener);
  g_unlink (place->path);
  g_rmdir (place->dir);
  g_free (place->path);
  g_free (place->dir);
}

static void
test_nobody_there (Place *place, gconstpointer unused)
{
  g_autofree char *elsewhere = g_build_filename (place->dir, "none", "agent.sock", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (client_open (CLIENT_AGENT, elsewhere, NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE);
  g_clear_error (&error);
  close (place->listener);
  place->listener = -1;
  g_assert_null (client_open (CLIENT_AGENT, place->path, NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE);
}

static void
test_open_directory (Place *place, gconstpointer unused)
{
  static const mode_t modes[] = { 0770, 0707, 0750, 0701 };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_cmpint (g_chmod (place->dir, modes[i]), ==, 0);
      g_assert_null (client_open (CLIENT_AGENT, place->path, NULL, &error));
      g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR);
      g_assert_nonnull (strstr (error->message, "open to group or others"));
    }
}

static void
test_linked_directory (Place *place, gconstpointer unused)
{
  g_autofree char *link = g_strconcat (place->dir, "-link", NULL);
  g_autofree char *path = g_build_filename (link, "agent.sock", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink (place->dir, link), ==, 0);
  g_assert_null (client_open (CLIENT_AGENT, path, NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR);
  g_assert_nonnull (strstr (error->message, "symbolic link"));
  g_unlink (link);
}

/* This test listens, and it is not countersignd. */
static void
test_other_program (Place *place, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (client_open (CLIENT_AGENT, place->path, NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR);
}

static void
test_which_program (Place *place, gconstpointer unused)
{
  g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  g_assert_true (client_check_program (fds[0], "socket", own, &error));
  g_assert_no_error (error);
  g_assert_false (client_check_program (fds[0], "socket", "/bin/sh", &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR);
  g_clear_error (&error);
  g_assert_false (client_check_program (fds[0], "socket", NULL, &error));
  g_assert_error (error, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR);
  close (fds[0]);
  close (fds[1]);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *sentence;
    void (*test) (Pair *pair, gconstpointer unused);
  } talks[] = {
    { "/client/a call returns its result", test_call },
    { "/client/an error answer keeps code, words and data", test_error_answer },
    { "/client/what comes before an answer is kept", test_keeps_others },
    { "/client/a descriptor comes with the answer that announces it", test_passes_fds },
    { "/client/an announced descriptor that is not there is a fault", test_missing_fd },
    { "/client/gathered messages wait for the flush", test_gathers },
    { "/client/a message that the broker would not take is not sent", test_too_large },
    { "/client/a broker that goes away is told of", test_closed },
    { "/client/an answer that is not JSON is a fault", test_not_json },
  };
  static const struct
  {
    const char *sentence;
    void (*test) (Place *place, gconstpointer unused);
  } places[] = {
    { "/client/no directory, or nobody at the socket, is no broker", test_nobody_there },
    { "/client/a directory open to others is not trusted", test_open_directory },
    { "/client/a symbolic link to a directory is not trusted", test_linked_directory },
    { "/client/another program at the socket is refused", test_other_program },
    { "/client/the program at the other end is compared by file", test_which_program },
  };

  wire_init ();
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (talks); i++)
    g_test_add (talks[i].sentence, Pair, NULL, pair_open, talks[i].test, pair_close);
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    g_test_add (places[i].sentence, Place, NULL, place_open, places[i].test, place_close);
  return g_test_run ();
}
