/* SPDX-License-Identifier: MIT
 *
 * A request and the place of its credential, from whoever asks: made or refused, never both; the
 * target is what was asked for, byte for byte; the credential is where the service says, once; no
 * line has another in it.
 *
 * The input: {"place":PLACE,"method","target","headers"?,"body"?}.
 */
#include "broker/worker/http-outgoing.h"

#include <string.h>

#include "broker/base/wire.h"
#include "tests/fuzz/fuzz.h"

/* No character of it is encoded anywhere, and no input holds it. */
#define CANARY "Canary-0.123_456~789"

static void
start (void)
{
  static gsize once;

  if (!g_once_init_enter (&once))
    return;
  g_assert_true (secret_init (NULL));
  g_once_init_leave (&once, 1);
}

static HttpService *
make_service (json_t *place)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) about
      = json_pack ("{s:s, s:s, s:s, s:i, s:s, s:O}", "name", "s", "scheme", "https", "host",
                   "site.test", "port", 443, "network", "public", "place", place);
  HttpService *service = http_service_new (about, &error);

  g_assert_true ((service == NULL) == (error != NULL));
  return service;
}

static HttpCredential *
make_credential (const HttpPlace *place)
{
  const char *text = place->kind == HTTP_PLACE_AWS                            ? "KEYID:" CANARY
                     : place->kind == HTTP_PLACE_BASIC && place->user == NULL ? "user:" CANARY
                                                                              : CANARY;
  HttpCredential *credential
      = http_credential_new (place, "demo", secret_new_from (text, strlen (text), NULL), NULL);

  g_assert_nonnull (credential);
  return credential;
}

static guint
count_in (const void *text, gsize len)
{
  guint n = 0;

  for (const char *at = text;
       (at = memmem (at, len - (gsize) (at - (const char *) text), CANARY, strlen (CANARY)))
       != NULL;
       at++)
    n++;
  return n;
}

/* As it is sent: lines that end nowhere but at their end, and each a header. */
static guint
check_headers (const struct curl_slist *headers)
{
  guint n = 0;

  for (; headers != NULL; headers = headers->next)
    {
      g_assert_null (strpbrk (headers->data, "\r\n"));
      g_assert_nonnull (strchr (headers->data, ':'));
      n += count_in (headers->data, strlen (headers->data));
    }
  return n;
}

static void
check_target (const HttpPlace *place, const char *asked, const char *sent)
{
  const char *mark = strstr (asked, "{credential}");

  g_assert_null (strpbrk (sent, " \t\r\n#\\"));
  if (place->kind == HTTP_PLACE_QUERY)
    g_assert_true (g_str_has_prefix (sent, asked));
  else if (place->kind == HTTP_PLACE_PATH)
    g_assert_true (mark != NULL && strncmp (sent, asked, (gsize) (mark - asked)) == 0
                   && g_str_has_suffix (sent, mark + strlen ("{credential}")));
  else
    g_assert_cmpstr (sent, ==, asked);
}

static void
check_outgoing (const HttpPlace *place, const HttpAsked *asked, const HttpOutgoing *outgoing)
{
  const char *target = (const char *) secret_peek (outgoing->target);
  guint in_target = count_in (target, strlen (target)),
        in_headers = check_headers (outgoing->headers);
  guint in_body = outgoing->body != NULL ? count_in (outgoing->body, outgoing->body_len) : 0;
  gboolean signs = place->kind == HTTP_PLACE_AWS || place->kind == HTTP_PLACE_HMAC
                   || place->kind == HTTP_PLACE_BASIC /* in base64 */;

  check_target (place, asked->target, target);
  g_assert_cmpuint (in_target, ==,
                    place->kind == HTTP_PLACE_QUERY || place->kind == HTTP_PLACE_PATH);
  g_assert_cmpuint (in_body, ==, place->kind == HTTP_PLACE_FORM);
  g_assert_cmpuint (in_target + in_headers + in_body, ==,
                    place->kind != HTTP_PLACE_NONE && !signs ? 1 : 0);
}

static void
ask (const HttpService *service, const json_t *input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HttpCredential) credential
      = service->place.kind != HTTP_PLACE_NONE ? make_credential (&service->place) : NULL;
  const char *text = wire_string (input, "body");
  g_autoptr (GBytes) body = text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
  const HttpAsked asked = { wire_string (input, "method"), wire_string (input, "target"),
                            json_object_get (input, "headers"), body, 1700000000 };

  if (!http_headers_check (asked.headers, &service->place, NULL))
    return;
  g_autoptr (HttpOutgoing) outgoing = http_outgoing_new (service, credential, &asked, &error);
  g_assert_true ((outgoing == NULL) == (error != NULL));
  if (outgoing != NULL)
    check_outgoing (&service->place, &asked, outgoing);
  else
    g_assert_null (strstr (error->message, CANARY));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const WireField fields[] = { { "place", WIRE_OBJECT, TRUE, 0, 0, "" },
                                      { "method", WIRE_STRING, TRUE, 1, 32, "" },
                                      { "target", WIRE_STRING, TRUE, 1, 0, "" },
                                      { "headers", WIRE_ARRAY, FALSE, 0, 64, "" },
                                      { "body", WIRE_STRING, FALSE, 0, 0, "" } };
  g_autoptr (json_t) input = size > 0 ? wire_parse ((const char *) data, size, FALSE, NULL) : NULL;

  start ();
  if (input == NULL || memmem (data, size, CANARY, strlen (CANARY)) != NULL
      || !wire_check (fields, G_N_ELEMENTS (fields), input, NULL))
    return 0;
  g_autoptr (HttpService) service = make_service (json_object_get (input, "place"));
  if (service != NULL)
    ask (service, input);
  return 0;
}
