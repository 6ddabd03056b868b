/* SPDX-License-Identifier: MIT */
#include "broker/grant/facts.h"

#include <time.h>

struct _Facts
{
  char *unit, *cwd;
  char **chain;
  CountOf of;
};

Facts *
facts_new (void)
{
  return g_new0 (Facts, 1);
}

void
facts_free (Facts *self)
{
  if (self == NULL)
    return;
  g_free (self->unit);
  g_free (self->cwd);
  g_strfreev (self->chain);
  count_of_clear (&self->of);
  g_free (self);
}

/* A directory that has gone, or is nowhere in our view, has no path that means something. */
static char *
read_cwd (const Process *process)
{
  char *cwd = process_cwd (process);

  if (cwd == NULL || (*cwd == '/' && !g_str_has_suffix (cwd, " (deleted)")))
    return cwd;
  g_free (cwd);
  return NULL;
}

static void
fill_place (Facts *self, const Process *process, guint needs, PolicyQuery *query)
{
  if ((needs & POLICY_NEEDS_UNIT) != 0)
    {
      g_free (self->unit);
      query->unit = self->unit = process_unit (process, &query->unit_chosen);
    }
  if ((needs & POLICY_NEEDS_CHAIN) != 0)
    {
      g_strfreev (self->chain);
      self->chain = process_chain (process, &query->chain_whole);
      query->chain = (const char *const *) self->chain;
    }
  if ((needs & POLICY_NEEDS_CWD) != 0)
    {
      g_free (self->cwd);
      query->cwd = self->cwd = read_cwd (process);
    }
}

void
facts_fill_time (PolicyQuery *query)
{
  /* Not time(), which may still be in the minute before. */
  time_t now = g_get_real_time () / G_USEC_PER_SEC;
  struct tm local;

  tzset (); /* the person may have travelled */
  if (localtime_r (&now, &local) == NULL)
    return;
  query->weekday = local.tm_wday == 0 ? 7 : local.tm_wday;
  query->minute = local.tm_hour * 60 + local.tm_min;
}

void
facts_fill (Facts *self, const Process *process, guint needs, Executables *executables,
            Counts *counts, PolicyQuery *query)
{
  if (query->caller == NULL)
    {
      fill_place (self, process, needs, query);
      executables_look (executables, process, needs, &query->sha256, &query->package);
    }
  if ((needs & POLICY_NEEDS_TIME) != 0)
    facts_fill_time (query);
  if ((needs & POLICY_NEEDS_COUNT) != 0)
    {
      count_of_set (&self->of, counts, query);
      query->count = count_of;
      query->count_user = &self->of;
    }
}
