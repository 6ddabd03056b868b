/* SPDX-License-Identifier: MIT */
#include "policy/advice/policy-check.h"
#include "tests/unit/table.h"

#include <string.h>

/* Notes as lines, "place: kind: text", each text up to its first ";" or ":". */
typedef struct
{
  const char *sentence, *policy;
  gboolean user_mode;
  const char *notes;
} CheckCase;

#define CLOSED "deny reveal\n" /* without it there is a note about reveal */
#define ALLOWS(line) "p:" line ": loosening: passes without asking\n"
#define ALLOWS_ALL(line)                                                                           \
  "p:" line ": loosening: passes without asking, whatever program it is that asks\n"
#define REVEALS(line) "p:" line ": loosening: reveal can be granted\n"
#define NEVER(line) "p:" line ": warning: this rule never matters\n"

/* clang-format off */
static const CheckCase check_cases[] = {
  { "a closed policy has no note", CLOSED "ask any max 1h\n", TRUE, "" },

  { "an empty policy leaves reveal to be asked", "", TRUE,
    "policy: loosening: no rule denies every reveal, and what no rule matches is asked\n" },
  { "a deny of some reveals leaves the others", "deny reveal of prod/**", TRUE,
    "policy: loosening: no rule denies every reveal, and what no rule matches is asked\n" },
  { "a deny of any denies reveal", "deny any", TRUE, "" },
  { "an ask for reveal is named once", "ask reveal max 5m", TRUE, REVEALS ("1") },
  { "an ask for any is one for reveal", "ask any", TRUE, REVEALS ("1") },
  { "an ask for a reveal that is denied below is not", "ask any of prod/**\ndeny reveal of **\ndeny reveal", TRUE,
    "p:2: warning: this rule never matters\n" },
  { "an ask for more reveals than are denied is", "ask any of prod/**\ndeny reveal of prod/db/**", TRUE, REVEALS ("1") },

  { "a rule about the end of a token has no effect", CLOSED "deny revoke_token", TRUE, "p:2: warning: revoke_token is neither asked nor denied\n" },
  { "so has that part of one about more", CLOSED "ask { mint_token revoke_token }", TRUE, "p:2: warning: revoke_token is neither asked nor denied\n" },
  { "a rule about any operation is about others", CLOSED "ask any max 1h", TRUE, "" },

  { "a click is a loosening", CLOSED "ask get_secret confirm click", TRUE, "p:2: loosening: confirm click\n" },
  { "a pin is none", CLOSED "ask get_secret confirm pin", TRUE, "" },
  { "a key is none", CLOSED "ask get_secret confirm key", TRUE, "" },

  { "an allow is a loosening", CLOSED "allow http_request from /opt/x", TRUE, ALLOWS ("2") },
  { "an allow of whatever program is a wider one", CLOSED "allow mint_token", TRUE, ALLOWS_ALL ("2") },
  { "in user mode an allow of another operation is an error", CLOSED "allow { get_secret http_request launch } from /opt/x", TRUE,
    "p:2: error: in user mode only http_request and mint_token can be allowed without asking, and this rule "
    "allows get_secret, launch, which would still be asked\n" ALLOWS ("2") },
  { "in user mode an allow of any is an error", "allow any from /opt/x\ndeny reveal", TRUE,
    "p:1: error: in user mode only http_request and mint_token can be allowed without asking, and this rule "
    "allows any, which would still be asked\n" ALLOWS ("1") },
  { "in system mode it is a loosening only", CLOSED "allow get_secret from /opt/x", FALSE, ALLOWS ("2") },
  { "in system mode an allow of what reads is a loosening only", CLOSED "allow { list_secrets http_request } from /opt/x", FALSE,
    ALLOWS ("2") },
  { "in system mode an allow of what changes or discloses is an error",
    CLOSED "allow { get_secret delete_secret launch } from /opt/x", FALSE,
    "p:2: error: in system mode only list_secrets, get_secret, http_request and mint_token can be allowed without asking, "
    "and this rule allows delete_secret, launch, which would still be asked\n" ALLOWS ("2") },
  { "in system mode an allow of reveal is an error, and named", "allow reveal", FALSE,
    "p:1: error: in system mode only list_secrets, get_secret, http_request and mint_token can be allowed without asking, "
    "and this rule allows reveal, which would still be asked\n" ALLOWS_ALL ("1") REVEALS ("1") },

  { "the same rule twice", CLOSED "ask launch\nask { launch }", TRUE, "p:3: warning: the same rule as p:2\n" },
  { "the same deny twice is one warning", CLOSED CLOSED, TRUE, "p:2: warning: the same rule as p:1\n" },
  { "the same rule three times names the first", CLOSED CLOSED CLOSED, TRUE,
    "p:2: warning: the same rule as p:1\np:3: warning: the same rule as p:1\n" },
  { "the same request with other bounds is another rule", CLOSED "ask launch\nask launch max 1m", TRUE, "" },

  { "an ask that a deny covers", "deny any of prod/**\nask get_secret of prod/db/* max 5m\n" CLOSED, TRUE, NEVER ("2") },
  { "an ask that a deny below covers", "ask launch\ndeny any", TRUE, NEVER ("1") },
  { "an ask that a deny covers in part", CLOSED "deny get_secret\nask { get_secret launch }", TRUE, "" },
  { "an ask whose list is not covered whole", CLOSED "deny mint_token of a\nask mint_token of { a b }", TRUE, "" },
  { "an ask whose list is covered whole", CLOSED "deny mint_token of { a* b }\nask mint_token of { ab b }", TRUE, NEVER ("3") },
  { "a deny of one program covers no ask of all", CLOSED "deny launch from /opt/x\nask launch", TRUE, "p:2: warning: a deny of one program is no fence\n" },
  { "a deny of one program covers its ask", CLOSED "deny launch from /opt/**\nask launch from /opt/x", TRUE, NEVER ("3") },
  { "a deny of every name covers no request without one", CLOSED "deny mint_token of **\nask mint_token", TRUE, "" },
  { "a deny of one user covers no ask of all", CLOSED "deny launch uid 1\nask launch", TRUE, "" },
  { "a deny of two users covers the ask of one", CLOSED "deny launch uid { 1 2 }\nask launch uid 2", TRUE, NEVER ("3") },
  { "a deny of one user does not cover the ask of another", CLOSED "deny launch uid 1\nask launch uid 2", TRUE, "" },
  { "a deny that a wider deny covers", CLOSED "deny any", TRUE, NEVER ("1") },
  { "of two denies that cover each other the later is named", CLOSED "deny mint_token of { a b }\ndeny mint_token of { b a }", TRUE, NEVER ("3") },
  { "an allow that an ask covers", CLOSED "ask http_request\nallow http_request of github from /opt/x", TRUE,
    ALLOWS ("3") NEVER ("3") },
  { "an allow that an ask does not cover", CLOSED "ask http_request of gitlab\nallow http_request of github from /opt/x", TRUE,
    ALLOWS ("3") },
  { "an ask that another covers still bounds", CLOSED "ask launch\nask launch of a max 1m", TRUE, "" },

  { "an interpreter", CLOSED "ask launch from /usr/bin/node", TRUE,
    "p:2: warning: \"/usr/bin/node\" is an interpreter\n" },
  { "an interpreter with its version", CLOSED "ask launch from { /usr/bin/python3.11 /opt/x }", TRUE,
    "p:2: warning: \"/usr/bin/python3.11\" is an interpreter\n" },
  { "a pattern for interpreters", CLOSED "ask launch from /usr/bin/python*", TRUE,
    "p:2: warning: \"/usr/bin/python*\" takes in interpreters such as python\n" },
  { "a pattern that takes in interpreters", CLOSED "ask launch from /usr/**", TRUE,
    "p:2: warning: \"/usr/**\" takes in interpreters such as python\n" },
  { "a deny may take in all it likes", CLOSED "deny launch from /usr/**", TRUE, "" },
  { "a deny of an interpreter", CLOSED "deny launch from /bin/sh", TRUE,
    "p:2: warning: \"/bin/sh\" is an interpreter\np:2: warning: a deny of one program is no fence\n" },
  { "a pattern in a folder that takes in none", CLOSED "ask launch from /opt/*/bin/claude", TRUE, "" },
  { "a program that only begins like an interpreter", CLOSED "ask launch from { /opt/nodemon /opt/shell /opt/envoy }", TRUE, "" },
  { "a command of a program that does what it says", CLOSED "ask run_command command { /usr/bin/gh pr list ** } max 5m", TRUE, "" },
  { "a command of an interpreter", CLOSED "ask run_command command { /usr/bin/python3.11 /opt/deploy.py }", TRUE,
    "p:2: warning: \"/usr/bin/python3.11\" is an interpreter\n" },
  { "a command of a shell", CLOSED "ask launch command { /bin/sh -c ** }", TRUE, 
    "p:2: warning: \"/bin/sh\" is an interpreter, and what stands behind -c is a program of whoever asks\n" },
  { "a command of what starts others", CLOSED "ask run_command command { /usr/bin/sudo ** }\nask launch command { /usr/bin/env ** }\n"
    "ask launch command { /bin/busybox ** }\nask launch command { /usr/bin/xargs ** }", TRUE,
    "p:2: warning: \"/usr/bin/sudo\" starts other programs\np:3: warning: \"/usr/bin/env\" starts other programs\n"
    "p:4: warning: \"/bin/busybox\" starts other programs\np:5: warning: \"/usr/bin/xargs\" starts other programs\n" },
  { "a pattern that takes in what starts others", CLOSED "ask run_command command { /usr/bin/* }", TRUE,
    "p:2: warning: \"/usr/bin/*\" takes in programs that start others, such as env\n" },
  { "a deny of a command", CLOSED "deny run_command command { /usr/bin/gh auth token }", TRUE,
    "p:2: warning: a deny of a command is no fence\n" },
  { "a deny of a command in every folder is no fence either", CLOSED "deny run_command command { /**/gh ** auth ** token ** }", TRUE,
    "p:2: warning: a deny of a command is no fence\n" },
  { "a deny of a starter is no fence, and says why", CLOSED "deny run_command command { /usr/bin/sudo ** }", TRUE,
    "p:2: warning: \"/usr/bin/sudo\" starts other programs\np:2: warning: a deny of a command is no fence\n" },
  { "a deny of every command is one", CLOSED "deny run_command command { /** ** }", TRUE, "" },
  { "a deny of every command covers one", CLOSED "deny run_command command { /** ** }\nask run_command command { /bin/x a }", TRUE, NEVER ("3") },
  { "a deny of more arguments covers fewer", CLOSED "deny run_command command { /** ** a * ** }\nask run_command command { /bin/x a b ** }", TRUE,
    "p:2: warning: a deny of a command is no fence\n" NEVER ("3") },
  { "a deny of one argument does not cover any", CLOSED "deny run_command command { /** a * }\nask run_command command { /bin/x a ** }", TRUE,
    "p:2: warning: a deny of a command is no fence\n" },
  { "a deny of a command covers no ask of all", CLOSED "deny run_command command { /** a }\nask run_command", TRUE,
    "p:2: warning: a deny of a command is no fence\n" },
  { "an allow of a command is an error as ever", CLOSED "allow run_command command { /usr/bin/gh pr list }", TRUE,
    "p:2: error: in user mode only http_request and mint_token can be allowed without asking, and this rule "
    "allows run_command, which would still be asked\n" ALLOWS_ALL ("2") },
  { "letters that may only look right", CLOSED "deny mint_token of \u0440rod/**", TRUE,
    "p:2: warning: \"\u0440rod/**\" has letters beyond ASCII, which the name of a secret cannot have\n" },
  { "letters beyond ASCII in a path", CLOSED "ask launch from /opt/\u00e9", TRUE, "" },
};
/* clang-format on */

