/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/card-show.h"

#include <string.h>

#include "approve-ui/card/card-private.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/card/package.h"
#include "broker/base/text.h"

static void
line_free (gpointer data)
{
  CardLine *line = data;

  g_free (line->label);
  g_free (line->value);
  g_free (line->before);
  g_free (line);
}

static const struct
{
  const char *id, *label;
} labels[] = {
  { "what", N_ ("What") },           { "purpose", N_ ("Why") },
  { "risk", N_ ("Risk") },           { "fact", N_ ("Fact") },
  { "previous", N_ ("Before") },     { "who", N_ ("Who") },
  { "package", N_ ("Package") },     { "unverified", N_ ("Unverified") },
  { "script", N_ ("Runs") },         { "command", N_ ("Command") },
  { "chain", N_ ("Chain") },         { "unit", N_ ("Unit") },
  { "directory", N_ ("Directory") }, { "claim", N_ ("Calls itself") },
  { "scopes", N_ ("Scopes") },       { "duration", N_ ("For") },
  { "holder", N_ ("Held by") },      { "rule", N_ ("Rule") },
  { "request", N_ ("Request") },     { "host", N_ ("Host") },
  { "issuer", N_ ("Issuer") },       { "subject", N_ ("Subject") },
  { "way", N_ ("Calls by") },        { "cut", N_ ("Cut") },
};

const char *
card_label (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    if (g_str_has_prefix (id, labels[i].id))
      return _ (labels[i].label);
  return _ ("Fact");
}

CardLine *
card_line_add (GPtrArray *lines, CardEmphasis emphasis, const char *id, const char *label,
               char *value)
{
  CardLine *line = g_new0 (CardLine, 1);

  *line = (CardLine){ .label = g_strdup (label), .value = value, .emphasis = emphasis };
  g_strlcpy (line->id, id, sizeof line->id);
  g_ptr_array_add (lines, line);
  return line;
}

/* Takes @value. */
static void
add (GPtrArray *lines, CardEmphasis emphasis, const char *id, char *value)
{
  card_line_add (lines, emphasis, id, card_label (id), value);
}

static char *
program (const CardRequester *requester)
{
  g_autofree char *name = card_name (requester->name);
  g_autofree char *exe = requester->exe != NULL ? card_escape (requester->exe) : NULL;
  g_autofree char *text = g_strdup_printf ("%s, pid %" G_GINT64_FORMAT "%s%s", name, requester->pid,
                                           exe != NULL ? ", " : "", exe != NULL ? exe : "");

  return requester->interpreter ? g_strdup_printf (_ ("%s, which runs other programs"), text)
                                : g_steal_pointer (&text);
}

/* A process writes its own command line, so this is no more than it says. */
static char *
script (const CardRequester *requester)
{
  g_autofree char *text = card_escape (requester->script);

  switch (requester->script_kind)
    {
    case CARD_SCRIPT_MODULE:
      return g_strdup_printf (_ ("module %s (by its own command line)"), text);
    case CARD_SCRIPT_CODE:
      return g_strdup_printf (_ ("this code from its command line: “%s”"), text);
    case CARD_SCRIPT_FILE:
      return g_strdup_printf (_ ("%s (by its own command line)"), text);
    case CARD_SCRIPT_NONE:
    default:
      return g_steal_pointer (&text);
    }
}

static void
add_requester (GPtrArray *lines, const CardRequester *requester)
{
  if (requester->caller != NULL)
    {
      card_caller_add (lines, requester);
      return;
    }
  add (lines, CARD_STRONG, "who", program (requester));
  if (!requester->verified)
    add (lines, CARD_WARNING, "unverified",
         g_strdup (_ ("which program this is cannot be told: its file cannot be read, was "
                      "replaced, or is in another mount namespace")));
  if (requester->script != NULL)
    add (lines, CARD_CLAIM, "script", script (requester));
  if (requester->argv[0] != NULL)
    add (lines, CARD_PLAIN, "command", card_command (requester));
  if (requester->chain->len > 0)
    add (lines, CARD_PLAIN, "chain", card_chain (requester));
  if (requester->unit != NULL)
    add (lines, CARD_PLAIN, "unit", card_escape (requester->unit));
  if (requester->cwd != NULL)
    add (lines, CARD_PLAIN, "directory", card_escape (requester->cwd));
  if (requester->claim_name != NULL)
    add (lines, CARD_CLAIM, "claim", card_claim (requester));
}

