/* SPDX-License-Identifier: MIT */
#include "approve-ui/terminal/terminal-draft.h"

#include <string.h>

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "broker/base/text.h"

/* The usual durations that fit: "1m|5m|1h". */
static void
append_durations (const Draft *draft, GString *text)
{
  for (const gint64 *seconds = draft_durations (draft); *seconds != 0; seconds++)
    {
      g_autofree char *one = text_format_duration (*seconds);
      g_string_append_printf (text, "%s|", one);
    }
}

/* What has to be read first, by the words that say so. */
static void
append_touches (const Draft *draft, const Card *card, GString *text)
{
  g_autoptr (GPtrArray) lines = card_lines (card, 0);

  for (guint i = 0; i < lines->len; i++)
    {
      const CardLine *line = lines->pdata[i];
      if (!draft_touched (draft, line->id))
        g_string_append_printf (text, _ ("  read %s: you have read “%s”\n"), line->id, line->label);
    }
}

char *
terminal_draft_choices (const Draft *draft, const Card *card)
{
  gboolean scopes = card->scopes[1] != NULL, more = card->holders->len > 1;
  GString *text = g_string_new (NULL);

  if (!draft_ready (draft, NULL))
    g_string_append (text, _ ("High risk: say of each of these that you have read it.\n"));
  append_touches (draft, card, text);
  if (scopes || more || draft_has_time (draft))
    g_string_append (text, _ ("You may change it first: "));
  if (scopes)
    g_string_append (text, "without SCOPE; with SCOPE; ");
  if (draft_has_time (draft))
    {
      g_string_append (text, "for ");
      append_durations (draft, text);
      g_string_append (text, "TIME|once|all; uses N; ");
    }
  if (more)
    g_string_append (text, "holder N; ");
  if (scopes || more || draft_has_time (draft))
    g_string_overwrite (text, text->len - 2, ".\n");
  /* The first is on the card: whoever asks, alone. */
  for (guint i = 1; i < card->holders->len; i++)
    {
      const CardPair *holder = card->holders->pdata[i];
      g_autofree char *label = card_holder (holder);
      g_string_append_printf (text, "  holder %u: %s\n", i + 1, label);
    }
  g_string_append (text, _ ("Only the word grant grants; all else denies. “deny REASON” tells the "
                            "agent why."));
  return g_string_free (text, FALSE);
}

static char *
change_scope (Draft *draft, const char *word, gboolean on)
{
  if (!on && draft_n_scopes (draft) == 1 && draft_has_scope (draft, word))
    return g_strdup (_ ("Nothing would be left; an empty line denies."));
  return draft_set_scope (draft, word, on) ? NULL
                                           : g_strdup (_ ("There is no such scope on the card."));
}

static char *
change_duration (Draft *draft, const Card *card, const char *word)
{
  g_autoptr (GError) error = NULL;
  gint64 seconds;

  if (!draft_has_time (draft))
    return g_strdup (_ ("This is granted for one call, not for a time."));
  if (strcmp (word, "once") == 0)
    draft_set_uses (draft, 1);
  else if (strcmp (word, "all") == 0)
    draft_set_duration (draft, card->max_duration);
  else if (text_parse_duration (word, card->max_duration, &seconds, &error))
    draft_set_duration (draft, seconds);
  else
    return g_strdup (error->message);
  return NULL;
}

static char *
change_uses (Draft *draft, const char *word)
{
  gint64 most = draft_most_uses (draft);
  guint64 uses;

  if (!draft_has_time (draft))
    return g_strdup (_ ("This is granted for one call."));
  if (g_ascii_string_to_unsigned (word, 10, 1, G_MAXINT32, &uses, NULL)
      && draft_set_uses (draft, uses))
    return NULL;
  if (most == 0)
    return g_strdup (_ ("Uses must be a whole number from 1 to 1000000."));
  return g_strdup_printf (_ ("Uses must be a whole number from 1 to %d."), (int) most);
}

static char *
change_holder (Draft *draft, const Card *card, const char *word)
{
  guint64 number;

  if (g_ascii_string_to_unsigned (word, 10, 1, card->holders->len, &number, NULL))
    {
      draft_set_holder (draft, number - 1);
      return NULL;
    }
  return g_strdup_printf (_ ("The holder is a number from 1 to %u."), card->holders->len);
}

static char *
touch (Draft *draft, const char *word)
{
  if (draft_touched (draft, word))
    return g_strdup (_ ("There is no such line that has to be read first."));
  draft_touch (draft, word);
  return NULL;
}

/* FALSE when @verb is no change. @trouble gets why it was not made. */
static gboolean
change (Draft *draft, const Card *card, const char *verb, const char *word, char **trouble)
{
  if (strcmp (verb, "without") == 0 || strcmp (verb, "with") == 0)
    *trouble = change_scope (draft, word, strcmp (verb, "with") == 0);
  else if (strcmp (verb, "for") == 0)
    *trouble = change_duration (draft, card, word);
  else if (strcmp (verb, "uses") == 0)
    *trouble = change_uses (draft, word);
  else if (strcmp (verb, "holder") == 0)
    *trouble = change_holder (draft, card, word);
  else if (strcmp (verb, "read") == 0)
    *trouble = touch (draft, word);
  else
    return FALSE;
  return TRUE;
}

/* What the draft now is, and what is missing still. */
static char *
state_words (const Draft *draft)
{
  g_autofree char *summary = draft_summary (draft), *why = NULL;

  draft_ready (draft, &why);
  return g_strdup_printf (_ ("grant now gives: %s%s%s"), summary, why != NULL ? ". " : "",
                          why != NULL ? why : "");
}

static TerminalDraftStep
take_grant (Draft *draft, gboolean always, char **said)
{
  if (draft_set_always (draft, always))
    return draft_ready (draft, said) ? TERMINAL_DRAFT_GRANT : TERMINAL_DRAFT_CHANGED;
  *said = g_strdup (_ ("This card offers no rule for always."));
  return TERMINAL_DRAFT_CHANGED;
}

TerminalDraftStep
terminal_draft_take (Draft *draft, const Card *card, const char *line, char **said)
{
  const char *blank = strchr (line, ' ');
  g_autofree char *verb = blank != NULL ? g_strndup (line, blank - line) : g_strdup (line);
  g_autofree char *word = g_strstrip (g_strdup (blank != NULL ? blank : ""));
  char *trouble = NULL;

  if (strcmp (line, "grant") == 0 || strcmp (line, "always") == 0)
    return take_grant (draft, *line == 'a', said);
  if (strcmp (verb, "deny") == 0)
    {
      *said = *word != '\0' ? g_steal_pointer (&word) : NULL;
      return TERMINAL_DRAFT_DENY_WITH_REASON;
    }
  if (*word == '\0' || !change (draft, card, verb, word, &trouble))
    return TERMINAL_DRAFT_DENY;
  *said = trouble != NULL ? trouble : state_words (draft);
  return TERMINAL_DRAFT_CHANGED;
}
