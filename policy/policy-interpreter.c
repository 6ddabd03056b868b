/* SPDX-License-Identifier: MIT
 *
 * Programs whose path does not say what they do.
 */
#include <string.h>

#include "policy/policy-private.h"

static const char *const interpreters[]
    = { "python", "python2", "python3", "node", "nodejs", "bun",  "deno", "ruby", "perl",
        "php",    "lua",     "java",    "sh",   "bash",   "dash", "zsh",  "fish", "ksh",
        "env",    "busybox", "tclsh",   "awk",  "gawk",   "npx",  "uv",   NULL };

static const char *const starters[]
    = { "env",    "busybox", "toybox",      "xargs",  "sudo",   "doas",    "su",      "runuser",
        "pkexec", "setpriv", "chroot",      "nohup",  "nice",   "ionice",  "setsid",  "stdbuf",
        "script", "timeout", "time",        "watch",  "flock",  "unshare", "nsenter", "strace",
        "ssh",    "find",    "systemd-run", "docker", "podman", "bwrap",   "make",    NULL };

/* The first of @names that the last segment of @path is, or takes in. */
static const char *
name_in (const PolicyPattern *path, const char *const *names)
{
  const char *slash = strrchr (path->text, '/');
  g_autofree char *base = g_strdup (slash != NULL ? slash + 1 : path->text);
  if (path->literal == path->len) /* python3.11 is python */
    for (char *end = base + strlen (base);
         end > base + 1 && (g_ascii_isdigit (end[-1]) || strchr (".-", end[-1]) != NULL); end--)
      end[-1] = '\0';
  PolicyPattern last;
  policy_pattern_init (&last, base);
  const char *found = NULL;
  for (; *names != NULL && found == NULL; names++)
    if (policy_pattern_match (&last, *names, strlen (*names)))
      found = *names;
  policy_pattern_clear (&last);
  return found;
}

const char *
policy_interpreter_in (const PolicyPattern *path)
{
  return name_in (path, interpreters);
}

const char *
policy_starter_in (const PolicyPattern *path)
{
  return name_in (path, starters);
}

const char *
policy_interpreter (const char *exe)
{
  PolicyPattern path;
  policy_pattern_init (&path, exe);
  path.literal = path.len; /* a path: stars in it stand for themselves */
  const char *found = policy_interpreter_in (&path);
  policy_pattern_clear (&path);
  return found;
}
