/* SPDX-License-Identifier: MIT
 *
 * Values of clauses that no request can have, and clauses where they cannot be: refused, with what
 * would be right.
 */
#include "policy/policy.h"
#include "tests/unit/table.h"

#include <string.h>

typedef struct
{
  const char *sentence, *text;
  const char *message; /* behind "p:" */
} RefusedCase;

/* clang-format off */
static const RefusedCase refused_cases[] = {
  { "a method in small letters", "ask http_request method get",
    "1:25: \"get\" after \"method\": a method is written in capitals; write GET" },
  { "a method that there is not", "ask http_request method FETCH",
    "1:25: \"FETCH\" after \"method\": no request has this method; write one of GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE" },
  { "a method for a secret", "ask get_secret method GET",
    "1:16: \"method\" in a rule about get_secret, which has no method and no path; only http_request does: write a rule of its own for those" },
  { "a method in a rule about any", "ask any method GET",
    "1:9: \"method\" in a rule about any: http_request alone has a method and a path; name what is meant, as in http_request" },
  { "a path that is a URL", "ask http_request path https://api.github.com/user",
    "1:23: \"https://api.github.com/user\" after \"path\": a whole URL; write only what comes after the service's base" },
  { "a path with its query", "ask http_request path \"/search?q=a\"",
    "1:23: \"/search?q=a\" after \"path\": a question mark; a path is compared without what follows it, and * stands for what differs" },
  { "a path that is encoded", "ask http_request path /a%20b",
    "1:23: \"/a%20b\" after \"path\": a percent sign; write the character itself, paths are compared decoded, but for %2F" },
  { "a path without its slash", "ask http_request path user",
    "1:23: \"user\" after \"path\": a path begins with a slash" },
  { "a path with two slashes", "ask http_request path /a//b",
    "1:23: \"/a//b\" after \"path\": two slashes in a row match nothing; write one" },
  { "a path for a command", "ask run_command path /usr/bin/gh",
    "1:17: \"path\" in a rule about run_command, which has no method and no path; only http_request does: write a rule of its own for those" },
  { "a sum that is too short", "deny any sha256 abc",
    "1:17: \"abc\" after \"sha256\": a SHA-256 has 64 hexadecimal digits; write what \"sha256sum FILE\" prints" },
  { "a sum with a letter too many", "deny any sha256 g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "1:17: \"g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\" after \"sha256\": a SHA-256 has 64 hexadecimal digits; write what \"sha256sum FILE\" prints" },
  { "a sum that stands twice in other letters", "deny any sha256 { 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef 0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef }",
    "1:84: \"0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\" after \"sha256\": it stands twice in this list; once is enough" },
  { "a package with a star", "deny any package node*",
    "1:18: \"node*\" after \"package\": the name of a package is whole, without wildcards" },
  { "a package in capitals", "deny any package Node",
    "1:18: \"Node\" after \"package\": the name of a package begins with a small letter or a digit; write what \"dpkg -S PROGRAM\" prints in front of the colon" },
  { "a package with its version", "deny any package nodejs_18",
    "1:18: \"nodejs_18\" after \"package\": the name of a package has small letters, digits and + - . only; write what \"dpkg -S PROGRAM\" prints in front of the colon" },
  { "a unit without its suffix", "deny any unit agent",
    "1:15: \"agent\" after \"unit\": programs run in units whose name ends with .service or .scope; write the whole name, or * at its end" },
  { "a unit that no program runs in", "deny any unit agent.timer",
    "1:15: \"agent.timer\" after \"unit\": programs run in units whose name ends with .service or .scope; write the whole name, or * at its end" },
  { "a unit with its path", "deny any unit system.slice/agent.service",
    "1:15: \"system.slice/agent.service\" after \"unit\": the name of a unit has no slash; write what \"systemctl status\" calls it" },
  { "a program above by its name", "deny any below claude",
    "1:16: \"claude\" after \"below\": the name of a program is not its path, and anything can have that name; write the full path, as in \"/usr/bin/claude\"" },
  { "a directory of whoever it is", "deny any in ~/src",
    "1:13: \"~/src\" after \"in\": ~ is not expanded; write the full path" },
  { "a directory by its name", "deny any in src",
    "1:13: \"src\" after \"in\": the path of a directory begins with a slash; write the full path" },
  { "a directory with a slash at its end", "deny any in /home/ann/",
    "1:13: \"/home/ann/\" after \"in\": a slash at the end; leave it out, all that lies below is meant too" },
  { "a directory in an allow", "allow http_request in /home/ann",
    "1:20: \"in\" in a rule that says allow: whoever asks chooses where it is, and an allow has to be sure; remove it, or write ask" },
  { "hours without minutes", "deny any during 9-18",
    "1:17: \"9-18\" after \"during\": hours are two times of the day with a hyphen, as in 09:00-18:00 or 22:00-06:00" },
  { "hours with one digit", "deny any during 9:00-18:00",
    "1:17: \"9:00-18:00\" after \"during\": hours are two times of the day with a hyphen, as in 09:00-18:00 or 22:00-06:00" },
  { "an hour that no day has", "deny any during 09:00-25:00",
    "1:17: \"09:00-25:00\" after \"during\": hours are two times of the day with a hyphen, as in 09:00-18:00 or 22:00-06:00" },
  { "midnight as the end of a day", "deny any during 18:00-24:00",
    "1:17: \"18:00-24:00\" after \"during\": midnight is written 00:00" },
  { "hours that end when they begin", "deny any during 09:00-09:00",
    "1:17: \"09:00-09:00\" after \"during\": it begins when it ends; for the whole day leave \"during\" out" },
  { "hours that stand twice", "deny any during { 09:00-10:00 09:00-10:00 }",
    "1:31: \"09:00-10:00\" after \"during\": it stands twice in this list; once is enough" },
  { "a day in full", "deny any on monday",
    "1:13: \"monday\" after \"on\": a day is one of mon, tue, wed, thu, fri, sat, sun, or several in a row, as in mon-fri" },
  { "a day that stands in a row too", "deny any on { mon-fri wed }",
    "1:23: \"wed\" after \"on\": one of these days stands in this list already; once is enough" },
  { "a row of one day", "deny any on mon-mon",
    "1:13: \"mon-mon\" after \"on\": a day is one of mon, tue, wed, thu, fri, sat, sun, or several in a row, as in mon-fri" },
  { "a rate without its time", "ask any rate 20",
    "1:14: \"20\" after \"rate\": a number of requests, a slash and in how long, as in 20/1h" },
  { "a rate without its unit", "ask any rate 20/1",
    "1:14: \"20/1\" after \"rate\": a duration needs its unit; write 1s, 1m or 1h" },
  { "a rate of none", "ask any rate 0/1h",
    "1:14: \"0/1h\" after \"rate\": the number of requests is from 1 to 10000; to have none at all write deny" },
  { "a rate beyond counting", "ask any over 10001/1h",
    "1:14: \"10001/1h\" after \"over\": the number of requests is from 1 to 10000; to have none at all write deny" },
  { "a rate over too long a time", "ask any over 5/31d",
    "1:14: \"5/31d\" after \"over\": a duration is from 1s to 30d; write one between" },
  { "a rate in a deny", "deny any rate 5/1h",
    "1:10: \"rate\" in a rule that says deny: a deny grants nothing that could be bounded; remove it, or write ask" },
  { "scopes of a secret", "ask get_secret scopes use",
    "1:16: \"scopes\" in a rule about get_secret, which names no scopes; only mint_token, oauth_login, aws_credentials, github_token and ssh_certificate do: write a rule of its own for those" },
  { "scopes in a deny", "deny github_token scopes a",
    "1:19: \"scopes\" in a rule that says deny: a deny grants nothing that could be bounded; remove it, or write ask" },
  { "scopes with a blank", "ask github_token scopes \"a b\"",
    "1:25: \"a b\" after \"scopes\": no scope has a blank in it; write each as a word of its own" },
  { "to tell whoever is asked", "ask any notify",
    "1:9: \"notify\" in a rule that says ask: whoever is asked need not be told; remove it" },
  { "a program's sum of a caller", "deny any caller work/* sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "1:24: \"sha256\" in a rule that has \"caller\": who calls over HTTP is no program of this machine, so that nobody is both; write two rules" },
  { "a caller below a program", "deny any below /usr/bin/claude caller work/*",
    "1:32: \"caller\" in a rule that has \"below\": who calls over HTTP is no program of this machine, so that nobody is both; write two rules" },
  { "a caller's directory", "deny any caller work/* in /srv",
    "1:24: \"in\" in a rule that has \"caller\": who calls over HTTP is no program of this machine, so that nobody is both; write two rules" },
  { "the whole machine", "deny any in /",
    "1:13: \"/\" after \"in\": every directory lies in it; leave \"in\" out" },
  { "another word for in", "ask any cwd /srv",
    "1:9: \"cwd\" is no clause; did you mean \"in\"?" },
  { "another word for sha256", "deny any hash abc",
    "1:10: \"hash\" is no clause; did you mean \"sha256\"?" },
  { "another word for during", "deny any hours 09:00-10:00",
    "1:10: \"hours\" is no clause; did you mean \"during\"?" },
};
/* clang-format on */

static void
test_refused (gconstpointer data)
{
  const RefusedCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = g_strconcat ("p:", row->message, NULL);
  PolicySource source = { "p", row->text, strlen (row->text) };

  g_assert_null (policy_parse (&source, 1, &error));
  g_assert_cmpstr (error->message, ==, whole);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy/refused/", refused_cases, test_refused);
  return g_test_run ();
}
