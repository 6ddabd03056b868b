/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-resource.h"

#include "tests/unit/table.h"

#include <string.h>

typedef struct
{
  const char *sentence, *uri;
  const char *fault; /* a part of it; NULL: it is one */
} CheckRow;

static const CheckRow check_rows[] = {
  { "an address by https", "https://mcp.example.org/mcp", NULL },
  { "one with a port", "https://mcp.example.org:8643/mcp", NULL },
  { "one without a path", "https://mcp.example.org", NULL },
  { "one with a longer path, in any case", "https://example.org/Team/a/mcp", NULL },
  { "this machine's own by http", "http://127.0.0.1:8643/mcp", NULL },
  { "this machine's own by name", "http://localhost:8643/mcp", NULL },
  { "this machine's own by IPv6", "http://[::1]:8643/mcp", NULL },
  { "another machine's by http", "http://mcp.example.org/mcp", "https://" },
  { "a name that only begins like this machine's", "http://localhost.example.org/mcp", "https://" },
  { "a word", "mcp", "no address" },
  { "no host", "https:///mcp", "no address" },
  { "a urn", "urn:a:b", "no address" },
  { "a slash at its end", "https://mcp.example.org/mcp/", "slash" },
  { "a slash alone", "https://mcp.example.org/", "slash" },
  { "a query", "https://mcp.example.org/mcp?a=b", "query" },
  { "an empty fragment", "https://mcp.example.org/mcp#", "fragment" },
  { "a user", "https://ann@mcp.example.org/mcp", "user" },
  { "a host in upper case", "https://MCP.example.org/mcp", "lower case" },
  { "a scheme in upper case", "HTTPS://mcp.example.org/mcp", "lower case" },
  { "the usual port", "https://mcp.example.org:443/mcp", "port" },
  { "the usual port of http", "http://localhost:80/mcp", "port" },
  { "another scheme", "ftp://mcp.example.org/mcp", "https://" },
  { "a step up", "https://mcp.example.org/a/../mcp", "steps" },
  { "a step up at its end", "https://mcp.example.org/mcp/..", "steps" },
  { "two slashes", "https://mcp.example.org//mcp", "steps" },
  { "a space", "https://mcp.example.org/m p", "no address" },
  { "a quotation mark", "https://mcp.example.org/m\"p", "no address" },
  { "a letter beyond ASCII", "https://mcp.example.org/m\303\244p", "no address" },
  { "nothing", "", "no address" },
};

static void
test_check (gconstpointer data)
{
  const CheckRow *row = data;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (http_resource_check (row->uri, &error), ==, row->fault == NULL);
  g_assert_cmpint (error == NULL, ==, row->fault == NULL);
  if (row->fault != NULL && strstr (error->message, row->fault) == NULL)
    g_error ("%s: %s", row->uri, error->message);
}

typedef struct
{
  const char *sentence, *server, *name, *uri, *metadata, *host;
} PlaceRow;

#define WELL_KNOWN "/.well-known/oauth-protected-resource"

static const PlaceRow place_rows[] = {
  { "an address is its own", "http://127.0.0.1:8643", NULL, "http://127.0.0.1:8643/mcp",
    "http://127.0.0.1:8643" WELL_KNOWN "/mcp", "127.0.0.1" },
  { "an IPv6 address keeps its brackets", "http://[::1]:8643", NULL, "http://[::1]:8643/mcp",
    "http://[::1]:8643" WELL_KNOWN "/mcp", "[::1]" },
  { "a name stands for the address", "https://0.0.0.0:8643", "mcp.example.org",
    "https://mcp.example.org:8643/mcp", "https://mcp.example.org:8643" WELL_KNOWN "/mcp",
    "mcp.example.org" },
  { "the usual port is left out", "https://0.0.0.0:443", "mcp.example.org",
    "https://mcp.example.org/mcp", "https://mcp.example.org" WELL_KNOWN "/mcp", "mcp.example.org" },
};

