/* SPDX-License-Identifier: MIT */
#include "broker/cli/policy/cli-recorded.h"

#include <string.h>
#include <unistd.h>

#include "broker/base/wire.h"
#include "policy/policy-words.h"

/* ---- words of the command line ---- */

/* @word is one for the language too: in quotes where it would be several, or none. */
static void
append_word (GString *text, const char *word)
{
  gboolean plain = *word != '\0' && g_utf8_validate (word, -1, NULL);

  for (const char *c = word; plain && *c != '\0'; c = g_utf8_next_char (c))
    plain = !policy_special (g_utf8_get_char (c));
  g_autofree char *quoted = plain || !g_utf8_validate (word, -1, NULL) ? NULL : policy_quote (word);
  g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", quoted != NULL ? quoted : word);
}

void
cli_words_fold (char **args)
{
  for (; *args != NULL; args++)
    {
      char **end = args;
      while (strcmp (*args, "{") == 0 && *end != NULL && strcmp (*end, "}") != 0)
        end++;
      if (end == args || *end == NULL)
        continue;
      GString *list = g_string_new ("{");
      for (char **word = args + 1; word < end; word++)
        append_word (list, *word);
      g_string_append (list, " }");
      for (char **word = args; word <= end; word++)
        g_free (*word);
      *args = g_string_free (list, FALSE);
      memmove (args + 1, end + 1, sizeof *args * (g_strv_length (end + 1) + 1));
    }
}

static gboolean
is_list (const char *word)
{
  return g_str_has_prefix (word, "{") && g_str_has_suffix (word, "}");
}

PolicyRequest *
cli_words_request (char **words, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean alone = words[1] == NULL;

  for (; *words != NULL; words++)
    if (alone || is_list (*words))
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", *words);
    else
      append_word (text, *words);
  PolicySource source = { "request", text->str, text->len };
  return policy_request_parse (&source, error);
}

static gboolean
say (PolicyRequest *request, const char *word, const char *value)
{
  g_autofree char *problem = policy_request_say (request, word, value);
  return problem == NULL;
}

static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

static gboolean
say_time (PolicyRequest *request, GDateTime *time)
{
  g_autofree char *clock = g_date_time_format (time, "%H:%M");

  return say (request, "at", days[g_date_time_get_day_of_week (time) - 1])
         && say (request, "at", clock);
}

void
cli_words_complete (PolicyRequest *request, const Policy *policy)
{
  g_autofree char *uid = g_strdup_printf ("%u", geteuid ());
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  if (!policy_request_says (request, "uid") && !policy_request_says (request, "caller"))
    say (request, "uid", uid);
  if (!policy_request_says (request, "at") && (policy_needs (policy) & POLICY_NEEDS_TIME) != 0)
    say_time (request, now);
}

/* ---- records ---- */

/* The texts of an array that is recorded as a text; NULL when it is none. */
static json_t *
recorded_array (const json_t *record, const char *key)
{
  const char *text = wire_string (record, key);
  g_autoptr (json_t) array = text != NULL ? json_loads (text, JSON_REJECT_DUPLICATES, NULL) : NULL;
  const json_t *item;
  gsize i;

  json_array_foreach (array, i, item)
  {
    if (!json_is_string (item))
      return NULL;
  }
  return json_is_array (array) ? g_steal_pointer (&array) : NULL;
}

static gboolean
say_each (PolicyRequest *request, const char *word, const json_t *array)
{
  const json_t *item;
  gsize i;

  json_array_foreach (array, i, item)
  {
    if (!say (request, word, json_string_value (item)))
      return FALSE;
  }
  /* None at all is known too, where a list can be empty. */
  return array != NULL
         && (json_array_size (array) > 0 || strcmp (word, "below") != 0
             || say (request, word, NULL));
}

/* A list that was recorded, or was not. */
static void
take_list (PolicyRequest *request, const json_t *record, const char *key, const char *word)
{
  g_autoptr (json_t) array = recorded_array (record, key);

  if (!say_each (request, word, array))
    policy_request_forget (request, word);
}

static gboolean
starts (Operation operation)
{
  return operation == OPERATION_RUN_COMMAND || operation == OPERATION_LAUNCH;
}

