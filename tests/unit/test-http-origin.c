/* SPDX-License-Identifier: MIT
 *
 * Whether a request was meant for the server, and by whose page.
 */
#include "mcp/transport/http-origin.h"

#include <string.h>

#include "tests/unit/table.h"

typedef struct
{
  const char *sentence;
  const char *host, *origin;
  guint status; /* 0: taken */
} Row;

static const Row rows[] = {
  { "no browser, by name", "localhost:8643", NULL, 0 },
  { "no browser, by address", "127.0.0.1:8643", NULL, 0 },
  { "no browser, by address of version 6", "[::1]:8643", NULL, 0 },
  { "no browser, by its public name", "mcp.example", NULL, 0 },
  { "names have no case", "LocalHost:8643", "HTTP://LOCALHOST:8643", 0 },
  { "its own page", "localhost:8643", "http://localhost:8643", 0 },
  { "its own page under another of its names", "localhost:8643", "http://127.0.0.1:8643", 0 },
  { "its own page at an address of version 6", "[::1]:8643", "http://[::1]:8643", 0 },
  { "its own page behind what speaks TLS", "mcp.example", "https://mcp.example", 0 },
  { "its own page on the usual port", "mcp.example:443", "https://mcp.example", 0 },
  { "its own page on the usual port, which is told", "mcp.example", "https://mcp.example:443", 0 },
  { "a page on another port of this machine", "localhost:8643", "http://localhost:3000", 403 },
  { "a page without the port", "localhost:8643", "http://localhost", 403 },
  { "a page on an unusual port", "mcp.example", "https://mcp.example:8443", 403 },
  { "a stranger's page", "localhost:8643", "https://evil.example", 403 },
  { "a stranger's page below our name", "localhost:8643", "http://localhost.evil.example:8643",
    403 },
  { "a stranger's page above our name", "localhost:8643", "http://evil.localhost:8643", 403 },
  { "a page of nobody", "localhost:8643", "null", 403 },
  { "an empty origin", "localhost:8643", "", 403 },
  { "a page of a file", "localhost:8643", "file://", 403 },
  { "an extension", "localhost:8643", "chrome-extension://localhost:8643", 403 },
  { "a path behind the origin", "localhost:8643", "http://localhost:8643/", 403 },
  { "a user in the origin", "localhost:8643", "http://localhost:8643@evil.example", 403 },
  { "two origins", "localhost:8643", "http://localhost:8643 http://evil.example", 403 },
  { "a port that is none", "localhost:8643", "http://localhost:8643x", 403 },
  { "a port beyond all ports", "localhost:8643", "http://localhost:65536", 403 },
  { "a dot behind the name", "localhost:8643", "http://localhost.:8643", 403 },
  { "a name that was made to lead here", "evil.example:8643", NULL, 421 },
  { "a name that was made to lead here, with its page", "evil.example:8643",
    "http://evil.example:8643", 421 },
  { "a name with a dot behind it", "localhost.:8643", NULL, 421 },
  { "the address of all interfaces", "0.0.0.0:8643", NULL, 421 },
  { "another address of this machine", "127.0.0.2:8643", NULL, 421 },
  { "our address as one number", "2130706433", NULL, 421 },
};

static const char *const hosts[] = { "localhost", "127.0.0.1", "[::1]", "mcp.example", NULL };

/* As it comes over the network. */
static HttpHead *
read_head (const Row *row)
{
  g_autofree char *origin
      = row->origin != NULL ? g_strdup_printf ("Origin: %s\r\n", row->origin) : g_strdup ("");
  g_autofree char *text
      = g_strdup_printf ("POST /mcp HTTP/1.1\r\nHost: %s\r\n%s\r\n", row->host, origin);
  HttpRefusal refusal = { 0 };
  HttpHead *head = http_head_parse (text, strlen (text), &refusal);

  g_assert_nonnull (head);
  return head;
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (HttpHead) head = read_head (row);
  const char *why = NULL;

  g_assert_cmpuint (http_origin_check (hosts, head, &why), ==, row->status);
  g_assert_true ((why == NULL) == (row->status == 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/origin/", rows, test_row);
  return g_test_run ();
}
