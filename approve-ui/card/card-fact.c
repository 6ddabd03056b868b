/* SPDX-License-Identifier: MIT
 *
 * What the broker knows of a request: the request itself, the program that is started, what it
 * gets.
 *
 * MUST
 *  - leave no doubt where one argument ends and the next begins
 *  - warn where the broker says that something is open
 */
#include <string.h>

#include "approve-ui/card/card-block.h"
#include "approve-ui/card/card-host.h"
#include "approve-ui/card/card-private.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"

/* How a value is written. */
typedef enum
{
  FACT_TEXT = 0, /* escaped */
  FACT_WORD,     /* in quotes, where its ends would not be seen */
  FACT_BLOCK,    /* with lines of its own */
  FACT_WAY,      /* a name and the broker's words for how: "token, as a bearer token" */
  FACT_LIMIT     /* the broker's words for what is open: "nothing: no network" */
} FactKind;

typedef struct
{
  const char *said; /* by the broker */
  const char *label, *group;
  FactKind kind;
  CardEmphasis emphasis;
} Fact;

static const Fact known[] = {
  { "Request", N_ ("Sends"), NULL, FACT_TEXT, CARD_STRONG },
  { "Credential", N_ ("Credential"), NULL, FACT_WAY, CARD_STRONG },
  { "Sends to", N_ ("Goes to"), NULL, FACT_TEXT, CARD_STRONG },
  { "Scope", N_ ("Covers"), NULL, FACT_TEXT, CARD_PLAIN },
  { "Header", N_ ("Header"), N_ ("Headers"), FACT_TEXT, CARD_PLAIN },
  { "Body", N_ ("Body"), NULL, FACT_BLOCK, CARD_PLAIN },
  { "Writes the answer to", N_ ("Saves as"), NULL, FACT_WORD, CARD_STRONG },
  { "Runs", N_ ("Program"), NULL, FACT_WORD, CARD_STRONG },
  { "Called as", N_ ("Called as"), NULL, FACT_WORD, CARD_STRONG },
  { "Argument", N_ ("Argument %u"), N_ ("Arguments"), FACT_WORD, CARD_PLAIN },
  { "Gives", N_ ("Gets"), NULL, FACT_WAY, CARD_STRONG },
  { "Environment", N_ ("Environment"), NULL, FACT_WORD, CARD_PLAIN },
  { "Directory", N_ ("In folder"), NULL, FACT_WORD, CARD_PLAIN },
  { "Input", N_ ("Input"), NULL, FACT_BLOCK, CARD_PLAIN },
  { "May write", N_ ("May write"), NULL, FACT_WORD, CARD_PLAIN },
  { "May reach", N_ ("May reach"), NULL, FACT_LIMIT, CARD_PLAIN },
  { "Confined", N_ ("Confined"), NULL, FACT_LIMIT, CARD_PLAIN },
  { "Time limit", N_ ("Time limit"), NULL, FACT_TEXT, CARD_PLAIN },
  { "Identity", N_ ("As"), NULL, FACT_TEXT, CARD_STRONG },
  { "Role", N_ ("Role"), NULL, FACT_WORD, CARD_STRONG },
  { "Account", N_ ("Account"), NULL, FACT_WORD, CARD_PLAIN },
  { "Narrowed to", N_ ("Narrowed to"), NULL, FACT_LIMIT, CARD_STRONG },
  { "Owner", N_ ("Owner"), NULL, FACT_WORD, CARD_STRONG },
  { "Repositories", N_ ("Repositories"), NULL, FACT_LIMIT, CARD_STRONG },
  { "Permissions", N_ ("Permissions"), NULL, FACT_LIMIT, CARD_STRONG },
  { "Signs with", N_ ("Signs with"), NULL, FACT_WORD, CARD_PLAIN },
  { "Vouched for by", N_ ("Vouched for by"), NULL, FACT_TEXT, CARD_STRONG },
  { "Key type", N_ ("Kind of key"), NULL, FACT_TEXT, CARD_PLAIN },
  { "Fingerprint", N_ ("Fingerprint"), NULL, FACT_TEXT, CARD_PLAIN },
  { "Principals", N_ ("Logs in as"), NULL, FACT_TEXT, CARD_STRONG },
  { "Force command", N_ ("Runs only"), NULL, FACT_WORD, CARD_STRONG },
  { "Commands", N_ ("Commands"), NULL, FACT_LIMIT, CARD_STRONG },
  { "Source address", N_ ("Logs in from"), NULL, FACT_LIMIT, CARD_STRONG },
  { "Valid for", N_ ("Valid for"), NULL, FACT_LIMIT, CARD_PLAIN },
  { "Extensions", N_ ("Also allows"), NULL, FACT_LIMIT, CARD_PLAIN },
  { "Session", N_ ("Session"), NULL, FACT_WORD, CARD_PLAIN },
  { "Lasts", N_ ("Lasts"), NULL, FACT_LIMIT, CARD_PLAIN },
  { "Discloses", N_ ("Discloses"), NULL, FACT_LIMIT, CARD_PLAIN },
  { "Logs in at", N_ ("Logs in at"), NULL, FACT_WORD, CARD_STRONG },
  { "Client", N_ ("Client"), NULL, FACT_WORD, CARD_PLAIN },
  { "Access token", N_ ("Kept as"), NULL, FACT_WORD, CARD_STRONG },
  { "Refresh token", N_ ("Renewed with"), NULL, FACT_WORD, CARD_PLAIN },
  { "Replaces", N_ ("Replaces"), NULL, FACT_LIMIT, CARD_STRONG },
  { "Afterwards", N_ ("Afterwards"), NULL, FACT_LIMIT, CARD_PLAIN },
  { "Audience", N_ ("Audience"), NULL, FACT_WORD, CARD_STRONG },
  { "Issuer", N_ ("Issuer"), NULL, FACT_WORD, CARD_PLAIN },
  { "Public key", N_ ("Public key"), NULL, FACT_WORD, CARD_PLAIN },
};

