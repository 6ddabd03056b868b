/* SPDX-License-Identifier: MIT */
#include "broker/dispatch/exchange.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "broker/login/login.h"
#include "broker/dispatch/worker-process.h"
#include "broker/dispatch/worker-sealed.h"
#include "broker/token/token-needs.h"

#define TIMEOUT_MS 30000 /* for the provider to answer in full */

typedef struct
{
  Exchange *exchange; /* NULL: cancelled meanwhile */
} Asking;

struct _Exchange
{
  Vault *vault;
  json_t *request, *expect;
  char *answer;
  GPtrArray *needs; /* of ProviderNeed */
  guint next;       /* the need that is looked for */
  GHashTable *earlier;
  Asking *asking; /* a source that has not answered; or NULL */
  Deadline begin;
  Worker *worker;
  ExchangeDone done;
  gpointer data;
};

static void
exchange_free (Exchange *self)
{
  if (self->asking != NULL)
    self->asking->exchange = NULL;
  loop_deadline_clear (self->vault->loop, &self->begin);
  worker_end (self->worker);
  json_decref (self->request);
  json_decref (self->expect);
  g_free (self->answer);
  g_ptr_array_unref (self->needs);
  g_clear_pointer (&self->earlier, g_hash_table_unref);
  g_free (self);
}

static void
finish (Exchange *self, ExchangeOutcome *outcome)
{
  ExchangeDone done = self->done;
  gpointer data = self->data;

  exchange_free (self);
  done (data, outcome);
}

static void
fail (Exchange *self, const char *code, const char *message)
{
  ExchangeOutcome outcome = { .code = code, .message = message };

  finish (self, &outcome);
}

/* ---- the answer ---- */

/* What a worker may say that went wrong: nothing that it says itself is passed on as a code. */
static const char *const reasons[] = { "dns",      "refused_address", "connect", "tls", "timeout",
                                       "protocol", "too_large",       "busy",    NULL };
static const char *const codes[] = {
  "rate_limited",  "refused",        "unavailable",   "answer",        "expired",
  "clock",         "slow_down",      "access_denied", "expired_token", "authorization_pending",
  "invalid_grant", "invalid_client", "invalid_scope", "unsupported",   NULL
};

static GHashTable *
read_values (Exchange *self, const json_t *result)
{
  int fd = worker_take_values (self->worker);
  GHashTable *values = worker_sealed_values (fd, json_object_get (result, "values"));

  if (fd >= 0)
    close (fd);
  return values;
}

static const WireField result_fields[] = {
  { "ok", WIRE_BOOLEAN, TRUE, 0, 0, "whether it was given" },
  { "fields", WIRE_OBJECT, FALSE, 0, 0, "what can be shown" },
  { "values", WIRE_STRINGS, FALSE, 0, 16, "names of what cannot" },
  { "values_fd", WIRE_BOOLEAN, FALSE, 0, 0, "a descriptor has them" },
  { "parcel", WIRE_BOOLEAN, FALSE, 0, 0, "it is kept" },
  { "code", WIRE_STRING, FALSE, 1, 64, "why not" },
  { "message", WIRE_STRING, FALSE, 1, 2048, "the same for people" },
  { "retry_after", WIRE_INTEGER, FALSE, 0, G_MAXINT32, "seconds" },
  { "http_status", WIRE_INTEGER, FALSE, 0, 999, "of the answer" },
};

static void
fail_unreadable (Exchange *self)
{
  fail (self, "worker", "what the worker read in the provider's answer could not be taken over");
}

static void
take_refusal (Exchange *self, const json_t *result)
{
  const char *message = wire_string (result, "message");
  ExchangeOutcome outcome = { .code = worker_code (codes, wire_string (result, "code"), "answer"),
                              .message = message != NULL ? message : "the provider refuses",
                              .retry_after = wire_integer (result, "retry_after", 0),
                              .http_status = (long) wire_integer (result, "http_status", 0) };

  finish (self, &outcome);
}

static void
on_answer (gpointer data, json_t *result, const char *reason, const char *message)
{
  Exchange *self = data;

  if (result == NULL)
    {
      fail (self, worker_code (reasons, reason, "worker"), message);
      return;
    }
  if (!wire_check (result_fields, G_N_ELEMENTS (result_fields), result, NULL))
    {
      fail_unreadable (self);
      return;
    }
  if (!json_is_true (json_object_get (result, "ok")))
    {
      take_refusal (self, result);
      return;
    }
  g_autoptr (GHashTable) values = read_values (self, result);
  g_autoptr (json_t) fields = json_incref (json_object_get (result, "fields"));
  ExchangeOutcome outcome = { .ok = TRUE,
                              .fields = fields,
                              .values = values,
                              .http_status = (long) wire_integer (result, "http_status", 0) };
  if (values == NULL || fields == NULL)
    fail_unreadable (self);
  else
    finish (self, &outcome);
}

/* ---- what it needs ---- */

static void look_for_next (Exchange *self);

/* FALSE: it has failed. Takes @value. */
static gboolean
hand_over (Exchange *self, Secret *value)
{
  const ProviderNeed *need = g_ptr_array_index (self->needs, self->next);
  g_autoptr (Secret) taken = value;
  g_autoptr (GError) error = NULL;

  if (worker_attach_secret (self->worker, "secret", need->as, taken, &error))
    return TRUE;
  fail (self, "busy", error->message);
  return FALSE;
}

