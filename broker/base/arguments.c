/* SPDX-License-Identifier: MIT */
#include "broker/base/arguments.h"
#include "broker/base/secret.h"
#include "broker/base/text.h"

#include <string.h>

const WireField arguments_hold_field
    = { "hold_seconds",
        WIRE_INTEGER,
        FALSE,
        0,
        ARGUMENTS_HOLD_MAX,
        "How long this call waits for a person before it answers pending." };

#define NAME_FIELD(about)                                                                          \
  {                                                                                                \
    "name", WIRE_STRING, TRUE, 1, TEXT_NAME_MAX, about                                             \
  }
#define TAGS_FIELD                                                                                 \
  {                                                                                                \
    "tags", WIRE_STRING_MAP, FALSE, 0, 32,                                                         \
        "Short labels to find the secret by, such as {\"team\": \"billing\"}; "                    \
        "never part of the value."                                                                 \
  }

static const WireField list_secrets[] = {
  { "app", WIRE_STRING, FALSE, 1, TEXT_SEGMENT_MAX,
    "Lists only secrets named app/environment/NAME with this app." },
  { "environment", WIRE_STRING, FALSE, 1, TEXT_SEGMENT_MAX,
    "Lists only secrets named app/environment/NAME with this environment, such as production." },
};

static const WireField get_secret[] = {
  NAME_FIELD ("The secret's name as list_secrets shows it: NAME or app/environment/NAME."),
  { "purpose", WIRE_STRING, TRUE, 1, 4096,
    "Why you need it, in words for the person who decides: what you will do, and with what." },
  { "ttl_seconds", WIRE_INTEGER, FALSE, 1, ARGUMENTS_TTL_MAX,
    "The longest you will need it, in seconds; 3600 when left out. The person may grant less." },
  { "scopes", WIRE_STRINGS, FALSE, 1, 64,
    "What you want to do with it, as few as the task needs; the person may take some away. "
    "A plain secret has the one scope \"use\"." },
};

static const WireField resolve_secret[] = {
  { "reference_id", WIRE_STRING, TRUE, 1, 128,
    "The id of a reference that get_secret gave to you; it works for no other program." },
};

static const WireField store_secret[] = {
  NAME_FIELD ("A new name, NAME or app/environment/NAME; a name that exists is an error."),
  { "value", WIRE_STRING, TRUE, 1, SECRET_MAX, "The secret's value, stored exactly as given." },
  TAGS_FIELD,
};

static const WireField update_secret[] = {
  NAME_FIELD ("The name of a secret that exists."),
  { "value", WIRE_STRING, TRUE, 1, SECRET_MAX,
    "The new value, stored exactly as given; the old one is no longer handed out." },
  TAGS_FIELD,
};

static const WireField delete_secret[] = {
  NAME_FIELD ("The name of the secret to delete; this cannot be undone."),
};

static const WireField explain_access[] = {
  { "operation", WIRE_STRING, TRUE, 1, 64,
    "The operation you would ask for, such as get_secret; asking here disturbs nobody." },
  { "name", WIRE_STRING, FALSE, 1, TEXT_NAME_MAX,
    "The secret it would concern; leave it out for an operation on no secret." },
};

static const WireField approval_wait[] = {
  { "request_id", WIRE_STRING, TRUE, 1, 64, "The request_id of an answer that said pending." },
  { "timeout_seconds", WIRE_INTEGER, FALSE, 0, ARGUMENTS_HOLD_MAX,
    "The longest to wait for the person, in seconds; 0 asks how it stands now." },
};

#define CALL(name)                                                                                 \
  {                                                                                                \
#name, name, G_N_ELEMENTS(name), FALSE                                                         \
  }
static const Arguments calls[] = {
  { "broker_status", NULL, 0, FALSE },
  { "get_broker_stats", NULL, 0, FALSE },
  CALL (list_secrets),
  CALL (get_secret),
  CALL (resolve_secret),
  { "store_secret", store_secret, G_N_ELEMENTS (store_secret), TRUE },
  { "update_secret", update_secret, G_N_ELEMENTS (update_secret), TRUE },
  CALL (delete_secret),
  CALL (explain_access),
  CALL (approval_wait),
};