static char *
notes_in_lines (const GPtrArray *notes)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < notes->len; i++)
    {
      const PolicyNote *note = g_ptr_array_index (notes, i);
      g_auto (GStrv) beginning = g_strsplit (note->text, ";", 2);
      g_auto (GStrv) first = g_strsplit (beginning[0], ": ", 2);
      g_autofree char *place = note->file != NULL
                                   ? g_strdup_printf ("%s:%u", note->file, note->line)
                                   : policy_note_place (note);
      g_string_append_printf (out, "%s: %s: %s\n", place, policy_note_kind_name (note->kind),
                              first[0]);
    }
  return g_string_free (out, FALSE);
}

static void
test_check (gconstpointer data)
{
  const CheckCase *row = data;
  g_autoptr (GError) error = NULL;
  PolicySource source = { "p", row->policy, strlen (row->policy) };
  g_autoptr (Policy) policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) notes
      = policy_check (policy, &(PolicyKnown){ .user_mode = row->user_mode });
  g_autofree char *lines = notes_in_lines (notes);
  g_assert_cmpstr (lines, ==, row->notes);
}

/* --- What there is, and where it points --- */

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
static const char *const git_methods[] = { "GET", "POST", "PATCH", NULL };
static const char *const git_paths[] = { "/user", "/repos", "/repos/**", NULL };
static const char *const git_scopes[] = { "read", "write", NULL }, *const no_scopes[] = { NULL };
static const PolicyKnownService services[]
    = { { "github", "prod/git/TOKEN", git_scopes, git_methods, git_paths },
        { "jira", NULL, no_scopes },
        { NULL } };
