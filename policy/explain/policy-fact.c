/* SPDX-License-Identifier: MIT */
#include "policy/explain/policy-fact.h"

#include <string.h>

#include "policy/policy-pattern.h"
#include "policy/policy-rule.h"
#include "policy/policy-words.h"

static char *
name_problem (char **before, const char *value)
{
  if (*value == '\0')
    return g_strdup ("a resource has a name");
  return g_strv_contains ((const char *const *) before, value)
             ? g_strdup ("it stands twice in this list; once is enough")
             : NULL;
}

static char *
path_problem (char **before, const char *value)
{
  if (*value != '/')
    return g_strdup ("a path begins with a slash; write the full path");
  return value[1] != '\0' ? policy_pattern_problem (value) : NULL;
}

static char *
program_problem (char **before, const char *value)
{
  return value[0] == '/' && value[1] == '\0' ? g_strdup ("a folder is no program")
                                             : path_problem (before, value);
}

/* Arguments are any text. */
static char *
command_problem (char **before, const char *value)
{
  return before[0] == NULL ? program_problem (before, value) : NULL;
}

static char *
uid_problem (char **before, const char *value)
{
  guint64 uid;

  return *value != '+' && g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT32 - 1, &uid, NULL)
             ? NULL
             : g_strdup ("a uid is a whole number; write what \"id -u NAME\" prints");
}

static char *
caller_problem (char **before, const char *value)
{
  const char *slash = strchr (value, '/');

  return slash != NULL && slash != value && slash[1] != '\0'
             ? NULL
             : g_strdup ("a caller is the name of its issuer's file, a slash and who it is; write "
                         "it as in work/ann@example.com");
}

static char *
method_problem (char **before, const char *value)
{
  gsize len = strspn (value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

  return len > 0 && value[len] == '\0' ? NULL : g_strdup ("a method is written as in GET or POST");
}

/* Decoded, as rules have it; it may end with a slash. */
static char *
url_path_problem (char **before, const char *value)
{
  if (*value != '/')
    return g_strdup ("a path begins with a slash");
  return strchr (value, '?') != NULL
             ? g_strdup ("a question mark; a path is compared without what follows it")
             : NULL;
}

static char *
sha256_problem (char **before, const char *value)
{
  return strlen (value) == 64 && strspn (value, "0123456789abcdefABCDEF") == 64
             ? NULL
             : g_strdup ("a SHA-256 has 64 hexadecimal digits; write what \"sha256sum FILE\" "
                         "prints");
}

static char *
unit_problem (char **before, const char *value)
{
  return strchr (value, '/') == NULL ? NULL : g_strdup ("the name of a unit has no slash");
}

static char *
below_problem (char **before, const char *value)
{
  guint n = g_strv_length (before);

  if (n > 0 && strcmp (before[n - 1], FACT_AND_OTHERS) == 0)
    return g_strdup ("** stands last: others above those, which are not known");
  return strcmp (value, FACT_AND_OTHERS) == 0 ? NULL : program_problem (before, value);
}

static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };

/* The minute of the day; -1 when it is none. */
static int
minute_of (const char *value)
{
  if (strlen (value) != 5 || value[2] != ':' || strspn (value, "0123456789:") != 5
      || strchr (value + 3, ':') != NULL || strchr (value, ':') != value + 2)
    return -1;
  int hour = (value[0] - '0') * 10 + value[1] - '0',
      minute = (value[3] - '0') * 10 + value[4] - '0';
  return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

static char *
at_problem (char **before, const char *value)
{
  gboolean fits = before[0] == NULL ? g_strv_contains (days, value) : minute_of (value) >= 0;

  return fits ? NULL : g_strdup ("a time is a day and the time of the day, as in mon 10:30");
}

static char *
after_problem (char **before, const char *value)
{
  guint64 n;

  return g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT32, &n, NULL)
             ? NULL
             : g_strdup ("write how many requests of the same kind it has made already");
}

#define BIT(operation) (1u << OPERATION_##operation)
#define STARTING (BIT (RUN_COMMAND) | BIT (LAUNCH))
#define SCOPED                                                                                     \
  (BIT (HTTP_REQUEST) | BIT (MINT_TOKEN) | BIT (OAUTH_LOGIN) | BIT (AWS_CREDENTIALS)               \
   | BIT (GITHUB_TOKEN) | BIT (SSH_CERTIFICATE))
#define EVERY POLICY_ALL_OPERATIONS

#define HTTP BIT (HTTP_REQUEST)

const PolicyFact policy_facts[POLICY_N_FACTS] = {
  [FACT_OF] = { "of", "a name", FACT_VALUE_LIST, EVERY, FALSE, name_problem },
  [FACT_SCOPES] = { "scopes", "a scope", FACT_VALUE_LIST, SCOPED, FALSE, name_problem },
  [FACT_METHOD]
  = { "method", "an HTTP method, as in GET", FACT_VALUE_ONE, HTTP, FALSE, method_problem },
  [FACT_PATH] = { "path", "a path, as in /repos/a", FACT_VALUE_ONE, HTTP, FALSE, url_path_problem },
  [FACT_COMMAND] = { "command", "a program's full path and its arguments in { }",
                     FACT_VALUE_SEQUENCE, STARTING, FALSE, command_problem },
  [FACT_FROM]
  = { "from", "the full path of a program", FACT_VALUE_ONE, EVERY, TRUE, program_problem },
  [FACT_UNVERIFIED] = { "unverified", NULL, FACT_VALUE_NONE, EVERY, TRUE, NULL },
  [FACT_SHA256]
  = { "sha256", "64 hexadecimal digits", FACT_VALUE_ONE, EVERY, TRUE, sha256_problem },
  [FACT_PACKAGE]
  = { "package", "the name of a package, or \"\" for none", FACT_VALUE_ONE, EVERY, TRUE, NULL },
  [FACT_UNIT] = { "unit", "the name of a systemd unit, or \"\" for none", FACT_VALUE_ONE, EVERY,
                  TRUE, unit_problem },
  [FACT_CHOSEN] = { "chosen", NULL, FACT_VALUE_NONE, EVERY, TRUE, NULL },
  [FACT_BELOW]
  = { "below", "the full path of a program", FACT_VALUE_ANY_LIST, EVERY, TRUE, below_problem },
  [FACT_UID] = { "uid", "a number", FACT_VALUE_ONE, EVERY, TRUE, uid_problem },
  [FACT_CALLER] = { "caller", "who calls over HTTP, as in work/ann@example.com", FACT_VALUE_ONE,
                    EVERY, FALSE, caller_problem },
  [FACT_IN] = { "in", "the full path of a directory", FACT_VALUE_ONE, EVERY, TRUE, path_problem },
  [FACT_AT]
  = { "at", "a day and a time, as in mon 10:30", FACT_VALUE_TWO, EVERY, FALSE, at_problem },
  [FACT_AFTER] = { "after", "a number of requests", FACT_VALUE_ONE, EVERY, FALSE, after_problem },
};

int
policy_fact_find (const char *word)
{
  for (int i = 0; i < POLICY_N_FACTS; i++)
    if (strcmp (policy_facts[i].word, word) == 0)
      return i;
  return -1;
}

int
policy_fact_weekday (char *const *at)
{
  for (int i = 0; at != NULL && days[i] != NULL; i++)
    if (strcmp (days[i], at[0]) == 0)
      return i + 1;
  return 0;
}

int
policy_fact_minute (char *const *at)
{
  return at != NULL && at[0] != NULL && at[1] != NULL ? MAX (minute_of (at[1]), 0) : 0;
}
