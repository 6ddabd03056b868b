/* SPDX-License-Identifier: MIT */
#include "approve-ui/card-show.h"

#include <string.h>

#include "broker/base/text.h"

/* What an operation is in a sentence, and what follows from it. */
static const struct
{
  const char *operation;
  const char *wants;   /* "NAME wants … RESOURCE" */
  const char *without; /* the same when there is no resource, or NULL */
  const char *consequence;
} operations[] = {
  { "list_secrets", "wants to see the names of the secrets in",
    "wants to see the names of all secrets", "it learns names, tags and dates; no value" },
  { "get_secret", "wants a reference to", NULL,
    "it gets a handle that nobody else can use; the value stays with the broker" },
  { "reveal", "wants to read the value of", NULL,
    "the value itself leaves the broker and cannot be called back" },
  { "store_secret", "wants to store a new secret,", NULL,
    "a secret is added; it may be used under your policy afterwards" },
  { "update_secret", "wants to replace the value of", NULL,
    "whatever uses this secret uses the new value afterwards" },
  { "delete_secret", "wants to delete", NULL, "the secret is gone afterwards" },
};

char *
card_escape (const char *text)
{
  g_autofree char *escaped = text_escape (text);
  GString *out = g_string_new (NULL);

  for (const char *p = escaped; *p != '\0';)
    {
      gsize blanks = strspn (p, " ");
      if (blanks >= 3)
        {
          g_string_append_c (out, ' ');
          for (gsize i = 1; i < blanks; i++)
            g_string_append (out, "\\u{20}");
        }
      else
        g_string_append_len (out, p, blanks);
      p += blanks;
      if (*p != '\0')
        g_string_append_c (out, *p++);
    }
  return g_string_free (out, FALSE);
}

char *
card_quote (const char *text)
{
  g_autofree char *shown = card_escape (text);

  return g_strconcat ("“", shown, "”", NULL);
}

/* A program may be called anything, even a sentence; a name that could be read as more than a name
 * is quoted. */
static char *
show_name (const char *name)
{
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("._+-@/*", *p) == NULL)
      return card_quote (name);
  return *name == '\0' ? g_strdup ("(no name)") : g_strdup (name);
}

char *
card_sentence (const Card *card)
{
  g_autofree char *who = show_name (card->requester.name);
  g_autofree char *what = card->resource != NULL ? show_name (card->resource) : NULL;
  g_autofree char *operation = show_name (card->operation);

  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    if (strcmp (operations[i].operation, card->operation) == 0 && what != NULL)
      return g_strdup_printf ("%s %s %s", who, operations[i].wants, what);
    else if (strcmp (operations[i].operation, card->operation) == 0
             && operations[i].without != NULL)
      return g_strdup_printf ("%s %s", who, operations[i].without);
  return g_strdup_printf ("%s asks for %s%s%s", who, operation, what != NULL ? " of " : "",
                          what != NULL ? what : "");
}

static void
line_free (gpointer data)
{
  CardLine *line = data;

  g_free (line->value);
  g_free (line);
}

/* Takes @value. */
static void
add (GPtrArray *lines, CardEmphasis emphasis, const char *label, char *value)
{
  CardLine *line = g_new0 (CardLine, 1);

  *line = (CardLine){ label, value, emphasis };
  g_ptr_array_add (lines, line);
}

static char *
join_names (char **names, const char *between)
{
  GString *out = g_string_new (NULL);

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *shown = show_name (*name);
      g_string_append_printf (out, "%s%s", name == names ? "" : between, shown);
    }
  return g_string_free (out, FALSE);
}

/* As a shell would take it, so that one argument with blanks does not look like several. */
static char *
command_line (const CardRequester *requester)
{
  GString *out = g_string_new (NULL);

  for (char **word = requester->argv; *word != NULL; word++)
    {
      gboolean bare = **word != '\0' && strpbrk (*word, " \t\n'\"\\$`*?[](){}<>|&;!#~") == NULL;
      g_autofree char *quoted = bare ? g_strdup (*word) : g_shell_quote (*word);
      g_autofree char *shown = card_escape (quoted);
      g_string_append_printf (out, "%s%s", out->len > 0 ? " " : "", shown);
    }
  if (requester->argv_cut)
    g_string_append (out, " … (it is longer than is read of it)");
  return g_string_free (out, FALSE);
}

static char *
claim (const CardRequester *requester)
{
  g_autofree char *name = card_quote (requester->claim_name);
  g_autofree char *version
      = requester->claim_version != NULL ? card_quote (requester->claim_version) : NULL;

  return g_strdup_printf ("%s%s%s (its own words, not checked)", name,
                          version != NULL ? " version " : "", version != NULL ? version : "");
}

static char *
program (const CardRequester *requester)
{
  g_autofree char *name = show_name (requester->name);
  g_autofree char *exe = requester->exe != NULL ? card_escape (requester->exe) : NULL;

  return g_strdup_printf ("%s, pid %" G_GINT64_FORMAT "%s%s", name, requester->pid,
                          exe != NULL ? ", " : "", exe != NULL ? exe : "");
}

