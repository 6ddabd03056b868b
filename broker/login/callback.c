/* SPDX-License-Identifier: MIT */
#include "broker/login/callback.h"

#include <unistd.h>

#include "broker/dispatch/worker-sealed.h"

struct _Callback
{
  Worker *worker;
  const CallbackEvents *events;
  gpointer data;
  gint64 timeout;
};

static const char *
code_of (const char *word)
{
  static const char *const known[]
      = { "port", "timeout", "access_denied", "invalid_scope", "unavailable", "unsupported" };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_strcmp0 (known[i], word) == 0)
      return known[i];
  return word != NULL ? "refused" : "worker";
}

static const char *
words_for (const char *code)
{
  static const struct
  {
    const char *code, *message;
  } words[] = {
    { "access_denied", "the person refused it at the provider, or may not grant it" },
    { "invalid_scope", "the provider does not know one of the scopes, or not for this client" },
    { "unavailable", "the provider cannot now; try again later" },
    { "unsupported", "the provider does not let this client log in so; see how it is registered" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i].code, code))
      return words[i].message;
  return "the provider refused the login; see how the client is registered there";
}

static GHashTable *
take_values (Callback *self, const json_t *result)
{
  int fd = worker_take_values (self->worker);
  GHashTable *values = worker_sealed_values (fd, json_object_get (result, "values"));

  if (fd >= 0)
    close (fd);
  return values;
}

static void
on_returned (gpointer data, json_t *result, const char *reason, const char *message)
{
  Callback *self = data;

  if (result == NULL)
    {
      self->events->failed (self->data, code_of (reason), message);
      return;
    }
  g_autoptr (GHashTable) values = take_values (self, result);
  const Secret *value = values != NULL ? g_hash_table_lookup (values, "code") : NULL;
  const char *code = wire_string (result, "code");

  if (g_strcmp0 (wire_string (result, "outcome"), "code") == 0 && value != NULL)
    self->events->code (self->data, value);
  else
    {
      code = code_of (code != NULL ? code : "refused");
      self->events->failed (self->data, code, words_for (code));
    }
}

static void
on_listening (gpointer data, json_t *result, const char *reason, const char *message)
{
  Callback *self = data;
  gint64 port = wire_integer (result, "port", 0);

  if (result == NULL || port <= 0 || port > G_MAXUINT16)
    {
      self->events->failed (self->data, result == NULL ? code_of (reason) : "worker",
                            result == NULL ? message : "the worker does not say where it listens");
      return;
    }
  worker_call (self->worker, "callback",
               json_pack ("{s:I}", "timeout_ms", (json_int_t) self->timeout * 1000), on_returned,
               self);
  self->events->listening (self->data, (guint) port);
}

Callback *
callback_begin (Vault *vault, const CallbackAsk *ask, const CallbackEvents *events, gpointer data,
                GError **error)
{
  static const WorkerEvents none = { NULL, NULL };
  Callback *self = g_new0 (Callback, 1);

  self->events = events;
  self->data = data;
  self->timeout = ask->timeout;
  self->worker = worker_new (vault, WORKER_HTTP, &none, self, error);
  if (self->worker == NULL)
    {
      g_free (self);
      return NULL;
    }
  worker_call (self->worker, "listen",
               json_pack ("{s:i, s:s, s:s, s:s*, s:b, s:s}", "port", (int) ask->port, "path",
                          ask->path, "state", ask->state, "issuer", ask->issuer, "issuer_required",
                          ask->issuer_required, "title", ask->title),
               on_listening, self);
  return self;
}

void
callback_end (Callback *self)
{
  if (self == NULL)
    return;
  worker_end (self->worker);
  g_free (self);
}
