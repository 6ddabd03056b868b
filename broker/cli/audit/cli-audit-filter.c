/* SPDX-License-Identifier: MIT */
#include "broker/cli/audit/cli-audit-filter.h"

#include <string.h>

#include "broker/base/wire.h"

/* "denied" has every code; the codes are those of PROTOCOL.md, "denied". */
static const struct
{
  const char *decision, *event, *code;
} decisions[] = {
  { "held", "request_held", NULL },
  { "granted", "grant_made", NULL },
  { "denied", "request_denied", NULL },
  { "expired", "request_expired", NULL },
  { "failed", "request_failed", NULL },
  { "policy", "request_denied", "policy" },
  { "person", "request_denied", "person" },
  { "rate", "request_denied", "rate" },
  { "denied_for", "request_denied", "denied_for" },
  { "cooldown", "request_denied", "cooldown" },
  { "too_many", "request_denied", "too_many" },
  { "requester_gone", "request_denied", "requester_gone" },
  { "cancelled", "request_denied", "cancelled" },
  { "changed", "request_denied", "changed" },
  { "caller_removed", "request_denied", "caller_removed" },
  { "audit", "request_denied", "audit" },
  { "shutdown", "request_denied", "shutdown" },
  { "panic", "request_denied", "panic" },
};

static gssize
find_decision (const char *decision)
{
  for (gsize i = 0; i < G_N_ELEMENTS (decisions); i++)
    if (g_strcmp0 (decisions[i].decision, decision) == 0)
      return (gssize) i;
  return -1;
}

gboolean
cli_filter_check_decision (const char *decision, char **known)
{
  GString *all = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (decisions); i++)
    g_string_append_printf (all, "%s%s", i > 0 ? ", " : "", decisions[i].decision);
  *known = g_string_free (all, FALSE);
  return find_decision (decision) >= 0;
}

void
cli_filter_clear (CliFilter *filter)
{
  g_clear_pointer (&filter->requests, g_hash_table_unref);
  g_clear_pointer (&filter->tokens, g_hash_table_unref);
}

const char *
cli_filter_event (const CliFilter *filter)
{
  gssize i = find_decision (filter->decision);

  return i >= 0 ? decisions[i].event : NULL;
}

static gboolean
is_number (const char *text)
{
  return *text != '\0' && strspn (text, "0123456789") == strlen (text);
}

gboolean
cli_filter_needs_names (const CliFilter *filter)
{
  return filter->resource != NULL || (filter->requester != NULL && !is_number (filter->requester));
}

gboolean
cli_filter_needs_order (const CliFilter *filter)
{
  return filter->requester != NULL || filter->resource != NULL;
}

gboolean
cli_filter_is_name (const char *text)
{
  return strpbrk (text, "*?") == NULL;
}

static gboolean
decision_fits (const CliFilter *filter, const json_t *record)
{
  gssize i = find_decision (filter->decision);

  return i < 0
         || (g_strcmp0 (wire_string (record, "event"), decisions[i].event) == 0
             && (decisions[i].code == NULL
                 || g_strcmp0 (wire_string (record, "code"), decisions[i].code) == 0));
}

gboolean
cli_filter_may (const CliFilter *filter, const json_t *record)
{
  return (filter->operation == NULL
          || g_strcmp0 (wire_string (record, "operation"), filter->operation) == 0)
         && decision_fits (filter, record);
}

/* As a whole, or, where @text is a path and the pattern has none, its last part. */
static gboolean
matches (const char *pattern, const char *text)
{
  const char *slash = text != NULL ? strrchr (text, '/') : NULL;

  return text != NULL
         && (g_pattern_match_simple (pattern, text)
             || (slash != NULL && strchr (pattern, '/') == NULL
                 && g_pattern_match_simple (pattern, slash + 1)));
}

static gboolean
is_requester (const char *wanted, const json_t *record)
{
  static const char *const keys[] = { "exe", "subject", "sub", "label", "caller", NULL };

  if (is_number (wanted))
    return wire_integer (record, "pid", -1) == (gint64) g_ascii_strtoull (wanted, NULL, 10);
  for (const char *const *key = keys; *key != NULL; key++)
    if (matches (wanted, wire_string (record, *key)))
      return TRUE;
  return FALSE;
}

/* Not every record of a request says who asked: the later ones are known by the first. */
static gboolean
requester_fits (CliFilter *filter, const json_t *record)
{
  const char *id = wire_string (record, "request_id");

  if (filter->requests == NULL)
    filter->requests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!is_requester (filter->requester, record))
    return id != NULL && g_hash_table_contains (filter->requests, id);
  if (id != NULL)
    g_hash_table_add (filter->requests, g_strdup (id));
  return TRUE;
}

/* The same with names: a use has the token alone. */
static gboolean
resource_fits (CliFilter *filter, const json_t *record)
{
  const char *token = wire_string (record, "resource_token"),
             *resource = wire_string (record, "resource");

  if (filter->tokens == NULL)
    filter->tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (token == NULL)
    return resource != NULL && g_hash_table_contains (filter->tokens, resource);
  if (!matches (filter->resource, resource))
    return FALSE;
  g_hash_table_add (filter->tokens, g_strdup (token));
  return TRUE;
}

gboolean
cli_filter_fits (CliFilter *filter, const json_t *record)
{
  return (filter->resource == NULL || resource_fits (filter, record))
         && (filter->requester == NULL || requester_fits (filter, record));
}
