/* SPDX-License-Identifier: MIT */
#include "broker/caller/bearers-private.h"

#include <string.h>

#include "broker/grant/grant.h"
#include "broker/record.h"
#include "broker/request/request.h"

gint64
bearers_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

Bearers *
bearers_new (Vault *vault)
{
  Bearers *self = g_new0 (Bearers, 1);

  self->vault = vault;
  self->local = g_ptr_array_new_with_free_func (local_token_free);
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, issuer_keys_free);
  return self;
}

void
bearers_free (Bearers *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->keys);
  g_ptr_array_unref (self->local);
  g_free (self);
}

void
bearers_lock (Bearers *self)
{
  g_ptr_array_set_size (self->local, 0);
  bearers_keys_lock (self);
}

/* ---- proving ---- */

/* Whoever can reach the HTTP program can show it tokens: so often they are recorded, the others are
 * counted. */
#define REFUSED_EVERY (60 * G_USEC_PER_SEC)

void
bearers_refused (Bearers *self, const CallerIssuer *issuer, const char *why, const Process *carrier)
{
  gint64 now = loop_now ();
  AuditRecord *record = NULL;

  self->refused++;
  if (self->refused_at == 0 || now - self->refused_at >= REFUSED_EVERY)
    record = record_human (self->vault, "bearer_refused", carrier);
  if (record == NULL)
    return;
  audit_record_string (record, "issuer", issuer != NULL ? issuer->name : NULL);
  audit_record_text (record, "why", why);
  audit_record_integer (record, "count", self->refused);
  record_owe (self->vault, record);
  self->refused = 0;
  self->refused_at = now;
}

void
bearer_proof_cancel (BearerProof *proof)
{
  if (proof == NULL)
    return;
  if (proof->queue != NULL)
    g_queue_unlink (proof->queue, &proof->link);
  secret_free (proof->token);
  g_free (proof->resource);
  g_free (proof);
}

void
bearer_proof_answer (BearerProof *proof, Subject *subject, const CallerIssuer *issuer,
                     const GError *error)
{
  g_autoptr (Secret) token = g_steal_pointer (&proof->token);
  gboolean relay = subject != NULL && issuer != NULL && issuer->relay != NULL;
  BearerDone done = proof->done;
  gpointer data = proof->data;

  bearer_proof_cancel (proof);
  done (data,
        &(BearerAnswer){
            .subject = subject, .error = error, .issuer = issuer, .relay = relay ? token : NULL });
}

static const CallerIssuer *
find_issuer (const Bearers *self, const char *token, GError **error)
{
  g_autofree char *says = bearer_issuer_of (token, strlen (token), error);
  const Callers *callers = self->vault->callers;
  const CallerIssuer *issuer
      = says != NULL && callers != NULL ? callers_find_issuer (callers, says) : NULL;

  if (says != NULL && issuer == NULL)
    g_set_error_literal (error, BEARER_ERROR, BEARER_ERROR_TOKEN,
                         "the token is of no issuer that a person has accepted (callers.d)");
  return issuer;
}

BearerProof *
bearers_prove (Bearers *self, const char *token, const char *resource, BearerDone done,
               gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean local = g_str_has_prefix (token, BEARER_LOCAL_PREFIX);
  g_autoptr (Subject) subject = local ? bearers_local_judge (self, token, &error) : NULL;
  const CallerIssuer *issuer = local ? NULL : find_issuer (self, token, &error);
  Secret *kept = issuer != NULL ? secret_new_from (token, strlen (token), &error) : NULL;

  if (kept == NULL)
    {
      done (data, &(BearerAnswer){ .subject = subject, .error = error, .issuer = issuer });
      return NULL;
    }
  BearerProof *proof = g_new0 (BearerProof, 1);
  proof->token = kept;
  proof->resource = g_strdup (resource);
  proof->done = done;
  proof->data = data;
  proof->link.data = proof;
  return bearers_keys_judge (self, issuer, proof) ? NULL : proof;
}

json_t *
bearers_resource (const Bearers *self)
{
  const Callers *callers = self->vault->callers;
  json_t *issuers = json_array ();

  for (guint i = 0; callers != NULL && i < callers_count (callers); i++)
    {
      const CallerIssuer *issuer = callers_nth (callers, i);
      json_array_append_new (issuers, json_pack ("{s:s, s:s, s:o}", "name", issuer->name, "issuer",
                                                 issuer->issuer, "scopes",
                                                 wire_texts_json (issuer->scopes)));
    }
  return json_pack ("{s:o, s:I}", "issuers", issuers, "local", (json_int_t) self->local->len);
}

