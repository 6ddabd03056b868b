/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-exchange.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/parcel.h"
#include "broker/provider/provider-module.h"
#include "broker/worker/http-exchange-request.h"
#include "broker/worker/http-reply.h"

#define TIMEOUT_MAX 60000
#define SECRET_ONE_MAX (256 * 1024)
#define VALUES_MAX (256 * 1024) /* of one answer */

struct _HttpExchange
{
  WorkerLink *link;
  gint64 id;
  char *reader;
  json_t *expect;
  HttpExchangeRequest *request;
  HttpPeer *peer;
  HttpTransfer *transfer; /* NULL: not begun, or ended */
  HttpReply *reply;
  int parcel; /* or -1 */
  Secret *parcel_key;
  gint64 deadline; /* in µs */
  gboolean looked_up, answered;
};

const WireField http_exchange_fields[HTTP_EXCHANGE_N_FIELDS] = {
  { "request", WIRE_OBJECT, TRUE, 0, 0, "what is sent" },
  { "answer", WIRE_STRING, TRUE, 1, 64, "who reads the answer" },
  { "expect", WIRE_OBJECT, FALSE, 0, 0, "what the reader compares with" },
  { "timeout_ms", WIRE_INTEGER, TRUE, 1, TIMEOUT_MAX, "milliseconds until all has come" },
};

void
http_exchange_free (HttpExchange *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->transfer, http_transfer_free);
  g_clear_pointer (&self->reply, http_reply_free);
  g_clear_pointer (&self->peer, http_peer_free);
  g_clear_pointer (&self->request, http_exchange_request_free);
  if (self->parcel >= 0)
    close (self->parcel);
  secret_free (self->parcel_key);
  json_decref (self->expect);
  g_free (self->reader);
  g_free (self);
}

/* ---- beginning ---- */

static GHashTable *
take_secrets (WorkerLink *link, GError **error)
{
  g_autoptr (GHashTable) secrets
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) secret_free);
  char *name = NULL;
  int fd;

  while ((fd = worker_link_take (link, "secret", &name)) >= 0)
    {
      Secret *value = secret_read_memfd (fd, SECRET_ONE_MAX, error);
      close (fd);
      if (value == NULL)
        {
          g_free (name);
          return NULL;
        }
      g_hash_table_insert (secrets, name != NULL ? name : g_strdup (""), value);
      name = NULL;
    }
  return g_steal_pointer (&secrets);
}

static gboolean
take_parcel (HttpExchange *self, GError **error)
{
  int fd = worker_link_take (self->link, "parcel_key", NULL);

  self->parcel = worker_link_take (self->link, "parcel", NULL);
  if (fd >= 0)
    {
      self->parcel_key = secret_read_memfd (fd, CRYPT_KEY_LEN, error);
      close (fd);
    }
  if (error != NULL && *error != NULL)
    return FALSE;
  if ((self->parcel >= 0) == (self->parcel_key != NULL))
    return TRUE;
  g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD, "parcel: goes with its key");
  return FALSE;
}

static gboolean
begin (HttpExchange *self, const json_t *params, GError **error)
{
  g_autoptr (GHashTable) secrets = take_secrets (self->link, error);

  if (secrets == NULL || !take_parcel (self, error))
    return FALSE;
  if (!provider_reader_exists (self->reader))
    {
      g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "answer: %s is no reader", self->reader);
      return FALSE;
    }
  self->request = http_exchange_request_new (json_object_get (params, "request"), secrets,
                                             g_get_real_time () / G_USEC_PER_SEC, error);
  if (self->request == NULL)
    return FALSE;
  const HttpService *service = self->request->service;
  self->peer = http_peer_new (service->host, service->port, service->network);
  if (self->parcel >= 0)
    signal (SIGTERM, SIG_IGN); /* the service manager's, when the broker is stopped */
  return TRUE;
}

HttpExchange *
http_exchange_new (WorkerLink *link, gint64 id, const json_t *params, GError **error)
{
  HttpExchange *self = g_new0 (HttpExchange, 1);
  g_autoptr (GError) fault = NULL;

  self->link = link;
  self->id = id;
  self->reader = g_strdup (wire_string (params, "answer"));
  self->expect = json_incref (json_object_get (params, "expect"));
  self->parcel = -1;
  self->deadline = g_get_monotonic_time () + wire_integer (params, "timeout_ms", 0) * 1000;
  if (begin (self, params, &fault))
    return self;
  g_propagate_error (error, g_steal_pointer (&fault));
  http_exchange_free (self);
  return NULL;
}

