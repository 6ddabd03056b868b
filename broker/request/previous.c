/* SPDX-License-Identifier: MIT */
#include "broker/request/previous.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"

#define META "previous"
#define KINDS_MAX 256
#define FACT "fact "  /* a key of one begins so */
#define KEPT_MAX 1024 /* bytes of one value; of a longer one, its digest */

struct _Previous
{
  Vault *vault;
  json_t *kinds; /* {kind: {"approved_at", "lines": {line: text}}} */
};

Previous *
previous_new (Vault *vault)
{
  Previous *self = g_new0 (Previous, 1);

  self->vault = vault;
  self->kinds = json_object ();
  return self;
}

void
previous_free (Previous *self)
{
  if (self == NULL)
    return;
  json_decref (self->kinds);
  g_free (self);
}

void
previous_lock (Previous *self)
{
  json_object_clear (self->kinds);
}

void
previous_load (Previous *self)
{
  g_autoptr (json_t) kinds = store_get_table (self->vault->store, META, NULL);

  previous_lock (self);
  json_object_update (self->kinds, kinds);
}

/* What else makes one request of a program comparable with another: the service that it sends to,
 * the program that it runs. NULL: nothing. */
static const char *
target_of (const json_t *card)
{
  const json_t *first = json_array_get (json_object_get (card, "facts"), 0);

  if (g_strcmp0 (wire_string (card, "operation"), "http_request") == 0)
    return wire_string (card, "resource");
  return g_strcmp0 (wire_string (first, "label"), "Runs") == 0 ? wire_string (first, "value")
                                                               : NULL;
}

/* NULL: nobody whose next request could be told to be of the same kind. */
static char *
kind_of (const json_t *card)
{
  const json_t *who = json_object_get (card, "requester");
  const char *exe = wire_string (who, "exe"), *subject = wire_string (who, "subject");

  if (subject != NULL) /* whatever the issuer's file is called */
    return g_strjoin (" ", wire_string (card, "operation"), "subject", wire_string (who, "issuer"),
                      subject, target_of (card), NULL);
  if (exe == NULL || !json_is_true (json_object_get (who, "verified")))
    return NULL;
  return g_strjoin (" ", wire_string (card, "operation"), exe, target_of (card), NULL);
}

/* Of a long text its size and digest: it tells that another one is another. g_free(). */
static char *
kept (const char *text)
{
  gsize len = strlen (text);
  g_autofree char *digest = NULL;

  if (len <= KEPT_MAX)
    return g_strdup (text);
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, len);
  return g_strdup_printf ("%" G_GSIZE_FORMAT " bytes, SHA-256 %s", len, digest);
}

static void
keep (json_t *lines, const char *line, const char *text)
{
  g_autofree char *value = text != NULL && *text != '\0' ? kept (text) : NULL;

  if (value != NULL)
    json_object_set_new (lines, line, json_string (value));
}

static char *
join_scopes (const json_t *scopes)
{
  GString *out = g_string_new (NULL);
  const json_t *scope;
  gsize i;

  json_array_foreach (scopes, i, scope)
      g_string_append_printf (out, "%s%s", i > 0 ? ", " : "", json_string_value (scope));
  return g_string_free (out, FALSE);
}

/* "node cli.js ← zsh": another script below the same interpreter is another program. */
static char *
join_chain (const json_t *chain)
{
  GString *out = g_string_new (NULL);
  const json_t *link;
  gsize i;

  json_array_foreach (chain, i, link)
  {
    const char *script = wire_string (link, "script");
    g_string_append_printf (out, "%s%s%s%s", i > 0 ? " ← " : "", wire_string (link, "name"),
                            script != NULL ? " " : "", script != NULL ? script : "");
  }
  return g_string_free (out, FALSE);
}

/* Quoted, or two arguments would pass for one with a blank in it. */
static char *
join_command (const json_t *argv)
{
  GString *out = g_string_new (NULL);
  const json_t *word;
  gsize i;

  json_array_foreach (argv, i, word)
  {
    const char *text = json_string_value (word);
    gboolean bare = *text != '\0' && strpbrk (text, " '\"\\") == NULL;
    g_autofree char *quoted = bare ? g_strdup (text) : g_shell_quote (text);
    g_string_append_printf (out, "%s%s", i > 0 ? " " : "", quoted);
  }
  return g_string_free (out, FALSE);
}

/* A key for each fact. The second argument is compared with the second argument, whatever stands
 * between: they are counted by label. g_strfreev(). */
static char **
fact_keys (const json_t *facts)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();
  const json_t *fact;
  gsize i;

  json_array_foreach (facts, i, fact)
  {
    const char *label = wire_string (fact, "label");
    guint number = GPOINTER_TO_UINT (g_hash_table_lookup (counts, label)) + 1;
    g_autofree char *key = g_strdup_printf (FACT "%s %u", label, number);
    g_hash_table_insert (counts, (gpointer) label, GUINT_TO_POINTER (number));
    g_strv_builder_add (keys, key);
  }
  return g_strv_builder_end (keys);
}

