/* SPDX-License-Identifier: MIT
 *
 * What those who issue GitHub tokens say that they issued.
 */
#include "broker/provider/provider-repositories.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/provider/provider-answer.h"

#define MAX_TOKEN 8192 /* bytes */

static gboolean
refuse_form (ProviderRead *read, const char *who)
{
  return provider_answer_refuse (read, "answer", "the answer of %s is not as documented; ask again",
                                 who);
}

static gboolean
refuse_more (ProviderRead *read, const char *who, const char *what)
{
  return provider_answer_refuse (read, "answer",
                                 "%s issued a token for more %s than were approved; it was thrown "
                                 "away, and ends within the hour",
                                 who, what);
}

static guint
level_of (const json_t *level)
{
  static const char *const levels[] = { "read", "write", "admin" };

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    if (g_strcmp0 (json_string_value (level), levels[i]) == 0)
      return i + 1;
  return 0;
}

/* GitHub gives metadata:read with each token. */
static gboolean
is_approved (const json_t *expect, const char *name, const json_t *level)
{
  const json_t *approved = json_object_get (expect, "permissions");

  return approved == NULL || level_of (level) <= level_of (json_object_get (approved, name))
         || (strcmp (name, "metadata") == 0 && level_of (level) == 1);
}

static gboolean
read_permissions (const json_t *answer, const json_t *expect, ProviderRead *read, const char *who)
{
  json_t *said = json_object_get (answer, "permissions"), *level;
  const char *name;

  if (said == NULL && json_object_get (expect, "permissions") == NULL)
    return TRUE;
  if (!json_is_object (said) || json_object_size (said) > 100)
    return refuse_form (read, who);
  json_object_foreach (said, name, level)
  {
    if (!repositories_permission_is_name (name) || level_of (level) == 0)
      return refuse_form (read, who);
    if (!is_approved (expect, name, level))
      return refuse_more (read, who, "permissions");
  }
  json_object_set (read->fields, "permissions", said);
  return TRUE;
}

static gboolean
is_among (const json_t *names, const char *name)
{
  gsize i;
  const json_t *item;

  json_array_foreach (names, i, item)
  {
    if (g_ascii_strcasecmp (json_string_value (item), name) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Of an item that is a name, or an object with one. */
static const char *
repository_name (const json_t *item)
{
  const char *name = json_is_object (item) ? wire_string (item, "name") : json_string_value (item);
  const char *slash = name != NULL ? strchr (name, '/') : NULL;
  const char *bare = slash != NULL && json_is_string (item) ? slash + 1 : name;
  g_autofree char *problem = bare != NULL ? repositories_name_problem (bare) : NULL;

  return problem == NULL ? bare : NULL;
}

static gboolean
read_names (const json_t *said, const json_t *approved, ProviderRead *read, const char *who)
{
  json_t *names = json_array ();
  gsize i;
  const json_t *item;

  json_object_set_new (read->fields, "repositories", names);
  json_array_foreach (said, i, item)
  {
    const char *name = repository_name (item);
    if (name == NULL)
      return refuse_form (read, who);
    if (approved != NULL && !is_among (approved, name))
      return refuse_more (read, who, "repositories");
    json_array_append_new (names, json_string (name));
  }
  return TRUE;
}

static gboolean
read_repositories (const json_t *answer, const json_t *expect, ProviderRead *read, const char *who)
{
  const json_t *said = json_object_get (answer, "repositories");
  const json_t *approved = json_object_get (expect, "repositories");
  const char *selection = wire_string (answer, "repository_selection");

  if (approved != NULL && g_strcmp0 (selection, "all") == 0)
    return refuse_more (read, who, "repositories");
  if (said == NULL || json_is_null (said))
    return TRUE;
  /* Without a choice of ours the list may be as long as the account's; all of it is "all". */
  if (approved == NULL)
    return json_is_array (said) || refuse_form (read, who);
  if (!json_is_array (said) || json_array_size (said) > REPOSITORIES_MAX)
    return refuse_form (read, who);
  return read_names (said, approved, read, who);
}

gboolean
repositories_read (const json_t *answer, const json_t *expect, ProviderRead *read, const char *who)
{
  return read_permissions (answer, expect, read, who)
         && read_repositories (answer, expect, read, who);
}

gboolean
repositories_token (const json_t *answer, ProviderRead *read, const char *who)
{
  const char *token = provider_answer_word (answer, "token", MAX_TOKEN);

  if (token == NULL)
    return refuse_form (read, who);
  provider_answer_value (read, "token", token, strlen (token));
  provider_answer_credential (read, json_pack ("{s:s}", "token", token));
  read->ok = TRUE;
  return TRUE;
}

json_t *
repositories_result (const ProviderAsk *ask, const json_t *fields)
{
  gint64 expires = wire_integer (fields, "expires_at", 0);
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (expires);
  g_autofree char *text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");
  json_t *result
      = json_pack ("{s:s, s:s, s:I}", "provider", provider_name (ask->provider), "expires_at", text,
                   "expires_in", (json_int_t) MAX (expires - ask->now, 0));
  json_t *permissions = json_object_get (fields, "permissions");
  json_t *repositories = json_object_get (fields, "repositories");

  if (permissions != NULL)
    json_object_set (result, "permissions", permissions);
  if (repositories != NULL)
    json_object_set (result, "repositories", repositories);
  return result;
}
