/* SPDX-License-Identifier: MIT
 *
 * What the lines of a service have to say together.
 *
 * MUST
 *  - let no service through that would send its credential nowhere, twice, or where it is read
 *  - let no line through that has no effect
 */
#include <string.h>

#include "broker/service/service-parse.h"

static gboolean
has (guint lines, ServiceLineKind line)
{
  return (lines & (1u << line)) != 0;
}

static char *
check_there (const Service *service, guint lines, guint *at)
{
  if (service->name == NULL)
    return g_strdup ("an empty file; its first line names the service, as in: service github");
  if (!has (lines, SERVICE_LINE_BASE))
    return g_strdup ("no base; add a line as in: base https://api.example.com");
  if (service->base.scheme == SCHEME_TCP || has (lines, SERVICE_LINE_PLACE))
    return NULL;
  return g_strdup ("no place; say how the credential is sent, as in: place bearer");
}

static char *
check_tcp (const Service *service, guint lines, guint *at)
{
  static const struct
  {
    ServiceLineKind line;
    const char *word;
  } requests[] = {
    { SERVICE_LINE_PLACE, "place" }, { SERVICE_LINE_HEADER, "header" },
    { SERVICE_LINE_SCOPE, "scope" }, { SERVICE_LINE_TEST, "test" },
    { SERVICE_LINE_CA, "ca" },       { SERVICE_LINE_SLASHES, "encoded-slashes" },
  };
  for (gsize i = 0; service->base.scheme == SCHEME_TCP && i < G_N_ELEMENTS (requests); i++)
    if (has (lines, requests[i].line))
      {
        *at = requests[i].line;
        return g_strdup_printf (
            "\"%s\" is about requests, and tcp:// is for commands; take the line out",
            requests[i].word);
      }
  return NULL;
}

static char *
check_base (const Service *service, guint lines, guint *at)
{
  *at = SERVICE_LINE_BASE;
  char *problem = service_base_network_problem (&service->base, service->network);
  if (problem != NULL || service->base.scheme != SCHEME_HTTP || !has (lines, SERVICE_LINE_CA))
    return problem;
  *at = SERVICE_LINE_CA;
  return g_strdup ("http:// knows no certificates; take the line out");
}

static char *
check_mark (const Service *service, guint lines, guint *at)
{
  g_auto (GStrv) parts = g_strsplit (service->base.path, SERVICE_CREDENTIAL_MARK, -1);
  guint marks = *service->base.path == '\0' ? 0 : g_strv_length (parts) - 1;
  gboolean path = service->place.kind == PLACE_PATH;
  *at = path ? SERVICE_LINE_PLACE : SERVICE_LINE_BASE;
  if (path && marks != 1)
    return g_strdup ("\"path\" needs one {credential} in the base, as in "
                     "\"https://api.example.com/bot{credential}\"");
  if (!path && marks != 0)
    return g_strdup ("{credential} in a base needs the line: place path");
  return NULL;
}

static char *
check_credential (const Service *service, guint lines, guint *at)
{
  gboolean sends = service->place.kind != PLACE_NONE;
  *at = sends ? SERVICE_LINE_PLACE : SERVICE_LINE_CREDENTIAL;
  if (service->base.scheme == SCHEME_TCP || sends == (service->credential != NULL))
    return NULL;
  return g_strdup (sends ? "nothing to send; name a secret, as in: credential github-token"
                         : "a credential that \"place none\" never sends; take one of the two out");
}

/* A label as in us-east-1 or us-gov-west-1. */
static gboolean
is_region (const char *label)
{
  gsize len = strlen (label);
  return len > 4 && g_ascii_isdigit (label[len - 1]) && label[len - 2] == '-' && label[2] == '-'
         && g_ascii_isalpha (label[0]) && g_ascii_isalpha (label[1]);
}

/* Amazon refuses a signature for another region, with words that do not say where to look. */
static char *
check_region (const Service *service, guint lines, guint *at)
{
  g_auto (GStrv) labels = g_strsplit (service->base.host, ".", -1);
  *at = SERVICE_LINE_PLACE;
  if (service->place.kind != PLACE_SIGV4
      || !g_str_has_suffix (service->base.host, ".amazonaws.com"))
    return NULL;
  for (guint i = 0; labels[i] != NULL; i++)
    if (is_region (labels[i]) && strcmp (labels[i], service->place.region) != 0)
      return g_strdup_printf (
          "this signs for %s, and the base is in %s; write the same region in both",
          service->place.region, labels[i]);
  return NULL;
}

static char *
check_headers (const Service *service, guint lines, guint *at)
{
  *at = SERVICE_LINE_PLACE;
  for (guint i = 0; i < service->headers->len; i++)
    {
      const ServiceHeader *header = g_ptr_array_index (service->headers, i);
      g_autofree char *problem = service_header_name_problem (&service->place, header->name);
      if (problem != NULL)
        return g_strdup ("the header that carries the credential stands in a header line too; "
                         "take that line out");
    }
  return NULL;
}

/* A worker is told all of it in one line. */
static char *
check_size (const Service *service, guint lines, guint *at)
{
  gsize len = 0;
  g_autoptr (json_t) object = service_worker_json (service);
  g_free (wire_dump (object, &len));
  *at = has (lines, SERVICE_LINE_CA) ? SERVICE_LINE_CA : SERVICE_LINE_HEADER;
  if (len <= SERVICE_MAX_WORKER)
    return NULL;
  return g_strdup ("certificates and headers are more than 60 KiB together; keep those that are "
                   "needed");
}

static char *
check_test (const Service *service, guint lines, guint *at)
{
  g_autoptr (GError) problem = NULL;
  *at = SERVICE_LINE_TEST;
  if (!has (lines, SERVICE_LINE_TEST))
    return NULL;
  ServiceRequest *request = service_test_request (service, &problem);
  if (request == NULL)
    return g_strdup_printf ("this call would be refused: %s", problem->message);
  service_request_free (request);
  return NULL;
}

char *
service_check (const Service *service, guint lines, guint *at)
{
  static char *(*const checks[]) (const Service *, guint, guint *)
      = { check_there,  check_base,    check_tcp,  check_mark, check_credential,
          check_region, check_headers, check_size, check_test };
  char *problem = NULL;
  *at = SERVICE_LINE_SERVICE;
  for (gsize i = 0; problem == NULL && i < G_N_ELEMENTS (checks); i++)
    problem = checks[i](service, lines, at);
  return problem;
}
