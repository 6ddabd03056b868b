/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/card.h"

#include <string.h>

#include "broker/base/wire.h"

#define LONGEST (366 * 24 * 3600) /* seconds; anything longer is a mistake */

G_DEFINE_QUARK (countersign_card_error, card_error)

static CardPair *
pair_new (const char *name, const char *value)
{
  CardPair *pair = g_new0 (CardPair, 1);

  pair->name = g_strdup (name);
  pair->value = g_strdup (value);
  return pair;
}

static void
pair_free (gpointer data)
{
  CardPair *pair = data;

  g_free (pair->name);
  g_free (pair->value);
  g_free (pair);
}

static void
requester_clear (CardRequester *requester)
{
  g_free (requester->name);
  g_free (requester->caller);
  g_free (requester->issuer);
  g_free (requester->subject);
  g_free (requester->label);
  g_free (requester->exe);
  g_strfreev (requester->argv);
  g_free (requester->cwd);
  g_free (requester->unit);
  g_free (requester->via);
  g_free (requester->claim_name);
  g_free (requester->claim_version);
  g_clear_pointer (&requester->chain, g_ptr_array_unref);
  g_free (requester->script);
}

static void
card_clear (gpointer data)
{
  Card *card = data;

  g_free (card->request_id);
  g_free (card->operation);
  g_free (card->resource);
  g_free (card->purpose);
  g_clear_pointer (&card->facts, g_ptr_array_unref);
  g_strfreev (card->scopes);
  g_strfreev (card->cut);
  g_free (card->rule);
  g_free (card->always);
  g_clear_pointer (&card->changes, g_ptr_array_unref);
  requester_clear (&card->requester);
  g_clear_pointer (&card->holders, g_ptr_array_unref);
}

Card *
card_ref (const Card *card)
{
  return g_rc_box_acquire ((gpointer) card);
}

void
card_unref (Card *card)
{
  if (card != NULL)
    g_rc_box_release_full (card, card_clear);
}

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, CARD_ERROR, CARD_ERROR_UNREADABLE, "the card cannot be read: %s", what);
  return FALSE;
}

static gboolean
unpack_failed (GError **error, const json_error_t *at)
{
  return refuse (error, at->text);
}

/* An array of strings; empty ones are allowed (an argument may be empty). */
static char **
read_strings (const json_t *array, const char *what, GError **error)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  const json_t *item;
  gsize i;

  if (!json_is_array (array))
    {
      refuse (error, what);
      return NULL;
    }
  json_array_foreach (array, i, item)
  {
    if (!json_is_string (item))
      {
        refuse (error, what);
        return NULL;
      }
    g_ptr_array_add (strings, g_strdup (json_string_value (item)));
  }
  g_ptr_array_add (strings, NULL);
  return (char **) g_ptr_array_steal (strings, NULL);
}

/* An array of objects that have the two strings @name and @value and nothing else. */
static GPtrArray *
read_pairs (json_t *array, const char *name, const char *value, GError **error)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (pair_free);
  json_t *item;
  json_error_t at;
  gsize i;

  if (!json_is_array (array))
    {
      refuse (error, name);
      return NULL;
    }
  json_array_foreach (array, i, item)
  {
    const char *first, *second;
    if (json_unpack_ex (item, &at, JSON_STRICT, "{s:s, s:s}", name, &first, value, &second) != 0)
      {
        unpack_failed (error, &at);
        return NULL;
      }
    g_ptr_array_add (pairs, pair_new (first, second));
  }
  return g_steal_pointer (&pairs);
}

static gboolean
read_chain (CardRequester *to, json_t *array, GError **error)
{
  json_t *item;
  json_error_t at;
  gsize i;

  to->chain = g_ptr_array_new_with_free_func (pair_free);
  if (!json_is_array (array))
    return refuse (error, "chain: must be an array");
  json_array_foreach (array, i, item)
  {
    const char *name, *script = "";
    json_int_t pid;
    if (json_unpack_ex (item, &at, JSON_STRICT, "{s:I, s:s, s?s}", "pid", &pid, "name", &name,
                        "script", &script)
        != 0)
      return unpack_failed (error, &at);
    g_ptr_array_add (to->chain, pair_new (name, script));
  }
  return TRUE;
}

static gboolean
read_claim (CardRequester *to, json_t *claim, GError **error)
{
  const char *name, *version = NULL;
  json_error_t at;

  if (claim == NULL)
    return TRUE;
  if (json_unpack_ex (claim, &at, JSON_STRICT, "{s:s, s?s}", "name", &name, "version", &version)
      != 0)
    return unpack_failed (error, &at);
  to->claim_name = g_strdup (name);
  to->claim_version = g_strdup (version);
  return TRUE;
}