/* Which line of the card a key's fact is. */
static json_t *
fact_lines (const json_t *facts)
{
  g_auto (GStrv) keys = fact_keys (facts);
  json_t *lines = json_object ();

  for (guint i = 0; keys[i] != NULL; i++)
    json_object_set_new (lines, keys[i], json_sprintf ("fact-%u", i + 1));
  return lines;
}

static void
keep_facts (json_t *lines, const json_t *facts)
{
  g_auto (GStrv) keys = fact_keys (facts);

  for (guint i = 0; keys[i] != NULL; i++)
    {
      const json_t *fact = json_array_get (facts, i);
      g_autofree char *value = kept (wire_string (fact, "value"));
      json_object_set_new (lines, keys[i],
                           json_sprintf ("%s: %s", wire_string (fact, "label"), value));
    }
}

/* What a person would want to know of if it changed. Not pids and units, which are others each
 * time. */
static json_t *
lines_of (const json_t *card)
{
  const json_t *who = json_object_get (card, "requester");
  const json_t *script = json_object_get (who, "script");
  gint64 asked = wire_integer (card, "asked_duration", 0);
  g_autofree char *scopes = join_scopes (json_object_get (card, "scopes"));
  g_autofree char *chain = join_chain (json_object_get (who, "chain"));
  g_autofree char *command = join_command (json_object_get (who, "argv"));
  g_autofree char *duration = asked > 0 ? text_format_duration (asked) : NULL;
  json_t *lines = json_object ();

  keep (lines, "what", wire_string (card, "resource"));
  keep (lines, "scopes", scopes);
  keep (lines, "duration", duration);
  if (script != NULL)
    keep (lines, "script", wire_string (script, "text"));
  keep (lines, "command", command); /* also: what comes before a script can load another */
  keep_facts (lines, json_object_get (card, "facts"));
  keep (lines, "directory", wire_string (who, "cwd"));
  keep (lines, "chain", chain);
  keep (lines, "who", wire_string (who, "label")); /* hardware-verified before, and not now */
  keep (lines, "claim", wire_string (json_object_get (who, "claim"), "name"));
  return lines;
}

static void
add_change (json_t *changed, const char *line, const char *before)
{
  json_array_append_new (changed, json_pack ("{s:s, s:s}", "line", line, "before", before));
}

static void
add_changed (json_t *changed, const json_t *now, const json_t *before, const json_t *facts)
{
  g_autoptr (json_t) names = fact_lines (facts);
  const char *line;
  json_t *value;

  json_object_foreach ((json_t *) now, line, value)
  {
    const char *then = wire_string (before, line), *name = wire_string (names, line);
    if (g_strcmp0 (then, json_string_value (value)) != 0)
      add_change (changed, name != NULL ? name : line, then != NULL ? then : "");
  }
}

/* What was there and is not now: a fact gets a number behind those of the card. */
static void
add_gone (json_t *changed, const json_t *now, const json_t *before, const json_t *facts)
{
  gsize number = json_array_size (facts);
  const char *line;
  json_t *value;

  json_object_foreach ((json_t *) before, line, value)
  {
    if (json_object_get (now, line) != NULL)
      continue;
    g_autofree char *name = g_str_has_prefix (line, FACT)
                                ? g_strdup_printf ("fact-%" G_GSIZE_FORMAT, ++number)
                                : g_strdup (line);
    add_change (changed, name, json_string_value (value));
  }
}

void
previous_compare (const Previous *self, json_t *card)
{
  g_autofree char *kind = kind_of (card);
  const json_t *known = kind != NULL ? json_object_get (self->kinds, kind) : NULL;
  const json_t *before = json_object_get (known, "lines"), *facts = json_object_get (card, "facts");
  json_t *changed;

  if (known == NULL)
    return;
  g_autoptr (json_t) now = lines_of (card);
  changed = json_array ();
  add_changed (changed, now, before, facts);
  add_gone (changed, now, before, facts);
  json_object_set_new (card, "previous",
                       json_pack ("{s:O, s:o}", "approved_at",
                                  json_object_get (known, "approved_at"), "changed", changed));
}

/* Makes room: the kind that was approved longest ago goes. */
static void
drop_oldest (Previous *self)
{
  const char *kind, *oldest = NULL, *when = NULL;
  json_t *known;

  json_object_foreach (self->kinds, kind, known)
  {
    const char *at = wire_string (known, "approved_at");
    if (oldest == NULL || g_strcmp0 (at, when) < 0)
      {
        oldest = kind;
        when = at;
      }
  }
  json_object_del (self->kinds, oldest);
}

static void
save (Previous *self)
{
  store_put_table (self->vault->store, META, self->kinds, NULL, NULL);
}

void
previous_learn (Previous *self, const char *text)
{
  g_autoptr (json_t) card = json_loads (text, JSON_REJECT_DUPLICATES, NULL);
  g_autofree char *kind = kind_of (card), *now = text_format_time (g_get_real_time ());

  if (kind == NULL)
    return;
  if (json_object_get (self->kinds, kind) == NULL && json_object_size (self->kinds) >= KINDS_MAX)
    drop_oldest (self);
  json_object_set_new (self->kinds, kind,
                       json_pack ("{s:s, s:o}", "approved_at", now, "lines", lines_of (card)));
  save (self);
}
