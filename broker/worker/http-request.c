/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-request.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BODY_MAX (256 * 1024)
#define BODY_TEXT_MAX (48 * 1024) /* in a line */
#define BYTES_MAX (1024 * 1024)
#define HEADERS_MAX 64
#define TIMEOUT_MAX (600 * 1000)

const WireField http_request_fields[HTTP_REQUEST_N_FIELDS] = {
  { "method", WIRE_STRING, TRUE, 1, 32, "the method" },
  { "target", WIRE_STRING, TRUE, 1, 32 * 1024, "path and query, as they are sent" },
  { "headers", WIRE_ARRAY, FALSE, 0, HEADERS_MAX, "pairs of name and value" },
  { "body", WIRE_STRING, FALSE, 0, BODY_TEXT_MAX, "the body; a larger one is attached" },
  { "timeout_ms", WIRE_INTEGER, TRUE, 1, TIMEOUT_MAX, "milliseconds until all has come" },
  { "max_bytes", WIRE_INTEGER, TRUE, 0, BYTES_MAX, "of the body are told" },
};
static GBytes *
read_body (WorkerLink *link, const json_t *params, GError **error)
{
  const char *text = wire_string (params, "body");
  int fd = worker_link_take (link, "body", NULL);

  if (fd < 0)
    return text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
  g_autoptr (Secret) body = text == NULL ? secret_read_memfd (fd, BODY_MAX, error) : NULL;
  close (fd);
  if (text != NULL)
    g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD, "body: is there twice");
  return body != NULL ? g_bytes_new (secret_peek (body), secret_len (body)) : NULL;
}

static int
take_output (WorkerLink *link, GError **error)
{
  int fd = worker_link_take (link, "output", NULL);
  struct stat st;

  if (fd < 0 || (fstat (fd, &st) == 0 && S_ISREG (st.st_mode)))
    return fd;
  close (fd);
  g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD, "output: is no ordinary file");
  return -1;
}

static HttpOutgoing *
make_outgoing (const HttpSession *self, WorkerLink *link, const json_t *params, GError **error)
{
  const HttpAsked base = { .method = wire_string (params, "method"),
                           .target = wire_string (params, "target"),
                           .headers = json_object_get (params, "headers"),
                           .time = g_get_real_time () / G_USEC_PER_SEC };
  g_autoptr (GError) failed = NULL;
  g_autoptr (GBytes) body = read_body (link, params, &failed);
  HttpAsked asked = base;

  if (failed != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return NULL;
    }
  asked.body = body;
  if (!http_headers_check (asked.headers, &self->service->place, error))
    return NULL;
  return http_outgoing_new (self->service, self->credential, &asked, error);
}

HttpTransfer *
http_request_new (const HttpSession *self, WorkerLink *link, gint64 id, const json_t *params,
                  GError **error)
{
  g_autoptr (HttpOutgoing) outgoing = make_outgoing (self, link, params, error);
  g_autoptr (Redactor) redactor
      = outgoing != NULL ? http_credential_redactor (self->credential, outgoing->signature, error)
                         : NULL;
  g_autoptr (GError) failed = NULL;

  if (redactor == NULL)
    return NULL;
  int output = take_output (link, &failed);
  if (failed != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return NULL;
    }
  HttpAnswer *answer = http_answer_new (g_steal_pointer (&redactor),
                                        (gsize) wire_integer (params, "max_bytes", 0), output);
  return http_transfer_new (id, self->service, self->peer, wire_string (params, "method"),
                            g_steal_pointer (&outgoing), answer,
                            wire_integer (params, "timeout_ms", 0));
}