/* ---- telling ---- */

static void
refuse (HttpExchange *self, const char *reason, const char *message)
{
  self->answered = TRUE;
  worker_link_refuse (self->link, self->id, reason, message);
}

static void
tell_refusal (HttpExchange *self, long status, const char *code, const char *message,
              gint64 retry_after)
{
  json_t *result = json_pack ("{s:b, s:s, s:s, s:I}", "ok", FALSE, "code", code, "message", message,
                              "http_status", (json_int_t) status);

  if (retry_after > 0)
    json_object_set_new (result, "retry_after", json_integer (retry_after));
  self->answered = TRUE;
  worker_link_answer (self->link, self->id, result);
}

typedef struct
{
  GPtrArray *names;  /* borrowed */
  GPtrArray *values; /* of Secret */
  Secret *joined;    /* as they are sent; NULL: there are none */
} Values;

static void
values_clear (Values *self)
{
  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->values);
  secret_free (self->joined);
}

static guint8 *
put_value (guint8 *out, const Secret *value)
{
  guint32 length = GUINT32_TO_BE ((guint32) secret_len (value));

  memcpy (out, &length, sizeof length);
  memcpy (out + sizeof length, secret_peek (value), secret_len (value));
  return out + sizeof length + secret_len (value);
}

static gboolean
values_fill (Values *self, const ProviderRead *read, GError **error)
{
  gsize total = 0;

  for (guint i = 0; i < read->values->len; i++)
    {
      const ProviderValue *value = g_ptr_array_index (read->values, i);
      Secret *kept = secret_new_from (value->bytes, value->len, error);
      if (kept == NULL)
        return FALSE;
      g_ptr_array_add (self->names, value->name);
      g_ptr_array_add (self->values, kept);
      total += sizeof (guint32) + value->len;
    }
  if (total == 0)
    return TRUE;
  self->joined = secret_new (total, error);
  guint8 *out = self->joined != NULL ? secret_data (self->joined) : NULL;
  for (guint i = 0; out != NULL && i < self->values->len; i++)
    out = put_value (out, g_ptr_array_index (self->values, i));
  return out != NULL;
}

/* FALSE: it is not on the disk, and the broker had better take what it is told. */
static gboolean
keep (HttpExchange *self, const ProviderRead *read, const Values *values)
{
  g_autoptr (GBytes) sealed
      = parcel_seal (self->parcel_key, read->fields, values->names, values->values, NULL);
  gsize len = 0;
  const guint8 *bytes = sealed != NULL ? g_bytes_get_data (sealed, &len) : NULL;

  for (gsize done = 0; done < len;)
    {
      gssize n = write (self->parcel, bytes + done, len - done);
      if (n <= 0)
        return FALSE;
      done += (gsize) n;
    }
  return len > 0 && fdatasync (self->parcel) == 0;
}

static void
send_values (HttpExchange *self, json_t *result, const Values *values)
{
  g_autoptr (GError) error = NULL;
  json_t *names = json_array ();

  for (guint i = 0; i < values->names->len; i++)
    json_array_append_new (names, json_string (g_ptr_array_index (values->names, i)));
  json_object_set_new (result, "values", names);
  int fd = values->joined != NULL ? secret_to_memfd (values->joined, &error) : -1;
  if (error != NULL)
    {
      json_decref (result);
      refuse (self, "busy", error->message);
      return;
    }
  if (fd >= 0)
    json_object_set_new (result, "values_fd", json_true ());
  self->answered = TRUE;
  worker_link_answer_with (self->link, self->id, result, fd);
  if (fd >= 0)
    close (fd);
}

