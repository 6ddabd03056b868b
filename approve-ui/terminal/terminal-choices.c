/* SPDX-License-Identifier: MIT */
#include "approve-ui/terminal/terminal-choices.h"

#include <string.h>

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "broker/base/text.h"

/* Items are numbered: scopes, time, uses, holders. */

static int
n_scopes (const Card *card)
{
  return g_strv_length (card->scopes);
}

static gboolean
has_time (const Card *card)
{
  return card->max_duration > 0;
}

static int
first_holder (const Card *card)
{
  return n_scopes (card) + (has_time (card) ? 2 : 0);
}

int
terminal_choices_find (const Card *card, TerminalChoice what)
{
  switch (what)
    {
    case TERMINAL_CHOICE_TIME:
      return has_time (card) ? n_scopes (card) : -1;
    case TERMINAL_CHOICE_USES:
      return has_time (card) ? n_scopes (card) + 1 : -1;
    case TERMINAL_CHOICE_SCOPES:
    default:
      return 0;
    }
}

/* Once is one use, where there could be more. */
static gboolean
is_once (const Draft *draft)
{
  return draft_uses (draft) == 1 && draft_most_uses (draft) != 1;
}

#define TIMES_MAX 8

/* In seconds, shortest first: once (0), the usual ones, until it exits (the most there is), and one
 * that was typed. Returns how many. */
static guint
times (const Card *card, const Draft *draft, gint64 *out, int *chosen)
{
  guint n = 0;

  *chosen = is_once (draft) ? 0 : -1;
  if (draft_most_uses (draft) != 1)
    out[n++] = 0;
  for (const gint64 *usual = draft_durations (draft); *usual != 0 && n < TIMES_MAX - 2; usual++)
    if (*usual < card->max_duration)
      out[n++] = *usual;
  out[n++] = card->max_duration;
  for (guint i = 0; i < n; i++)
    if (*chosen == -1 && out[i] == draft_duration (draft))
      *chosen = i;
  if (*chosen == -1)
    {
      *chosen = n;
      out[n++] = draft_duration (draft);
    }
  return n;
}

static void
append_time (GString *out, const Card *card, gint64 seconds, gboolean chosen)
{
  g_autofree char *time = text_format_duration (seconds);

  g_string_append_printf (out, "%s%s ", out->len > 0 ? "  " : "", chosen ? "(•)" : "( )");
  if (seconds == 0)
    g_string_append (out, _ ("once"));
  else if (seconds == card->max_duration)
    g_string_append_printf (out, _ ("until it exits, %s at most"), time);
  else
    g_string_append (out, time);
}

/* In a list of choices the blanks inside one do not break it. */
static void
keep_together (GString *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text->str; *p != '\0'; p++)
    if (*p == ' ' && p[1] != ' ' && p > text->str && p[-1] != ' ')
      g_string_append (out, "\u00a0");
    else
      g_string_append_c (out, *p);
  g_string_assign (text, out->str);
  g_string_free (out, TRUE);
}

static void
fill_time (TerminalPane *pane, const Card *card, const Draft *draft)
{
  GString *text = g_string_new (NULL);
  g_autofree char *uses = NULL;
  gint64 all[TIMES_MAX], most = draft_most_uses (draft);
  int chosen;
  guint n = times (card, draft, all, &chosen);

  for (guint i = 0; i < n; i++)
    append_time (text, card, all[i], (int) i == chosen);
  if (card->asked_duration != card->max_duration)
    {
      g_autofree char *asked = text_format_duration (card->asked_duration);
      g_string_append (text, "  ");
      g_string_append_printf (text, _ ("(asked: %s)"), asked);
    }
  keep_together (text);
  terminal_pane_add (
      pane, &(TerminalText){ NULL, _ ("For"), text->str, TERMINAL_INK_STRONG, n_scopes (card) });
  g_string_free (text, TRUE);
  if (draft_uses (draft) == 0)
    uses = g_strdup (_ ("any number"));
  else if (most > 0)
    uses = g_strdup_printf (_ ("%d, %d at most"), (int) draft_uses (draft), (int) most);
  else
    uses = g_strdup_printf ("%d", (int) draft_uses (draft));
  terminal_pane_add (
      pane, &(TerminalText){ NULL, _ ("Uses"), uses, TERMINAL_INK_STRONG, n_scopes (card) + 1 });
}