static void
on_needed (gpointer data, Secret *value, const char *code, const char *message)
{
  g_autofree Asking *asking = data;
  Exchange *self = asking->exchange;

  if (self == NULL)
    {
      secret_free (value);
      return;
    }
  self->asking = NULL;
  if (value == NULL)
    {
      fail (self, code, message);
      return;
    }
  if (!hand_over (self, value))
    return;
  self->next++;
  look_for_next (self);
}

typedef struct
{
  ExchangeNeeded done;
  gpointer data;
  char *name;
} Reading;

static void
on_read (gpointer data, Secret *value, const GError *error)
{
  Reading *reading = data;
  g_autofree char *message = NULL;

  if (g_error_matches (error, STORE_ERROR, STORE_ERROR_NO_SECRET))
    message = g_strdup_printf ("there is no secret %s, which this provider needs; a person stores "
                               "it with `countersign secret set %s`",
                               reading->name, reading->name);
  reading->done (reading->data, value, message != NULL ? "not_configured" : "store",
                 message != NULL ? message
                 : error != NULL ? error->message
                                 : NULL);
  g_free (reading->name);
  g_free (reading);
}

static void
read_stored (Vault *vault, const ProviderNeed *need, ExchangeNeeded done, gpointer data)
{
  Reading *reading = g_new (Reading, 1);

  *reading = (Reading){ done, data, g_strdup (need->name) };
  store_read (vault->store, need->name, on_read, reading);
}

/* NEED_EARLIER is answered from what the exchange was begun with. */
static const ExchangeSource sources[] = {
  [NEED_STORED] = read_stored,
  [NEED_LOGIN] = login_need,
  [NEED_SIGNED] = token_sign_with,
  [NEED_MINTED] = token_mint_claims,
};

static void
take_earlier (Exchange *self, const ProviderNeed *need)
{
  const Secret *found
      = self->earlier != NULL ? g_hash_table_lookup (self->earlier, need->name) : NULL;
  g_autoptr (GError) error = NULL;
  Secret *copy = found != NULL ? secret_copy (found, &error) : NULL;
  Asking *asking = self->asking;

  if (found == NULL)
    on_needed (asking, NULL, "answer", "the provider's answer lacks what the next step needs");
  else
    on_needed (asking, copy, "busy", error != NULL ? error->message : NULL);
}

static void
ask (Exchange *self, const ProviderNeed *need)
{
  ExchangeSource source = need->kind < G_N_ELEMENTS (sources) ? sources[need->kind] : NULL;

  self->asking = g_new (Asking, 1);
  self->asking->exchange = self;
  if (need->kind == NEED_EARLIER)
    take_earlier (self, need);
  else if (source != NULL)
    source (self->vault, need, on_needed, self->asking);
  else
    on_needed (self->asking, NULL, "unsupported",
               "this broker cannot make what the provider needs");
}

static void
look_for_next (Exchange *self)
{
  if (self->next < self->needs->len)
    {
      ask (self, g_ptr_array_index (self->needs, self->next));
      return;
    }
  worker_call (self->worker, "exchange",
               json_pack ("{s:O, s:s, s:O*, s:i}", "request", self->request, "answer", self->answer,
                          "expect", self->expect, "timeout_ms", TIMEOUT_MS),
               on_answer, self);
}

/* ---- beginning ---- */

static void
on_begin (gpointer data)
{
  Exchange *self = data;

  if (self->worker == NULL)
    fail (self, "worker", "the program that speaks with providers cannot be started");
  else
    look_for_next (self);
}

static gboolean
attach_parcel (Exchange *self, const ExchangeParcel *parcel)
{
  int fd = fcntl (parcel->fd, F_DUPFD_CLOEXEC, 3);

  if (fd < 0)
    return FALSE;
  worker_attach (self->worker, "parcel", NULL, fd);
  worker_finishes (self->worker);
  return worker_attach_secret (self->worker, "parcel_key", NULL, parcel->key, NULL);
}

Exchange *
exchange_begin_with (Vault *vault, const ProviderExchange *exchange, GHashTable *earlier,
                     const ExchangeParcel *parcel, ExchangeDone done, gpointer data)
{
  static const WorkerEvents events = { NULL, NULL };
  Exchange *self = g_new0 (Exchange, 1);

  self->vault = vault;
  self->request = json_incref (exchange->request);
  self->expect = json_incref (exchange->expect);
  self->answer = g_strdup (exchange->answer);
  self->needs = exchange->needs != NULL ? g_ptr_array_ref (exchange->needs) : g_ptr_array_new ();
  self->earlier = earlier != NULL ? g_hash_table_ref (earlier) : NULL;
  self->done = done;
  self->data = data;
  self->begin = (Deadline){ .due = on_begin, .data = self };
  self->worker = worker_new (vault, WORKER_HTTP, &events, self, NULL);
  if (self->worker != NULL && parcel != NULL && !attach_parcel (self, parcel))
    {
      worker_end (self->worker); /* what may get lost is not begun */
      self->worker = NULL;
    }
  loop_deadline_set (vault->loop, &self->begin, loop_now ());
  return self;
}

Exchange *
exchange_begin (Vault *vault, const ProviderExchange *exchange, GHashTable *earlier,
                ExchangeDone done, gpointer data)
{
  return exchange_begin_with (vault, exchange, earlier, NULL, done, data);
}

void
exchange_hand_over (Exchange *self, ExchangeDone done, gpointer data)
{
  self->done = done;
  self->data = data;
}

void
exchange_cancel (Exchange *self)
{
  if (self != NULL)
    exchange_free (self);
}