static const char *const providers[] = { "aws", "google", NULL };
static const char *const secrets[] = { "prod/db/KEY", "prod/db/KEY_2", "token", NULL };
static const char *const issuers[] = { "work", NULL };

static PolicyFile
look (const char *path, char **real)
{
  if (strcmp (path, "/usr/bin/python3") == 0)
    {
      *real = g_strdup ("/usr/bin/python3.11");
      return POLICY_FILE_LINK;
    }
  if (strcmp (path, "/usr/bin/claude") == 0)
    {
      *real = g_strdup ("/usr/bin/node");
      return POLICY_FILE_SCRIPT;
    }
  if (strcmp (path, "/src") == 0)
    return POLICY_FILE_OTHER;
  return strcmp (path, "/usr/bin/gone") == 0 ? POLICY_FILE_MISSING : POLICY_FILE_PROGRAM;
}

/* A note as "line:column+length what it points at: text = suggestion". */
typedef struct
{
  const char *sentence, *policy, *note;
} SenseCase;

/* clang-format off */
static const SenseCase sense_cases[] = {
  { "a service that is there, and its scope", "ask http_request of { github github/read git* jira }", "" },
  { "a service that is not", "ask http_request of { jira githb }",
    "2:28+5 githb: no service, and no scope of one, is called \"githb\" = did you mean \"github\"?" },
  { "a scope that is not", "ask http_request of github/raed",
    "2:21+11 github/raed: no service, and no scope of one, is called \"github/raed\" = did you mean \"github/read\"?" },
  { "a pattern that no service is like", "deny http_request of \"x*\"",
    "2:22+4 \"x*\": no service, and no scope of one, is called \"x*\" or like it = countersign service list names those there are" },
  { "a provider, and any of its scopes", "ask { mint_token aws_credentials } of { aws google/x:y }", "" },
  { "a provider that is not", "ask mint_token of gogle",
    "2:19+5 gogle: no provider is called \"gogle\" = did you mean \"google\"?" },
  { "a name that the rule's other operation has", "ask { http_request mint_token } of { aws github }", "" },
  { "a name that neither has", "ask { http_request mint_token } of azure",
    "2:36+5 azure: nothing that this rule is about is called \"azure\" = countersign service list and countersign provider list name those there are" },
  { "a secret that is not", "ask get_secret of prod/db/KEYS",
    "2:19+12 prod/db/KEYS: no secret is called \"prod/db/KEYS\" = did you mean \"prod/db/KEY\"?" },
  { "a secret that is yet to be stored", "ask store_secret of prod/db/NEW", "" },
  { "a name with one slash is no secret's", "deny { get_secret run_command launch } of prod/KEY",
    "2:43+8 prod/KEY: \"prod/KEY\" matches no secret: one is called NAME or app/environment/NAME, and * takes no slash "
    "= prod/*/KEY is that name in any environment of prod" },
  { "a star takes no slash", "deny { get_secret run_command launch } of prod/*",
    "2:43+6 prod/*: \"prod/*\" matches no secret: one is called NAME or app/environment/NAME, and * takes no slash = prod/** is all of prod" },
  { "an issuer that is not", "ask any caller wrok/ann",
    "2:16+8 wrok/ann: there is no issuer of callers \"wrok\": nobody is called so = did you mean \"work/…\"?" },
  { "a local token is nobody's file", "ask any caller { local/ci work/* }", "" },

  { "a command is known by its file", "ask run_command command { /usr/bin/gone ** }\nask run_command command { /usr/bin/claude }",
    "2:27+13 /usr/bin/gone: \"/usr/bin/gone\" is not there: no command is started from it = \"readlink -f\" prints the path of a program" },
  { "a symbolic link is nobody's executable", "ask mint_token from /usr/bin/python3",
    "2:21+16 /usr/bin/python3: \"/usr/bin/python3\" is an interpreter: from says only that the interpreter ran, not what it was running\n"
    "2:21+16 /usr/bin/python3: \"/usr/bin/python3\" is a symbolic link, and a program is known by the file behind it: from names nobody "
    "= write \"/usr/bin/python3.11\"" },
  { "nor is a script", "ask mint_token from /usr/bin/claude",
    "2:21+15 /usr/bin/claude: \"/usr/bin/claude\" is a script, and its process is known by the interpreter that runs it: from names nobody "
    "= that is \"/usr/bin/node\", which runs other scripts too; give the program an executable of its own" },
  { "nor what is not there", "ask mint_token \\\n  from { /opt/x \\\n         /usr/bin/gone }",
    "4:10+13 /usr/bin/gone: \"/usr/bin/gone\" is not there: from names nobody = \"readlink -f\" prints the path of a program" },
  { "a pattern is not looked for", "ask mint_token from /usr/lib/gone/*/x", "" },

  { "a longer max beside a shorter one", "ask get_secret max 1h\nask get_secret of prod/** uses 1 max 2h",
    "3:34+6 max 2h: this max has no effect: p:2 is about all of this too, and of two asks the tighter bound holds "
    "= a rule makes no exception from another: narrow that one" },
  { "a shorter one has an effect", "ask get_secret max 1h\nask get_secret of prod/** max 5m", "" },
  { "so has one for others", "ask get_secret of token max 1h\nask get_secret of prod/** max 2h", "" },
  { "a click beside a pin", "ask mint_token confirm pin\nask mint_token of aws confirm click",
    "3:23+13 confirm click: confirm click: a program can click or type as well as a person can = pin is what tells them apart, or key\n"
    "3:23+13 confirm click: this confirm has no effect: p:2 is about all of this too, and of two asks the tighter bound holds "
    "= a rule makes no exception from another: narrow that one" },
  { "of two that say the same the later one is told", "ask mint_token of { aws google } max 1h\nask mint_token of { google aws } max 1h",
    "3:34+6 max 1h: this max has no effect: p:2 is about all of this too, and of two asks the tighter bound holds "
    "= a rule makes no exception from another: narrow that one" },

  { "a denied secret that a command still gets", "deny get_secret of prod/**\nask { run_command launch } max 1h",
    "2:1+4 deny: through run_command and launch the value still gets out: p:3 has that asked "
    "= deny { get_secret reveal run_command launch } of prod/**\n"
    "2:17+10 of prod/**: http_request of github sends \"prod/git/TOKEN\" all the same = if that is not meant: deny http_request of github" },
  { "where no rule says so too", "deny { get_secret launch } of { token prod/db/** }",
    "2:1+4 deny: through run_command the value still gets out: no rule is about it, so that a person is asked "
    "= deny { get_secret reveal run_command launch } of { token prod/db/** }" },
  { "not where another deny has the rest", "deny get_secret of prod/db/**\ndeny { run_command launch } of prod/**", "" },
  { "nor for one program alone, where that is denied the rest", "deny get_secret of prod/db/** from /opt/**\ndeny { run_command launch } from /opt/**", "" },
  { "nor where no service may send it", "deny { get_secret run_command launch } of prod/**\ndeny http_request of git*", "" },

  { "a program that is denied alone", "deny launch from { /opt/x /opt/y }",
    "2:13+22 from { /opt/x /opt/y }: a deny of one program is no fence: what it starts is another program, and so is a copy of it "
    "= deny it to all and name who may, or deny it also to what is below that program: below PATH" },
  { "with what it starts it is not", "deny launch from /opt/x\ndeny launch below /opt/x", "" },
  { "nor where all are denied", "deny launch of token from /opt/x\ndeny { reveal launch run_command } of token", "2:1+32 deny launch of token from /opt/x: this rule never matters: p:3 denies all that it is about = remove it, or narrow that deny" },
  { "its digest is none the better", "deny mint_token sha256 " DIGEST,
    "2:17+71 sha256 " DIGEST ": a deny of one program is no fence: what it starts is another program, and so is a copy of it with "
    "one byte more = deny it to all and name who may, or deny it also to what is below that program: below PATH" },
  { "below an interpreter", "ask mint_token below /usr/bin/node",
    "2:22+13 /usr/bin/node: \"/usr/bin/node\" is an interpreter: below says only that the interpreter ran, not what it was running" },
  { "below a script", "ask mint_token below /usr/bin/claude",
    "2:22+15 /usr/bin/claude: \"/usr/bin/claude\" is a script, and its process is known by the interpreter that runs it: below names nobody "
    "= that is \"/usr/bin/node\", which runs other scripts too; give the program an executable of its own" },
  { "in a directory that is a link", "deny mint_token in { /usr/bin/python3 /src }",
    "2:22+16 /usr/bin/python3: \"/usr/bin/python3\" is a symbolic link, and a directory is known by its real name: nobody is in it "
    "= write \"/usr/bin/python3.11\"" },
  { "in one that is not there", "deny mint_token in /usr/bin/gone", "2:20+13 /usr/bin/gone: \"/usr/bin/gone\" is not there: nobody is in it" },

  { "a method that no scope covers", "ask http_request of github method { GET DELETE }",
    "2:41+6 DELETE: no scope of the service covers the method \"DELETE\": it is never sent = countersign service show NAME prints what its scopes cover" },
  { "a path that no scope covers", "ask http_request of github path { /user /repos/a/* /orgs/** }",
    "2:52+8 /orgs/**: no scope of the service covers the path \"/orgs/**\": it is never sent = countersign service show NAME prints what its scopes cover" },
  { "of a service of which neither is known", "ask http_request of jira method DELETE path /x", "" },
  { "a method that changes, and another that stays open", "deny http_request of github method POST",
    "2:29+11 method POST: what changes something stays open by PATCH = method { POST PUT PATCH DELETE } is all that changes something" },
  { "not where another deny has that one", "deny http_request of github method POST\ndeny http_request of github method { PUT PATCH DELETE }", "" },
  { "nor of one that only reads", "deny http_request of github method GET", "" },
  { "a path without what is below", "deny http_request of github path /repos",
    "2:34+6 /repos: \"/repos\" is one path, and nothing that is below it = write { /repos /repos/** } for both" },
  { "a path below which nothing is sent", "deny http_request of github path /user", "" },

  { "a macro that is used nowhere", "one = /opt/x\ntwo = { /opt/y }\nask launch from $one",
    "3:1+3 two: the macro two is used nowhere = write $two where it is meant, or remove it" },
  { "a word that a macro stands for is pointed at where it is used", "progs = { /opt/x /usr/bin/gone }\nask launch from $progs",
    "3:12+11 from $progs: \"/usr/bin/gone\" is not there: from names nobody = \"readlink -f\" prints the path of a program" },
  { "a name that is a folder's too", "deny { get_secret run_command launch } of prod\nask mint_token max 1h",
    "2:43+4 prod: no secret is called \"prod\" = countersign secret list names those there are\n"
    "2:43+4 prod: \"prod\" is one name, and nothing that is below it: \"prod/db/KEY\" stays open = write { prod prod/** } for both" },
  { "a name beside the denied one", "deny { get_secret run_command launch } of prod/db/KEY",
    "2:43+11 prod/db/KEY: \"prod/db/KEY\" is denied, and \"prod/db/KEY_2\", which is called nearly the same, is not "
    "= if it is the same in another version, add it, or write prod/db/KEY*" },
  { "not where that is denied too", "deny { get_secret run_command launch } of prod/db/KEY\ndeny any of **/KEY_?", "" },
  { "a name that is taken out of what passes", "allow http_request of git* from /opt/x\ndeny http_request of github",
    "2:1+5 allow: passes without asking\n"
    "3:22+6 github: \"github\" alone is taken out of what p:2 allows: whatever is added beside it passes without asking "
    "= have the allow name what it means, one by one" },
};
/* clang-format on */

