/* SPDX-License-Identifier: MIT
 *
 * One services.d/NAME.conf.
 *
 * MUST
 *  - refuse a line it does not know: a misspelt limit that is skipped is no limit
 *  - refuse a line that stands twice where one of the two would be lost
 */
#include "broker/service/service-parse.h"

#include <string.h>

#include "broker/base/text.h"
#include "policy/policy-words.h"

typedef struct
{
  ServiceLine line;
  const PolicySource *sources;
  gsize n_sources;
  Service *service;
  struct
  {
    guint line, column;
  } seen[16]; /* by directive; line 0: not yet */
} Parse;

typedef gboolean (*Directive) (Parse *parse, GError **error);

static gboolean
parse_service (Parse *parse, GError **error)
{
  g_autoptr (GError) problem = NULL;
  const char *name = service_line_take (&parse->line, "the service's name", error);
  if (name == NULL)
    return FALSE;
  if (!text_check_segment (name, &problem))
    return service_line_fail_taken (&parse->line, error, "a service's name %s", problem->message);
  g_autofree char *file = g_strconcat (SERVICE_FOLDER, name, ".conf", NULL);
  if (strcmp (file, parse->line.lexer.source->name) != 0)
    return service_line_fail_taken (&parse->line, error,
                                    "the service is named as its file is; rename one of the two");
  parse->service->name = g_strdup (name);
  return TRUE;
}

static gboolean
parse_base (Parse *parse, GError **error)
{
  const char *text
      = service_line_take (&parse->line, "a URL, as in https://api.example.com", error);
  if (text == NULL)
    return FALSE;
  g_autofree char *problem = service_base_parse (text, &parse->service->base);
  return problem == NULL || service_line_fail_taken (&parse->line, error, "%s", problem);
}

static gboolean
parse_credential (Parse *parse, GError **error)
{
  g_autoptr (GError) problem = NULL;
  const char *name = service_line_take (&parse->line, "a secret's name, as in github-token", error);
  if (name == NULL)
    return FALSE;
  if (!text_check_name (name, &problem))
    return service_line_fail_taken (&parse->line, error, "a secret's name %s", problem->message);
  parse->service->credential = g_strdup (name);
  return TRUE;
}

static gboolean
parse_place (Parse *parse, GError **error)
{
  return service_parse_place (&parse->line, parse->service, error);
}

static gboolean
parse_scope (Parse *parse, GError **error)
{
  return service_parse_scope (&parse->line, parse->service, error);
}

static gboolean
parse_test (Parse *parse, GError **error)
{
  return service_parse_test (&parse->line, parse->service, error);
}

static gboolean
parse_network (Parse *parse, GError **error)
{
  int network = service_line_take_of (&parse->line, "network", service_network_words, error);
  parse->service->network = (ServiceNetwork) MAX (network, 0);
  return network >= 0;
}

static gboolean
parse_slashes (Parse *parse, GError **error)
{
  static const char *const words[] = { "refuse", "allow", NULL };
  int word = service_line_take_of (&parse->line, "treatment of %2F", words, error);
  parse->service->encoded_slashes = word == 1;
  return word >= 0;
}

static const ServiceHeader *
find_header (const Service *service, const char *name)
{
  for (guint i = 0; i < service->headers->len; i++)
    {
      const ServiceHeader *header = g_ptr_array_index (service->headers, i);
      if (g_ascii_strcasecmp (header->name, name) == 0)
        return header;
    }
  return NULL;
}

static gboolean
parse_header (Parse *parse, GError **error)
{
  Service *service = parse->service;
  const char *name = service_line_take (&parse->line, "a header's name", error);
  if (name == NULL)
    return FALSE;
  g_autofree char *problem = service_header_name_problem (NULL, name);
  if (problem == NULL && find_header (service, name) != NULL)
    problem = g_strdup ("this header stands twice; keep one");
  if (problem == NULL && service->headers->len == SERVICE_MAX_HEADERS)
    problem = g_strdup_printf ("more than %d headers", SERVICE_MAX_HEADERS);
  if (problem != NULL)
    return service_line_fail_taken (&parse->line, error, "%s", problem);
  const char *value = service_line_take (&parse->line, "the header's value", error);
  g_autofree char *wrong = value == NULL ? NULL : service_header_value_problem (value);
  if (value == NULL || wrong != NULL)
    return value != NULL && service_line_fail_taken (&parse->line, error, "%s", wrong);
  ServiceHeader header
      = { g_strdup (name), g_strdup (value), service_line_skip (&parse->line, "default") };
  g_ptr_array_add (service->headers, g_memdup2 (&header, sizeof header));
  return TRUE;
}