gboolean
bearers_accept (const Bearers *self, const Subject *subject)
{
  const Callers *callers = self->vault->callers;
  const CallerIssuer *issuer;

  if (subject_is_local (subject))
    return bearers_local_of (self, subject->subject) != NULL;
  issuer = callers != NULL ? callers_find (callers, subject->caller) : NULL;
  return issuer != NULL && strcmp (issuer->issuer, subject->issuer) == 0;
}

/* ---- who is there ---- */

static void
watch_over (gpointer data)
{
  BearerWatch *watch = data;

  bearer_watch_clear (watch);
  watch->over (watch->data);
}

void
bearers_watch (Bearers *self, BearerWatch *watch)
{
  gint64 left = MAX (watch->subject->expires_at - bearers_now (), 0);

  watch->bearers = self;
  watch->link = (GList){ .data = watch };
  watch->expiry = (Deadline){ .due = watch_over, .data = watch };
  subject_ref (watch->subject);
  g_queue_push_tail_link (&self->watches, &watch->link);
  loop_deadline_set (self->vault->loop, &watch->expiry, loop_now () + left * G_USEC_PER_SEC);
}

void
bearer_watch_clear (BearerWatch *watch)
{
  if (watch->bearers == NULL)
    return;
  g_queue_unlink (&watch->bearers->watches, &watch->link);
  loop_deadline_clear (watch->bearers->vault->loop, &watch->expiry);
  g_clear_pointer (&watch->subject, subject_unref);
  g_clear_pointer (&watch->relay, secret_free);
  watch->bearers = NULL;
}

/* @other is good for nothing that @asked is not: who has a token for a little does not get what
 * another of the same person's is good for. */
static gboolean
is_no_more (const Subject *other, const Subject *asked)
{
  if (!subject_equal (other, asked))
    return FALSE;
  for (char **scope = other->scopes; *scope != NULL; scope++)
    if (!g_strv_contains ((const char *const *) asked->scopes, *scope))
      return FALSE;
  return TRUE;
}

const Secret *
bearers_relay (const Bearers *self, const Subject *subject)
{
  const BearerWatch *best = NULL;

  for (GList *l = self->watches.head; l != NULL; l = l->next)
    {
      const BearerWatch *watch = l->data;
      if (watch->relay != NULL && is_no_more (watch->subject, subject)
          && watch->subject->expires_at > bearers_now ()
          && (best == NULL || watch->subject->expires_at > best->subject->expires_at))
        best = watch;
    }
  return best != NULL ? best->relay : NULL;
}

/* ---- ends ---- */

static void
end_grants (Bearers *self, BearerMatch match, gconstpointer data)
{
  g_autoptr (GPtrArray) all = grants_list (self->vault->grants);

  for (guint i = 0; i < all->len; i++)
    {
      Grant *grant = g_ptr_array_index (all, i);
      if (grant->holder->kind == PRINCIPAL_SUBJECT && match (grant->holder->subject, data))
        grant_end (grant, "caller_removed");
    }
}

static void
end_connections (Bearers *self, BearerMatch match, gconstpointer data)
{
  g_autoptr (GPtrArray) over = g_ptr_array_new ();

  for (GList *l = self->watches.head; l != NULL; l = l->next)
    if (match (((BearerWatch *) l->data)->subject, data))
      g_ptr_array_add (over, l->data);
  for (guint i = 0; i < over->len; i++)
    watch_over (g_ptr_array_index (over, i));
}

void
bearers_end (Bearers *self, BearerMatch match, gconstpointer data)
{
  requests_end_subjects (self->vault->requests, match, data);
  end_grants (self, match, data);
  end_connections (self, match, data);
}

typedef struct
{
  const Callers *before, *now;
} Change;

static gboolean
is_changed (const Subject *subject, gconstpointer data)
{
  const Change *change = data;
  const CallerIssuer *was, *is;

  if (subject_is_local (subject))
    return FALSE;
  was = change->before != NULL ? callers_find (change->before, subject->caller) : NULL;
  is = callers_find (change->now, subject->caller);
  return was == NULL || is == NULL || strcmp (was->digest, is->digest) != 0;
}

void
bearers_follow (Bearers *self, const Callers *before)
{
  const Change change = { before, self->vault->callers };

  bearers_keys_follow (self);
  bearers_end (self, is_changed, &change);
}