/* The characters of @text that @note is about. */
static char *
pointed_at (const char *text, const PolicyNote *note)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (note->line, <=, g_strv_length (lines));
  const char *line = lines[note->line - 1];
  g_assert_cmpint (note->column + note->length - 1, <=, g_utf8_strlen (line, -1));
  return g_utf8_substring (line, note->column - 1, note->column - 1 + note->length);
}

static void
test_sense (gconstpointer data)
{
  const SenseCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strconcat (CLOSED, row->policy, NULL);
  PolicySource source = { "p", text, strlen (text) };
  const PolicyKnown known = { TRUE, &source, 1, services, providers, secrets, issuers, look };
  g_autoptr (Policy) policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) notes = policy_check (policy, &known);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < notes->len; i++)
    {
      const PolicyNote *note = notes->pdata[i];
      g_autofree char *at = pointed_at (text, note);
      g_string_append_printf (out, "%s%u:%u+%u %s: %s%s%s", i > 0 ? "\n" : "", note->line,
                              note->column, note->length, at, note->text,
                              note->suggestion != NULL ? " = " : "",
                              note->suggestion != NULL ? note->suggestion : "");
    }
  g_assert_cmpstr (out->str, ==, row->note);
}

static void
test_advice (void)
{
  const char *text = "deny reveal\nask any\nallow http_request from /opt/x";
  g_autoptr (GError) error = NULL;
  PolicySource source = { "p", text, strlen (text) };
  g_autoptr (Policy) policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) notes = policy_check (policy, &(PolicyKnown){ .user_mode = TRUE });
  g_assert_cmpuint (notes->len, ==, 2);
  const PolicyNote *note = g_ptr_array_index (notes, 1);
  g_assert_cmpint (note->kind, ==, POLICY_NOTE_WARNING);
  g_assert_cmpint (note->rule, ==, 2);
  g_assert_cmpuint (note->line, ==, 3);
  g_assert_cmpstr (note->text, ==,
                   "this rule never matters: p:2 asks for all that it is about, and ask beats "
                   "allow");
  g_assert_cmpstr (note->suggestion, ==, "narrow that rule, or take the operation out of its list");
}

