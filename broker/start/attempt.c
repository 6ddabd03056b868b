/* SPDX-License-Identifier: MIT */
#include "broker/start/attempt.h"

struct _Attempt
{
  Vault *vault;
  Store *store;
  Secret *passphrase;
  AttemptDone done; /* NULL: forsaken */
  gpointer user;
};

static void
attempt_free (Attempt *self)
{
  store_free (self->store);
  secret_free (self->passphrase);
  g_free (self);
}

/* On the other thread; the store is this attempt's alone. */
static gboolean
try_it (gpointer data, GError **error)
{
  Attempt *self = data;

  return store_unlock (self->store, self->passphrase, error);
}

static void
on_tried (gpointer data, const GError *error)
{
  Attempt *self = data;

  self->vault->attempts--;
  if (self->done != NULL)
    self->done (self->user, error == NULL ? g_steal_pointer (&self->store) : NULL, error);
  attempt_free (self);
}

Attempt *
attempt_begin (Vault *vault, const Places *places, Secret *passphrase, AttemptDone done,
               gpointer user, GError **error)
{
  Attempt *self = g_new0 (Attempt, 1);

  *self = (Attempt){ .vault = vault, .passphrase = passphrase, .done = done, .user = user };
  if (vault->attempts >= ATTEMPTS_MAX)
    g_set_error (error, SECRET_ERROR, SECRET_ERROR_FULL,
                 "%d passphrases wait to be tried already; try again", ATTEMPTS_MAX);
  else
    self->store = store_open (places->store_path, vault->writer, error);
  if (self->store == NULL)
    {
      attempt_free (self);
      return NULL;
    }
  vault->attempts++;
  if (vault->trying == NULL)
    vault->trying = writer_new (NULL);
  writer_push (vault->trying, NULL, try_it, on_tried, self);
  return self;
}

void
attempt_forsake (Attempt *self)
{
  self->done = NULL;
}