static const PolicySource *
find_source (const Parse *parse, const char *name)
{
  for (gsize i = 0; i < parse->n_sources; i++)
    if (strcmp (parse->sources[i].name, name) == 0)
      return &parse->sources[i];
  return NULL;
}

static gboolean
parse_ca (Parse *parse, GError **error)
{
  const char *name = service_line_take (&parse->line, "a file's name, as in example.pem", error);
  if (name == NULL)
    return FALSE;
  g_autofree char *shown = policy_show (name);
  if (!g_str_has_suffix (name, ".pem") || strchr (name, '/') != NULL || *name == '.')
    return service_line_fail_taken (
        &parse->line, error,
        "%s is not the name of a file in " SERVICE_FOLDER " that ends with .pem", shown);
  g_autofree char *file = g_strconcat (SERVICE_FOLDER, name, NULL);
  const PolicySource *source = find_source (parse, file);
  if (source == NULL)
    return service_line_fail_taken (
        &parse->line, error, "there is no " SERVICE_FOLDER "%s; put the certificates there", name);
  g_autofree char *problem = service_pem_problem (source->text, source->len);
  if (problem != NULL)
    return service_line_fail_taken (&parse->line, error, SERVICE_FOLDER "%s: %s", name, problem);
  parse->service->ca = g_strndup (source->text, source->len);
  return TRUE;
}

enum
{
  SERVICE,
  BASE,
  CREDENTIAL,
  PLACE,
  HEADER,
  SCOPE,
  TEST,
  NETWORK,
  CA,
  SLASHES,
  N_DIRECTIVES
};

static const struct
{
  const char *word;
  gboolean often, tcp; /* may stand more than once; has a meaning with tcp:// */
  Directive parse;
} directives[N_DIRECTIVES] = {
  [SERVICE] = { "service", FALSE, TRUE, parse_service },
  [BASE] = { "base", FALSE, TRUE, parse_base },
  [CREDENTIAL] = { "credential", FALSE, TRUE, parse_credential },
  [PLACE] = { "place", FALSE, FALSE, parse_place },
  [HEADER] = { "header", TRUE, FALSE, parse_header },
  [SCOPE] = { "scope", TRUE, FALSE, parse_scope },
  [TEST] = { "test", FALSE, FALSE, parse_test },
  [NETWORK] = { "network", FALSE, TRUE, parse_network },
  [CA] = { "ca", FALSE, FALSE, parse_ca },
  [SLASHES] = { "encoded-slashes", FALSE, FALSE, parse_slashes },
};

static gboolean
parse_line (Parse *parse, GError **error)
{
  const char *words[N_DIRECTIVES + 1] = { NULL };
  guint line = service_line_word (&parse->line)->line;
  guint column = service_line_word (&parse->line)->column;
  for (guint i = 0; i < N_DIRECTIVES; i++)
    words[i] = directives[i].word;
  int found = service_line_take_of (&parse->line, "line of a service", words, error);
  if (found < 0)
    return FALSE;
  if (found != SERVICE && parse->service->name == NULL)
    return service_line_fail_taken (&parse->line, error,
                                    "the first line names the service, as in: service github");
  if (parse->seen[found].line != 0 && !directives[found].often)
    return service_line_fail_taken (&parse->line, error,
                                    "a second \"%s\"; the first is in line %u, keep one",
                                    words[found], parse->seen[found].line);
  if (parse->seen[found].line == 0)
    {
      parse->seen[found].line = line;
      parse->seen[found].column = column;
    }
  if (!directives[found].parse (parse, error))
    return FALSE;
  if (service_line_at_end (&parse->line))
    return TRUE;
  return service_line_fail (&parse->line, error, "a word too many behind \"%s\"; take it out",
                            words[found]);
}

/* --- What can be said only when all lines are read --- */

static gboolean
fail_line (const Parse *parse, guint directive, GError **error, const char *message)
{
  guint line = MAX (parse->seen[directive].line, 1),
        column = MAX (parse->seen[directive].column, 1);
  return policy_fail (&parse->line.lexer, line, column, error, "%s", message);
}

static gboolean
check_tcp (const Parse *parse, GError **error)
{
  for (guint i = 0; i < N_DIRECTIVES; i++)
    if (parse->seen[i].line != 0 && !directives[i].tcp)
      {
        g_autofree char *message = g_strdup_printf (
            "\"%s\" is about requests, and tcp:// is for commands; take the line out",
            directives[i].word);
        return fail_line (parse, i, error, message);
      }
  return TRUE;
}

