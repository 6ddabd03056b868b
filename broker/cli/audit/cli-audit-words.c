/* SPDX-License-Identifier: MIT */
#include "broker/cli/audit/cli-audit-words.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"

#define TOKEN_SHOWN 8

/* ---- what is learnt ---- */

struct _CliNames
{
  GHashTable *who;  /* request or grant → who asked */
  GHashTable *what; /* token → name */
};

CliNames *
cli_names_new (void)
{
  CliNames *names = g_new0 (CliNames, 1);

  names->who = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  names->what = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return names;
}

void
cli_names_free (CliNames *names)
{
  if (names == NULL)
    return;
  g_hash_table_unref (names->who);
  g_hash_table_unref (names->what);
  g_free (names);
}

/* The requester by name: of a process, its program; of who calls over HTTP, the subject. */
static char *
name_of (const json_t *record)
{
  static const char *const keys[] = { "subject", "exe", "caller", NULL };
  const char *name = NULL;

  for (const char *const *key = keys; *key != NULL && name == NULL; key++)
    name = wire_string (record, *key);
  if (name == NULL)
    return NULL;
  return *name == '/' ? g_path_get_basename (name) : g_strdup (name);
}

static void
learn_who (CliNames *names, const json_t *record, const char *key, const char *name)
{
  const char *id = wire_string (record, key);

  if (id != NULL)
    g_hash_table_insert (names->who, g_strdup (id), g_strdup (name));
}

void
cli_names_learn (CliNames *names, const json_t *record)
{
  g_autofree char *name = name_of (record);
  const char *token = wire_string (record, "resource_token"),
             *resource = wire_string (record, "resource");

  if (name != NULL)
    {
      learn_who (names, record, "request_id", name);
      learn_who (names, record, "grant_id", name);
    }
  if (token != NULL && resource != NULL)
    g_hash_table_insert (names->what, g_strdup (token), g_strdup (resource));
}

static const char *
learnt_who (const CliNames *names, const json_t *record)
{
  const char *request = wire_string (record, "request_id"),
             *grant = wire_string (record, "grant_id"), *name = NULL;

  if (names != NULL && grant != NULL)
    name = g_hash_table_lookup (names->who, grant);
  if (names != NULL && name == NULL && request != NULL)
    name = g_hash_table_lookup (names->who, request);
  return name;
}

/* ---- parts ---- */

static const struct
{
  const char *event, *verdict;
  CliTone tone;
} steps[] = {
  { "request_held", "held", CLI_TONE_WAITS },
  { "grant_made", "granted", CLI_TONE_YES },
  { "request_denied", "denied", CLI_TONE_NO },
  { "request_expired", "expired", CLI_TONE_NO },
  { "request_failed", "failed", CLI_TONE_NO },
  { "reference_refused", "refused", CLI_TONE_NO },
  { "provider_failed", "failed", CLI_TONE_NO },
  { "grant_used", "used", CLI_TONE_QUIET },
  { "grant_ended", "ended", CLI_TONE_QUIET },
  { "http_done", "done", CLI_TONE_QUIET },
  { "command_done", "done", CLI_TONE_QUIET },
  { "token_minted", "issued", CLI_TONE_QUIET },
  { "credential_issued", "issued", CLI_TONE_QUIET },
  { "ssh_certificate_issued", "issued", CLI_TONE_QUIET },
  { "secret_changed", "done", CLI_TONE_QUIET },
};

const char *
cli_audit_verdict (const json_t *record, CliTone *tone)
{
  const char *event = wire_string (record, "event");

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (g_strcmp0 (steps[i].event, event) == 0)
      {
        *tone = steps[i].tone;
        return steps[i].verdict;
      }
  *tone = CLI_TONE_PLAIN;
  return "";
}

char *
cli_audit_who (const json_t *record, const CliNames *names, gboolean with_pid)
{
  const json_t *pid = json_object_get (record, "pid");
  g_autofree char *own = name_of (record);
  const char *name = own != NULL ? own : learnt_who (names, record);

  if (name == NULL && !json_is_integer (pid))
    return NULL;
  if (name == NULL)
    return g_strdup_printf ("pid %" JSON_INTEGER_FORMAT, json_integer_value (pid));
  if (!with_pid || !json_is_integer (pid))
    return g_strdup (name);
  return g_strdup_printf ("%s %" JSON_INTEGER_FORMAT, name, json_integer_value (pid));
}

char *
cli_audit_span (gint64 ms)
{
  if (ms < 1000)
    return g_strdup_printf ("%" G_GINT64_FORMAT "ms", MAX (ms, 0));
  if (ms < 60000)
    return g_strdup_printf ("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT "s", ms / 1000,
                            ms % 1000 / 100);
  return text_format_duration (ms / 1000);
}

/* The name, or as much of the token as tells it from others. */
static char *
resource_of (const json_t *record, const CliNames *names)
{
  const char *resource = wire_string (record, "resource"), *name = NULL;

  if (resource == NULL || wire_string (record, "resource_token") != NULL)
    return g_strdup (resource);
  if (names != NULL)
    name = g_hash_table_lookup (names->what, resource);
  return name != NULL ? g_strdup (name) : g_strdup_printf ("%.*s…", TOKEN_SHOWN, resource);
}

char *
cli_audit_what (const json_t *record, const CliNames *names)
{
  g_autofree char *resource = resource_of (record, names);
  const char *operation = wire_string (record, "operation");

  return g_strdup_printf ("%s%s%s", operation != NULL ? operation : "",
                          operation != NULL && resource != NULL ? " " : "",
                          resource != NULL ? resource : "");
}

