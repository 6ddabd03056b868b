/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "approve-ui/card/card-private.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"

/* What an operation is in a sentence, and what follows from it. */
static const struct
{
  const char *operation;
  const char *about;   /* a resource */
  const char *without; /* the same when there is no resource, or NULL */
  const char *consequence;
} operations[] = {
  { "list_secrets", N_ ("{who} wants to see the names of the secrets in {what}"),
    N_ ("{who} wants to see the names of all secrets"),
    N_ ("it learns names, tags and dates; no value") },
  { "get_secret", N_ ("{who} wants a reference to {what}"), NULL,
    N_ ("it gets a handle that nobody else can use; the value stays with the broker") },
  { "reveal", N_ ("{who} wants to read the value of {what}"), NULL,
    N_ ("the value itself leaves the broker and cannot be called back") },
  { "store_secret", N_ ("{who} wants to store a new secret, {what}"), NULL,
    N_ ("a secret is added; it may be used under your policy afterwards") },
  { "update_secret", N_ ("{who} wants to replace the value of {what}"), NULL,
    N_ ("whatever uses this secret uses the new value afterwards") },
  { "delete_secret", N_ ("{who} wants to delete {what}"), NULL,
    N_ ("the secret is gone afterwards") },
  { "http_request", N_ ("{who} wants to send a request to {what}"), NULL,
    N_ ("the credential goes to this service, with this request; the agent gets the answer "
        "alone") },
  { "run_command", N_ ("{who} wants to run {program} with {what}"),
    N_ ("{who} wants to run {program}"),
    N_ ("it gets the value and can pass it on to whatever it may reach or write") },
  { "launch", N_ ("{who} wants to start {program} with {what}"),
    N_ ("{who} wants to start {program}"),
    N_ ("it has the value until it exits, and can pass it on") },
  { "oauth_login", N_ ("{who} wants you to log in at {what}"), NULL,
    N_ ("your browser opens there; the broker keeps the token, and the agent gets none by this") },
  { "mint_token", N_ ("{who} wants a signed token for {what}"), NULL,
    N_ ("whoever trusts this broker's keys takes the token for what its scopes say, until it "
        "ends") },
  { "aws_credentials", N_ ("{who} wants AWS credentials from {what}"), NULL,
    N_ ("the credentials go to it, and work until they end, whoever has them") },
  { "github_token", N_ ("{who} wants a GitHub token from {what}"), NULL,
    N_ ("the token goes to it, and works until it ends, whoever has it") },
  { "ssh_certificate", N_ ("{who} wants an SSH certificate from {what}"), NULL,
    N_ ("with its key it can log in as these users, until the certificate ends") },
};

#define LONGEST_PATH 80 /* characters in a sentence; a line of the card has all of it */

typedef struct
{
  char *who, *what, *program;
} Names;

static void
names_clear (Names *names)
{
  g_free (names->who);
  g_free (names->what);
  g_free (names->program);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Names, names_clear)

/* Once through: what is put in is not looked at again. */
static char *
fill (const char *pattern, const Names *names)
{
  const struct
  {
    const char *place, *text;
  } places[]
      = { { "{who}", names->who }, { "{what}", names->what }, { "{program}", names->program } };
  GString *out = g_string_new (NULL);

  while (*pattern != '\0')
    {
      gsize i = 0;
      while (i < G_N_ELEMENTS (places) && !g_str_has_prefix (pattern, places[i].place))
        i++;
      if (i < G_N_ELEMENTS (places))
        g_string_append (out, places[i].text != NULL ? places[i].text : "");
      else
        g_string_append_c (out, *pattern);
      pattern += i < G_N_ELEMENTS (places) ? strlen (places[i].place) : 1;
    }
  return g_string_free (out, FALSE);
}

gboolean
card_starts (const Card *card)
{
  return (strcmp (card->operation, "run_command") == 0 || strcmp (card->operation, "launch") == 0)
         && card->facts->len > 0
         && strcmp (((CardPair *) card->facts->pdata[0])->name, "Runs") == 0;
}

gboolean
card_goes_on_in_browser (const Card *card)
{
  return strcmp (card->operation, "oauth_login") == 0;
}

/* Several that are asked at once stand in the resource with a comma between them. */
static char *
resource (const Card *card)
{
  g_auto (GStrv) names = NULL;

  if (card->resource == NULL || *card->resource == '\0')
    return NULL;
  names = g_strsplit (card->resource, ", ", -1);
  return card_names (names, ", ");
}

/* "POST /repos/o/r/issues" of the request's method and URL; NULL when there is none. */
static char *
request_words (const Card *card)
{
  const char *request = card_fact (card, "Request"),
             *url = request != NULL ? strchr (request, ' ') : NULL;
  const char *host = url != NULL ? strstr (url, "://") : NULL;
  const char *path = host != NULL ? strchr (host + strlen ("://"), '/') : NULL;
  g_autofree char *text = NULL, *shown = NULL;

  if (path == NULL)
    return NULL;
  text = g_strdup_printf ("%.*s%s", (int) (url + 1 - request), request, path);
  if (g_utf8_strlen (text, -1) <= LONGEST_PATH)
    return card_escape (text);
  g_autofree char *begin = g_utf8_substring (text, 0, LONGEST_PATH);
  shown = card_escape (begin);
  return g_strconcat (shown, "…", NULL);
}

/* The last part of the path of what is started. */
static char *
program_name (const Card *card)
{
  g_autofree char *base
      = card_starts (card) ? g_path_get_basename (card_fact (card, "Runs")) : NULL;

  return base != NULL ? card_name (base) : g_strdup (_ ("a program"));
}

char *
card_sentence (const Card *card)
{
  g_auto (Names) names = { card_who (&card->requester), resource (card), program_name (card) };
  g_autofree char *operation = card_name (card->operation);
  g_autofree char *request = request_words (card);

  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      const char *pattern = names.what != NULL ? operations[i].about : operations[i].without;
      if (strcmp (operations[i].operation, card->operation) != 0 || pattern == NULL)
        continue;
      g_autofree char *sentence = fill (_ (pattern), &names);
      return request != NULL ? g_strconcat (sentence, ": ", request, NULL)
                             : g_steal_pointer (&sentence);
    }
  return names.what != NULL
             ? g_strdup_printf (_ ("%s asks for %s of %s"), names.who, operation, names.what)
             : g_strdup_printf (_ ("%s asks for %s"), names.who, operation);
}

const char *
card_consequence (const Card *card)
{
  if (card_starts (card) && card_fact (card, "Gives") == NULL)
    return _ ("no value goes to it; what it may reach and write stands below");
  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    if (strcmp (operations[i].operation, card->operation) == 0)
      return _ (operations[i].consequence);
  switch (card->risk)
    {
    case CARD_RISK_READ:
      return _ ("it uses what is kept");
    case CARD_RISK_WRITE:
      return _ ("it changes what is kept");
    case CARD_RISK_DISCLOSE:
    default:
      return _ ("a value leaves the broker");
    }
}
