/* SPDX-License-Identifier: MIT */
#include "broker/dispatch/http-workers.h"

#include <fcntl.h>
#include <unistd.h>

#include "broker/login/login.h"

typedef struct
{
  HttpWorkers *owner;
  char *key;        /* where it is found; NULL: it takes nothing new */
  char *grant_id;   /* or NULL */
  char *service;    /* its name */
  json_t *about;    /* what the worker is told of it */
  char *credential; /* name of the secret, or NULL */
  Worker *worker;
  gboolean open;  /* it has been given what it needs */
  GPtrArray *all; /* Sending, in their order: waiting and sent */
} HttpWorker;

typedef struct
{
  guint64 ticket;
  HttpWorker *worker;
  json_t *params;
  GBytes *body; /* or NULL */
  int output;
  WorkerAnswer answer; /* NULL: cancelled */
  gpointer data;
  gint64 call; /* 0: not sent yet */
} Sending;

struct _HttpWorkers
{
  Vault *vault;
  GHashTable *by_key;
  GHashTable *all; /* HttpWorker, also those that take nothing new */
  GHashTable *tickets;
  guint64 last;
};

static void
sending_free (gpointer data)
{
  Sending *sending = data;

  g_hash_table_remove (sending->worker->owner->tickets, &sending->ticket);
  g_clear_pointer (&sending->params, json_decref);
  g_clear_pointer (&sending->body, g_bytes_unref);
  if (sending->output >= 0)
    close (sending->output);
  g_free (sending);
}

static void
take_nothing_new (HttpWorker *self)
{
  if (self->key == NULL)
    return;
  g_hash_table_remove (self->owner->by_key, self->key);
  g_clear_pointer (&self->key, g_free);
}

/* Answers nothing. */
static void
http_worker_end (HttpWorker *self)
{
  take_nothing_new (self);
  g_hash_table_remove (self->owner->all, self);
  worker_end (self->worker);
  g_ptr_array_unref (self->all);
  json_decref (self->about);
  g_free (self->grant_id);
  g_free (self->service);
  g_free (self->credential);
  g_free (self);
}

static void
end_if_idle (HttpWorker *self)
{
  if (self->key == NULL && self->all->len == 0)
    http_worker_end (self);
}

static void
finish (Sending *sending, json_t *result, const char *reason, const char *message)
{
  WorkerAnswer answer = sending->answer;
  gpointer data = sending->data;

  g_ptr_array_remove (sending->worker->all, sending);
  if (answer != NULL)
    answer (data, result, reason, message);
}

/* An answer may have ended the grant, and with it the worker. */
static gboolean
is_there (const HttpWorkers *owner, const HttpWorker *worker)
{
  return g_hash_table_contains (owner->all, worker);
}

static void
fail_all (HttpWorker *self, const char *reason, const char *message)
{
  HttpWorkers *owner = self->owner;

  take_nothing_new (self);
  while (is_there (owner, self) && self->all->len > 0)
    finish (g_ptr_array_index (self->all, 0), NULL, reason, message);
  if (is_there (owner, self))
    http_worker_end (self);
}

/* ---- the worker ---- */

static void
on_gone (gpointer user)
{
  fail_all (user, "worker", "the worker that carries requests has ended");
}

static const WorkerEvents events = { NULL, on_gone };

static void
on_answer (gpointer data, json_t *result, const char *reason, const char *message)
{
  Sending *sending = data;
  HttpWorker *self = sending->worker;
  HttpWorkers *owner = self->owner;

  finish (sending, result, reason, message);
  if (is_there (owner, self))
    end_if_idle (self);
}

static void
send_one (Sending *sending)
{
  Worker *worker = sending->worker->worker;

  if (sending->body != NULL && !worker_attach_bytes (worker, "body", sending->body))
    {
      finish (sending, NULL, "busy", "there is no room for the body now; try again");
      return;
    }
  if (sending->output >= 0)
    worker_attach (worker, "output", NULL, g_steal_fd (&sending->output));
  /* To a worker that is just ending it is answered now, and freed. */
  HttpWorkers *owner = sending->worker->owner;
  guint64 ticket = sending->ticket;
  gint64 call
      = worker_call (worker, "request", g_steal_pointer (&sending->params), on_answer, sending);
  if (g_hash_table_contains (owner->tickets, &ticket))
    sending->call = call;
}

static void
on_opened (gpointer data, json_t *result, const char *reason, const char *message)
{
  HttpWorker *self = data;

  if (result == NULL)
    {
      fail_all (self, reason, message);
      return;
    }
  HttpWorkers *owner = self->owner;
  self->open = TRUE;
  for (guint i = 0; is_there (owner, self) && i < self->all->len;)
    {
      Sending *sending = g_ptr_array_index (self->all, i);
      send_one (sending); /* one that cannot be sent is answered, and leaves the list */
      if (is_there (owner, self) && i < self->all->len
          && g_ptr_array_index (self->all, i) == sending)
        i++;
    }
}

static void
open_worker (HttpWorker *self)
{
  json_t *params
      = json_pack ("{s:O, s:s*}", "service", self->about, "credential", self->credential);

  worker_call (self->worker, "open", params, on_opened, self);
}

typedef struct
{
  HttpWorkers *owner;
  HttpWorker *worker; /* compared only: it may have ended */
} Reading;

static void
on_credential (gpointer data, Secret *value, const GError *error)
{
  g_autofree Reading *reading = data;
  g_autoptr (GError) fault = NULL;
  HttpWorker *self = reading->worker;

  if (!is_there (reading->owner, self))
    {
      secret_free (value);
      return;
    }
  if (error == NULL && worker_attach_secret (self->worker, "credential", NULL, value, &fault))
    open_worker (self);
  else
    fail_all (self, error != NULL ? login_error_code (error) : "store",
              error != NULL ? error->message : fault->message);
  secret_free (value);
}