/* What the broker says of a way or a limit, word for word but for the names in it; what has more
 * words comes before what has the same beginning. */
static const char *const phrases[] = {
  N_ ("as a bearer token"),
  N_ ("as user and password"),
  N_ ("as the password of %s"),
  N_ ("in the header %s after %s"),
  N_ ("in the header %s"),
  N_ ("in the query as %s"),
  N_ ("in the path"),
  N_ ("in the form as %s"),
  N_ ("as an AWS signature for %s in %s"),
  N_ ("as an HMAC-%s signature in the header %s"),
  N_ ("as its input"),
  N_ ("as descriptor %s"),
  N_ ("as $%s"),
  N_ ("nothing: no network"),
  N_ ("everything: not confined"),
  N_ ("not at all: all that the role may do"),
  N_ ("not at all"),
  N_ ("not wholly: %s"),
  N_ ("by countersign run --sandbox"),
  N_ ("all of the installation"),
  N_ ("all that the App has"),
  N_ ("those that Vouch gives"),
  N_ ("15m at least, also when granted for less: AWS takes none back"),
  N_ ("1h at most; taken back at GitHub when the grant ends"),
  N_ ("as long as Vouch decides; it cannot be taken back"),
  N_ ("any command"),
  N_ ("from anywhere"),
  N_ ("%s at most; it ends with the grant"),
  N_ ("a signed token that is good for as long as you grant it goes to this program"),
  N_ ("a credential goes to this program"),
  N_ ("the value itself goes to this program, and to whoever reads what it writes"),
  N_ ("the values themselves go to this program, and to whoever reads what it writes"),
  N_ ("the login that is there under this name"),
  N_ ("this program may use it for %s, without its value"),
  N_ ("none"),
};

/* What stands in @text where the phrase has its names; NULL when it is not that phrase. */
static char **
names_in (const char *text, const char *said)
{
  g_auto (GStrv) parts = g_strsplit (said, "%s", -1);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (!g_str_has_prefix (text, parts[0]))
    return NULL;
  text += strlen (parts[0]);
  for (char **part = parts + 1; *part != NULL; part++)
    {
      const char *end = **part != '\0' ? strstr (text, *part) : text + strlen (text);
      if (end == NULL || end == text)
        return NULL;
      g_autofree char *name = g_strndup (text, end - text);
      g_strv_builder_add (names, name);
      text = end + strlen (*part);
    }
  return *text == '\0' ? g_strv_builder_end (names) : NULL;
}

