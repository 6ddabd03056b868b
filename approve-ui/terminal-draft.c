/* SPDX-License-Identifier: MIT */
#include "approve-ui/terminal-draft.h"

#include <string.h>

#include "approve-ui/card-show.h"
#include "broker/base/text.h"

#define USES_MAX 1000000 /* as the policy language has it */

struct _TerminalDraft
{
  const Card *card;
  GPtrArray *scopes; /* those that are left; borrowed from the card */
  gint64 duration, uses;
  guint holder; /* index */
};

TerminalDraft *
terminal_draft_new (const Card *card)
{
  TerminalDraft *draft = g_new0 (TerminalDraft, 1);

  draft->card = card;
  draft->scopes = g_ptr_array_new ();
  for (char **scope = card->scopes; *scope != NULL; scope++)
    g_ptr_array_add (draft->scopes, *scope);
  draft->duration = card->default_duration;
  draft->uses = card->default_uses;
  return draft;
}

void
terminal_draft_free (TerminalDraft *draft)
{
  if (draft == NULL)
    return;
  g_ptr_array_unref (draft->scopes);
  g_free (draft);
}

static gboolean
can_take_away (const TerminalDraft *draft)
{
  return draft->card->scopes[1] != NULL;
}

static gboolean
has_time (const TerminalDraft *draft)
{
  return draft->card->max_duration > 0;
}

static char *
holder_label (const TerminalDraft *draft, guint i)
{
  const CardPair *holder = draft->card->holders->pdata[i];

  return card_escape (holder->value);
}

static char *
scopes_text (const TerminalDraft *draft)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < draft->scopes->len; i++)
    {
      g_autofree char *shown = card_escape (draft->scopes->pdata[i]);
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", shown);
    }
  return g_string_free (text, FALSE);
}

char *
terminal_draft_summary (const TerminalDraft *draft)
{
  g_autofree char *scopes = scopes_text (draft), *holder = holder_label (draft, draft->holder);
  g_autofree char *time = text_format_duration (draft->duration);
  g_autofree char *uses = draft->uses == 0 ? g_strdup ("any number of uses")
                          : draft->uses == 1
                              ? g_strdup ("one use")
                              : g_strdup_printf ("%" G_GINT64_FORMAT " uses", draft->uses);

  if (!has_time (draft))
    return g_strdup_printf ("grant now gives: %s, once, to %s", scopes, holder);
  return g_strdup_printf ("grant now gives: %s, for %s, %s, to %s", scopes, time, uses, holder);
}

/* The usual durations that fit: "1m|5m|1h". */
static void
append_durations (const TerminalDraft *draft, GString *text)
{
  const gint64 usual[] = { 60, 300, 900, 3600 };

  for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
    if (usual[i] <= draft->card->max_duration)
      {
        g_autofree char *one = text_format_duration (usual[i]);
        g_string_append_printf (text, "%s|", one);
      }
}

char *
terminal_draft_choices (const TerminalDraft *draft)
{
  GString *text = g_string_new ("You may change it first: ");
  gboolean more = draft->card->holders->len > 1;

  if (can_take_away (draft))
    g_string_append (text, "without SCOPE; with SCOPE; ");
  if (has_time (draft))
    {
      g_string_append (text, "for ");
      append_durations (draft, text);
      g_string_append (text, "TIME|once|all; uses N; ");
    }
  if (more)
    g_string_append (text, "holder N; ");
  if (!can_take_away (draft) && !has_time (draft) && !more)
    g_string_truncate (text, 0);
  else
    g_string_overwrite (text, text->len - 2, ".\n");
  /* The first is on the card: whoever asks, alone. */
  for (guint i = 1; i < draft->card->holders->len; i++)
    {
      g_autofree char *label = holder_label (draft, i);
      g_string_append_printf (text, "  holder %u: %s\n", i + 1, label);
    }
  g_string_append (
      text, "Only the word grant grants; all else denies. “deny REASON” tells the agent why.");
  return g_string_free (text, FALSE);
}

/* Index of the card's scope that is called @word, or -1. */
static int
find_scope (const TerminalDraft *draft, const char *word)
{
  for (int i = 0; draft->card->scopes[i] != NULL; i++)
    if (strcmp (draft->card->scopes[i], word) == 0)
      return i;
  return -1;
}