static void
tell (HttpExchange *self, long status, const ProviderRead *read)
{
  g_autoptr (GError) error = NULL;
  Values values
      = { g_ptr_array_new (), g_ptr_array_new_with_free_func ((GDestroyNotify) secret_free), NULL };
  gboolean filled = values_fill (&values, read, &error);
  json_t *result = json_pack ("{s:b, s:O, s:I}", "ok", TRUE, "fields", read->fields, "http_status",
                              (json_int_t) status);

  if (filled && self->parcel >= 0)
    json_object_set_new (result, "parcel", json_boolean (keep (self, read, &values)));
  if (filled)
    send_values (self, result, &values);
  else
    {
      json_decref (result);
      refuse (self, "busy", error->message);
    }
  values_clear (&values);
}

/* ---- its course ---- */

int
http_exchange_fd (const HttpExchange *self)
{
  return self->looked_up ? -1 : http_peer_fd (self->peer);
}

HttpTransfer *
http_exchange_turn (HttpExchange *self)
{
  g_autoptr (GError) error = NULL;
  HttpExchangeRequest *request = self->request;
  gint64 left = MAX (1, (self->deadline - g_get_monotonic_time ()) / 1000);

  self->looked_up = TRUE;
  if (!http_peer_finish (self->peer, &error))
    {
      refuse (self, error->code == HTTP_PEER_ERROR_DNS ? "dns" : "refused_address", error->message);
      return NULL;
    }
  self->reply = http_reply_new (PROVIDER_MAX_ANSWER);
  self->transfer = http_transfer_new_to (self->id, request->service, self->peer, request->method,
                                         g_steal_pointer (&request->outgoing), &http_reply_sink,
                                         self->reply, left);
  return self->transfer;
}

HttpTransfer *
http_exchange_transfer (const HttpExchange *self)
{
  return self->transfer;
}

static gsize
size_of_values (const ProviderRead *read)
{
  gsize total = 0;

  for (guint i = 0; i < read->values->len; i++)
    total += ((const ProviderValue *) g_ptr_array_index (read->values, i))->len;
  return total;
}

static void
read_reply (HttpExchange *self, long status)
{
  gsize len;
  const char *body = http_reply_body (self->reply, &len);
  const ProviderReply reply = { .status = status,
                                .content_type = http_reply_header (self->reply, "content-type"),
                                .retry_after = http_reply_header (self->reply, "retry-after"),
                                .date = http_reply_header (self->reply, "date"),
                                .cache_control = http_reply_header (self->reply, "cache-control"),
                                .body = body,
                                .len = len,
                                .now = g_get_real_time () / G_USEC_PER_SEC,
                                .expect = self->expect };
  g_autoptr (ProviderRead) read = provider_read (self->reader, &reply);

  if (!read->ok)
    tell_refusal (self, status, read->code, read->message, read->retry_after);
  else if (size_of_values (read) > VALUES_MAX)
    tell_refusal (self, status, "answer", "the provider's answer is larger than any is", 0);
  else
    tell (self, status, read);
}

void
http_exchange_end (HttpExchange *self, CURLcode code)
{
  const char *reason = NULL;
  g_autofree char *message = NULL;
  const char *host = self->request->service->host;
  long status = 0;

  curl_easy_getinfo (http_transfer_handle (self->transfer), CURLINFO_RESPONSE_CODE, &status);
  if (http_reply_is_over (self->reply))
    {
      message = g_strdup_printf ("%s answers with more than is read: no answer of a provider is "
                                 "that long; look at its address in the provider's file",
                                 host);
      tell_refusal (self, status, "answer", message, 0);
    }
  else if (code == CURLE_OK)
    read_reply (self, status);
  else
    {
      http_transfer_fault (self->transfer, code, &reason, &message);
      refuse (self, reason, message);
    }
  g_clear_pointer (&self->transfer, http_transfer_free);
}

int
http_exchange_due (const HttpExchange *self)
{
  gint64 left = self->deadline - g_get_monotonic_time ();

  return self->answered ? -1 : (int) (MAX (left, 0) / 1000) + 1;
}

HttpTransfer *
http_exchange_expire (HttpExchange *self)
{
  if (self->answered || g_get_monotonic_time () < self->deadline)
    return NULL;
  g_autofree char *message = g_strdup_printf ("%s has not answered in full within the time limit",
                                              self->request->service->host);
  refuse (self, "timeout", message);
  self->looked_up = TRUE;
  return g_steal_pointer (&self->transfer);
}

gboolean
http_exchange_must_finish (const HttpExchange *self)
{
  return self->parcel >= 0 && !self->answered;
}
