/* SPDX-License-Identifier: MIT
 *
 * Once a worker's session is over, no copy of the credential is left in its memory: not of the
 * value, nor of what was made of it.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/wire.h"
#include "broker/worker/http-exchange.h"
#include "broker/worker/wiping.h"
#include "tests/unit/table.h"

#define LEN 32
#define MASK 0x5a
#define REGION_MAX (64 * 1024 * 1024)

/* The value is never whole in this program but where it is put on purpose. */
static const guint8 masked[LEN] = "NEVER-WHOLE-0123456789-abcdefgh";
static char request[4096];

static Secret *
make_value (void)
{
  Secret *value = secret_new (LEN, NULL);

  for (gsize i = 0; i < LEN; i++)
    secret_data (value)[i] = (guint8) ("0123456789abcdef"[(masked[i] ^ MASK) & 15]);
  return value;
}

/* Whether @bytes are the value: compared one by one, so that no second copy is made. */
static gboolean
is_value (const guint8 *bytes)
{
  for (gsize i = 0; i < LEN; i++)
    if (bytes[i] != (guint8) ("0123456789abcdef"[(masked[i] ^ MASK) & 15]))
      return FALSE;
  return TRUE;
}

static guint
count_in (const guint8 *bytes, gsize len)
{
  const guint8 first = (guint8) ("0123456789abcdef"[(masked[0] ^ MASK) & 15]);
  guint found = 0;

  for (gsize i = 0; i + LEN <= len; i++)
    {
      const guint8 *next = memchr (bytes + i, first, len - LEN + 1 - i);
      if (next == NULL)
        break;
      i = (gsize) (next - bytes);
      found += is_value (next);
    }
  return found;
}

/* How often it is in what this process can write to; what a sanitizer keeps of its own is larger.
 */
static guint
count_copies (void)
{
  g_autofree char *maps = NULL;
  int memory = open ("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  guint found = 0;

  g_assert_true (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (maps, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      guint64 from, to;
      char rights[5];
      if (sscanf (*line, "%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x %4s", &from, &to, rights)
              != 3
          || rights[0] != 'r' || rights[1] != 'w' || to - from > REGION_MAX)
        continue;
      g_autofree guint8 *bytes = g_malloc (to - from);
      gssize n = pread (memory, bytes, to - from, (off_t) from);
      found += n > 0 ? count_in (bytes, (gsize) n) : 0;
      explicit_bzero (bytes, to - from);
    }
  close (memory);
  return found;
}

/* One request, and one answer that echoes it. */
static gpointer
serve (gpointer data)
{
  int client = accept4 (GPOINTER_TO_INT (data), NULL, NULL, SOCK_CLOEXEC);
  gsize len = 0;

  while (len < sizeof request - 1 && strstr (request, "\r\n\r\n") == NULL)
    {
      gssize n = read (client, request + len, sizeof request - 1 - len);
      g_assert_cmpint (n, >, 0);
      len += (gsize) n;
    }
  g_autofree char *head = g_strdup_printf (
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n", len);
  g_assert_cmpint (write (client, head, strlen (head)), ==, strlen (head));
  g_assert_cmpint (write (client, request, len), ==, len);
  explicit_bzero (request, sizeof request);
  close (client);
  return NULL;
}

static int
make_listener (guint16 *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl (INADDR_LOOPBACK) } };
  socklen_t len = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (const struct sockaddr *) &address, len), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &len), ==, 0);
  *port = ntohs (address.sin_port);
  return fd;
}

typedef struct
{
  const char *sentence, *place;
} Row;

static const Row rows[] = {
  { "of a bearer token", "{\"kind\":\"bearer\"}" },
  { "of a header", "{\"kind\":\"header\",\"name\":\"X-Key\",\"prefix\":\"k=\"}" },
  { "of a parameter", "{\"kind\":\"query\",\"name\":\"key\"}" },
  { "of a part of the path", "{\"kind\":\"path\"}" },
  { "of a field", "{\"kind\":\"form\",\"name\":\"key\"}" },
  { "of the key of an HMAC", "{\"kind\":\"hmac\",\"hash\":\"sha256\",\"header\":\"X-S\","
                             "\"encoding\":\"hex\",\"over\":\"{body}"
                             "\"}" },
};