static char *
change_scope (TerminalDraft *draft, const char *word, gboolean away)
{
  int i = find_scope (draft, word);

  if (i == -1)
    return g_strdup ("There is no such scope on the card.");
  if (away && draft->scopes->len == 1 && draft->scopes->pdata[0] == draft->card->scopes[i])
    return g_strdup ("Nothing would be left; an empty line denies.");
  g_ptr_array_remove (draft->scopes, draft->card->scopes[i]);
  if (!away)
    g_ptr_array_add (draft->scopes, draft->card->scopes[i]);
  return NULL;
}

static char *
change_duration (TerminalDraft *draft, const char *word)
{
  g_autoptr (GError) error = NULL;
  gint64 seconds;

  if (!has_time (draft))
    return g_strdup ("This is granted for one call, not for a time.");
  if (strcmp (word, "once") == 0)
    draft->uses = 1;
  else if (strcmp (word, "all") == 0)
    draft->duration = draft->card->max_duration;
  else if (text_parse_duration (word, draft->card->max_duration, &seconds, &error))
    draft->duration = seconds;
  else
    return g_strdup (error->message);
  return NULL;
}

static char *
change_uses (TerminalDraft *draft, const char *word)
{
  gint64 most = draft->card->max_uses > 0 ? draft->card->max_uses : USES_MAX;
  guint64 uses;

  if (!has_time (draft))
    return g_strdup ("This is granted for one call.");
  if (!g_ascii_string_to_unsigned (word, 10, 1, most, &uses, NULL))
    return g_strdup_printf ("Uses must be a whole number from 1 to %" G_GINT64_FORMAT ".", most);
  draft->uses = uses;
  return NULL;
}

static char *
change_holder (TerminalDraft *draft, const char *word)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (word, 10, 1, draft->card->holders->len, &number, NULL))
    return g_strdup_printf ("The holder is a number from 1 to %u.", draft->card->holders->len);
  draft->holder = number - 1;
  return NULL;
}

/* FALSE when @verb is no change. @trouble gets why it was not made. */
static gboolean
change (TerminalDraft *draft, const char *verb, const char *word, char **trouble)
{
  if (strcmp (verb, "without") == 0 || strcmp (verb, "with") == 0)
    *trouble = change_scope (draft, word, strcmp (verb, "without") == 0);
  else if (strcmp (verb, "for") == 0)
    *trouble = change_duration (draft, word);
  else if (strcmp (verb, "uses") == 0)
    *trouble = change_uses (draft, word);
  else if (strcmp (verb, "holder") == 0)
    *trouble = change_holder (draft, word);
  else
    return FALSE;
  return TRUE;
}

TerminalDraftStep
terminal_draft_take (TerminalDraft *draft, const char *line, char **said)
{
  const char *blank = strchr (line, ' ');
  g_autofree char *verb = blank != NULL ? g_strndup (line, blank - line) : g_strdup (line);
  g_autofree char *word = g_strstrip (g_strdup (blank != NULL ? blank : ""));
  char *trouble = NULL;

  if (strcmp (line, "grant") == 0)
    return TERMINAL_DRAFT_GRANT;
  if (strcmp (verb, "deny") == 0)
    {
      *said = *word != '\0' ? g_steal_pointer (&word) : NULL;
      return TERMINAL_DRAFT_DENY_WITH_REASON;
    }
  if (*word == '\0' || !change (draft, verb, word, &trouble))
    return TERMINAL_DRAFT_DENY;
  *said = trouble != NULL ? trouble : terminal_draft_summary (draft);
  return TERMINAL_DRAFT_CHANGED;
}

void
terminal_draft_finish (const TerminalDraft *draft, TerminalAnswer *answer)
{
  const CardPair *holder = draft->card->holders->pdata[draft->holder];

  answer->scopes = g_new0 (char *, draft->scopes->len + 1);
  for (guint i = 0; i < draft->scopes->len; i++)
    answer->scopes[i] = g_strdup (draft->scopes->pdata[i]);
  answer->duration = draft->duration;
  answer->uses = draft->uses;
  answer->holder = g_strdup (holder->name);
}
