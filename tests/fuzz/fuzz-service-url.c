/* SPDX-License-Identifier: MIT
 *
 * What matches is what is sent. The input is lines: method, path, and then "name=value" of the
 * query, "name: value" of headers, or "|body". Whatever they are:
 *
 *  - an error says which field it is about, in one line that shows on a screen as it is
 *  - a request that is made has the path of the caller byte for byte behind the base
 *  - cut and decoded by the plainest means, which are not those of what is tested, its target is
 * the segments that a pattern of each scope that is said to cover it matches
 *  - decoded once more, or folded, no segment leads elsewhere
 *  - its query is decoded to exactly the names and values that were given
 *  - nothing that is sent can end a line
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/service/service.h"
#include "policy/policy-words.h"
#include "tests/fuzz/fuzz.h"

/* Scopes without conditions, so that path and method alone decide. */
static const char *const texts[] = {
  "service fuzz\nbase https://api.example.com/v1\ncredential c\nplace query key\n"
  "scope root GET /\nscope user { GET HEAD } { /user /user/ }\nscope any { GET POST PUT } /**\n"
  "scope part { GET DELETE } { /a/*/c /v/*:search /files/* }\nscope deep PATCH /a/b/**\n",
  "service fuzz\nbase https://api.example.com:8443\nplace none\nencoded-slashes allow\n"
  "scope root GET /\nscope user { GET HEAD } { /user /user/ }\nscope any { GET POST PUT } /**\n"
  "scope part { GET DELETE } { /a/*/c /v/*:search /files/* }\nscope deep PATCH /a/b/**\n",
};
static const char *const bases[] = { "/v1", "" };
static const char *const origins[] = { "https://api.example.com", "https://api.example.com:8443" };

/* --- A plain reader, as a server would have one --- */

