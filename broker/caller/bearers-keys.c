/* SPDX-License-Identifier: MIT
 *
 * The keys of issuers, fetched by a worker and kept for a while.
 *
 * A stranger's token is enough to have an issuer asked: so all who want to know wait for one look,
 * a key that is not known lets it be asked again but seldom, and one that fails is not asked at
 * once.
 */
#include "broker/caller/bearers-private.h"

#include <string.h>

#include "broker/dispatch/exchange.h"
#include "broker/provider/oauth2.h"

#define FRESH                                                                                      \
  (G_GINT64_CONSTANT (600)                                                                         \
   * G_USEC_PER_SEC)                /* then they are fetched anew, unless the issuer says sooner   \
                                     */
#define LEAST (30 * G_USEC_PER_SEC) /* sooner than this is not asked for, whatever it says */
#define STALE (6 * FRESH)           /* so long they are good while new ones are not to be had */
#define AGAIN (30 * G_USEC_PER_SEC) /* after a look that failed, or for a key that is not known */
#define WAITING_MAX 256

typedef struct
{
  Bearers *bearers;
  char *name, *digest; /* of the issuer's file */
  GPtrArray *keys;     /* of TokenKey; NULL: none were had yet */
  gint64 fetched_at;   /* loop_now(), when @keys came */
  gint64 fresh_until;  /* loop_now() */
  gint64 asked_at;     /* loop_now(), when it was asked last; 0: never */
  gint64 missed_at;    /* loop_now(), when it was asked for a key that was not known; 0: never */
  char *fault;         /* why it was not told when asked last; NULL: it was */
  guint attempt;       /* where they are looked for */
  Exchange *exchange;
  GQueue waiting; /* of BearerProof */
} IssuerKeys;

void
issuer_keys_free (gpointer data)
{
  IssuerKeys *self = data;

  exchange_cancel (self->exchange);
  while (!g_queue_is_empty (&self->waiting))
    bearer_proof_cancel (g_queue_peek_head (&self->waiting));
  g_clear_pointer (&self->keys, g_ptr_array_unref);
  g_free (self->name);
  g_free (self->digest);
  g_free (self->fault);
  g_free (self);
}

static void
answer_error (BearerProof *proof, const CallerIssuer *issuer, BearerError code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (BEARER_ERROR, code, message);

  bearer_proof_answer (proof, NULL, issuer, error);
}

/* ---- judging ---- */

static gboolean
has_keys (const IssuerKeys *self)
{
  return self->keys != NULL && loop_now () - self->fetched_at < STALE;
}

static Subject *
judge (const IssuerKeys *self, const CallerIssuer *issuer, const BearerProof *proof, GError **error)
{
  return bearer_judge (issuer, self->keys, (const char *) secret_peek (proof->token),
                       secret_len (proof->token), proof->resource, bearers_now (), error);
}

/* With what is known by now. */
static void
judge_finally (const IssuerKeys *self, const CallerIssuer *issuer, BearerProof *proof)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Subject) subject = has_keys (self) ? judge (self, issuer, proof, &error) : NULL;

  if (subject != NULL
      || (error != NULL && (self->fault == NULL || error->code != BEARER_ERROR_KEY)))
    {
      if (error != NULL && error->code == BEARER_ERROR_KEY)
        error->code = BEARER_ERROR_TOKEN;
      bearer_proof_answer (proof, subject, issuer, error);
      return;
    }
  g_autofree char *message
      = g_strdup_printf ("the keys of issuer %s are not to be had: %s", issuer->name,
                         self->fault != NULL ? self->fault : "none came");
  answer_error (proof, issuer, BEARER_ERROR_ISSUER, message);
}

/* ---- fetching ---- */

static void fetch (IssuerKeys *self, const CallerIssuer *issuer, const char *found);

static const CallerIssuer *
issuer_of (const IssuerKeys *self)
{
  return callers_find (self->bearers->vault->callers, self->name);
}

static void
settle (IssuerKeys *self)
{
  const CallerIssuer *issuer = issuer_of (self);
  GQueue waiting = self->waiting;

  /* One that is answered may end others: they are taken from a queue that stays. */
  for (guint n = waiting.length; n > 0 && !g_queue_is_empty (&self->waiting); n--)
    judge_finally (self, issuer, g_queue_peek_head (&self->waiting));
}

static void
fail (IssuerKeys *self, const char *message)
{
  g_free (self->fault);
  self->fault = g_strdup (message);
  settle (self);
}

static void
on_keys (gpointer data, ExchangeOutcome *outcome)
{
  IssuerKeys *self = data;
  g_autoptr (GError) error = NULL;
  GPtrArray *keys = outcome->ok ? token_keys_read (outcome->fields, &error) : NULL;

  self->exchange = NULL;
  if (keys == NULL)
    {
      fail (self, error != NULL ? error->message : outcome->message);
      return;
    }
  gint64 age = wire_integer (outcome->fields, "max_age", FRESH / G_USEC_PER_SEC);
  g_clear_pointer (&self->keys, g_ptr_array_unref);
  g_clear_pointer (&self->fault, g_free);
  self->keys = keys;
  self->fetched_at = loop_now ();
  self->fresh_until
      = self->fetched_at
        + CLAMP (age, LEAST / G_USEC_PER_SEC, FRESH / G_USEC_PER_SEC) * G_USEC_PER_SEC;
  settle (self);
}

