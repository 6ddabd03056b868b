/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-transfer.h"

#include <openssl/x509.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/worker/wiping.h"

#define CONNECT_MS (20 * 1000)

struct _HttpTransfer
{
  gint64 id;
  CURL *easy;
  const HttpService *service;
  const HttpPeer *peer;
  HttpOutgoing *outgoing;
  HttpAnswer *answer; /* NULL: @sink is another's */
  const HttpSink *sink;
  gpointer sink_data;
  struct curl_slist *pinned;
  gboolean refused_address;
  gboolean idempotent, begun;
};

void
http_transfer_init (void)
{
  if (curl_global_init_mem (CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc, strdup,
                            calloc)
      != CURLE_OK)
    g_error ("libcurl does not start");
}

/* --- what libcurl asks and tells --- */

static curl_socket_t
open_socket (void *user, curlsocktype purpose, struct curl_sockaddr *to)
{
  HttpTransfer *self = user;

  if (purpose == CURLSOCKTYPE_IPCXN && http_peer_may_connect (self->peer, &to->addr))
    return socket (to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  self->refused_address = TRUE;
  return CURL_SOCKET_BAD;
}

/* Called again when libcurl would send all anew, because a connection that was kept broke off. What
 * is not safe to repeat (RFC 9110, 9.2.2) may have been carried out: that is for the caller to find
 * out. */
static int
before_request (void *user, char *address, char *own_address, int port, int own_port)
{
  HttpTransfer *self = user;
  gboolean again = self->begun;

  self->begun = TRUE;
  return again && !self->idempotent ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

void
http_transfer_abandon (HttpTransfer *self)
{
  curl_easy_setopt (self->easy, CURLOPT_FORBID_REUSE, 1L);
}

static size_t
go_on (HttpTransfer *self, HttpAnswerVerdict verdict, size_t len)
{
  if (verdict == HTTP_ANSWER_GO_ON)
    return len;
  http_transfer_abandon (self);
  return 0;
}

static size_t
on_header (char *line, size_t size, size_t n, void *user)
{
  HttpTransfer *self = user;

  return go_on (self, self->sink->header (self->sink_data, line, size * n), size * n);
}

static size_t
on_body (char *data, size_t size, size_t n, void *user)
{
  HttpTransfer *self = user;

  return go_on (self, self->sink->body (self->sink_data, data, size * n), size * n);
}

/* --- a request --- */

static void
set_where (HttpTransfer *self)
{
  const HttpService *service = self->service;
  gboolean six = strchr (service->host, ':') != NULL;
  g_autofree char *addresses = http_peer_list (self->peer);
  g_autofree char *pin = g_strdup_printf ("%s:%u:%s", service->host, service->port, addresses);
  g_autofree char *url = g_strdup_printf ("%s://%s%s%s:%u/", service->scheme, six ? "[" : "",
                                          service->host, six ? "]" : "", service->port);

  /* An address of version 6 is not looked up, and cannot be written in a pin. */
  if (!six)
    self->pinned = curl_slist_append (NULL, pin);
  curl_easy_setopt (self->easy, CURLOPT_RESOLVE, self->pinned);
  curl_easy_setopt (self->easy, CURLOPT_URL, url);
  curl_easy_setopt (self->easy, CURLOPT_PROTOCOLS_STR, service->scheme);
  curl_easy_setopt (self->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt (self->easy, CURLOPT_OPENSOCKETDATA, self);
  curl_easy_setopt (self->easy, CURLOPT_PROXY, "");
  curl_easy_setopt (self->easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt (self->easy, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
  /* What a redirect names was matched by no rule and shown to nobody. */
  curl_easy_setopt (self->easy, CURLOPT_FOLLOWLOCATION, 0L);
}

static void
set_trust (HttpTransfer *self)
{
  const char *ca = self->service->ca;
  struct curl_blob blob = { (void *) ca, ca != NULL ? strlen (ca) : 0, CURL_BLOB_NOCOPY };

  curl_easy_setopt (self->easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt (self->easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt (self->easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
  /* The one file suffices, and with it alone libcurl keeps what it has read. */
  curl_easy_setopt (self->easy, CURLOPT_CAPATH, NULL);
  if (ca != NULL)
    curl_easy_setopt (self->easy, CURLOPT_CAINFO_BLOB, &blob);
}

static void
set_limits (HttpTransfer *self, gint64 timeout_ms)
{
  curl_easy_setopt (self->easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (self->easy, CURLOPT_TIMEOUT_MS, (long) timeout_ms);
  curl_easy_setopt (self->easy, CURLOPT_CONNECTTIMEOUT_MS, (long) MIN (timeout_ms, CONNECT_MS));
  curl_easy_setopt (self->easy, CURLOPT_HTTP09_ALLOWED, 0L);
}

static gboolean
is_idempotent (const char *method)
{
  static const char *const words[] = { "GET", "HEAD", "OPTIONS", "PUT", "DELETE", NULL };

  return g_strv_contains (words, method);
}

static void
set_request (HttpTransfer *self, const char *method)
{
  const HttpOutgoing *outgoing = self->outgoing;
  gboolean takes_body = strcmp (method, "POST") == 0 || strcmp (method, "PUT") == 0
                        || strcmp (method, "PATCH") == 0;

  if (strcmp (method, "HEAD") == 0)
    curl_easy_setopt (self->easy, CURLOPT_NOBODY, 1L);
  else if (outgoing->body != NULL || takes_body)
    {
      curl_easy_setopt (self->easy, CURLOPT_POST, 1L);
      curl_easy_setopt (self->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) outgoing->body_len);
      curl_easy_setopt (self->easy, CURLOPT_POSTFIELDS,
                        outgoing->body != NULL ? (const char *) outgoing->body : "");
    }
  self->idempotent = is_idempotent (method);
  curl_easy_setopt (self->easy, CURLOPT_PREREQFUNCTION, before_request);
  curl_easy_setopt (self->easy, CURLOPT_PREREQDATA, self);
  curl_easy_setopt (self->easy, CURLOPT_CUSTOMREQUEST, method);
  /* In place of what libcurl would make of a URL. */
  curl_easy_setopt (self->easy, CURLOPT_REQUEST_TARGET, secret_peek (outgoing->target));
  curl_easy_setopt (self->easy, CURLOPT_HTTPHEADER, outgoing->headers);
  curl_easy_setopt (self->easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
}

HttpTransfer *
http_transfer_new_to (gint64 id, const HttpService *service, const HttpPeer *peer,
                      const char *method, HttpOutgoing *outgoing, const HttpSink *sink,
                      gpointer sink_data, gint64 timeout_ms)
{
  HttpTransfer *self = g_new0 (HttpTransfer, 1);

  self->id = id;
  self->service = service;
  self->peer = peer;
  self->outgoing = outgoing;
  self->sink = sink;
  self->sink_data = sink_data;
  self->easy = curl_easy_init ();
  set_where (self);
  set_trust (self);
  set_limits (self, timeout_ms);
  set_request (self, method);
  curl_easy_setopt (self->easy, CURLOPT_PRIVATE, self);
  curl_easy_setopt (self->easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt (self->easy, CURLOPT_HEADERDATA, self);
  curl_easy_setopt (self->easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt (self->easy, CURLOPT_WRITEDATA, self);
  return self;
}

static HttpAnswerVerdict
answer_header (gpointer answer, const char *line, gsize len)
{
  return http_answer_header (answer, line, len);
}

static HttpAnswerVerdict
answer_body (gpointer answer, const char *data, gsize len)
{
  return http_answer_body (answer, data, len);
}

HttpTransfer *
http_transfer_new (gint64 id, const HttpService *service, const HttpPeer *peer, const char *method,
                   HttpOutgoing *outgoing, HttpAnswer *answer, gint64 timeout_ms)
{
  static const HttpSink sink = { answer_header, answer_body };
  HttpTransfer *self
      = http_transfer_new_to (id, service, peer, method, outgoing, &sink, answer, timeout_ms);

  self->answer = answer;
  return self;
}

void
http_transfer_free (HttpTransfer *self)
{
  if (self == NULL)
    return;
  curl_easy_cleanup (self->easy);
  curl_slist_free_all (self->pinned);
  http_outgoing_free (self->outgoing);
  http_answer_free (self->answer);
  g_free (self);
}

gint64
http_transfer_id (const HttpTransfer *self)
{
  return self->id;
}

CURL *
http_transfer_handle (const HttpTransfer *self)
{
  return self->easy;
}

HttpTransfer *
http_transfer_of (CURL *handle)
{
  char *self = NULL;

  curl_easy_getinfo (handle, CURLINFO_PRIVATE, &self);
  return (HttpTransfer *) (gpointer) self;
}

/* --- how it ended --- */

static json_t *
result_of (HttpTransfer *self, gboolean whole)
{
  curl_off_t elapsed = 0;
  long status = 0;

  curl_easy_getinfo (self->easy, CURLINFO_TOTAL_TIME_T, &elapsed);
  curl_easy_getinfo (self->easy, CURLINFO_RESPONSE_CODE, &status);
  return http_answer_result (self->answer, status, elapsed / 1000, whole);
}

static char *
describe_tls (HttpTransfer *self, CURLcode code)
{
  long verified = X509_V_OK;

  curl_easy_getinfo (self->easy, CURLINFO_SSL_VERIFYRESULT, &verified);
  return g_strdup_printf (
      "%s does not prove that it is %s: %s%s", self->service->host, self->service->host,
      verified != X509_V_OK ? X509_verify_cert_error_string (verified) : curl_easy_strerror (code),
      self->service->ca != NULL ? "; by its file its own \"ca\" alone is trusted" : "");
}

typedef struct
{
  CURLcode code;
  const char *reason;
  const char *words; /* %s: the host; NULL: libcurl's own for the code */
} Failure;

static const Failure failures[] = {
  { CURLE_COULDNT_RESOLVE_HOST, "dns", "%s has no address" },
  { CURLE_COULDNT_CONNECT, "connect", "%s does not take the connection" },
  { CURLE_OPERATION_TIMEDOUT, "timeout", "%s has not answered in full within the time limit" },
  { CURLE_GOT_NOTHING, "protocol", "%s ended the connection without an answer" },
  { CURLE_ABORTED_BY_CALLBACK, "protocol",
    "%s ended the connection without an answer, and may have done what was asked; look before you "
    "ask again" },
  { CURLE_PARTIAL_FILE, "protocol", "the answer of %s broke off" },
  { CURLE_RECV_ERROR, "protocol", "the connection to %s broke off" },
  { CURLE_SEND_ERROR, "protocol", "the connection to %s broke off" },
  { CURLE_BAD_CONTENT_ENCODING, "protocol",
    "the answer of %s is compressed in a way that cannot be undone, so it cannot be looked "
    "through" },
  { CURLE_UNSUPPORTED_PROTOCOL, "protocol", "%s does not speak HTTP" },
  { CURLE_WEIRD_SERVER_REPLY, "protocol", "%s does not speak HTTP" },
};

static gboolean
is_tls (CURLcode code)
{
  return code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION
         || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CIPHER
         || code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_INVALIDCERTSTATUS;
}

static char *
describe (HttpTransfer *self, CURLcode code, const char **reason)
{
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    if (failures[i].code == code)
      {
        g_auto (GStrv) parts = g_strsplit (failures[i].words, "%s", 2);
        *reason = failures[i].reason;
        return g_strjoinv (self->service->host, parts);
      }
  *reason = "protocol";
  return g_strdup_printf ("the answer of %s cannot be used: %s", self->service->host,
                          curl_easy_strerror (code));
}

static json_t *
stopped (HttpTransfer *self, const char **reason, char **message)
{
  if (http_answer_end (self->answer) == HTTP_ANSWER_ENOUGH)
    return result_of (self, FALSE);
  *reason = http_answer_end (self->answer) == HTTP_ANSWER_HEADERS ? "too_large" : "output";
  *message = http_answer_end (self->answer) == HTTP_ANSWER_HEADERS
                 ? g_strdup_printf ("%s answers with more than %d KiB of headers",
                                    self->service->host, HTTP_ANSWER_HEADERS_MAX / 1024)
                 : g_strdup ("the answer could not be written into the file");
  return NULL;
}

void
http_transfer_fault (HttpTransfer *self, CURLcode code, const char **reason, char **message)
{
  if (self->refused_address)
    {
      *reason = "refused_address";
      *message = g_strdup_printf ("%s is not where its file says that it is", self->service->host);
    }
  else if (is_tls (code))
    {
      *reason = "tls";
      *message = describe_tls (self, code);
    }
  else
    *message = describe (self, code, reason);
}

json_t *
http_transfer_finish (HttpTransfer *self, CURLcode code, const char **reason, char **message)
{
  json_t *result = NULL;

  if (http_answer_end (self->answer) != HTTP_ANSWER_WELL)
    return stopped (self, reason, message);
  if (code == CURLE_OK)
    {
      result = result_of (self, TRUE);
      return result != NULL ? result : stopped (self, reason, message);
    }
  http_transfer_fault (self, code, reason, message);
  return NULL;
}