static int
hex (char c)
{
  return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static char *
decode (const char *text, gsize len)
{
  GString *out = g_string_new (NULL);
  for (gsize i = 0; i < len; i++)
    if (text[i] == '%')
      {
        g_assert_true (i + 2 < len && hex (text[i + 1]) >= 0 && hex (text[i + 2]) >= 0);
        g_string_append_c (out, (char) (hex (text[i + 1]) * 16 + hex (text[i + 2])));
        i += 2;
      }
    else
      g_string_append_c (out, text[i]);
  g_assert_cmpuint (strlen (out->str), ==, out->len); /* no NUL */
  return g_string_free (out, FALSE);
}

static gboolean
leads_elsewhere (const char *segment)
{
  return strcmp (segment, ".") == 0 || strcmp (segment, "..") == 0;
}

/* Decoded again and again, cut at path parameters and slashes of any kind. */
static void
check_stays (const char *segment)
{
  g_autofree char *now = g_strdup (segment);
  for (int i = 0; i < 4; i++)
    {
      g_auto (GStrv) parts = g_strsplit_set (now, "/\\", -1);
      for (guint j = 0; parts[j] != NULL; j++)
        {
          g_autofree char *cut = g_strndup (parts[j], strcspn (parts[j], ";"));
          g_assert_false (leads_elsewhere (parts[j]) || leads_elsewhere (g_strstrip (cut)));
        }
      g_autofree char *folded = g_utf8_normalize (now, -1, G_NORMALIZE_ALL);
      g_assert_false (leads_elsewhere (folded));
      char *again = g_uri_unescape_string (now, NULL);
      if (again == NULL || !g_utf8_validate (again, -1, NULL))
        {
          g_free (again);
          return;
        }
      g_free (now);
      now = again;
    }
}

/* --- A plain matcher --- */

static gboolean
glob (const char *pattern, const char *text)
{
  if (*pattern == '*')
    return glob (pattern + 1, text) || (*text != '\0' && glob (pattern, text + 1));
  return *pattern == *text && (*pattern == '\0' || glob (pattern + 1, text + 1));
}

static gboolean
matches (const char *pattern, char **segments)
{
  const char *want = pattern + 1;
  for (;; segments++)
    {
      g_autofree char *one = g_strndup (want, strcspn (want, "/"));
      if (*segments == NULL)
        return FALSE;
      if (strcmp (one, "**") == 0)
        return **segments != '\0';
      if ((**segments == '\0') != (*one == '\0') || !glob (one, *segments))
        return FALSE;
      want += strlen (one);
      if (*want == '\0')
        return segments[1] == NULL;
      want++;
    }
}

static gboolean
rule_covers (const json_t *rule, const char *method, char **segments)
{
  gsize i;
  const json_t *item;
  gboolean right_method = FALSE, right_path = FALSE;
  json_array_foreach (json_object_get (rule, "methods"), i, item) right_method
      |= strcmp (json_string_value (item), method) == 0;
  json_array_foreach (json_object_get (rule, "paths"), i, item) right_path
      |= matches (json_string_value (item), segments);
  return right_method && right_path;
}

static void
check_scopes (const Service *service, const ServiceRequest *request, char **segments)
{
  gsize i, j;
  json_t *scope, *rule;
  g_autoptr (json_t) about = service_describe (service);
  json_array_foreach (json_object_get (about, "scopes"), i, scope)
  {
    gboolean covers = FALSE;
    json_array_foreach (json_object_get (scope, "rules"), j, rule) covers
        |= rule_covers (rule, request->method, segments);
    g_assert_true (
        g_strv_contains ((const char *const *) request->scopes, wire_string (scope, "name"))
        == covers);
  }
}

/* --- What is sent --- */

static void
check_path (const Service *service, const ServiceRequest *request, gsize which, const char *path)
{
  const char *target = request->target;
  gsize base = strlen (bases[which]), len = strcspn (target, "?");
  g_assert_true (g_str_has_prefix (target, bases[which]));
  g_assert_true (len - base == strlen (path) && memcmp (target + base, path, len - base) == 0);

  g_autofree char *raw = g_strndup (target + base + 1, len - base - 1);
  g_auto (GStrv) segments
      = *raw == '\0' ? g_strdupv ((char *[]){ (char *) "", NULL }) : g_strsplit (raw, "/", -1);
  for (guint i = 0; segments[i] != NULL; i++)
    {
      char *plain = decode (segments[i], strlen (segments[i]));
      g_assert_true (*plain != '\0' || segments[i + 1] == NULL);
      check_stays (plain);
      g_free (segments[i]);
      segments[i] = plain;
    }
  check_scopes (service, request, segments);
}

static void
check_query (const ServiceRequest *request, const json_t *query)
{
  const char *at = strchr (request->target, '?'), *name;
  json_t *value;
  json_object_foreach ((json_t *) query, name, value)
  {
    g_assert_nonnull (at);
    gsize len = strcspn (at + 1, "=");
    gsize value_len = strcspn (at + 1 + len, "&");
    g_autofree char *sent_name = decode (at + 1, len);
    g_autofree char *sent_value = decode (at + 2 + len, value_len - 1);
    g_assert_cmpstr (sent_name, ==, name);
    g_assert_cmpstr (sent_value, ==, json_string_value (value));
    g_assert_cmpstr (sent_name, !=, "key");
    at = at + 1 + len + value_len;
  }
  g_assert_true (at == NULL || *at == '\0');
}

static void
check_lines (const ServiceRequest *request)
{
  gsize i;
  const json_t *pair;
  for (const char *p = request->target; *p != '\0'; p++)
    g_assert_true (*p > ' ' && *p < 0x7f && strchr ("\\#\"<>", *p) == NULL);
  json_array_foreach (request->headers, i,
                      pair) for (gsize j = 0; j < 2;
                                 j++) for (const char *p
                                           = json_string_value (json_array_get (pair, j));
                                           *p != '\0'; p++) g_assert_true (*p >= ' ' && *p < 0x7f);
}

static void
check_error (const GError *error)
{
  static const char *const fields[] = { "method: ", "path: ", "query: ", "headers: ", "body: " };
  gboolean named = error->code == SERVICE_ERROR_SCOPE;
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    named |= g_str_has_prefix (error->message, fields[i]);
  g_assert_true (error->domain == SERVICE_ERROR && named);
  for (const char *p = error->message; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_true (*p != '\n' && !policy_hidden (g_utf8_get_char (p)));
}

/* --- Reading the input --- */

typedef struct
{
  const char *method, *path, *body;
  json_t *query, *headers;
} Call;

static void
read_line (Call *call, guint n, char *line)
{
  char *equals = strchr (line, '='), *colon = strstr (line, ": ");
  if (n == 0)
    call->method = line;
  else if (n == 1)
    call->path = line;
  else if (*line == '|')
    call->body = line + 1;
  else if (equals != NULL && (colon == NULL || equals < colon))
    {
      *equals = '\0';
      json_object_set_new (call->query, line, json_string (equals + 1));
    }
  else if (colon != NULL)
    {
      *colon = '\0';
      json_object_set_new (call->headers, line, json_string (colon + 2));
    }
}

static void
try_call (const Call *call, gsize which)
{
  g_autoptr (GError) error = NULL;
  PolicySource source = { "services.d/fuzz.conf", texts[which], strlen (texts[which]) };
  g_autoptr (Services) services = services_parse (&source, 1, &error);
  g_assert_no_error (error);
  const Service *service = services_nth (services, 0);
  g_autoptr (ServiceRequest) request
      = service_request_new (service, call->method, call->path, call->query, call->headers,
                             call->body, call->body == NULL ? 0 : strlen (call->body), &error);
  g_assert_true ((request == NULL) == (error != NULL));
  if (request == NULL)
    {
      check_error (error);
      return;
    }
  g_assert_cmpstr (request->method, ==, call->method);
  g_assert_true (g_str_has_prefix (request->url, origins[which])
                 && strcmp (request->url + strlen (origins[which]), request->target) == 0);
  check_path (service, request, which, call->path);
  if (which == 0)
    check_query (request, call->query);
  check_lines (request);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = size == 0 ? g_strdup ("") : g_strndup ((const char *) data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  Call call = { .query = json_object (), .headers = json_object () };
  for (guint i = 0; lines[i] != NULL; i++)
    read_line (&call, i, lines[i]);
  for (gsize which = 0; which < G_N_ELEMENTS (texts) && call.path != NULL; which++)
    try_call (&call, which);
  json_decref (call.query);
  json_decref (call.headers);
  return 0;
}