/* The phrase in the person's language, with the names in it escaped. */
static char *
put_names (const char *ours, char **names)
{
  g_auto (GStrv) parts = g_strsplit (ours, "%s", -1);
  GString *out = g_string_new (parts[0]);

  for (char **part = parts + 1; *part != NULL && *names != NULL; part++, names++)
    {
      g_autofree char *shown = card_escape (*names);
      g_string_append_printf (out, "%s%s", shown, *part);
    }
  return g_string_free (out, FALSE);
}

/* NULL when the broker says something else. */
static char *
phrase (const char *text)
{
  for (gsize i = 0; i < G_N_ELEMENTS (phrases); i++)
    {
      g_auto (GStrv) names = names_in (text, phrases[i]);
      if (names != NULL)
        return put_names (_ (phrases[i]), names);
    }
  return NULL;
}

static const Fact *
find_known (const char *said, gsize len)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strlen (known[i].said) == len && strncmp (known[i].said, said, len) == 0)
      return &known[i];
  return NULL;
}

const char *
card_fact (const Card *card, const char *label)
{
  for (guint i = 0; i < card->facts->len; i++)
    if (strcmp (((CardPair *) card->facts->pdata[i])->name, label) == 0)
      return ((CardPair *) card->facts->pdata[i])->value;
  return NULL;
}

/* --- Values --- */

/* Letters and signs that show, and no blank: such a word begins and ends where it seems to. */
static gboolean
is_plain (const char *word)
{
  if (*word == '\0')
    return FALSE;
  for (; *word != '\0'; word++)
    if (!g_ascii_isgraph (*word) || *word == '\\')
      return FALSE;
  return TRUE;
}

/* "token, as a bearer token" or "token as its input", with the words in the person's language. */
static char *
way (const char *text)
{
  gsize name = strcspn (text, ", "), gap = strspn (text + name, ", ");
  g_autofree char *ours = phrase (text + name + gap);
  g_autofree char *begin = g_strndup (text, name + gap), *shown = card_escape (begin);

  return ours != NULL ? g_strconcat (shown, ours, NULL) : card_escape (text);
}

static char *
limit (const char *text)
{
  char *ours = phrase (text);

  return ours != NULL ? ours : card_escape (text);
}

static char *
value_of (const Fact *fact, const char *text)
{
  switch (fact->kind)
    {
    case FACT_WORD:
      return is_plain (text) ? card_escape (text) : card_quote (text);
    case FACT_BLOCK:
      return card_block (text);
    case FACT_WAY:
      return way (text);
    case FACT_LIMIT:
      return limit (text);
    case FACT_TEXT:
    default:
      return card_escape (text);
    }
}

/* Something is missing or not there: the broker names it behind a colon, or says no. */
static gboolean
is_open (const Fact *fact, const char *text)
{
  if (strcmp (fact->said, "Confined") == 0)
    return strchr (text, ':') != NULL || g_str_has_prefix (text, "not ");
  if (strcmp (fact->said, "Narrowed to") == 0)
    return strcmp (text, "not at all: all that the role may do") == 0;
  if (strcmp (fact->said, "Commands") == 0)
    return strcmp (text, "any command") == 0;
  if (strcmp (fact->said, "Repositories") == 0 || strcmp (fact->said, "Permissions") == 0)
    return g_str_has_prefix (text, "all ");
  if (strcmp (fact->said, "Replaces") == 0)
    return TRUE;
  return strcmp (fact->said, "May reach") == 0 && g_str_has_prefix (text, "everything");
}

/* --- Lines --- */

