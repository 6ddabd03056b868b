/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/draft.h"

#include <string.h>

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "broker/base/text.h"

#define USES_MAX 1000000 /* as the policy language has it */

struct _Draft
{
  Card *card;
  gboolean *scopes; /* by the card's order */
  gint64 durations[5];
  gint64 duration, uses;
  guint holder; /* index */
  gboolean always;
  GHashTable *untouched; /* ids of lines */
};

static void
find_untouched (Draft *self)
{
  g_autoptr (GPtrArray) lines = card_lines (self->card, 0);

  self->untouched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < lines->len; i++)
    {
      const CardLine *line = lines->pdata[i];
      if (card_line_to_touch (self->card, line))
        g_hash_table_add (self->untouched, g_strdup (line->id));
    }
}

Draft *
draft_new (const Card *card)
{
  const gint64 usual[] = { 60, 300, 900, 3600 };
  Draft *self = g_new0 (Draft, 1);
  guint n = 0;

  self->card = card_ref (card);
  self->scopes = g_new (gboolean, g_strv_length (card->scopes));
  for (guint i = 0; card->scopes[i] != NULL; i++)
    self->scopes[i] = TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
    if (usual[i] <= card->max_duration)
      self->durations[n++] = usual[i];
  self->duration = card->default_duration;
  self->uses = card->default_uses;
  find_untouched (self);
  return self;
}

void
draft_free (Draft *self)
{
  if (self == NULL)
    return;
  card_unref (self->card);
  g_free (self->scopes);
  g_hash_table_unref (self->untouched);
  g_free (self);
}

gboolean
draft_has_time (const Draft *self)
{
  return self->card->max_duration > 0;
}

gint64
draft_most_uses (const Draft *self)
{
  return self->card->max_uses;
}

const gint64 *
draft_durations (const Draft *self)
{
  return self->durations;
}

/* Of the card's scopes, or -1. */
static int
find_scope (const Draft *self, const char *scope)
{
  for (int i = 0; self->card->scopes[i] != NULL; i++)
    if (strcmp (self->card->scopes[i], scope) == 0)
      return i;
  return -1;
}

gboolean
draft_has_scope (const Draft *self, const char *scope)
{
  int i = find_scope (self, scope);

  return i >= 0 && self->scopes[i];
}

guint
draft_n_scopes (const Draft *self)
{
  guint n = 0;

  for (guint i = 0; self->card->scopes[i] != NULL; i++)
    n += self->scopes[i] ? 1 : 0;
  return n;
}

gint64
draft_duration (const Draft *self)
{
  return self->duration;
}

gint64
draft_uses (const Draft *self)
{
  return self->uses;
}

const CardPair *
draft_holder (const Draft *self)
{
  return self->card->holders->pdata[self->holder];
}

gboolean
draft_always (const Draft *self)
{
  return self->always;
}

gboolean
draft_touched (const Draft *self, const char *line)
{
  return !g_hash_table_contains (self->untouched, line);
}

gboolean
draft_set_scope (Draft *self, const char *scope, gboolean on)
{
  int i = find_scope (self, scope);

  if (i < 0)
    return FALSE;
  self->scopes[i] = on;
  return TRUE;
}

gboolean
draft_set_duration (Draft *self, gint64 seconds)
{
  if (seconds <= 0 || seconds > self->card->max_duration)
    return FALSE;
  self->duration = seconds;
  return TRUE;
}

gboolean
draft_set_uses (Draft *self, gint64 uses)
{
  gint64 most = self->card->max_uses;

  if (!draft_has_time (self) || uses < 0 || uses > USES_MAX || (most > 0 && uses > most)
      || (uses == 0 && most > 0))
    return FALSE;
  self->uses = uses;
  return TRUE;
}

gboolean
draft_set_holder (Draft *self, guint index)
{
  if (index >= self->card->holders->len)
    return FALSE;
  self->holder = index;
  return TRUE;
}

gboolean
draft_set_always (Draft *self, gboolean on)
{
  if (on && self->card->always == NULL)
    return FALSE;
  self->always = on;
  return TRUE;
}

void
draft_touch (Draft *self, const char *line)
{
  g_hash_table_remove (self->untouched, line);
}

/* In the order in which they stand on the card. */
static char *
missing_labels (const Draft *self)
{
  g_autoptr (GPtrArray) lines = card_lines (self->card, 0);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    {
      const CardLine *line = lines->pdata[i];
      if (!draft_touched (self, line->id))
        g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", line->label);
    }
  return g_string_free (out, FALSE);
}

gboolean
draft_ready (const Draft *self, char **why)
{
  gboolean ready = g_hash_table_size (self->untouched) == 0;

  if (ready && draft_n_scopes (self) > 0)
    return TRUE;
  if (why != NULL && !ready)
    {
      g_autofree char *labels = missing_labels (self);
      *why = g_strdup_printf (_ ("Not read yet: %s"), labels);
    }
  else if (why != NULL)
    *why = g_strdup (_ ("No scope is left: to grant none, deny"));
  return FALSE;
}

static char *
scopes_words (const Draft *self)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();

  for (guint i = 0; self->card->scopes[i] != NULL; i++)
    if (self->scopes[i])
      g_ptr_array_add (kept, self->card->scopes[i]);
  g_ptr_array_add (kept, NULL);
  return card_names ((char **) kept->pdata, ", ");
}

char *
draft_summary (const Draft *self)
{
  g_autofree char *scopes = scopes_words (self);
  g_autofree char *holder = card_holder (draft_holder (self));
  g_autofree char *time = text_format_duration (self->duration);
  g_autofree char *uses = card_uses (self->uses);

  if (!draft_has_time (self))
    return g_strdup_printf (_ ("%s, once, to %s"), scopes, holder);
  return g_strdup_printf (_ ("%s, for %s, %s, to %s"), scopes, time, uses, holder);
}

json_t *
draft_decision (const Draft *self)
{
  const Card *card = self->card;
  json_t *scopes = json_array ();
  json_t *params = json_pack ("{s:s, s:s, s:s, s:o, s:s}", "request_id", card->request_id,
                              "verdict", "grant", "card_digest", card->digest, "scopes", scopes,
                              "holder", draft_holder (self)->name);

  for (guint i = 0; card->scopes[i] != NULL; i++)
    if (self->scopes[i])
      json_array_append_new (scopes, json_string (card->scopes[i]));
  if (draft_has_time (self))
    json_object_set_new (params, "duration", json_integer (self->duration));
  if (self->uses > 0)
    json_object_set_new (params, "uses", json_integer (self->uses));
  if (self->always)
    json_object_set_new (params, "always", json_true ());
  return params;
}

json_t *
draft_denial (const char *request_id, const char *reason, gint64 seconds)
{
  json_t *params = json_pack ("{s:s, s:s}", "request_id", request_id, "verdict", "deny");

  if (reason != NULL && *reason != '\0')
    json_object_set_new (params, "reason", json_string (reason));
  if (seconds > 0)
    json_object_set_new (params, "deny_seconds", json_integer (seconds));
  return params;
}