static HttpService *
make_service (const Row *row, guint16 port)
{
  g_autoptr (json_t) place = json_loads (row->place, 0, NULL);
  g_autoptr (json_t) about
      = json_pack ("{s:s, s:s, s:s, s:i, s:s, s:O}", "name", "s", "scheme", "http", "host",
                   "127.0.0.1", "port", port, "network", "loopback", "place", place);
  HttpService *service = http_service_new (about, NULL);

  g_assert_nonnull (service);
  return service;
}

static void
carry_out (HttpTransfer *transfer)
{
  CURLM *multi = curl_multi_init ();
  int running = 1, left;
  const char *reason = NULL;
  g_autofree char *message = NULL;

  curl_multi_add_handle (multi, http_transfer_handle (transfer));
  while (running > 0)
    {
      curl_multi_perform (multi, &running);
      curl_multi_poll (multi, NULL, 0, 1000, NULL);
    }
  const CURLMsg *done = curl_multi_info_read (multi, &left);
  g_autoptr (json_t) result = http_transfer_finish (transfer, done->data.result, &reason, &message);
  g_assert_cmpint (wire_integer (result, "status", 0), ==, 200);
  curl_multi_remove_handle (multi, http_transfer_handle (transfer));
  http_transfer_free (transfer);
  curl_multi_cleanup (multi);
}

static void
run_session (const Row *row, guint16 port, gboolean expect_copies)
{
  g_autoptr (HttpService) service = make_service (row, port);
  g_autoptr (HttpCredential) credential
      = http_credential_new (&service->place, "demo", make_value (), NULL);
  g_autoptr (HttpPeer) peer = http_peer_new ("127.0.0.1", port, HTTP_NETWORK_LOOPBACK);
  const HttpAsked asked
      = { .method = "POST",
          .target = service->place.kind == HTTP_PLACE_PATH ? "/{credential}" : "/" };
  HttpOutgoing *outgoing = http_outgoing_new (service, credential, &asked, NULL);
  struct pollfd ended = { http_peer_fd (peer), POLLIN, 0 };

  g_assert_cmpint (poll (&ended, 1, -1), ==, 1);
  g_assert_nonnull (outgoing);
  HttpAnswer *answer = http_answer_new (
      http_credential_redactor (credential, outgoing->signature, NULL), 65536, -1);
  g_assert_true (http_peer_finish (peer, NULL));
  g_assert_cmpuint (count_copies (), >=, expect_copies ? 2 : 1);
  carry_out (http_transfer_new (1, service, peer, "POST", outgoing, answer, 10000));
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  guint16 port;
  int listener = make_listener (&port);
  GThread *site = g_thread_new ("site", serve, GINT_TO_POINTER (listener));

  g_assert_cmpuint (count_copies (), ==, 0);
  run_session (row, port, strstr (row->place, "hmac") == NULL);
  g_thread_join (site);
  close (listener);
  g_assert_cmpuint (count_copies (), ==, 0);
}

/* ---- an exchange, whose answer is a value as well ---- */