/* The way around is named, and what takes in more; no wider rule is proposed to who has it. */
static void
test_fence (void)
{
  const char *text = "deny reveal\ndeny run_command command { /usr/bin/gh auth token }\n"
                     "deny run_command command { /**/gh ** auth ** token ** }\n";
  g_autoptr (GError) error = NULL;
  PolicySource source = { "p", text, strlen (text) };
  g_autoptr (Policy) policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) notes = policy_check (policy, &(PolicyKnown){ .user_mode = TRUE });
  g_assert_cmpuint (notes->len, ==, 3);
  const PolicyNote *narrow = g_ptr_array_index (notes, 0), *wide = g_ptr_array_index (notes, 2);
  g_assert_cmpstr (narrow->text, ==, "this rule never matters: p:3 denies all that it is about");
  narrow = g_ptr_array_index (notes, 1);
  g_assert_cmpstr (narrow->suggestion, ==,
                   "what holds is to deny the secret, as in \"deny { run_command launch } of "
                   "NAME\"; what takes in more is: command { /**/gh ** auth ** token ** }");
  g_assert_true (g_str_has_suffix (wide->suggestion, "run_command launch } of NAME\""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy/check/", check_cases, test_check);
  ADD_TABLE ("/policy/sense/", sense_cases, test_sense);
  g_test_add_func ("/policy/check/a note says which rule, where, why and what to do", test_advice);
  g_test_add_func ("/policy/check/a deny of a command says how it is got past", test_fence);
  return g_test_run ();
}