static void
read_credential (HttpWorker *self)
{
  Reading *reading = g_new (Reading, 1);

  *reading = (Reading){ self->owner, self };
  login_read (self->owner->vault, self->credential, on_credential, reading);
}

static HttpWorker *
http_worker_new (HttpWorkers *owner, const HttpSending *sending, const char *key, GError **error)
{
  HttpWorker *self = g_new0 (HttpWorker, 1);

  self->worker = worker_new (owner->vault, WORKER_HTTP, &events, self, error);
  if (self->worker == NULL)
    {
      g_free (self);
      return NULL;
    }
  self->owner = owner;
  self->key = g_strdup (key);
  self->grant_id = g_strdup (sending->grant_id);
  self->service = g_strdup (service_name (sending->service));
  self->credential = g_strdup (service_credential (sending->service));
  self->about = service_worker_json (sending->service);
  self->all = g_ptr_array_new_with_free_func (sending_free);
  g_hash_table_add (owner->all, self);
  if (key != NULL)
    g_hash_table_insert (owner->by_key, self->key, self);
  return self;
}

/* ---- all of them ---- */

HttpWorkers *
http_workers_new (Vault *vault)
{
  HttpWorkers *self = g_new0 (HttpWorkers, 1);

  self->vault = vault;
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  self->all = g_hash_table_new (NULL, NULL);
  self->tickets = g_hash_table_new (g_int64_hash, g_int64_equal);
  return self;
}

static void
end_where (HttpWorkers *self, const char *grant_id)
{
  g_autofree gpointer *all = g_hash_table_get_keys_as_array (self->all, NULL);

  for (gpointer *worker = all; *worker != NULL; worker++)
    if (grant_id == NULL || g_strcmp0 (((HttpWorker *) *worker)->grant_id, grant_id) == 0)
      http_worker_end (*worker);
}

void
http_workers_end (HttpWorkers *self, const char *grant_id)
{
  end_where (self, grant_id);
}

void
http_workers_retire (HttpWorkers *self)
{
  g_autofree gpointer *all = g_hash_table_get_keys_as_array (self->all, NULL);

  for (gpointer *worker = all; *worker != NULL; worker++)
    {
      take_nothing_new (*worker);
      end_if_idle (*worker);
    }
}

void
http_workers_retire_with (HttpWorkers *self, const char *credential)
{
  g_autofree gpointer *all = g_hash_table_get_keys_as_array (self->all, NULL);

  for (gpointer *worker = all; *worker != NULL; worker++)
    if (g_strcmp0 (((HttpWorker *) *worker)->credential, credential) == 0)
      {
        take_nothing_new (*worker);
        end_if_idle (*worker);
      }
}

void
http_workers_free (HttpWorkers *self)
{
  if (self == NULL)
    return;
  end_where (self, NULL);
  g_hash_table_unref (self->by_key);
  g_hash_table_unref (self->all);
  g_hash_table_unref (self->tickets);
  g_free (self);
}

static Sending *
sending_new (HttpWorker *worker, const HttpSending *what, WorkerAnswer answer, gpointer data)
{
  Sending *sending = g_new0 (Sending, 1);

  sending->ticket = ++worker->owner->last;
  sending->worker = worker;
  sending->params = what->params;
  sending->body = what->body != NULL ? g_bytes_new (what->body, what->body_len) : NULL;
  sending->output = what->output >= 0 ? fcntl (what->output, F_DUPFD_CLOEXEC, 3) : -1;
  sending->answer = answer;
  sending->data = data;
  g_ptr_array_add (worker->all, sending);
  g_hash_table_insert (worker->owner->tickets, &sending->ticket, sending);
  return sending;
}

guint64
http_workers_send (HttpWorkers *self, const HttpSending *what, WorkerAnswer answer, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *key = what->grant_id != NULL ? g_strdup_printf ("%s %s", what->grant_id,
                                                                   service_name (what->service))
                                                : NULL;
  HttpWorker *worker = key != NULL ? g_hash_table_lookup (self->by_key, key) : NULL;

  /* It has a token that another is due for. */
  if (worker != NULL && worker->open && worker->credential != NULL
      && login_due (self->vault, worker->credential))
    {
      take_nothing_new (worker);
      end_if_idle (worker);
      worker = NULL;
    }
  gboolean there = worker != NULL;
  if (!there)
    worker = http_worker_new (self, what, key, &error);
  if (worker == NULL)
    {
      json_decref (what->params);
      answer (data, NULL, "worker", error->message);
      return 0;
    }
  Sending *sending = sending_new (worker, what, answer, data);
  guint64 ticket = sending->ticket;
  if (worker->open)
    send_one (sending); /* may be its end */
  else if (!there && worker->credential != NULL)
    read_credential (worker);
  else if (!there)
    open_worker (worker);
  return g_hash_table_contains (self->tickets, &ticket) ? ticket : 0;
}

void
http_workers_cancel (HttpWorkers *self, guint64 ticket)
{
  Sending *sending = g_hash_table_lookup (self->tickets, &ticket);

  if (sending == NULL)
    return;
  HttpWorker *worker = sending->worker;
  sending->answer = NULL;
  if (sending->call != 0)
    {
      worker_cancel (worker->worker, sending->call);
      return;
    }
  g_ptr_array_remove (worker->all, sending); /* and is not sent later */
  end_if_idle (worker);
}