/* One of @words, by its place; what is unknown is refused, not guessed. */
static gboolean
read_word (const char *text, const char *const *words, const char *what, int *value, GError **error)
{
  for (*value = 0; words[*value] != NULL; (*value)++)
    if (strcmp (words[*value], text) == 0)
      return TRUE;
  return refuse (error, what);
}

static gboolean
read_script (CardRequester *to, json_t *script, GError **error)
{
  const char *const kinds[] = { "none", "file", "module", "code", NULL };
  const char *kind, *text;
  json_error_t at;
  int number;

  if (script == NULL)
    return TRUE;
  if (json_unpack_ex (script, &at, JSON_STRICT, "{s:s, s:s}", "kind", &kind, "text", &text) != 0)
    return unpack_failed (error, &at);
  if (!read_word (kind, kinds + 1, "script: is of no kind that we know", &number, error))
    return FALSE;
  to->script_kind = (CardScript) (number + 1);
  to->script = g_strdup (text);
  return TRUE;
}

/* Who calls over HTTP: the broker has verified their token. */
static gboolean
read_subject (CardRequester *to, json_t *from, GError **error)
{
  const char *name, *caller, *issuer, *subject, *label, *via;
  char *const none[] = { NULL };
  json_t *claim = NULL;
  json_error_t at;

  if (json_unpack_ex (from, &at, JSON_STRICT, "{s:s, s:s, s:s, s:s, s:s, s:s, s?o}", "name", &name,
                      "caller", &caller, "issuer", &issuer, "subject", &subject, "label", &label,
                      "via", &via, "claim", &claim)
      != 0)
    return unpack_failed (error, &at);
  to->name = g_strdup (name);
  to->caller = g_strdup (caller);
  to->issuer = g_strdup (issuer);
  to->subject = g_strdup (subject);
  to->label = g_strdup (label);
  to->via = g_strdup (via);
  to->verified = TRUE;
  to->argv = g_strdupv ((char **) none);
  to->chain = g_ptr_array_new ();
  g_autofree char *key = g_strdup_printf ("%s %s", issuer, subject);
  to->pid = -1 - (gint64) g_str_hash (key);
  return read_claim (to, claim, error);
}

static gboolean
read_requester (CardRequester *to, json_t *from, GError **error)
{
  const char *name, *exe = NULL, *cwd = NULL, *unit = NULL, *via = NULL;
  json_t *argv, *chain, *claim = NULL, *script = NULL;
  json_int_t pid;
  int verified, cut = 0, interpreter = 0;
  json_error_t at;

  if (json_object_get (from, "caller") != NULL)
    return read_subject (to, from, error);
  if (json_unpack_ex (from, &at, JSON_STRICT,
                      "{s:s, s:I, s?s, s:b, s:o, s?b, s?s, s?s, s?s, s?o, s:o, s?b, s?o}", "name",
                      &name, "pid", &pid, "exe", &exe, "verified", &verified, "argv", &argv,
                      "argv_cut", &cut, "cwd", &cwd, "unit", &unit, "via", &via, "claim", &claim,
                      "chain", &chain, "interpreter", &interpreter, "script", &script)
      != 0)
    return unpack_failed (error, &at);
  to->name = g_strdup (name);
  to->pid = pid;
  to->exe = g_strdup (exe);
  to->verified = verified;
  to->argv_cut = cut;
  to->interpreter = interpreter;
  to->cwd = g_strdup (cwd);
  to->unit = g_strdup (unit);
  to->via = g_strdup (via);
  to->argv = read_strings (argv, "argv: must be an array of strings", error);
  return to->argv != NULL && read_claim (to, claim, error) && read_chain (to, chain, error)
         && read_script (to, script, error);
}

static gboolean
read_time (const char *text, const char *what, gint64 *usec, GError **error)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);

  if (time == NULL)
    return refuse (error, what);
  *usec = g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
  return TRUE;
}

static gboolean
check_numbers (const Card *card, GError **error)
{
  if (card->asked_duration < 0 || card->asked_duration > LONGEST)
    return refuse (error, "asked_duration: out of range");
  if (card->max_duration < 0 || card->max_duration > LONGEST)
    return refuse (error, "max_duration: out of range");
  if (card->default_duration < 0 || card->default_duration > card->max_duration
      || (card->default_duration == 0) != (card->max_duration == 0))
    return refuse (error, "default_duration: out of range");
  if (card->max_uses < 0 || card->default_uses < 0
      || (card->max_uses > 0 && card->default_uses > card->max_uses))
    return refuse (error, "max_uses, default_uses: out of range");
  return TRUE;
}

