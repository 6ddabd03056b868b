/* SPDX-License-Identifier: MIT
 *
 * How a credential travels.
 */
#include <string.h>

#include "broker/service/service-private.h"

const char *const service_kind_words[]
    = { "none", "bearer", "basic", "header", "query", "path", "form", "aws-sigv4", "hmac", NULL };

void
service_place_clear (ServicePlace *place)
{
  char **all[]
      = { &place->name, &place->prefix,   &place->user, &place->region, &place->service,
          &place->hash, &place->encoding, &place->over, &place->words,  &place->timestamp_header };
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    g_clear_pointer (all[i], g_free);
}

static char *
make_words (const ServicePlace *place)
{
  switch (place->kind)
    {
    case PLACE_BEARER:
      return g_strdup ("as a bearer token");
    case PLACE_BASIC:
      return place->user == NULL ? g_strdup ("as user and password")
                                 : g_strdup_printf ("as the password of %s", place->user);
    case PLACE_HEADER:
      return place->prefix == NULL
                 ? g_strdup_printf ("in the header %s", place->name)
                 : g_strdup_printf ("in the header %s after \"%s\"", place->name, place->prefix);
    case PLACE_QUERY:
      return g_strdup_printf ("in the query as %s", place->name);
    case PLACE_PATH:
      return g_strdup ("in the path");
    case PLACE_FORM:
      return g_strdup_printf ("in the form as %s", place->name);
    case PLACE_SIGV4:
      return g_strdup_printf ("as an AWS signature for %s in %s", place->service, place->region);
    case PLACE_HMAC:
      return g_strdup_printf ("as an HMAC-%s signature in the header %s", place->hash, place->name);
    case PLACE_NONE:
    default:
      return NULL;
    }
}

void
service_place_describe (ServicePlace *place)
{
  place->words = make_words (place);
}

static void
set (json_t *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_new (object, name, json_string (value));
}

json_t *
service_place_json (const ServicePlace *place)
{
  json_t *object = json_object ();
  set (object, "kind", service_kind_words[place->kind]);
  set (object, place->kind == PLACE_HMAC ? "header" : "name", place->name);
  set (object, "prefix", place->prefix);
  set (object, "user", place->user);
  set (object, "region", place->region);
  set (object, "service", place->service);
  set (object, "hash", place->hash);
  set (object, "encoding", place->encoding);
  set (object, "over", place->over);
  set (object, "timestamp_header", place->timestamp_header);
  return object;
}

gboolean
service_place_owns_header (const ServicePlace *place, const char *name)
{
  if (place->kind == PLACE_SIGV4)
    return g_ascii_strcasecmp (name, "X-Amz-Date") == 0
           || g_ascii_strcasecmp (name, "X-Amz-Security-Token") == 0
           || g_ascii_strcasecmp (name, "X-Amz-Content-Sha256") == 0;
  if (place->kind != PLACE_HEADER && place->kind != PLACE_HMAC)
    return FALSE;
  return g_ascii_strcasecmp (name, place->name) == 0
         || (place->timestamp_header != NULL
             && g_ascii_strcasecmp (name, place->timestamp_header) == 0);
}
