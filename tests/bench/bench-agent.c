/* SPDX-License-Identifier: MIT
 *
 * bench-agent SOCKET ROUNDS PIPELINED [METHOD PARAMS]: an agent straight at agent.sock, which asks
 * for get_secret, or for what is told.
 *
 * Prints "held REQUEST_ID", waits until it is granted, then measures repeats under that grant.
 */
#include "tests/bench/bench.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL "{\"jsonrpc\":\"2.0\",\"id\":@ID@,\"method\":\"%s\",\"params\":%s}"
#define PARAMS "{\"name\":\"demo\",\"purpose\":\"bench\",\"ttl_seconds\":86400}"

int
main (int argc, char **argv)
{
  BenchStream stream;
  if (argc != 4 && argc != 6)
    return 2;
  g_autofree char *call = g_strdup_printf (CALL, argc == 6 ? argv[4] : "get_secret",
                                           argc == 6 ? argv[5] : PARAMS);
  bench_stream_connect (&stream, argv[1]);
  bench_stream_printf (
      &stream,
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\",\"params\":{\"version\":1,\"role\":"
      "\"agent\"}}\n");
  bench_stream_until (&stream, "\"id\":1");
  const char *at = strstr (call, "@ID@");
  bench_stream_printf (&stream, "%.*s2%s\n", (int) (at - call), call, at + 4);
  json_t *held = json_loads (bench_stream_until (&stream, "request_id"), 0, NULL);
  const char *request_id
      = json_string_value (json_object_get (json_object_get (held, "params"), "request_id"));
  printf ("held %s\n", request_id != NULL ? request_id : "?");
  fflush (stdout);
  json_decref (held);
  bench_stream_until (&stream, "expiresIn");
  bench_rounds (&stream, call, "expiresIn", strtoul (argv[2], NULL, 10),
                strtoul (argv[3], NULL, 10), 256);
  bench_stream_clear (&stream);
  return 0;
}
