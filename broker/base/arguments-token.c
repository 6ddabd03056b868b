/* SPDX-License-Identifier: MIT
 *
 * What a token may be asked for: by whom it is named, and how long it may live.
 */
#include "broker/base/arguments-token.h"

#include <string.h>

#include "broker/base/wire.h"

static const struct
{
  const char *provider;
  gint64 max; /* seconds */
} lives[] = {
  { "github", 28800 }, { "aws", 43200 },  { "gcp", 43200 },
  { "azure", 43200 },  { "okta", 43200 }, { "oauth2", 86400 },
};

static gboolean
refuse (GError **error, const char *words)
{
  g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD, words);
  return FALSE;
}

/* RFC 6749, section 3.3: in a token they stand one behind the other, with blanks between. */
static gboolean
is_scope (const char *scope)
{
  for (; *scope != '\0'; scope++)
    if (*scope <= ' ' || *scope == '"' || *scope == '\\' || (guchar) *scope >= 0x7f)
      return FALSE;
  return TRUE;
}

static gboolean
check_life (const json_t *object, gint64 max, GError **error)
{
  gint64 asked = wire_integer (object, "ttl_seconds", 1);

  if (asked <= max)
    return TRUE;
  g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD,
               "ttl_seconds: %" G_GINT64_FORMAT " is more than the %" G_GINT64_FORMAT
               " seconds that a token for %s may live",
               asked, max, wire_string (object, "provider"));
  return FALSE;
}

gboolean
arguments_check_token (const json_t *object, GError **error)
{
  const char *provider = wire_string (object, "provider");
  const json_t *scopes = json_object_get (object, "scopes");

  for (gsize i = 0; i < json_array_size (scopes); i++)
    if (!is_scope (json_string_value (json_array_get (scopes, i))))
      return refuse (error, "scopes: each must be printable ASCII without blanks, \" and \\");
  for (gsize i = 0; i < G_N_ELEMENTS (lives); i++)
    if (strcmp (lives[i].provider, provider) == 0)
      return check_life (object, lives[i].max, error);
  return refuse (error, "provider: must be one of github, aws, gcp, azure, okta, oauth2");
}