static void
fill_scopes (TerminalPane *pane, const Card *card, const Draft *draft)
{
  for (int i = 0; card->scopes[i] != NULL; i++)
    {
      g_autofree char *name = card_name (card->scopes[i]);
      g_autofree char *text = g_strdup_printf (
          "%s %s", draft_has_scope (draft, card->scopes[i]) ? "[x]" : "[ ]", name);
      terminal_pane_add (
          pane, &(TerminalText){ NULL, i == 0 ? _ ("Scopes") : "", text, TERMINAL_INK_STRONG, i });
    }
  g_autofree char *cut = card_cut (card);
  if (cut != NULL)
    terminal_pane_add (pane, &(TerminalText){ NULL, "", cut, TERMINAL_INK_PLAIN, -1 });
}

static void
fill_holders (TerminalPane *pane, const Card *card, const Draft *draft)
{
  for (guint i = 0; i < card->holders->len; i++)
    {
      const CardPair *holder = card->holders->pdata[i];
      g_autofree char *label = card_process (holder->value);
      g_autofree char *text
          = g_strdup_printf ("%s %s", holder == draft_holder (draft) ? "(•)" : "( )", label);
      terminal_pane_add (pane, &(TerminalText){ NULL, i == 0 ? _ ("Held by") : "", text,
                                                TERMINAL_INK_STRONG, first_holder (card) + i });
    }
}

void
terminal_choices_fill (TerminalPane *pane, const Card *card, const Draft *draft)
{
  g_autofree char *rule = card->always != NULL ? card_escape (card->always) : NULL;
  g_autofree char *always
      = rule != NULL ? g_strdup_printf (_ ("the key a makes this rule: %s"), rule) : NULL;

  fill_scopes (pane, card, draft);
  if (has_time (card))
    fill_time (pane, card, draft);
  else
    terminal_pane_add (
        pane, &(TerminalText){ NULL, _ ("For"), _ ("this one call"), TERMINAL_INK_STRONG, -1 });
  fill_holders (pane, card, draft);
  if (always != NULL)
    terminal_pane_add (pane, &(TerminalText){ NULL, _ ("Always"), always, TERMINAL_INK_PLAIN, -1 });
}

static void
take_time (Draft *draft, const Card *card, int by)
{
  gint64 all[TIMES_MAX];
  int chosen;
  guint n = times (card, draft, all, &chosen);
  int last = (int) n - 1, to = by == 0 ? (chosen + 1) % (int) n : CLAMP (chosen + by, 0, last);

  if (to == chosen)
    return;
  if (all[to] == 0)
    {
      draft_set_uses (draft, 1);
      draft_set_duration (draft, card->default_duration);
    }
  else
    {
      if (is_once (draft))
        draft_set_uses (draft, card->default_uses);
      draft_set_duration (draft, all[to]);
    }
}

static void
take_uses (Draft *draft, int by)
{
  gint64 uses = draft_uses (draft) + (by == 0 ? 1 : by);

  /* Any number is what stands before one; where there is a most, there is none such. */
  if (!draft_set_uses (draft, MAX (uses, 0)) && by == 0)
    draft_set_uses (draft, 1);
}

void
terminal_choices_take (Draft *draft, const Card *card, int item, int by)
{
  gboolean mark = item < n_scopes (card) || item >= first_holder (card);

  if (item < 0 || (mark && by != 0))
    return;
  if (item < n_scopes (card))
    draft_set_scope (draft, card->scopes[item], !draft_has_scope (draft, card->scopes[item]));
  else if (item >= first_holder (card))
    draft_set_holder (draft, item - first_holder (card));
  else if (item == n_scopes (card))
    take_time (draft, card, by);
  else
    take_uses (draft, by);
}

int
terminal_choices_next_holder (Draft *draft, const Card *card)
{
  guint now = 0;

  g_ptr_array_find (card->holders, draft_holder (draft), &now);
  now = (now + 1) % card->holders->len;
  draft_set_holder (draft, now);
  return first_holder (card) + now;
}

static char *
type_uses (Draft *draft, const char *text)
{
  gint64 most = draft_most_uses (draft) > 0 ? draft_most_uses (draft) : 1000000;
  guint64 uses;

  if (g_ascii_string_to_unsigned (text, 10, 1, most, &uses, NULL) && draft_set_uses (draft, uses))
    return NULL;
  return g_strdup_printf (_ ("Uses must be a whole number from 1 to %d."), (int) most);
}

char *
terminal_choices_type (Draft *draft, const Card *card, TerminalChoice what, const char *text)
{
  g_autoptr (GError) error = NULL;
  gint64 seconds;

  if (what == TERMINAL_CHOICE_USES)
    return type_uses (draft, text);
  if (!text_parse_duration (text, card->max_duration, &seconds, &error))
    return g_strdup (error->message);
  if (is_once (draft))
    draft_set_uses (draft, card->default_uses);
  draft_set_duration (draft, seconds);
  return NULL;
}
