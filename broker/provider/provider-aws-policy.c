/* SPDX-License-Identifier: MIT
 *
 * Scopes of AWS, and the session policy that they come to (IAM User Guide, "Session policies"; IAM
 * JSON policy language of 2012-10-17).
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-aws.h"

/* "s3:GetObject", "ec2:Describe*" */
static gboolean
is_action (const char *text, gsize len)
{
  const char *colon = memchr (text, ':', len), *end = text + len;

  if (colon == NULL || colon == text || colon + 1 == end)
    return FALSE;
  for (const char *p = text; p < colon; p++)
    if (!g_ascii_islower (*p) && !g_ascii_isdigit (*p) && *p != '-')
      return FALSE;
  for (const char *p = colon + 1; p < end; p++)
    if (!g_ascii_isalnum (*p) && *p != '*' && *p != '?')
      return FALSE;
  return TRUE;
}

/* Without a policy variable, ${aws:username}: what it comes to is not what a person reads. */
static gboolean
is_resource (const char *text)
{
  if (strcmp (text, "*") == 0)
    return TRUE;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p) || strchr ("\"\\${}<>", *p) != NULL)
      return FALSE;
  return g_str_has_prefix (text, "arn:");
}

char *
aws_scope_problem (const char *scope)
{
  const char *blank = strchr (scope, ' ');
  gsize len = blank != NULL ? (gsize) (blank - scope) : strlen (scope);

  if (!is_action (scope, len))
    return g_strdup ("begins with an action, as in \"s3:GetObject\"");
  if (blank != NULL && !is_resource (blank + 1))
    return g_strdup ("ends with the ARN of a resource, as in \"s3:GetObject arn:aws:s3:::b/*\"");
  return NULL;
}

/* Those of one resource in one statement: AWS counts characters. */
static json_t *
statement_of (json_t *statements, const char *resource)
{
  gsize i;
  json_t *item;

  json_array_foreach (statements, i, item)
  {
    if (strcmp (wire_string (item, "Resource"), resource) == 0)
      return item;
  }
  item = json_pack ("{s:s, s:[], s:s}", "Effect", "Allow", "Action", "Resource", resource);
  json_array_append_new (statements, item);
  return item;
}

char *
aws_policy (char **scopes)
{
  g_autoptr (json_t) policy = json_pack ("{s:s, s:[]}", "Version", "2012-10-17", "Statement");
  json_t *statements = json_object_get (policy, "Statement");
  gsize len;

  for (char **scope = scopes; *scope != NULL; scope++)
    {
      const char *blank = strchr (*scope, ' ');
      if (strcmp (*scope, AWS_SCOPE_ROLE) == 0)
        return NULL;
      g_autofree char *action
          = g_strndup (*scope, blank != NULL ? (gsize) (blank - *scope) : strlen (*scope));
      json_t *statement = statement_of (statements, blank != NULL ? blank + 1 : "*");
      json_array_append_new (json_object_get (statement, "Action"), json_string (action));
    }
  char *text = wire_dump (policy, &len);
  text[len - 1] = '\0'; /* without its newline */
  return text;
}