/* Of several secrets the record has one text. */
static gboolean
take_resource (PolicyRequest *request, const json_t *record)
{
  const char *resource = wire_string (record, "resource");
  g_autoptr (json_t) names = recorded_array (record, "secrets");

  if (resource == NULL)
    return TRUE;
  if (!starts (policy_request_operation (request)))
    return say (request, "of", resource);
  if (names != NULL)
    return say_each (request, "of", names);
  g_auto (GStrv) parts = g_strsplit (resource, ", ", -1);
  gboolean said = TRUE;
  for (char **part = parts; *part != NULL && said; part++)
    said = say (request, "of", *part);
  return said;
}

/* Whether it was verified says more than its name. */
static void
take_program (PolicyRequest *request, const json_t *record, gboolean user_mode)
{
  const char *exe = wire_string (record, "exe");
  const json_t *verified = json_object_get (record, "verified"),
               *uid = json_object_get (record, "uid");
  g_autofree char *number
      = g_strdup_printf ("%" G_GINT64_FORMAT, wire_integer (record, "uid", geteuid ()));

  if (json_is_integer (verified) && json_integer_value (verified) == 0)
    say (request, "unverified", NULL);
  else if (exe == NULL || !say (request, "from", exe) || !json_is_integer (verified))
    policy_request_forget (request, "from");
  if ((uid == NULL && !user_mode) || !say (request, "uid", number))
    policy_request_forget (request, "uid");
}

/* What was recorded as one text, or was not. */
static void
take_text (PolicyRequest *request, const json_t *record, const char *key, const char *word)
{
  const char *value = wire_string (record, key);

  if (value == NULL || !say (request, word, value))
    policy_request_forget (request, word);
}

/* A unit that was chosen is recorded as such; "directory" is that of what would be run. */
static void
take_place (PolicyRequest *request, const json_t *record)
{
  const char *in = wire_string (record, "directory") != NULL ? "directory" : "cwd";

  take_text (request, record, "sha256", "sha256");
  take_text (request, record, "package", "package");
  take_text (request, record, "unit", "unit");
  take_text (request, record, in, "in");
  if (wire_integer (record, "unit_chosen", 0) != 0 && policy_request_says (request, "unit"))
    say (request, "chosen", NULL);
  take_list (request, record, "chain", "below");
  if (policy_request_says (request, "below") && wire_integer (record, "chain_whole", 0) == 0)
    say (request, "below", "**");
}

static void
take_time (PolicyRequest *request, const json_t *record)
{
  const char *text = wire_string (record, "time");
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;
  g_autoptr (GDateTime) local = time != NULL ? g_date_time_to_local (time) : NULL;

  if (local == NULL || !say_time (request, local))
    policy_request_forget (request, "at");
}

static gboolean
has_scopes (Operation operation)
{
  return operation == OPERATION_HTTP_REQUEST || operation == OPERATION_MINT_TOKEN
         || operation == OPERATION_OAUTH_LOGIN || operation == OPERATION_AWS_CREDENTIALS
         || operation == OPERATION_GITHUB_TOKEN || operation == OPERATION_SSH_CERTIFICATE;
}

PolicyRequest *
cli_recorded_request (const json_t *record, gboolean user_mode)
{
  const char *name = wire_string (record, "operation"), *subject = wire_string (record, "subject");
  Operation operation;

  if (name == NULL || !operation_from_name (name, &operation))
    return NULL;
  g_autoptr (PolicyRequest) request = policy_request_new (operation);
  if (!take_resource (request, record))
    return NULL;
  take_time (request, record);
  policy_request_forget (request, "after");
  if (subject == NULL)
    {
      take_program (request, record, user_mode);
      take_place (request, record);
    }
  else if (!say (request, "caller", subject))
    return NULL;
  if (has_scopes (operation)) /* "scopes" of a grant are those that were granted */
    take_list (request, record,
               json_object_get (record, "asked_scopes") != NULL ? "asked_scopes" : "scopes",
               "scopes");
  if (operation == OPERATION_HTTP_REQUEST)
    {
      take_text (request, record, "method", "method");
      take_text (request, record, "path", "path");
    }
  if (starts (operation))
    take_list (request, record, "program", "command");
  g_autofree char *problem = policy_request_problem (request);
  return problem == NULL ? g_steal_pointer (&request) : NULL;
}

void
cli_recorded_join (json_t *record, const json_t *other)
{
  json_object_update_missing (record, (json_t *) other);
}