static void
set_value (CardLine *line, const Fact *fact, const char *text)
{
  gsize len = strlen (text), shown = card_block_begin (text);
  g_autofree char *begin = NULL;

  line->block = fact->kind == FACT_BLOCK || shown < len;
  line->word = fact->kind == FACT_WORD;
  if (shown == len)
    {
      line->value = value_of (fact, text);
      return;
    }
  begin = g_strndup (text, shown);
  line->value = card_block (begin);
  line->whole = text;
}

static void
add_known (GPtrArray *lines, const Fact *fact, const char *id, const char *text, guint number)
{
  CardEmphasis emphasis = is_open (fact, text) ? CARD_WARNING : fact->emphasis;
  g_autoptr (GString) label = g_string_new (_ (fact->label));

  if (strstr (label->str, "%u") != NULL)
    {
      g_autofree char *digits = g_strdup_printf ("%u", number);
      g_string_replace (label, "%u", digits, 1);
    }
  CardLine *line = card_line_add (lines, emphasis, id, label->str, NULL);
  if (fact->group != NULL)
    line->group = _ (fact->group);
  set_value (line, fact, text);
}

/* What is none of ours is shown with the broker's own label. */
static void
add_other (GPtrArray *lines, const char *id, const CardPair *fact)
{
  const Fact plain = { .kind = FACT_TEXT };
  g_autofree char *label = card_escape (fact->name), *text = NULL;
  CardLine *line = card_line_add (lines, CARD_PLAIN, id, card_label ("fact"), NULL);

  set_value (line, &plain, fact->value);
  text = g_steal_pointer (&line->value);
  line->value = g_strdup_printf ("%s: %s", label, text);
}

/* The one thing in a URL that decides who gets what is sent. */
static void
add_host (GPtrArray *lines, const char *request)
{
  const char *url = strchr (request, ' ');
  g_autofree char *host = url != NULL ? card_host (url + 1) : NULL;
  g_autofree char *doubt = host != NULL ? card_host_doubt (host) : NULL;
  char *shown = host != NULL ? card_escape (host) : NULL;

  if (host == NULL)
    return;
  if (doubt != NULL)
    {
      g_autofree char *plain = shown;
      shown = g_strdup_printf ("%s: %s", plain, doubt);
    }
  card_line_add (lines, doubt != NULL ? CARD_WARNING : CARD_STRONG, "host", card_label ("host"),
                 shown);
}

/* What is open stands first: sixty arguments could push it out of sight. */
static void
add_facts (GPtrArray *lines, const Card *card, gboolean open)
{
  guint arguments = 0;

  for (guint i = 0; i < card->facts->len; i++)
    {
      const CardPair *pair = card->facts->pdata[i];
      const Fact *fact = find_known (pair->name, strlen (pair->name));
      g_autofree char *id = g_strdup_printf ("fact-%u", i + 1);
      arguments += strcmp (pair->name, "Argument") == 0;
      if (open != (fact != NULL && is_open (fact, pair->value)))
        continue;
      if (strcmp (pair->name, "Request") == 0)
        add_host (lines, pair->value);
      if (fact != NULL)
        add_known (lines, fact, id, pair->value, arguments);
      else
        add_other (lines, id, pair);
    }
}

void
card_facts_add (GPtrArray *lines, const Card *card)
{
  add_facts (lines, card, TRUE);
  add_facts (lines, card, FALSE);
}

char *
card_fact_before (const char *text, const char **label)
{
  const char *colon = strstr (text, ": ");
  const Fact *fact = colon != NULL ? find_known (text, colon - text) : NULL;

  if (label != NULL)
    *label = fact == NULL ? NULL : _ (fact->group != NULL ? fact->group : fact->label);
  if (fact == NULL)
    return card_escape (text);
  const char *value = colon + 2;
  return fact->kind == FACT_WORD ? value_of (fact, value) : card_escape (value);
}

char *
card_line_whole (const CardLine *line)
{
  return line->whole != NULL ? card_block (line->whole) : g_strdup (line->value);
}

char *
card_line_more (const CardLine *line)
{
  gsize size = line->whole != NULL ? strlen (line->whole) : strlen (line->value);

  return g_strdup_printf (i18n_n ("show all of %u byte", "show all %u bytes", size), (guint) size);
}