static char *
disclosure (const Card *card, const char *what)
{
  if (!card_starts (card))
    return g_strdup_printf (_ ("disclose: %s"), what);
  if (card_fact (card, "Gives") == NULL)
    return g_strdup_printf (_ ("runs this program: %s"), what);
  return g_strdup_printf (_ ("discloses to this program: %s"), what);
}

static void
add_risk (GPtrArray *lines, const Card *card)
{
  const char *what = card_consequence (card);

  switch (card->risk)
    {
    case CARD_RISK_READ:
      add (lines, CARD_PLAIN, "risk", g_strdup_printf (_ ("read: %s"), what));
      break;
    case CARD_RISK_WRITE:
      add (lines, CARD_STRONG, "risk", g_strdup_printf (_ ("write: %s"), what));
      break;
    case CARD_RISK_DISCLOSE:
    default:
      add (lines, CARD_WARNING, "risk", disclosure (card, what));
      break;
    }
}

/* The sentence above says it already; a line of its own stands where it has to be read. */
static gboolean
has_what (const Card *card)
{
  gboolean changed = FALSE;

  for (guint i = 0; card->changes != NULL && i < card->changes->len; i++)
    changed |= strcmp (((CardPair *) card->changes->pdata[i])->name, "what") == 0;
  /* What a program gets has lines of its own. */
  return changed || (card->risk == CARD_RISK_DISCLOSE && !card_starts (card));
}

static void
add_what (GPtrArray *lines, const Card *card)
{
  g_autofree char *operation = card_name (card->operation);
  g_autofree char *resource = card->resource != NULL ? card_name (card->resource) : NULL;

  add (lines, CARD_STRONG, "what",
       g_strdup_printf ("%s%s%s", operation, resource != NULL ? " " : "",
                        resource != NULL ? resource : ""));
}

static void
add_matter (GPtrArray *lines, const Card *card)
{
  if (has_what (card))
    add_what (lines, card);
  if (card->purpose != NULL)
    add (lines, CARD_CLAIM, "purpose", card_quote (card->purpose));
  add_risk (lines, card);
  card_facts_add (lines, card);
}

/* "5m (asked: 1h, at most: 30m), 5 uses" */
static char *
terms_words (const Card *card)
{
  g_autofree char *preset = text_format_duration (card->default_duration);
  g_autofree char *asked = text_format_duration (card->asked_duration);
  g_autofree char *max = text_format_duration (card->max_duration);
  g_autofree char *uses = card_uses (card->default_uses);

  if (strcmp (card->operation, "launch") == 0)
    return card->max_duration == 0
               ? g_strdup (_ ("until it exits"))
               : g_strdup_printf (_ ("until it exits; started again without asking: %s (asked: %s, "
                                     "at most: %s), %s"),
                                  preset, asked, max, uses);
  if (card->max_duration == 0)
    return g_strdup (_ ("this one call"));
  return g_strdup_printf (_ ("%s (asked: %s, at most: %s), %s"), preset, asked, max, uses);
}

static const char *
proof_words (const Card *card)
{
  switch (card->confirm)
    {
    case CARD_CONFIRM_CLICK:
      return card->risk == CARD_RISK_DISCLOSE ? _ ("needs your PIN") : _ ("needs your word alone");
    case CARD_CONFIRM_PIN:
      return _ ("needs your PIN");
    case CARD_CONFIRM_KEY:
    default:
      return card->risk == CARD_RISK_DISCLOSE ? _ ("needs your PIN and your security key")
                                              : _ ("needs your security key");
    }
}

char *
card_cut (const Card *card)
{
  if (card->cut == NULL || card->cut[0] == NULL)
    return NULL;
  g_autofree char *cut = card_names (card->cut, ", ");
  return g_strdup_printf (_ ("%s: asked for, cut by the policy"), cut);
}

static void
add_terms (GPtrArray *lines, const Card *card, gint64 now)
{
  g_autofree char *left = card_time_left (card, now), *rule = card_escape (card->rule);
  g_autofree char *id = card_escape (card->request_id);
  const CardPair *holder = card->holders->pdata[0];

  add (lines, CARD_STRONG, "scopes", card_names (card->scopes, ", "));
  char *cut = card_cut (card);
  if (cut != NULL)
    add (lines, CARD_STRONG, "cut", cut);
  add (lines, CARD_STRONG, "duration", terms_words (card));
  add (lines, CARD_PLAIN, "holder", card_holder (holder));
  add (lines, CARD_PLAIN, "rule", g_strdup_printf ("%s (%s)", rule, proof_words (card)));
  add (lines, CARD_PLAIN, "request",
       g_strdup_printf (_ ("%s, denied in %s if nobody answers"), id, left));
}