/* What stands in the card besides plain texts and numbers. */
typedef struct
{
  const char *risk, *confirm, *received, *deadline;
  json_t *facts, *scopes, *cut, *requester, *holders, *previous;
} Parts;

static gboolean
read_previous (Card *card, json_t *previous, GError **error)
{
  const char *approved;
  json_t *changed;
  json_error_t at;

  if (previous == NULL)
    return TRUE;
  if (json_unpack_ex (previous, &at, JSON_STRICT, "{s:s, s:o}", "approved_at", &approved, "changed",
                      &changed)
      != 0)
    return unpack_failed (error, &at);
  card->changes = read_pairs (changed, "line", "before", error);
  return card->changes != NULL
         && read_time (approved, "approved_at: is no time", &card->approved_at, error);
}

static gboolean
read_parts (Card *card, const Parts *parts, GError **error)
{
  const char *const risks[] = { "disclose", "write", "read", NULL };
  const char *const confirms[] = { "key", "pin", "click", NULL };
  int risk, confirm;

  if (!read_word (parts->risk, risks, "risk: is none that we know", &risk, error)
      || !read_word (parts->confirm, confirms, "confirm: is none that we know", &confirm, error)
      || !read_time (parts->received, "received_at: is no time", &card->received_at, error)
      || !read_time (parts->deadline, "deadline: is no time", &card->deadline, error)
      || (card->facts = read_pairs (parts->facts, "label", "value", error)) == NULL
      || (card->holders = read_pairs (parts->holders, "id", "label", error)) == NULL
      || (card->scopes = read_strings (parts->scopes, "scopes: must be an array of strings", error))
             == NULL)
    return FALSE;
  card->risk = (CardRisk) risk;
  card->confirm = (CardConfirm) confirm;
  if (card->holders->len == 0)
    return refuse (error, "holders: must not be empty");
  if (card->scopes[0] == NULL)
    return refuse (error, "scopes: must not be empty");
  if (parts->cut != NULL
      && (card->cut = read_strings (parts->cut, "cut: must be an array of strings", error)) == NULL)
    return FALSE;
  return read_previous (card, parts->previous, error)
         && read_requester (&card->requester, parts->requester, error);
}

static gboolean
read_card (Card *card, json_t *root, GError **error)
{
  const char *id, *operation, *resource = NULL, *purpose = NULL, *rule, *always = NULL;
  json_int_t version, asked, max, preset, max_uses = 0, uses = 0;
  Parts parts = { 0 };
  json_error_t at;

  if (json_unpack_ex (
          root, &at, JSON_STRICT,
          "{s:I, s:s, s:s, s?s, s?s, s:s, s:o, s:o, s:I, s:I, s:I, s?I, s?I, s:s, s:s, "
          "s:s, s:s, s:o, s:o, s?s, s?o, s?o}",
          "version", &version, "request_id", &id, "operation", &operation, "resource", &resource,
          "purpose", &purpose, "risk", &parts.risk, "facts", &parts.facts, "scopes", &parts.scopes,
          "asked_duration", &asked, "max_duration", &max, "default_duration", &preset, "max_uses",
          &max_uses, "default_uses", &uses, "confirm", &parts.confirm, "rule", &rule, "received_at",
          &parts.received, "deadline", &parts.deadline, "requester", &parts.requester, "holders",
          &parts.holders, "always", &always, "previous", &parts.previous, "cut", &parts.cut)
      != 0)
    return unpack_failed (error, &at);
  if (version != 1)
    return refuse (error, "it is of another version than this program");
  card->request_id = g_strdup (id);
  card->operation = g_strdup (operation);
  card->resource = g_strdup (resource);
  card->purpose = g_strdup (purpose);
  card->rule = g_strdup (rule);
  card->always = g_strdup (always);
  card->asked_duration = asked;
  card->max_duration = max;
  card->default_duration = preset;
  card->max_uses = max_uses;
  card->default_uses = uses;
  return check_numbers (card, error) && read_parts (card, &parts, error);
}

Card *
card_parse (const char *text, gsize len, GError **error)
{
  g_autoptr (Card) card = g_rc_box_new0 (Card);
  g_autoptr (GError) fault = NULL;
  g_autoptr (json_t) root = wire_parse (text, len, FALSE, &fault);
  g_autofree char *digest
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, len);

  if (root == NULL)
    {
      refuse (error, fault->message);
      return NULL;
    }
  g_strlcpy (card->digest, digest, sizeof card->digest);
  return read_card (card, root, error) ? g_steal_pointer (&card) : NULL;
}
