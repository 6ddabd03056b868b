/* SPDX-License-Identifier: MIT
 *
 * bench-mcp ROUNDS PIPELINED [TOOL ARGUMENTS] -- COMMAND…: an MCP client on stdio, for any server
 * that has get_secret, or the tool that is told.
 *
 * Prints "start_us X" (exec to the answer to initialize) and "pid N", then "ready" once its first
 * call was answered: under Countersign a person has granted it in between. Goes on when it
 * gets a line on stdin.
 */
#include "mcp/wire/mcp-client.h"
#include "tests/bench/bench.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Measured: by hand, so that the client costs nothing beside what it measures. */
#define CALL                                                                                       \
  "{\"jsonrpc\":\"2.0\",\"id\":@ID@,\"method\":\"tools/"                                           \
  "call\",\"params\":{\"name\":\"%s\",\"arguments\":%s}}"
#define ARGUMENTS "{\"name\":\"demo\",\"purpose\":\"bench\",\"ttl_seconds\":3600}"
#define STORED "{\"name\":\"demo\",\"value\":\"x\"}"
#define LINE_MOST (1024 * 1024)

static pid_t
start (BenchStream *stream, char **argv)
{
  extern char **environ;
  int down[2], up[2];
  pid_t pid;
  posix_spawn_file_actions_t actions;
  if (pipe (down) != 0 || pipe (up) != 0)
    exit (1);
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_adddup2 (&actions, down[0], 0);
  posix_spawn_file_actions_adddup2 (&actions, up[1], 1);
  int ends[] = { down[0], down[1], up[0], up[1] };
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    posix_spawn_file_actions_addclose (&actions, ends[i]);
  if (posix_spawnp (&pid, argv[0], &actions, NULL, argv, environ) != 0)
    exit (1);
  posix_spawn_file_actions_destroy (&actions);
  close (down[0]);
  close (up[1]);
  bench_stream_init (stream, up[0], down[1]);
  return pid;
}

/* --- What is not measured, by the client of our library --- */

static void
on_opened (gpointer user, McpClient *client, const json_t *error)
{
  gboolean *open = user;

  (void) client;
  if (error != NULL)
    exit (1);
  *open = TRUE;
}

/* Also of a peer that keeps its secrets in memory and has none yet, or has it already. */
static void
on_answered (gpointer user, const json_t *result, const json_t *error)
{
  gboolean *answered = user;

  (void) result;
  (void) error;
  *answered = TRUE;
}

static void
converse (McpClient *client, BenchStream *stream, const gboolean *until)
{
  while (!*until)
    {
      if (!outbox_flush (mcp_client_outbox (client), stream->out, NULL))
        exit (1);
      const char *line = bench_stream_line (stream);
      if (!mcp_client_push (client, line, strlen (line), NULL)
          || !mcp_client_push (client, "\n", 1, NULL))
        exit (1);
    }
  if (!outbox_flush (mcp_client_outbox (client), stream->out, NULL))
    exit (1);
}

static void
call_once (McpClient *client, BenchStream *stream, const char *tool, const char *arguments)
{
  g_autoptr (json_t) params
      = json_pack ("{s:s, s:o}", "name", tool, "arguments", json_loads (arguments, 0, NULL));
  gboolean answered = FALSE;

  mcp_client_request (client, "tools/call", params, on_answered, NULL, &answered);
  converse (client, stream, &answered);
}

static McpClient *
open_client (BenchStream *stream)
{
  static gboolean open;
  static const McpClientHandler handler = { .opened = on_opened };
  McpClient *client = mcp_client_new (&(McpClientOptions){ .name = "bench",
                                                           .version = "1",
                                                           .speaks = MCP_VERSION_2025_06_18,
                                                           .max_line = LINE_MOST },
                                      &handler, &open);

  mcp_client_open (client);
  converse (client, stream, &open);
  return client;
}

static void
measure (McpClient *client, BenchStream *stream, char **argv, const char *tool,
         const char *arguments)
{
  g_autofree char *call = g_strdup_printf (CALL, tool, arguments);
  char line[16];

  /* A peer that keeps its secrets in memory has none yet; ours has it, and refuses by name at
   * once. */
  if (getenv ("BENCH_STORE") != NULL)
    call_once (client, stream, "store_secret", STORED);
  call_once (client, stream, tool, arguments);
  printf ("ready\n");
  fflush (stdout);
  if (fgets (line, sizeof line, stdin) == NULL)
    exit (1);
  bench_rounds (stream, call, "expiresIn", strtoul (argv[1], NULL, 10), strtoul (argv[2], NULL, 10),
                128);
}

int
main (int argc, char **argv)
{
  BenchStream stream;
  gboolean told = argc >= 7 && strcmp (argv[5], "--") == 0;
  if (!told && (argc < 5 || strcmp (argv[3], "--") != 0))
    return 2;
  gint64 before = bench_now ();
  pid_t pid = start (&stream, argv + (told ? 6 : 4));
  g_autoptr (McpClient) client = open_client (&stream);
  printf ("start_us %.1f\npid %d\n", (double) (bench_now () - before) / 1000.0, pid);
  fflush (stdout);
  if (strtoul (argv[1], NULL, 10) > 0)
    measure (client, &stream, argv, told ? argv[3] : "get_secret", told ? argv[4] : ARGUMENTS);
  /* The peer stays alive when its input ends. */
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  bench_stream_clear (&stream);
  return 0;
}