/* ---- sentences ---- */

static void
add (GString *out, const char *before, const char *text)
{
  if (text != NULL && *text != '\0')
    g_string_append_printf (out, "%s%s", before, text);
}

static void
add_waited (GString *out, const json_t *record)
{
  gint64 waited = wire_integer (record, "waited", -1);
  g_autofree char *span = waited >= 0 ? cli_audit_span (waited) : NULL;

  add (out, ", after ", span);
}

static void
say_held (GString *out, const json_t *record)
{
  add (out, ": ", wire_string (record, "purpose"));
}

/* Scopes that say more than that it may be used. */
static void
add_scopes (GString *out, const json_t *record)
{
  g_auto (GStrv) scopes = wire_texts (json_object_get (record, "scopes"));
  g_autofree char *all = g_strjoinv (" ", scopes);

  if (strcmp (all, "use") != 0)
    add (out, ", scopes ", all);
}

static void
say_granted (GString *out, const json_t *record)
{
  gint64 seconds = wire_integer (record, "duration", 0), uses = wire_integer (record, "uses", 0);
  g_autofree char *duration = seconds > 0 ? text_format_duration (seconds) : NULL;

  add (out, " for ", duration);
  if (uses > 0)
    g_string_append_printf (out, ", %" G_GINT64_FORMAT " use%s", uses, uses == 1 ? "" : "s");
  add_scopes (out, record);
  add (out, ", by ", wire_string (record, "by"));
  add_waited (out, record);
}

/* Codes with "_" for blanks are read aloud. */
static void
add_code (GString *out, const char *before, const char *code)
{
  g_autofree char *words = g_strdup (code);

  if (words != NULL)
    add (out, before, g_strdelimit (words, "_", ' '));
}

static void
say_denied (GString *out, const json_t *record)
{
  const char *code = wire_string (record, "code"), *by = wire_string (record, "by"),
             *rule = wire_string (record, "rule");

  if (g_strcmp0 (code, "policy") == 0)
    {
      g_string_append (out, ", by the policy");
      add (out, ": ", rule);
    }
  else if (g_strcmp0 (code, "person") == 0)
    add (out, ", by ", by != NULL ? by : "a person");
  else
    add_code (out, ": ", code);
  add_waited (out, record);
}

static void
say_expired (GString *out, const json_t *record)
{
  g_string_append (out, ": nobody answered");
  add_waited (out, record);
}

static void
say_failed (GString *out, const json_t *record)
{
  const char *code = wire_string (record, "failed");

  add_code (out, ": ", code != NULL ? code : wire_string (record, "code"));
}

static void
say_ended (GString *out, const json_t *record)
{
  add_code (out, ": ", wire_string (record, "why"));
}

/* In the row's other columns, or of use to programs alone: `show` tells it. */
static gboolean
is_said (const char *key)
{
  static const char *const keys[] = { "seq",
                                      "time",
                                      "event",
                                      "prev",
                                      "mac",
                                      "request_id",
                                      "grant_id",
                                      "pid",
                                      "operation",
                                      "resource",
                                      "resource_token",
                                      "caller",
                                      "exe",
                                      "subject",
                                      "sealed",
                                      "holder",
                                      "for",
                                      "binding",
                                      "reference",
                                      "card",
                                      "caller_token",
                                      "folded",
                                      "folded_to",
                                      "log",
                                      "key",
                                      "head",
                                      "next",
                                      "signature",
                                      NULL };
  return g_strv_contains (keys, key);
}

/* Members by name, for events that have no sentence of their own. */
static void
say_members (GString *out, const json_t *record)
{
  const char *key, *before = out->len > 0 ? ": " : "";
  json_t *value;

  json_object_foreach ((json_t *) record, key, value)
  {
    if (is_said (key))
      continue;
    g_auto (GStrv) list = json_is_array (value) ? wire_texts (value) : NULL;
    g_autofree char *joined = list != NULL ? g_strjoinv (" ", list) : NULL;
    g_string_append_printf (out, "%s%s ", before, key);
    if (json_is_integer (value))
      g_string_append_printf (out, "%" JSON_INTEGER_FORMAT, json_integer_value (value));
    else
      g_string_append (out, joined != NULL ? joined : json_string_value (value));
    before = ", ";
  }
}

static const struct
{
  const char *event;
  void (*say) (GString *out, const json_t *record);
} sentences[] = {
  { "request_held", say_held },        { "grant_made", say_granted },
  { "request_denied", say_denied },    { "request_expired", say_expired },
  { "request_failed", say_failed },    { "provider_failed", say_failed },
  { "reference_refused", say_failed }, { "grant_ended", say_ended },
};

char *
cli_audit_sentence (const json_t *record, const CliNames *names)
{
  const char *event = wire_string (record, "event");
  g_autofree char *what = cli_audit_what (record, names);
  GString *out = g_string_new (NULL);
  CliTone tone;

  if (*cli_audit_verdict (record, &tone) == '\0')
    {
      add_code (out, "", event);
      add (out, " ", what);
    }
  else
    g_string_append (out, what);
  for (gsize i = 0; i < G_N_ELEMENTS (sentences); i++)
    if (g_strcmp0 (sentences[i].event, event) == 0)
      {
        sentences[i].say (out, record);
        return g_string_free (out, FALSE);
      }
  say_members (out, record);
  return g_string_free (out, FALSE);
}
