/* SPDX-License-Identifier: MIT
 *
 * What a certificate of our own CA says: the person's file, narrowed by what is asked, never
 * widened.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-ssh-ca.h"
#include "tests/unit/table.h"

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
#define FILE_NAME "providers.d/servers.conf"
#define HEAD "provider servers\nkind ssh-ca\n"

static Providers *
parse (const char *lines, GError **error)
{
  g_autofree char *text = g_strconcat (HEAD, lines, NULL);
  const PolicySource source = { FILE_NAME, text, strlen (text) };

  return providers_parse (&source, 1, error);
}

/* ---- the file ---- */

typedef struct
{
  const char *sentence, *lines;
  const char *message; /* of the error, behind the file's name; NULL: it is taken */
} FileCase;

/* clang-format off */
static const FileCase file_cases[] = {
  { "principals alone", "principal deploy root", NULL },
  { "all there is", "principal deploy\nmax 30m\nforce-command \"uptime -p\"\nsource-address 192.0.2.0/24 2001:db8::/32\nextension permit-pty permit-port-forwarding", NULL },
  { "no principal", "max 1h", "1:1: no \"principal\"; add a line as in: principal deploy" },
  { "a principal with a comma", "principal \"deploy,root\"", "3:11: a principal must be letters, digits and . _ @ + : / = - only (character 7)" },
  { "a principal that is every one", "principal *", "3:11: a principal must be letters, digits and . _ @ + : / = - only (character 1)" },
  { "an empty principal", "principal \"\"", "3:11: a principal must be 1 to 128 characters and not begin with \"-\"" },
  { "a command of two words without quotes", "principal a\nforce-command uptime -p", "4:22: a word too many behind \"force-command\"; take it out" },
  { "an empty command", "principal a\nforce-command \"\"", "4:15: a command must have 1 to 1024 bytes that show" },
  { "a network with bits behind its prefix", "principal a\nsource-address 192.0.2.1/24", "4:16: network number 1 has bits set behind its prefix length: sshd would refuse the certificate" },
  { "a name for a network", "principal a\nsource-address example.com", "4:16: network number 1 is not an IPv4 or IPv6 address, or a network as 192.0.2.0/24" },
  { "a misspelt extension", "principal a\nextension permit-ptty", "4:11: there is no such extension; did you mean permit-pty" },
  { "an unknown extension", "principal a\nextension verify-required", "4:11: there is no such extension; they are no-touch-required, permit-X11-forwarding, permit-agent-forwarding, permit-port-forwarding, permit-pty, permit-user-rc" },
  { "an extension twice", "principal a\nextension permit-pty permit-pty", "4:22: \"permit-pty\" stands twice behind \"extension\"; keep one" },
};
/* clang-format on */

static void
test_file (gconstpointer data)
{
  const FileCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) providers = parse (row->lines, &error);

  if (row->message == NULL)
    {
      g_assert_no_error (error);
      return;
    }
  g_assert_null (providers);
  g_autofree char *message = g_strconcat (FILE_NAME ":", row->message, NULL);
  g_assert_cmpstr (error->message, ==, message);
}

/* ---- what is asked ---- */

#define OPEN "principal deploy root\nextension permit-pty"
#define SHUT                                                                                       \
  "principal deploy\nforce-command \"uptime -p\"\nsource-address 192.0.2.0/24 2001:db8::/32\nmax " \
  "10m"

typedef struct
{
  const char *sentence, *lines;
  const char *args; /* of JSON, besides the key; NULL: none */
  const char *why;  /* it does not fit; else what is certified: */
  const char *scopes, *command, *address, *life;
} AskCase;