/* Another place is tried where the issuer answered that there is nothing of the kind. */
static void
on_metadata (gpointer data, ExchangeOutcome *outcome)
{
  IssuerKeys *self = data;
  const CallerIssuer *issuer = issuer_of (self);
  g_autofree char *found
      = outcome->ok ? g_strdup (wire_string (outcome->fields, "jwks_uri")) : NULL;

  self->exchange = NULL;
  if (found != NULL || outcome->ok || (outcome->http_status >= 400 && outcome->http_status < 500)
      || (outcome->http_status == 200 && strcmp (outcome->code, "answer") == 0))
    {
      self->attempt++;
      fetch (self, issuer, found);
    }
  else
    fail (self, outcome->message);
}

/* Where the keys are: as its file says, as the issuer told (@found), or where Vouch has them. */
static char *
keys_url (const CallerIssuer *issuer, const char *found)
{
  gsize len = strlen (issuer->issuer);

  if (issuer->keys != NULL || found != NULL)
    return g_strdup (issuer->keys != NULL ? issuer->keys : found);
  return g_strdup_printf ("%.*s/oauth/jwks", (int) (len - (issuer->issuer[len - 1] == '/' ? 1 : 0)),
                          issuer->issuer);
}

static void
fetch (IssuerKeys *self, const CallerIssuer *issuer, const char *found)
{
  g_autoptr (GError) error = NULL;
  gboolean known = issuer->keys != NULL || found != NULL;
  g_autofree char *metadata = known ? NULL : oauth2_metadata_url (issuer->issuer, self->attempt);
  g_autofree char *keys = metadata == NULL ? keys_url (issuer, found) : NULL;
  json_t *target = caller_issuer_target (issuer, metadata != NULL ? metadata : keys, &error);

  self->asked_at = loop_now ();
  if (target == NULL)
    {
      fail (self, error->message);
      return;
    }
  g_autoptr (ProviderExchange) exchange
      = provider_exchange_new (target, metadata != NULL ? "oauth-issuer" : "jwks");
  if (metadata != NULL)
    exchange->expect = json_pack ("{s:s}", "issuer", issuer->issuer);
  self->exchange = exchange_begin (self->bearers->vault, exchange, NULL,
                                   metadata != NULL ? on_metadata : on_keys, self);
}

/* ---- who asks ---- */

static IssuerKeys *
keys_of (Bearers *bearers, const CallerIssuer *issuer)
{
  IssuerKeys *self = g_hash_table_lookup (bearers->keys, issuer->name);

  if (self != NULL)
    return self;
  self = g_new0 (IssuerKeys, 1);
  self->bearers = bearers;
  self->name = g_strdup (issuer->name);
  self->digest = g_strdup (issuer->digest);
  g_hash_table_insert (bearers->keys, self->name, self);
  return self;
}

static gboolean
was_lately (gint64 at)
{
  return at != 0 && loop_now () - at < AGAIN;
}

static gboolean
is_fresh (const IssuerKeys *self)
{
  return self->keys != NULL && loop_now () < self->fresh_until;
}

/* With fresh keys, unless the one that the token names is not among them. FALSE: it is not said. */
static gboolean
judge_now (IssuerKeys *self, const CallerIssuer *issuer, BearerProof *proof)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Subject) subject = judge (self, issuer, proof, &error);

  if (subject == NULL && error->code == BEARER_ERROR_KEY)
    return FALSE;
  bearer_proof_answer (proof, subject, issuer, error);
  return TRUE;
}

/* FALSE: it was asked for the same lately, in vain. */
static gboolean
may_ask (IssuerKeys *self)
{
  if ((self->fault != NULL && was_lately (self->asked_at))
      || (is_fresh (self) && was_lately (self->missed_at)))
    return FALSE;
  if (is_fresh (self))
    self->missed_at = loop_now ();
  return TRUE;
}

gboolean
bearers_keys_judge (Bearers *bearers, const CallerIssuer *issuer, BearerProof *proof)
{
  IssuerKeys *self = keys_of (bearers, issuer);

  if (is_fresh (self) && judge_now (self, issuer, proof))
    return TRUE;
  if (self->exchange == NULL && !may_ask (self))
    {
      judge_finally (self, issuer, proof);
      return TRUE;
    }
  if (self->waiting.length >= WAITING_MAX)
    {
      answer_error (proof, issuer, BEARER_ERROR_ISSUER,
                    "too many wait for the keys of this issuer already");
      return TRUE;
    }
  if (self->exchange == NULL)
    {
      self->attempt = 0;
      fetch (self, issuer, NULL);
    }
  if (self->exchange == NULL) /* it cannot be gone to */
    {
      judge_finally (self, issuer, proof);
      return TRUE;
    }
  proof->queue = &self->waiting;
  g_queue_push_tail_link (&self->waiting, &proof->link);
  return FALSE;
}

/* ---- ends ---- */

static void
turn_away (IssuerKeys *self, BearerError code, const char *message)
{
  g_clear_pointer (&self->exchange, exchange_cancel);
  while (!g_queue_is_empty (&self->waiting))
    answer_error (g_queue_peek_head (&self->waiting), NULL, code, message);
}

void
bearers_keys_follow (Bearers *bearers)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, bearers->keys);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      IssuerKeys *self = value;
      const CallerIssuer *issuer = issuer_of (self);
      if (issuer != NULL && strcmp (issuer->digest, self->digest) == 0)
        continue;
      turn_away (self, BEARER_ERROR_TOKEN, "what a person accepts of its issuer has changed");
      g_hash_table_iter_remove (&iter);
    }
}

void
bearers_keys_lock (Bearers *bearers)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, bearers->keys);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    turn_away (value, BEARER_ERROR_LOCKED, "the broker is locked: `countersign unlock`");
}
