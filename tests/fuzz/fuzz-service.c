/* SPDX-License-Identifier: MIT
 *
 * Whatever the text: it is a service or an error with its place, never both or neither. A service
 * sends its credential to the host that its base line names and to no other, can be told to a
 * worker in one line, and its test call is one that a scope covers. All that is said about it is
 * one line that shows on a screen as it is.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/service/service.h"
#include "policy/policy-words.h"
#include "tests/fuzz/fuzz.h"

#define CERTIFICATE "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

static void
check_shows (const char *line)
{
  g_assert_true (g_utf8_validate (line, -1, NULL));
  for (; *line != '\0'; line = g_utf8_next_char (line))
    {
      gunichar c = g_utf8_get_char (line);
      g_assert_true (c != '\n' && c != '\t' && !policy_hidden (c));
    }
}

static void
check_worker (const Service *service)
{
  gsize len;
  g_autoptr (json_t) object = service_worker_json (service);
  g_autofree char *line = wire_dump (object, &len);
  g_assert_nonnull (line);
  const char *scheme = wire_string (object, "scheme");
  gint64 port = wire_integer (object, "port", 0);
  g_assert_true (port >= 1 && port <= 65535);
  g_assert_nonnull (wire_string (object, "host"));
  g_assert_true (strcmp (scheme, "http") != 0
                 || strcmp (wire_string (object, "network"), "loopback") == 0);
  g_assert_true (service_is_tcp (service) == (strcmp (scheme, "tcp") == 0));
  g_assert_true (service_is_tcp (service) || len <= SERVICE_MAX_WORKER);
}

static void
check_describe (const Service *service)
{
  g_autoptr (json_t) object = service_describe (service);
  g_autofree char *text = wire_dump (object, NULL);
  g_assert_nonnull (text);
  const char *base = wire_string (object, "base");
  for (const char *p = base; *p != '\0'; p++)
    g_assert_true (*p > ' ' && *p < 0x7f);
  g_assert_true ((service_credential (service) == NULL)
                 == (json_object_get (object, "credential") == NULL));
}

static void
check_test (const Service *service)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) about = service_describe (service);
  g_autoptr (ServiceRequest) request = service_test_request (service, &error);
  g_assert_true ((request == NULL) == (error != NULL));
  g_assert_true ((request == NULL) == (json_object_get (about, "test") == NULL));
  g_assert_true (request == NULL || g_strv_length (request->scopes) > 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  const PolicySource sources[]
      = { { "services.d/fuzz.conf", size == 0 ? "" : (const char *) data, size },
          { "services.d/ca.pem", CERTIFICATE, strlen (CERTIFICATE) } };
  g_autoptr (Services) services = services_parse (sources, G_N_ELEMENTS (sources), &error);

  g_assert_true ((services == NULL) == (error != NULL));
  if (services == NULL)
    {
      g_assert_true (g_str_has_prefix (error->message, "services.d/fuzz.conf:"));
      check_shows (error->message);
      return 0;
    }
  const Service *service = services_find (services, "fuzz");
  g_assert_true (services_count (services) == 1 && service != NULL);
  check_worker (service);
  check_describe (service);
  check_test (service);
  return 0;
}
