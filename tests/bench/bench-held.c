/* SPDX-License-Identifier: MIT
 *
 * bench-held AGENT_SOCKET HUMAN_SOCKET PIN HELD DECISIONS: with HELD requests waiting, how long
 * from a decision to the answer in the agent's hands.
 *
 * Requests differ in their secret (s0, s1, …), spread over 200 processes, since one may not have so
 * many open. Each has connected itself and sends what it is handed; its answers are read here,
 * straight from the socket. The person's side grants and denies by turns.
 */
#include "tests/bench/bench.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 200

typedef struct
{
  char *request_id;
  char digest[65];
  gsize connection; /* by the number in the secret's name */
} Held;

static void
digest_of (const char *text, char out[65])
{
  unsigned char hash[32];
  EVP_Digest (text, strlen (text), hash, NULL, EVP_sha256 (), NULL);
  for (gsize i = 0; i < sizeof hash; i++)
    g_snprintf (out + 2 * i, 3, "%02x", hash[i]);
}

static void
hello (BenchStream *stream, const char *role)
{
  bench_stream_printf (
      stream,
      "{\"jsonrpc\":\"2.0\",\"id\":\"hello\",\"method\":\"hello\",\"params\":{\"version\":1,"
      "\"role\":\"%s\"}}\n",
      role);
  bench_stream_until (stream, "\"hello\"");
}

/* Connects, hands the connection over, and from then on sends what comes through @link. */
static void
be_agent (const char *path, int link)
{
  BenchStream stream;
  char piece[4096];
  char room[CMSG_SPACE (sizeof (int))] = { 0 };
  struct iovec iov = { piece, 1 };
  struct msghdr msg
      = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room };
  struct cmsghdr *header = CMSG_FIRSTHDR (&msg);
  gssize got;

  bench_stream_connect (&stream, path);
  *header = (struct cmsghdr){ CMSG_LEN (sizeof (int)), SOL_SOCKET, SCM_RIGHTS };
  memcpy (CMSG_DATA (header), &stream.out, sizeof (int));
  if (sendmsg (link, &msg, 0) != 1)
    exit (1);
  while ((got = read (link, piece, sizeof piece)) > 0)
    bench_stream_send (&stream, piece, got);
  exit (0);
}

/* A process of its own that asks; the stream writes to it and reads from the broker. */
static void
start_agent (BenchStream *stream, const char *path)
{
  int link[2], in;
  char piece[1], room[CMSG_SPACE (sizeof (int))] = { 0 };
  struct iovec iov = { piece, 1 };
  struct msghdr msg
      = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room };

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link) != 0)
    exit (1);
  pid_t pid = fork ();
  if (pid == 0)
    {
      close (link[0]);
      be_agent (path, link[1]);
    }
  close (link[1]);
  if (pid < 0 || recvmsg (link[0], &msg, MSG_CMSG_CLOEXEC) != 1 || CMSG_FIRSTHDR (&msg) == NULL)
    exit (1);
  memcpy (&in, CMSG_DATA (CMSG_FIRSTHDR (&msg)), sizeof in);
  bench_stream_init (stream, in, link[0]);
}

/* One "held" notification of the subscriber. */
static Held
read_held (BenchStream *human)
{
  json_t *message = json_loads (bench_stream_until (human, "\"held\""), 0, NULL);
  json_t *params = json_object_get (message, "params");
  const char *text = json_string_value (json_object_get (params, "card"));
  json_t *card = json_loads (text, 0, NULL);
  Held held
      = { .request_id = g_strdup (json_string_value (json_object_get (params, "request_id"))) };
  digest_of (text, held.digest);
  held.connection = strtoul (json_string_value (json_object_get (card, "resource")) + 1, NULL, 10)
                    % CONNECTIONS;
  json_decref (card);
  json_decref (message);
  return held;
}

static void
decide (BenchStream *human, const Held *held, const char *pin, gsize i)
{
  g_autofree char *proof = i % 2 == 0 ? g_strdup_printf (",\"pin\":\"%s\"", pin) : g_strdup ("");
  bench_stream_printf (
      human,
      "{\"jsonrpc\":\"2.0\",\"id\":%zu,\"method\":\"decide\",\"params\":{\"request_id\":\"%s\","
      "\"verdict\":\"%s\",\"card_digest\":\"%s\"%s}}\n",
      i, held->request_id, i % 2 == 0 ? "grant" : "deny", held->digest, proof);
}

int
main (int argc, char **argv)
{
  static BenchStream agents[CONNECTIONS];
  BenchStream human;
  BenchTimes grants = { 0 }, denials = { 0 };
  if (argc != 6)
    return 2;
  gsize total = strtoul (argv[4], NULL, 10), decisions = MIN (strtoul (argv[5], NULL, 10), total);
  for (gsize i = 0; i < CONNECTIONS; i++)
    start_agent (&agents[i], argv[1]);
  bench_stream_connect (&human, argv[2]);
  hello (&human, "human");
  bench_stream_printf (&human,
                       "{\"jsonrpc\":\"2.0\",\"id\":\"auth\",\"method\":\"authenticate\","
                       "\"params\":{\"pin\":\"%s\"}}\n"
                       "{\"jsonrpc\":\"2.0\",\"id\":\"sub\",\"method\":\"subscribe\"}\n",
                       argv[3]);
  bench_stream_until (&human, "\"sub\"");
  for (gsize i = 0; i < CONNECTIONS; i++)
    hello (&agents[i], "agent");
  g_autofree Held *held = g_new (Held, total);
  for (gsize i = 0; i < total; i++)
    {
      bench_stream_printf (
          &agents[i % CONNECTIONS],
          "{\"jsonrpc\":\"2.0\",\"id\":%zu,\"method\":\"get_secret\",\"params\":{\"name\":\"s%zu\","
          "\"purpose\":\"bench\"}}\n",
          i, i);
      held[i] = read_held (&human);
      bench_stream_until (&agents[i % CONNECTIONS], "\"held\"");
    }
  for (gsize i = 0; i < decisions; i++)
    {
      gint64 before = bench_now ();
      decide (&human, &held[i], argv[3], i);
      bench_stream_until (&agents[held[i].connection], held[i].request_id);
      bench_times_add (i % 2 == 0 ? &grants : &denials, bench_now () - before);
      /* The broker reads no further from one who leaves its answers unread. */
      g_autofree char *answered = g_strdup_printf ("\"id\":%zu,", i);
      bench_stream_until (&human, answered);
    }
  for (gsize i = 0; i < CONNECTIONS; i++)
    bench_stream_clear (&agents[i]);
  bench_stream_clear (&human);
  for (gsize i = 0; i < total; i++)
    g_free (held[i].request_id);
  printf ("grant_p50_us %.1f\ngrant_p99_us %.1f\ndenial_p50_us %.1f\ndenial_p99_us %.1f\n",
          bench_times_at (&grants, 0.5), bench_times_at (&grants, 0.99),
          bench_times_at (&denials, 0.5), bench_times_at (&denials, 0.99));
  return 0;
}
