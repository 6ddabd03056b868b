/* SPDX-License-Identifier: MIT */
#include "policy/explain/policy-why-words.h"

#include <string.h>

#include "policy/explain/policy-fact.h"
#include "policy/policy-words.h"

#define A_PROGRAM "who asks is a program of this machine"
#define A_CALLER "who asks calls over HTTP and is no program of this machine"
#define NOT_VERIFIED "who asks is not verified and could be any program"
#define NOT_SAID "it is not said who asks, so it could be any program"

/* The value as a policy would have it: in quotes only where it needs them, and never long. */
static void
append_shown (GString *out, const char *value)
{
  g_autofree char *shown = policy_show (value);
  gboolean plain = *value != '\0';

  for (const char *c = value; *c != '\0' && plain; c = g_utf8_next_char (c))
    plain = !policy_special (g_utf8_get_char (c)) && !policy_hidden (g_utf8_get_char (c));
  if (plain && strlen (shown) == strlen (value) + 2)
    g_string_append (out, value);
  else
    g_string_append (out, shown);
}

/* "it is prod/db", "it is one of a, b". */
static char *
told (const char *before, char **values)
{
  GString *out = g_string_new (before);

  for (guint i = 0; values[i] != NULL; i++)
    {
      g_string_append (out, i == 0 ? " " : ", ");
      append_shown (out, values[i]);
    }
  return g_string_free (out, FALSE);
}

static const char *
not_verified (const PolicyRequest *request)
{
  return request->said[FACT_UNVERIFIED] != NULL ? NOT_VERIFIED : NOT_SAID;
}

static char *
of_words (const PolicyRequest *request)
{
  if (request->said[FACT_OF] == NULL)
    return g_strdup ("the request names nothing");
  g_autofree char *name = told ("it is", request->said[FACT_OF]);
  g_autofree char *scopes = request->said[FACT_SCOPES] != NULL
                                ? told (", with the scopes", request->said[FACT_SCOPES])
                                : NULL;
  return g_strconcat (name, scopes, NULL);
}

static char *
from_words (const PolicyRequest *request)
{
  return request->said[FACT_FROM] != NULL ? told ("who asks is", request->said[FACT_FROM])
                                          : g_strdup (not_verified (request));
}

static char *
uid_words (const PolicyRequest *request)
{
  return request->said[FACT_UID] != NULL ? told ("its uid is", request->said[FACT_UID])
                                         : g_strdup ("its uid is not said");
}

static char *
caller_words (const PolicyRequest *request)
{
  return request->said[FACT_CALLER] != NULL ? told ("who calls is", request->said[FACT_CALLER])
                                            : g_strdup (A_PROGRAM);
}

static char *
command_words (const PolicyRequest *request)
{
  GString *out = g_string_new ("it would run");

  for (char **word = request->said[FACT_COMMAND]; *word != NULL && out->len < 160; word++)
    {
      g_string_append (out, " ");
      append_shown (out, *word);
    }
  return g_string_free (out, FALSE);
}

/* What one fact says, behind some words. */
static char *
fact_words (const PolicyRequest *request, PolicyFactId id, const char *before, const char *none)
{
  if (none != NULL && *request->said[id][0] == '\0')
    return g_strdup (none);
  return told (before, request->said[id]);
}

static char *
below_words (const PolicyRequest *request)
{
  return request->said[FACT_BELOW][0] == NULL
             ? g_strdup ("it runs below no program of the same user")
             : told ("it runs below", request->said[FACT_BELOW]);
}

static char *
at_words (const PolicyRequest *request)
{
  return g_strdup_printf ("it is asked %s %s", request->said[FACT_AT][0],
                          request->said[FACT_AT][1]);
}

static char *
after_words (const PolicyRequest *request)
{
  return request->said[FACT_AFTER] != NULL
             ? g_strdup_printf ("it has asked %s times", request->said[FACT_AFTER][0])
             : g_strdup ("it has not asked so often");
}

static const struct
{
  const char *clause;
  PolicyFactId fact;
  char *(*words) (const PolicyRequest *request); /* NULL: what the fact says, behind @before */
  const char *before, *none, *unknown;
} rows[] = {
  { "of", FACT_SCOPES, of_words, NULL, NULL, NULL },
  { "method", FACT_METHOD, NULL, "the method is", NULL, "its method is not known" },
  { "path", FACT_PATH, NULL, "the path is", NULL, "its path is not known" },
  { "from", FACT_FROM, from_words, NULL, NULL, NULL },
  { "sha256", FACT_SHA256, NULL, "its SHA-256 is", NULL, "its SHA-256 is not known" },
  { "package", FACT_PACKAGE, NULL, "it is of the package", "it is of no package",
    "its package is not known" },
  { "unit", FACT_UNIT, NULL, "it runs in", "it runs in no unit", "its unit is not known" },
  { "below", FACT_BELOW, below_words, NULL, NULL, "not all programs above it are known" },
  { "uid", FACT_UID, uid_words, NULL, NULL, NULL },
  { "caller", FACT_CALLER, caller_words, NULL, NULL, NULL },
  { "command", FACT_COMMAND, command_words, NULL, NULL, "what would be run is not known" },
  { "in", FACT_IN, NULL, "it is in", NULL, "where it is, is not known" },
  { "during", FACT_AT, at_words, NULL, NULL, "the time is not known" },
  { "on", FACT_AT, at_words, NULL, NULL, "the day is not known" },
  { "over", FACT_AFTER, after_words, NULL, NULL, "how often it asked is not known" },
};

/* It is known, and whoever asks could have made it so. */
static char *
chosen_words (const PolicyRequest *request, PolicyFactId fact)
{
  if (request->said[fact] == NULL)
    return NULL;
  if (fact == FACT_UNIT)
    return g_strdup ("whoever asks could have chosen the unit it runs in");
  return fact == FACT_IN ? g_strdup ("whoever asks chooses where that is") : NULL;
}

char *
policy_why_clause (const PolicyRequest *request, const char *clause, gboolean surely)
{
  gsize i = 0;

  while (i < G_N_ELEMENTS (rows) && strcmp (rows[i].clause, clause) != 0)
    i++;
  g_return_val_if_fail (i < G_N_ELEMENTS (rows), g_strdup ("it does not match"));
  PolicyFactId fact = rows[i].fact;
  gboolean caller = policy_facts[fact].of_program && request->said[FACT_CALLER] != NULL;
  char *chosen = surely ? NULL : chosen_words (request, fact);

  if (chosen != NULL)
    return chosen;
  if (!surely && rows[i].unknown != NULL)
    return g_strdup (rows[i].unknown);
  if (caller)
    return g_strdup (A_CALLER);
  return rows[i].words != NULL ? rows[i].words (request)
                               : fact_words (request, fact, rows[i].before, rows[i].none);
}

char *
policy_why_unknown (const PolicyRequest *request)
{
  if (request->said[FACT_CALLER] != NULL)
    return g_strdup ("who calls over HTTP is allowed only by rules with \"caller\"");
  return g_strconcat (not_verified (request), ", and nothing is allowed to any program", NULL);
}