/* Answers with a token: what stands in the form behind "code=". */
static gpointer
serve_token (gpointer data)
{
  static const char before[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                               "Connection: close\r\nContent-Length: 73\r\n\r\n"
                               "{\"token_type\":\"Bearer\",\"access_token\":\"";
  int client = accept4 (GPOINTER_TO_INT (data), NULL, NULL, SOCK_CLOEXEC);
  const char *value = NULL;
  gsize len = 0;

  while ((value = memmem (request, len, "\r\n\r\ncode=", 9)) == NULL
         || value + 9 + LEN > request + len)
    {
      gssize n = read (client, request + len, sizeof request - 1 - len);
      g_assert_cmpint (n, >, 0);
      len += (gsize) n;
    }
  g_assert_cmpint (write (client, before, strlen (before)), ==, strlen (before));
  g_assert_cmpint (write (client, value + 9, LEN), ==, LEN);
  g_assert_cmpint (write (client, "\"}", 2), ==, 2);
  explicit_bzero (request, sizeof request);
  close (client);
  return NULL;
}

/* Sends the value, as the broker does. */
static void
attach_value (int broker, WorkerLink *link)
{
  static const char text[] = "{\"jsonrpc\":\"2.0\",\"method\":\"attach\","
                             "\"params\":{\"as\":\"secret\",\"name\":\"c\"}}\n";
  g_autoptr (Secret) value = make_value ();
  int fd = secret_to_memfd (value, NULL);
  char room[CMSG_SPACE (sizeof fd)] = { 0 };
  struct iovec iov = { (void *) text, strlen (text) };
  struct msghdr message
      = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);

  *header = (struct cmsghdr){ CMSG_LEN (sizeof fd), SOL_SOCKET, SCM_RIGHTS };
  memcpy (CMSG_DATA (header), &fd, sizeof fd);
  g_assert_cmpint (sendmsg (broker, &message, 0), ==, strlen (text));
  close (fd);
  g_assert_true (worker_link_turn (link, POLLIN));
}

static void
carry_out_exchange (HttpExchange *exchange)
{
  struct pollfd ended = { http_exchange_fd (exchange), POLLIN, 0 };
  CURLM *multi = curl_multi_init ();
  int running = 1, left;

  g_assert_cmpint (poll (&ended, 1, -1), ==, 1);
  HttpTransfer *transfer = http_exchange_turn (exchange);
  g_assert_nonnull (transfer);
  curl_multi_add_handle (multi, http_transfer_handle (transfer));
  while (running > 0)
    {
      curl_multi_perform (multi, &running);
      curl_multi_poll (multi, NULL, 0, 1000, NULL);
    }
  CURLcode code = curl_multi_info_read (multi, &left)->data.result;
  curl_multi_remove_handle (multi, http_transfer_handle (transfer));
  g_assert_cmpuint (count_copies (), >=, 1);
  http_exchange_end (exchange, code);
  curl_multi_cleanup (multi);
}

static void
run_exchange (guint16 port)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/", port);
  g_autoptr (json_t) params
      = json_pack ("{s:{s:s, s:s, s:s, s:[[s,{s:s}]]}, s:s, s:i}", "request", "url", url, "network",
                   "loopback", "method", "POST", "form", "code", "secret", "c", "answer",
                   "oauth-token", "timeout_ms", 60000);
  int ends[2];
  char answer[4096] = "";

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  g_autoptr (WorkerLink) link = worker_link_new (ends[1], NULL, 0, NULL);
  attach_value (ends[0], link);
  HttpExchange *exchange = http_exchange_new (link, 1, params, NULL);
  g_assert_nonnull (exchange);
  carry_out_exchange (exchange);
  http_exchange_free (exchange);
  g_assert_true (worker_link_flush (link));
  g_assert_cmpint (read (ends[0], answer, sizeof answer - 1), >, 0);
  g_assert_nonnull (strstr (answer, "\"values_fd\":true"));
  close (ends[0]);
}

static void
test_exchange (void)
{
  guint16 port;
  int listener = make_listener (&port);
  GThread *site = g_thread_new ("site", serve_token, GINT_TO_POINTER (listener));

  g_assert_cmpuint (count_copies (), ==, 0);
  run_exchange (port);
  g_thread_join (site);
  close (listener);
  g_assert_cmpuint (count_copies (), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (wiping_openssl ());
  wire_init ();
  g_assert_true (secret_init (NULL));
  http_transfer_init ();
  ADD_TABLE ("/http-wipe/nothing is left ", rows, test_row);
  g_test_add_func ("/http-wipe/nothing is left of a code, nor of the token it was exchanged for",
                   test_exchange);
  return g_test_run ();
}