static CardLine *
find (const GPtrArray *lines, const char *id)
{
  for (guint i = 0; i < lines->len; i++)
    if (strcmp (((CardLine *) lines->pdata[i])->id, id) == 0)
      return lines->pdata[i];
  return NULL;
}

static void
mark_change (GPtrArray *lines, const CardPair *change)
{
  gboolean fact = g_str_has_prefix (change->name, "fact-");
  const char *label = NULL;
  g_autofree char *before
      = fact ? card_fact_before (change->value, &label) : card_escape (change->value);
  CardLine *line = find (lines, change->name);

  if (line == NULL)
    line = card_line_add (lines, CARD_PLAIN, change->name,
                          label != NULL ? label : card_label (change->name),
                          g_strdup (_ ("nothing any more")));
  line->changed = TRUE;
  line->before = *before != '\0' ? g_steal_pointer (&before) : NULL;
}

/* Marks what is different from the last approval of this kind. What was there then and is not now
 * gets a line of its own. */
static void
mark_changes (GPtrArray *lines, const Card *card)
{
  for (guint i = 0; card->changes != NULL && i < card->changes->len; i++)
    mark_change (lines, card->changes->pdata[i]);
}

static char *
changed_labels (const GPtrArray *lines)
{
  GString *out = g_string_new (NULL);
  const char *last = NULL;

  for (guint i = 0; i < lines->len; i++)
    {
      const CardLine *line = lines->pdata[i];
      const char *name = line->group != NULL ? line->group : line->label;
      if (line->changed && g_strcmp0 (name, last) != 0)
        g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", name);
      if (line->changed)
        last = name;
    }
  return g_string_free (out, FALSE);
}

/* Moves the last line to the place behind the line @id. */
static void
move_behind (GPtrArray *lines, const char *id)
{
  guint at;

  g_ptr_array_find (lines, find (lines, id), &at);
  g_ptr_array_insert (lines, at + 1, g_ptr_array_steal_index (lines, lines->len - 1));
}

/* The person's own earlier word, as the thing to compare with. */
static void
add_previous (GPtrArray *lines, const Card *card, gint64 now)
{
  g_autofree char *ago = card_ago (card->approved_at, now), *changed = changed_labels (lines);

  if (!card->requester.verified)
    return; /* there is nobody to compare with */
  if (card->approved_at == 0)
    add (lines, CARD_STRONG, "previous",
         g_strdup (card->requester.caller != NULL
                       ? _ ("nothing: you have not approved this for them yet")
                       : _ ("nothing: you have not approved this for this program yet")));
  else if (*changed == '\0')
    add (lines, CARD_PLAIN, "previous",
         g_strdup_printf (_ ("approved %s, just as it is now"), ago));
  else
    add (lines, CARD_STRONG, "previous",
         g_strdup_printf (_ ("approved %s; different now: %s"), ago, changed));
  move_behind (lines, "risk");
}

GPtrArray *
card_lines (const Card *card, gint64 now)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (line_free);

  add_matter (lines, card);
  add_requester (lines, &card->requester);
  add_terms (lines, card, now);
  mark_changes (lines, card);
  add_previous (lines, card, now);
  return lines;
}

const char *
card_packaged (const Card *card)
{
  return card->requester.verified ? card->requester.exe : NULL;
}

char *
card_package (const char *exe)
{
  g_autofree char *owner = exe != NULL ? package_owner (exe) : NULL;

  if (owner == NULL)
    return NULL;
  return *owner != '\0' ? card_name (owner)
                        : g_strdup (_ ("none: no package brought this program"));
}

GPtrArray *
card_lines_with_package (const Card *card, gint64 now)
{
  GPtrArray *lines = card_lines (card, now);
  char *package = card_package (card_packaged (card));

  if (package == NULL)
    return lines;
  add (lines, CARD_PLAIN, "package", package);
  move_behind (lines, "who");
  return lines;
}

gboolean
card_line_to_touch (const Card *card, const CardLine *line)
{
  const char *const first[] = { "what", "who", "unverified", "script", "issuer", NULL };

  if (card->risk != CARD_RISK_DISCLOSE)
    return FALSE;
  if (card->approved_at != 0)
    return line->changed;
  /* Of what is started: which program, and what it gets. */
  return g_strv_contains (first, line->id)
         || (line->emphasis == CARD_STRONG && g_str_has_prefix (line->id, "fact-"));
}