static void
test_place (gconstpointer data)
{
  const PlaceRow *row = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = http_resource_default (row->server, row->name);
  g_autofree char *metadata = http_resource_metadata_url (uri);
  g_autofree char *host = http_resource_host (uri);

  g_assert_cmpstr (uri, ==, row->uri);
  g_assert_true (http_resource_check (uri, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (metadata, ==, row->metadata);
  g_assert_cmpstr (host, ==, row->host);
}

typedef struct
{
  const char *sentence, *uri, *path;
  gboolean is;
} PathRow;

static const PathRow path_rows[] = {
  { "the host's", "https://a.example/mcp", WELL_KNOWN, TRUE },
  { "the resource's", "https://a.example/mcp", WELL_KNOWN "/mcp", TRUE },
  { "that of one that a proxy serves elsewhere", "https://a.example/x/mcp", WELL_KNOWN "/x/mcp",
    TRUE },
  { "/mcp's, wherever a proxy serves it", "https://a.example/x/mcp", WELL_KNOWN "/mcp", TRUE },
  { "another's", "https://a.example/mcp", WELL_KNOWN "/x", FALSE },
  { "one with a slash behind", "https://a.example/mcp", WELL_KNOWN "/mcp/", FALSE },
  { "one that goes on", "https://a.example/mcp", WELL_KNOWN "x", FALSE },
  { "an issuer's", "https://a.example/mcp", "/.well-known/oauth-authorization-server", FALSE },
};

static void
test_path (gconstpointer data)
{
  const PathRow *row = data;

  g_assert_cmpint (http_resource_is_metadata (row->uri, row->path), ==, row->is);
}

typedef struct
{
  const char *sentence, *callers, *metadata, *scopes;
} TellRow;

static const TellRow tell_rows[] = {
  { "one issuer",
    "{'issuers':[{'name':'a','issuer':'https://a.example','scopes':['x','y']}],'local':0}",
    "{'resource':'https://m.example/mcp','authorization_servers':['https://a.example'],"
    "'bearer_methods_supported':['header'],'scopes_supported':['x','y']}",
    "x y" },
  { "two issuers, each scope once",
    "{'issuers':[{'name':'a','issuer':'https://a.example','scopes':['x']},"
    "{'name':'b','issuer':'https://b.example','scopes':['y','x']}],'local':1}",
    "{'resource':'https://m.example/mcp','authorization_servers':['https://a.example',"
    "'https://b.example'],'bearer_methods_supported':['header'],'scopes_supported':['x','y']}",
    "x y" },
  { "what is empty is left out",
    "{'issuers':[{'name':'a','issuer':'https://a.example','scopes':[]}]}",
    "{'resource':'https://m.example/mcp','authorization_servers':['https://a.example'],"
    "'bearer_methods_supported':['header']}",
    "" },
};

static json_t *
load (const char *text)
{
  g_autofree char *quoted = g_strdup (text);
  json_t *value = json_loads (g_strdelimit (quoted, "'", '"'), 0, NULL);

  g_assert_nonnull (value);
  return value;
}

static void
test_tell (gconstpointer data)
{
  const TellRow *row = data;
  g_autoptr (json_t) callers = load (row->callers);
  g_autoptr (json_t) wanted = load (row->metadata);
  g_autoptr (json_t) metadata = http_resource_metadata ("https://m.example/mcp", callers);
  g_autofree char *scopes = http_resource_scopes (callers);

  g_assert_true (json_equal (metadata, wanted));
  g_assert_cmpstr (scopes, ==, row->scopes);
  g_assert_true (http_resource_has_issuer (callers));
}

static void
test_none (void)
{
  g_autoptr (json_t) local = load ("{'issuers':[],'local':2}");

  g_assert_false (http_resource_has_issuer (local));
  g_assert_false (http_resource_has_issuer (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/http-resource/uri/", check_rows, test_check);
  ADD_TABLE ("/http-resource/place/", place_rows, test_place);
  ADD_TABLE ("/http-resource/path/", path_rows, test_path);
  ADD_TABLE ("/http-resource/metadata/", tell_rows, test_tell);
  g_test_add_func ("/http-resource/local tokens alone have no issuer", test_none);
  return g_test_run ();
}