static void
add_requester (GPtrArray *lines, const CardRequester *requester)
{
  add (lines, CARD_STRONG, "Who", program (requester));
  if (!requester->verified)
    add (lines, CARD_WARNING, "Unverified",
         g_strdup ("which program this is cannot be told: its file cannot be read, was replaced, "
                   "or is in another mount namespace"));
  if (requester->argv[0] != NULL)
    add (lines, CARD_PLAIN, "Command", command_line (requester));
  if (requester->chain[0] != NULL)
    add (lines, CARD_PLAIN, "Chain", join_names (requester->chain, " ← "));
  if (requester->via != NULL)
    add (lines, CARD_PLAIN, "By way of", show_name (requester->via));
  if (requester->unit != NULL)
    add (lines, CARD_PLAIN, "Unit", card_escape (requester->unit));
  if (requester->cwd != NULL)
    add (lines, CARD_PLAIN, "Directory", card_escape (requester->cwd));
  if (requester->claim_name != NULL)
    add (lines, CARD_CLAIM, "Calls itself", claim (requester));
}

static const char *
consequence_of (const Card *card)
{
  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    if (strcmp (operations[i].operation, card->operation) == 0)
      return operations[i].consequence;
  switch (card->risk)
    {
    case CARD_RISK_READ:
      return "it uses what is kept";
    case CARD_RISK_WRITE:
      return "it changes what is kept";
    case CARD_RISK_DISCLOSE:
    default:
      return "a value leaves the broker";
    }
}

static void
add_risk (GPtrArray *lines, const Card *card)
{
  const char *consequence = consequence_of (card);

  switch (card->risk)
    {
    case CARD_RISK_READ:
      add (lines, CARD_PLAIN, "Risk", g_strdup_printf ("read: %s", consequence));
      break;
    case CARD_RISK_WRITE:
      add (lines, CARD_STRONG, "Risk", g_strdup_printf ("write: %s", consequence));
      break;
    case CARD_RISK_DISCLOSE:
    default:
      add (lines, CARD_WARNING, "Risk", g_strdup_printf ("disclose: %s", consequence));
      break;
    }
}

static void
add_matter (GPtrArray *lines, const Card *card)
{
  if (card->purpose != NULL)
    add (lines, CARD_CLAIM, "Why", card_quote (card->purpose));
  add_risk (lines, card);
  for (guint i = 0; i < card->facts->len; i++)
    {
      const CardPair *fact = card->facts->pdata[i];
      g_autofree char *label = card_escape (fact->name), *value = card_escape (fact->value);
      add (lines, CARD_PLAIN, "Fact", g_strdup_printf ("%s: %s", label, value));
    }
}

/* "5m (asked: 1h, at most: 30m)" */
static char *
duration_words (const Card *card)
{
  g_autofree char *preset = text_format_duration (card->default_duration);
  g_autofree char *asked = text_format_duration (card->asked_duration);
  g_autofree char *max = text_format_duration (card->max_duration);

  if (card->max_duration == 0)
    return g_strdup ("this one call");
  return g_strdup_printf ("%s (asked: %s, at most: %s)", preset, asked, max);
}

static char *
uses_words (const Card *card)
{
  if (card->max_uses == 0)
    return g_strdup ("any number");
  return g_strdup_printf ("%" G_GINT64_FORMAT " (at most: %" G_GINT64_FORMAT ")",
                          card->default_uses, card->max_uses);
}

static void
add_terms (GPtrArray *lines, const Card *card, gint64 now)
{
  g_autofree char *left = card_time_left (card, now), *rule = card_escape (card->rule);
  g_autofree char *id = card_escape (card->request_id);
  const CardPair *holder = card->holders->pdata[0];

  add (lines, CARD_STRONG, "Scopes", join_names (card->scopes, ", "));
  add (lines, CARD_STRONG, "For", duration_words (card));
  if (card->max_duration > 0)
    add (lines, CARD_PLAIN, "Uses", uses_words (card));
  add (lines, CARD_PLAIN, "Held by", card_escape (holder->value));
  add (lines, CARD_PLAIN, "Rule",
       g_strdup_printf ("%s (needs your %s)", rule, card->wants_pin ? "PIN" : "word alone"));
  add (lines, CARD_PLAIN, "Request",
       g_strdup_printf ("%s, denied in %s if nobody answers", id, left));
}

GPtrArray *
card_lines (const Card *card, gint64 now)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (line_free);

  add_requester (lines, &card->requester);
  add_matter (lines, card);
  add_terms (lines, card, now);
  return lines;
}

char *
card_time_left (const Card *card, gint64 now)
{
  gint64 left = (card->deadline - now + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;

  return left > 0 ? text_format_duration (left) : g_strdup ("no time");
}