static gboolean
check_place (const Parse *parse, GError **error)
{
  const Service *service = parse->service;
  g_auto (GStrv) parts = g_strsplit (service->base.path, SERVICE_CREDENTIAL_MARK, -1);
  guint marks = *service->base.path == '\0' ? 0 : g_strv_length (parts) - 1;
  gboolean path = service->place.kind == PLACE_PATH;
  if (path && marks != 1)
    return fail_line (parse, PLACE, error,
                      "\"path\" needs one {credential} in the base, as in "
                      "\"https://api.example.com/bot{credential}\"");
  if (!path && marks != 0)
    return fail_line (parse, BASE, error, "{credential} in a base needs the line: place path");
  if (service->place.kind == PLACE_NONE && service->credential != NULL)
    return fail_line (parse, CREDENTIAL, error,
                      "a credential that \"place none\" never sends; take one of the two out");
  if (service->place.kind != PLACE_NONE && service->credential == NULL)
    return fail_line (parse, PLACE, error,
                      "nothing to send; name a secret, as in: credential github-token");
  return TRUE;
}

static gboolean
check_headers (const Parse *parse, GError **error)
{
  const Service *service = parse->service;
  for (guint i = 0; i < service->headers->len; i++)
    {
      const ServiceHeader *header = g_ptr_array_index (service->headers, i);
      g_autofree char *problem = service_header_name_problem (&service->place, header->name);
      if (problem != NULL)
        return fail_line (parse, PLACE, error,
                          "the header that carries the credential stands in a header line too; "
                          "take that line out");
    }
  return TRUE;
}

/* A worker is told all of it in one line. */
static gboolean
check_size (const Parse *parse, GError **error)
{
  gsize len = 0;
  g_autoptr (json_t) object = service_worker_json (parse->service);
  g_free (wire_dump (object, &len));
  return len <= SERVICE_MAX_WORKER
         || fail_line (parse, parse->seen[CA].line != 0 ? CA : HEADER, error,
                       "certificates and headers are more than 60 KiB together; keep those that "
                       "are needed");
}

static gboolean
check_test (const Parse *parse, GError **error)
{
  g_autoptr (GError) problem = NULL;
  if (parse->service->test.method == NULL)
    return TRUE;
  g_autoptr (ServiceRequest) request = service_test_request (parse->service, &problem);
  if (request != NULL)
    return TRUE;
  g_autofree char *message = g_strdup_printf ("this call would be refused: %s", problem->message);
  return fail_line (parse, TEST, error, message);
}

static gboolean
check_whole (const Parse *parse, GError **error)
{
  if (parse->service->name == NULL)
    return fail_line (parse, SERVICE, error,
                      "an empty file; its first line names the service, as in: service github");
  if (parse->seen[BASE].line == 0)
    return fail_line (parse, BASE, error,
                      "no base; add a line as in: base https://api.example.com");
  const ServiceBase *base = &parse->service->base;
  g_autofree char *problem = service_base_network_problem (base, parse->service->network);
  if (problem != NULL)
    return fail_line (parse, BASE, error, problem);
  if (base->scheme == SCHEME_TCP)
    return check_tcp (parse, error);
  if (parse->seen[PLACE].line == 0)
    return fail_line (parse, PLACE, error,
                      "no place; say how the credential is sent, as in: place bearer");
  if (base->scheme == SCHEME_HTTP && parse->seen[CA].line != 0)
    return fail_line (parse, CA, error, "http:// knows no certificates; take the line out");
  return check_place (parse, error) && check_headers (parse, error) && check_size (parse, error)
         && check_test (parse, error);
}

static gboolean
parse_lines (Parse *parse, GError **error)
{
  gboolean end;
  while (service_line_next (&parse->line, &end, error))
    {
      if (end)
        return check_whole (parse, error);
      if (!parse_line (parse, error))
        return FALSE;
    }
  return FALSE;
}

Service *
service_parse (const PolicySource *source, const PolicySource *sources, gsize n_sources,
               GError **error)
{
  g_autoptr (Service) service = service_new ();
  Parse parse = { .sources = sources, .n_sources = n_sources, .service = service };
  service_line_init (&parse.line, source);
  gboolean ok = source->len <= POLICY_MAX_FILE
                    ? parse_lines (&parse, error)
                    : policy_fail (&parse.line.lexer, 1, 1, error, "more than %d KiB",
                                   POLICY_MAX_FILE / 1024);
  service_line_clear (&parse.line);
  return ok ? g_steal_pointer (&service) : NULL;
}