/* clang-format off */
static const AskCase ask_cases[] = {
  { "nothing asked, nothing set", OPEN, NULL, NULL, "deploy root", NULL, NULL, "1h" },
  { "one principal", OPEN, "'principals':['root']", NULL, "root", NULL, NULL, "1h" },
  { "a principal that is not allowed", OPEN, "'principals':['deploy','admin']", "principals: admin is not among those that are allowed: deploy, root" },
  { "a principal with a line feed", OPEN, "'principals':['root\\nadmin']", "principals: number 1 must be letters, digits and . _ @ + : / = - only (character 5)" },
  { "a principal that is a list", OPEN, "'principals':['deploy,root']", "principals: number 1 must be letters, digits and . _ @ + : / = - only (character 7)" },
  { "a principal that is an option", OPEN, "'principals':['-oProxyCommand=x']", "principals: number 1 must be 1 to 128 characters and not begin with \"-\"" },
  { "a command where none is set", OPEN, "'force_command':'uptime'", NULL, "deploy root", "uptime", NULL, "1h" },
  { "a command of two lines", OPEN, "'force_command':'uptime\\nid'", "force_command: must be one line, without characters that do not show" },
  { "addresses where none are set", OPEN, "'source_address':'198.51.100.7'", NULL, "deploy root", NULL, "198.51.100.7/32", "1h" },
  { "addresses that are none", OPEN, "'source_address':'*'", "source_address: number 1 is not an IPv4 or IPv6 address, or a network as 192.0.2.0/24" },
  { "addresses with an option behind", OPEN, "'source_address':'198.51.100.7 force-command=id'", "source_address: number 1 is not an IPv4 or IPv6 address, or a network as 192.0.2.0/24" },
  { "what is set, unasked", SHUT, NULL, NULL, "deploy", "uptime -p", "192.0.2.0/24,2001:db8::/32", "10m" },
  { "the command that is set", SHUT, "'force_command':'uptime -p'", NULL, "deploy", "uptime -p", "192.0.2.0/24,2001:db8::/32", "10m" },
  { "another command than is set", SHUT, "'force_command':'sh'", "force_command: the command is set already, to another one; leave it out" },
  { "no command where one is set", SHUT, "'force_command':''", "force_command: the command is set already, to another one; leave it out" },
  { "narrower addresses", SHUT, "'source_address':'192.0.2.9'", NULL, "deploy", "uptime -p", "192.0.2.9/32", "10m" },
  { "wider addresses", SHUT, "'source_address':'192.0.0.0/16'", "source_address: must lie within 192.0.2.0/24,2001:db8::/32" },
  { "every address", SHUT, "'source_address':'0.0.0.0/0,::/0'", "source_address: must lie within 192.0.2.0/24,2001:db8::/32" },
  { "one address within and one without", SHUT, "'source_address':'192.0.2.9,192.0.3.9'", "source_address: must lie within 192.0.2.0/24,2001:db8::/32" },
};
/* clang-format on */

static json_t *
args_of (const char *more)
{
  g_autofree char *text = g_strdup_printf ("{'public_key':'" KEY "'%s%s}", more != NULL ? "," : "",
                                           more != NULL ? more : "");
  for (char *at = text; *at != '\0'; at++)
    if (*at == '\'')
      *at = '"';
  json_t *args = json_loads (text, 0, NULL);
  g_assert_nonnull (args);
  return args;
}

static const char *
fact (const json_t *facts, const char *label)
{
  gsize i;
  json_t *row;

  json_array_foreach (facts, i, row) if (g_str_equal (wire_string (row, "label"),
                                                      label)) return wire_string (row, "value");
  g_error ("no fact %s", label);
}

static void
check_certified (const AskCase *row, ProviderAsk *ask)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) scopes = provider_module_ssh_ca.scopes (ask, &error);
  g_autoptr (json_t) facts = json_array ();
  g_autoptr (SshTerms) terms = ssh_terms_read (ask, &error);

  g_assert_no_error (error);
  g_autofree char *all = g_strjoinv (" ", scopes);
  g_assert_cmpstr (all, ==, row->scopes);
  g_assert_cmpstr (terms->force_command, ==, row->command);
  g_assert_cmpstr (terms->source_address, ==, row->address);
  ask->scopes = scopes;
  g_assert_true (provider_module_ssh_ca.narrowed (ask, NULL));
  provider_module_ssh_ca.facts (ask, facts);
  g_assert_cmpstr (fact (facts, "Key type"), ==, "Ed25519");
  g_assert_cmpstr (fact (facts, "Fingerprint"), ==,
                   "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA");
  g_assert_cmpstr (fact (facts, row->command != NULL ? "Force command" : "Commands"), ==,
                   row->command != NULL ? row->command : "any command");
  g_autoptr (GString) networks = g_string_new (row->address);
  g_string_replace (networks, ",", ", ", 0);
  g_assert_cmpstr (fact (facts, "Source address"), ==,
                   row->address != NULL ? networks->str : "from anywhere");
  g_autofree char *valid = g_strconcat (row->life, " at most; it ends with the grant", NULL);
  g_assert_cmpstr (fact (facts, "Valid for"), ==, valid);
  ask->scopes = NULL;
}

static void
test_ask (gconstpointer data)
{
  const AskCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) providers = parse (row->lines, &error);
  g_autoptr (json_t) args = args_of (row->args);
  g_autofree char *why = NULL;

  g_assert_no_error (error);
  ProviderAsk ask = { .provider = providers_nth (providers, 0),
                      .providers = providers,
                      .operation = OPERATION_SSH_CERTIFICATE,
                      .args = args,
                      .seconds = 3600 };
  gboolean fits = provider_module_ssh_ca.fits (&ask, &why);
  g_assert_cmpstr (why, ==, row->why);
  g_assert_true (fits == (row->why == NULL));
  if (fits)
    check_certified (row, &ask);
}

static void
test_narrowed (void)
{
  char *none[] = { NULL };
  g_autoptr (GError) error = NULL;
  const ProviderAsk ask = { .scopes = none };

  g_assert_false (provider_module_ssh_ca.narrowed (&ask, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/provider-ssh-ca/file/", file_cases, test_file);
  ADD_TABLE ("/provider-ssh-ca/ask/", ask_cases, test_ask);
  g_test_add_func ("/provider-ssh-ca/none for nobody", test_narrowed);
  return g_test_run ();
}
