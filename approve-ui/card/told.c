/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/told.h"

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "broker/base/wire.h"

static gboolean
is_allowed (const json_t *params)
{
  return g_strcmp0 (wire_string (params, "what"), "allowed") == 0;
}

char *
told_title (const json_t *params)
{
  return g_strdup (is_allowed (params) ? _ ("Allowed by your policy, unasked")
                                       : _ ("Denied by your policy"));
}

/* "claude (pid 4711): get_secret prod/db" */
static char *
matter (const json_t *params)
{
  const char *resource = wire_string (params, "resource");
  g_autofree char *who = card_escape (wire_string (params, "who"));
  g_autofree char *what = card_escape (wire_string (params, "operation"));
  g_autofree char *of = resource != NULL ? card_escape (resource) : NULL;
  gint64 pid = wire_integer (params, "pid", 0);
  g_autofree char *number = pid > 0 ? g_strdup_printf (" (pid %" G_GINT64_FORMAT ")", pid) : NULL;

  return g_strdup_printf ("%s%s: %s%s%s", who, number != NULL ? number : "", what,
                          of != NULL ? " " : "", of != NULL ? of : "");
}

char *
told_text (const json_t *params)
{
  if (wire_string (params, "who") == NULL || wire_string (params, "operation") == NULL
      || wire_string (params, "rule") == NULL)
    return NULL;
  g_autofree char *about = matter (params), *rule = card_escape (wire_string (params, "rule"));
  gint64 more = CLAMP (wire_integer (params, "more", 0), 0, G_MAXINT);
  g_autofree char *others
      = more > 0 ? g_strdup_printf (i18n_n ("and %u more before", "and %u more before", more),
                                    (guint) more)
                 : NULL;
  return g_strdup_printf ("%s\n%s%s%s", about, rule, others != NULL ? "\n" : "",
                          others != NULL ? others : "");
}