const Arguments *
arguments_find (const char *call)
{
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    if (strcmp (calls[i].call, call) == 0)
      return &calls[i];
  return NULL;
}

const Arguments *
arguments_all (gsize *n)
{
  *n = G_N_ELEMENTS (calls);
  return calls;
}

static gboolean
refuse (GError **error, const char *words)
{
  g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD, words);
  return FALSE;
}

static gboolean
check_name (const json_t *value, GError **error)
{
  return text_check_name (json_string_value (value), error);
}

static gboolean
check_segment (const json_t *value, GError **error)
{
  return text_check_segment (json_string_value (value), error);
}

static gboolean
check_purpose (const json_t *value, GError **error)
{
  return !text_is_blank (json_string_value (value)) || refuse (error, "must say what for");
}

/* At most 64 by the table, so comparing each with each is cheap. */
static gboolean
check_scopes (const json_t *value, GError **error)
{
  for (gsize i = 0; i < json_array_size (value); i++)
    {
      const json_t *scope = json_array_get (value, i);
      if (json_string_length (scope) > ARGUMENTS_SCOPE_BYTES)
        return refuse (error,
                       "each may have at most " G_STRINGIFY (ARGUMENTS_SCOPE_BYTES) " bytes");
      for (gsize j = 0; j < i; j++)
        if (json_equal (scope, json_array_get (value, j)))
          return refuse (error, "must not name one twice");
    }
  return TRUE;
}

static gboolean
check_tags (const json_t *value, GError **error)
{
  const char *key;
  json_t *text;

  json_object_foreach ((json_t *) value, key, text)
  {
    if (*key == '\0' || strlen (key) > ARGUMENTS_TAG_KEY_BYTES)
      return refuse (
          error, "each key must be text of 1 to " G_STRINGIFY (ARGUMENTS_TAG_KEY_BYTES) " bytes");
    if (json_string_length (text) > ARGUMENTS_TAG_VALUE_BYTES)
      return refuse (error, "each value must be text of at most " G_STRINGIFY (
                                ARGUMENTS_TAG_VALUE_BYTES) " bytes");
  }
  return TRUE;
}

/* What the tables cannot say, by the field's name, which means the same in every call. */
static gboolean
check_rules (const json_t *object, GError **error)
{
  static const struct
  {
    const char *field;
    gboolean (*check) (const json_t *value, GError **error);
  } rules[] = {
    { "name", check_name },       { "app", check_segment },   { "environment", check_segment },
    { "purpose", check_purpose }, { "scopes", check_scopes }, { "tags", check_tags },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      const json_t *value = json_object_get (object, rules[i].field);
      g_autoptr (GError) fault = NULL;

      if (value == NULL || rules[i].check (value, &fault))
        continue;
      g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s: %s", rules[i].field, fault->message);
      return FALSE;
    }
  return TRUE;
}

gboolean
arguments_check (const Arguments *arguments, const json_t *object, GError **error)
{
  return wire_check (arguments->fields, arguments->n_fields, object, error)
         && check_rules (object, error);
}

static gboolean
check_one_value (const json_t *object, GError **error)
{
  const json_t *value = json_object_get (object, "value");
  const json_t *by_fd = json_object_get (object, "value_fd");

  if (by_fd == NULL)
    return value != NULL || refuse (error, "value: is missing");
  if (value != NULL)
    return refuse (error, "value_fd: stands in place of value, not beside it");
  return json_is_true (by_fd) || refuse (error, "value_fd: must be true");
}

gboolean
arguments_check_socket (const Arguments *arguments, const json_t *object, GError **error)
{
  static const WireField by_fd = { "value_fd", WIRE_BOOLEAN, FALSE, 0, 0, NULL };
  WireField fields[8];
  gsize n = 0;

  g_assert (arguments->n_fields + 2 <= G_N_ELEMENTS (fields));
  for (; n < arguments->n_fields; n++)
    {
      fields[n] = arguments->fields[n];
      if (arguments->value_by_fd && strcmp (fields[n].name, "value") == 0)
        fields[n].required = FALSE;
    }
  fields[n++] = arguments_hold_field;
  if (arguments->value_by_fd)
    fields[n++] = by_fd;
  return wire_check (fields, n, object, error)
         && (!arguments->value_by_fd || check_one_value (object, error))
         && check_rules (object, error);
}
