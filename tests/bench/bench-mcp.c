/* SPDX-License-Identifier: MIT
 *
 * bench-mcp ROUNDS PIPELINED [TOOL ARGUMENTS] -- COMMAND…: an MCP client on stdio, for any server
 * that has get_secret, or the tool that is told.
 *
 * Prints "start_us X" (exec to the answer to initialize) and "pid N", then "ready" once its first
 * call was answered: under Countersign a person has granted it in between. Goes on when it
 * gets a line on stdin.
 */
#include "tests/bench/bench.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char initialize[]
    = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
      "\"2025-06-18\","
      "\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}\n";
static const char initialized[]
    = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
static const char store_secret[] = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/"
                                   "call\",\"params\":{\"name\":\"store_secret\",\"arguments\":"
                                   "{\"name\":\"demo\",\"value\":\"x\"}}}\n";
#define CALL                                                                                       \
  "{\"jsonrpc\":\"2.0\",\"id\":@ID@,\"method\":\"tools/"                                              \
  "call\",\"params\":{\"name\":\"%s\",\"arguments\":%s}}"
#define ARGUMENTS "{\"name\":\"demo\",\"purpose\":\"bench\",\"ttl_seconds\":3600}"

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

int
main (int argc, char **argv)
{
  BenchStream stream;
  gboolean told = argc >= 7 && strcmp (argv[5], "--") == 0;
  if (!told && (argc < 5 || strcmp (argv[3], "--") != 0))
    return 2;
  g_autofree char *call
      = g_strdup_printf (CALL, told ? argv[3] : "get_secret", told ? argv[4] : ARGUMENTS);
  gint64 before = bench_now ();
  pid_t pid = start (&stream, argv + (told ? 6 : 4));
  bench_stream_send (&stream, initialize, sizeof initialize - 1);
  bench_stream_until (&stream, "\"id\":1");
  printf ("start_us %.1f\npid %d\n", (double) (bench_now () - before) / 1000.0, pid);
  fflush (stdout);
  gsize rounds = strtoul (argv[1], NULL, 10);
  if (rounds > 0)
    {
      bench_stream_send (&stream, initialized, sizeof initialized - 1);
      /* A peer that keeps its secrets in memory has none yet; ours has it, and refuses by name at
       * once. */
      if (getenv ("BENCH_STORE") != NULL)
        {
          bench_stream_send (&stream, store_secret, sizeof store_secret - 1);
          bench_stream_until (&stream, "\"id\":2");
        }
      g_autofree char *before_id
          = g_strndup (call, (gsize) (strstr (call, "@ID@") - call));
      bench_stream_printf (&stream, "%s3%s\n", before_id, strstr (call, "@ID@") + 4);
      bench_stream_until (&stream, "\"id\":3");
      printf ("ready\n");
      fflush (stdout);
      char line[16];
      if (fgets (line, sizeof line, stdin) == NULL)
        return 1;
      bench_rounds (&stream, call, "expiresIn", rounds, strtoul (argv[2], NULL, 10), 128);
    }
  /* The peer stays alive when its input ends. */
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  bench_stream_clear (&stream);
  return 0;
}
