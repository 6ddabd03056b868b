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
  } seen[SERVICE_LINES]; /* by directive; line 0: not yet */
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
  if (strcmp (file, parse->line.reader.lexer.source->name) != 0)
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

static gboolean
parse_ca (Parse *parse, GError **error)
{
  const char *name = service_line_take_pem (&parse->line, SERVICE_FOLDER, error);
  if (name == NULL)
    return FALSE;
  g_autofree char *problem = NULL;
  parse->service->ca = service_pem_find (SERVICE_FOLDER, name, parse->sources, parse->n_sources,
                                         POLICY_MAX_FILE, &problem);
  if (problem != NULL)
    return service_line_fail_taken (&parse->line, error, "%s", problem);
  return TRUE;
}

static const struct
{
  const char *word;
  gboolean often; /* may stand more than once */
  Directive parse;
} directives[SERVICE_LINES] = {
  [SERVICE_LINE_SERVICE] = { "service", FALSE, parse_service },
  [SERVICE_LINE_BASE] = { "base", FALSE, parse_base },
  [SERVICE_LINE_CREDENTIAL] = { "credential", FALSE, parse_credential },
  [SERVICE_LINE_PLACE] = { "place", FALSE, parse_place },
  [SERVICE_LINE_HEADER] = { "header", TRUE, parse_header },
  [SERVICE_LINE_SCOPE] = { "scope", TRUE, parse_scope },
  [SERVICE_LINE_TEST] = { "test", FALSE, parse_test },
  [SERVICE_LINE_NETWORK] = { "network", FALSE, parse_network },
  [SERVICE_LINE_CA] = { "ca", FALSE, parse_ca },
  [SERVICE_LINE_SLASHES] = { "encoded-slashes", FALSE, parse_slashes },
};

/* Remembers where a line begins, and refuses its second where one of the two would be lost. */
static gboolean
note_line (Parse *parse, int found, const ServiceWord *first, GError **error)
{
  if (found != SERVICE_LINE_SERVICE && parse->service->name == NULL)
    return service_line_fail_taken (&parse->line, error,
                                    "the first line names the service, as in: service github");
  if (parse->seen[found].line == 0)
    {
      parse->seen[found].line = first->line;
      parse->seen[found].column = first->column;
      return TRUE;
    }
  return directives[found].often
         || service_line_fail_taken (&parse->line, error,
                                     "a second \"%s\"; the first is in line %u, keep one",
                                     directives[found].word, parse->seen[found].line);
}

static gboolean
parse_line (Parse *parse, GError **error)
{
  const char *words[SERVICE_LINES + 1] = { NULL };
  const ServiceWord *first = service_line_word (&parse->line);
  for (guint i = 0; i < SERVICE_LINES; i++)
    words[i] = directives[i].word;
  int found = service_line_take_of (&parse->line, "line of a service", words, error);
  if (found < 0 || !note_line (parse, found, first, error)
      || !directives[found].parse (parse, error))
    return FALSE;
  if (service_line_at_end (&parse->line))
    return TRUE;
  return service_line_fail (&parse->line, error, "a word too many behind \"%s\"; take it out",
                            words[found]);
}

/* --- What can be said only when all lines are read --- */

static gboolean
check_whole (const Parse *parse, GError **error)
{
  guint lines = 0, at = SERVICE_LINE_SERVICE;
  for (guint i = 0; i < SERVICE_LINES; i++)
    lines |= (parse->seen[i].line != 0) << i;
  g_autofree char *problem = service_check (parse->service, lines, &at);
  return problem == NULL
         || policy_fail (&parse->line.reader.lexer, MAX (parse->seen[at].line, 1),
                         MAX (parse->seen[at].column, 1), error, "%s", problem);
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
                    : policy_fail (&parse.line.reader.lexer, 1, 1, error, "more than %d KiB",
                                   POLICY_MAX_FILE / 1024);
  service_line_clear (&parse.line);
  return ok ? g_steal_pointer (&service) : NULL;
}
