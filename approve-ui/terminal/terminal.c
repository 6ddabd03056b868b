/* SPDX-License-Identifier: MIT */
#include "approve-ui/terminal/terminal.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "approve-ui/card/card-show.h"
#include "approve-ui/card/card-wrap.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/terminal/terminal-draft.h"
#include "broker/base/text.h"

#define COLUMNS_OTHERWISE 80
#define COLUMNS_MOST 100  /* longer lines are hard to read */
#define LABEL_COLUMNS 16  /* where values begin */
#define DENY_LONGEST 3600 /* seconds; as the broker has it */
#define NARROW 48         /* below this a value goes under its label */

typedef struct
{
  gsize columns;
  gboolean colour, whole;
} TerminalLook;

void
terminal_answer_clear (TerminalAnswer *answer)
{
  g_clear_pointer (&answer->reason, g_free);
  g_clear_pointer (&answer->draft, draft_free);
}

void
terminal_init (Terminal *terminal, int in, int out)
{
  const char *no_colour = g_getenv ("NO_COLOR"), *term = g_getenv ("TERM");

  *terminal = (Terminal){ in, out,
                          isatty (out) && (no_colour == NULL || *no_colour == '\0') && term != NULL
                              && strcmp (term, "dumb") != 0 };
}

static gsize
columns_of (const Terminal *terminal)
{
  struct winsize size;

  if (ioctl (terminal->out, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return COLUMNS_OTHERWISE;
  return MIN (size.ws_col, COLUMNS_MOST);
}

/* Weight only; the mark in front says the same without it. */
static const char *
style_of (CardEmphasis emphasis)
{
  switch (emphasis)
    {
    case CARD_STRONG:
    case CARD_WARNING:
      return "\033[1m";
    case CARD_CLAIM:
      return "\033[3m";
    case CARD_PLAIN:
    default:
      return "";
    }
}

static void
append_label (GString *out, const char *mark, const char *label)
{
  g_string_append_printf (out, "%s %s", mark, label);
  for (glong used = g_utf8_strlen (label, -1) + 2; used < LABEL_COLUMNS; used++)
    g_string_append_c (out, ' ');
}

static void
append_before (GString *out, const char *before, gsize indent, gsize columns)
{
  g_autofree char *text = g_strdup_printf (_ ("(before: %s)"), before);

  g_string_append_printf (out, "\n%*s", (int) indent, "");
  card_wrap (out, text, indent, columns - 1);
}

/* A block keeps its lines. */
static void
append_value (GString *out, const char *value, gsize indent, gsize columns)
{
  g_auto (GStrv) lines = g_strsplit (value, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      if (line != lines)
        g_string_append_printf (out, "\n%*s", **line != '\0' ? (int) indent : 0, "");
      card_wrap (out, *line, indent, columns - 1);
    }
}

/* What is not shown is said, with the way to it; @whole: nothing is left out. */
static void
append_text (GString *out, const CardLine *line, gsize indent, gsize columns, gboolean whole)
{
  g_autofree char *all = whole ? card_line_whole (line) : NULL;

  append_value (out, all != NULL ? all : line->value, indent, columns);
  if (whole || line->whole == NULL)
    return;
  g_autofree char *more = card_line_more (line);
  g_autofree char *text = g_strdup_printf (_ ("… show: %s"), more);
  g_string_append_printf (out, "\n%*s", (int) indent, "");
  card_wrap (out, text, indent, columns - 1);
}

static void
append_line (GString *out, const CardLine *line, const TerminalLook *look)
{
  const char *style = look->colour ? style_of (line->emphasis) : "";
  const char *mark = line->emphasis == CARD_WARNING ? "!" : line->changed ? "*" : " ";
  gsize indent = look->columns < NARROW ? 4 : LABEL_COLUMNS;

  if (look->columns < NARROW)
    g_string_append_printf (out, "%s %s\n%*s", mark, line->label, (int) indent, "");
  else
    append_label (out, mark, line->label);
  g_string_append (out, style);
  append_text (out, line, indent, look->columns, look->whole);
  if (line->before != NULL)
    append_before (out, line->before, indent, look->columns);
  g_string_append (out, *style != '\0' ? "\033[0m\n" : "\n");
}

static void
append_heading (GString *out, const Card *card, guint waiting, gsize columns, gboolean colour)
{
  g_autofree char *sentence = card_sentence (card);
  g_autofree char *count = waiting > 1 ? g_strdup_printf (_ ("1 of %u waiting"), waiting)
                                       : g_strdup_printf (_ ("%u waiting"), waiting);
  gsize used = strlen (count) + 4;

  g_string_append_printf (out, "\n── %s ", count);
  for (; used < columns - 1; used++)
    g_string_append (out, "─");
  g_string_append (out, colour ? "\n\033[1m" : "\n");
  card_wrap (out, sentence, 0, columns - 1);
  g_string_append (out, colour ? "\033[0m\n\n" : "\n\n");
}

static char *
card_text (const Card *card, guint waiting, const TerminalLook *look, gint64 now)
{
  g_autoptr (GPtrArray) lines = card_lines_with_package (card, now);
  GString *out = g_string_new (NULL);

  append_heading (out, card, waiting, look->columns, look->colour);
  for (guint i = 0; i < lines->len; i++)
    append_line (out, lines->pdata[i], look);
  g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}

static TerminalLook
look_of (const Terminal *terminal, gboolean whole)
{
  return (TerminalLook){ MAX (columns_of (terminal), 20), terminal->colour, whole };
}

void
terminal_show (const Terminal *terminal, const Card *card)
{
  const TerminalLook look = look_of (terminal, TRUE);
  g_autofree char *text = card_text (card, 1, &look, g_get_real_time ());

  terminal_write (terminal->out, text);
}

static void
say (const Terminal *terminal, const char *text)
{
  GString *out = g_string_new (NULL);

  card_wrap (out, text, 0, columns_of (terminal) - 1);
  g_string_append_c (out, '\n');
  terminal_write (terminal->out, out->str);
  g_string_free (out, TRUE);
}

/* The person's line as text; NULL when it is none. */
static char *
line_text (const Secret *line)
{
  if (!secret_is_text (line))
    return NULL;
  return g_strstrip (g_strndup ((const char *) secret_peek (line), secret_len (line)));
}

static const char *
end_words (TerminalLineEnd end)
{
  switch (end)
    {
    case TERMINAL_LINE_INTERRUPTED:
      return _ ("interrupted");
    case TERMINAL_LINE_EOF:
      return _ ("end of input");
    case TERMINAL_LINE_DEADLINE:
      return _ ("nobody answered in time");
    case TERMINAL_LINE_WITHDRAWN:
      return _ ("answered elsewhere");
    case TERMINAL_LINE_READ:
    case TERMINAL_LINE_FAILED:
    default:
      return _ ("the terminal failed");
    }
}

static void
deny (TerminalAnswer *answer, const char *why)
{
  answer->verdict = TERMINAL_DENY;
  answer->why = why;
}

/* Of "for 10m" after "deny"; 0: that is a reason in words. */
static gint64
seconds_of (const char *reason)
{
  gint64 seconds = 0;

  if (reason != NULL && g_str_has_prefix (reason, "for ")
      && text_parse_duration (reason + strlen ("for "), DENY_LONGEST, &seconds, NULL))
    return seconds;
  return 0;
}

/* All of what the card shows the beginning of. */
static void
show_rest (const Terminal *terminal, const Card *card)
{
  const TerminalLook look = look_of (terminal, TRUE);
  g_autoptr (GPtrArray) lines = card_lines (card, g_get_real_time ());
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    if (((CardLine *) lines->pdata[i])->whole != NULL)
      append_line (out, lines->pdata[i], &look);
  if (out->len == 0)
    say (terminal, _ ("The card above shows all there is."));
  else
    terminal_write (terminal->out, out->str);
}

/* TRUE when @text ended the dialogue. */
static gboolean
take_line (const Terminal *terminal, const Card *card, const char *text, TerminalAnswer *answer)
{
  g_autofree char *said = NULL;

  if (text == NULL || *text == '\0')
    {
      deny (answer, text == NULL ? _ ("that was not text") : _ ("an empty line"));
      return TRUE;
    }
  if (strcmp (text, "show") == 0)
    {
      show_rest (terminal, card);
      return FALSE;
    }
  switch (terminal_draft_take (answer->draft, card, text, &said))
    {
    case TERMINAL_DRAFT_GRANT:
      answer->verdict = TERMINAL_GRANT;
      return TRUE;
    case TERMINAL_DRAFT_CHANGED:
      say (terminal, said);
      return FALSE;
    case TERMINAL_DRAFT_DENY_WITH_REASON:
      answer->deny_seconds = seconds_of (said);
      if (answer->deny_seconds == 0)
        answer->reason = g_steal_pointer (&said);
      deny (answer, _ ("you said so"));
      return TRUE;
    case TERMINAL_DRAFT_DENY:
    default:
      /* Not repeated: it may have been a PIN typed too early. */
      deny (answer, _ ("that was not the word grant"));
      return TRUE;
    }
}

/* One line; TRUE when it ended the dialogue. */
static gboolean
ask_once (const Terminal *terminal, const Card *card, TerminalQuestion *question,
          TerminalAnswer *answer)
{
  g_autofree char *left
      = text_format_duration (MAX ((question->deadline - terminal_now ()) / G_USEC_PER_SEC, 0));
  g_autofree char *prompt = g_strdup_printf (_ ("[%s left] grant or deny> "), left);
  g_autofree char *text = NULL;
  g_autoptr (Secret) line = NULL;

  question->prompt = prompt;
  answer->end = terminal_line (terminal->in, terminal->out, question, &line, NULL);
  if (answer->end != TERMINAL_LINE_READ)
    {
      deny (answer, end_words (answer->end));
      return TRUE;
    }
  question->discard = FALSE;
  text = line_text (line);
  return take_line (terminal, card, text, answer);
}

void
terminal_ask (const Terminal *terminal, const Card *card, guint waiting, const TerminalWatch *watch,
              TerminalAnswer *answer)
{
  gint64 now = g_get_real_time ();
  const TerminalLook look = look_of (terminal, FALSE);
  g_autofree char *text = card_text (card, waiting, &look, now);
  g_autoptr (Draft) draft = draft_new (card);
  g_autofree char *choices = terminal_draft_choices (draft, card);
  /* What was typed before the card was seen is no answer to it. */
  TerminalQuestion question = { .discard = TRUE,
                                .watch = watch,
                                .deadline = terminal_now () + MAX (card->deadline - now, 1) };
  g_auto (GStrv) lines = g_strsplit (choices, "\n", -1);
  sigset_t before;

  *answer = (TerminalAnswer){ .verdict = TERMINAL_DENY, .draft = g_steal_pointer (&draft) };
  terminal_hold (&before);
  terminal_write (terminal->out, text);
  for (char **line = lines; *line != NULL; line++)
    say (terminal, *line);
  while (!ask_once (terminal, card, &question, answer))
    ;
  terminal_release (&before);
}
