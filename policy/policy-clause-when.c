/* SPDX-License-Identifier: MIT
 *
 * Clauses about when something is asked, and how often.
 *
 * MUST
 *  - answer "maybe", never "no", when the time or the count is not known
 */
#include <string.h>

#include "policy/policy-clause.h"
#include "policy/policy-value.h"
#include "policy/policy-words.h"

#define DAY (24 * 60)

/* --- during --- */

/* "09:00" in minutes of the day; -1 when it is no time. */
static int
time_of_day (const char *text)
{
  if (strlen (text) != 5 || text[2] != ':')
    return -1;
  for (guint i = 0; i < 5; i++)
    if (i != 2 && !g_ascii_isdigit (text[i]))
      return -1;
  int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
  return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

static char *
read_hours (const char *value, PolicyHours *hours)
{
  g_auto (GStrv) ends = g_strsplit (value, "-", -1);
  int from = g_strv_length (ends) == 2 ? time_of_day (ends[0]) : -1;
  int to = from >= 0 ? time_of_day (ends[1]) : -1;
  if (from >= 0 && strcmp (ends[1], "24:00") == 0)
    return g_strdup ("midnight is written 00:00");
  if (from < 0 || to < 0)
    return g_strdup ("hours are two times of the day with a hyphen, as in 09:00-18:00 or "
                     "22:00-06:00");
  if (from == to)
    return g_strdup ("it begins when it ends; for the whole day leave \"during\" out");
  *hours = (PolicyHours){ (guint16) from, (guint16) to };
  return NULL;
}

char *
policy_during_add (PolicyRule *rule, const char *value)
{
  PolicyHours hours;
  char *problem = read_hours (value, &hours);
  if (problem != NULL)
    return problem;
  if (rule->during == NULL)
    rule->during = g_array_new (FALSE, FALSE, sizeof (PolicyHours));
  for (guint i = 0; i < rule->during->len; i++)
    if (memcmp (&g_array_index (rule->during, PolicyHours, i), &hours, sizeof hours) == 0)
      return g_strdup ("it stands twice in this list; once is enough");
  g_array_append_val (rule->during, hours);
  return NULL;
}

void
policy_during_print (const PolicyRule *rule, GPtrArray *words)
{
  for (guint i = 0; i < rule->during->len; i++)
    {
      const PolicyHours *hours = &g_array_index (rule->during, PolicyHours, i);
      g_ptr_array_add (words, g_strdup_printf ("%02d:%02d-%02d:%02d", hours->from / 60,
                                               hours->from % 60, hours->to / 60, hours->to % 60));
    }
}

static int
minutes_of (const PolicyHours *hours)
{
  return (hours->to - hours->from + DAY) % DAY;
}

PolicyMatch
policy_during_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->weekday == 0)
    return POLICY_MATCH_MAYBE;
  for (guint i = 0; i < rule->during->len; i++)
    {
      const PolicyHours *hours = &g_array_index (rule->during, PolicyHours, i);
      if ((query->minute - hours->from + DAY) % DAY < minutes_of (hours))
        return POLICY_MATCH_YES;
    }
  return POLICY_MATCH_NO;
}

static gboolean
hours_cover (const GArray *wide, const PolicyHours *narrow)
{
  for (guint i = 0; i < wide->len; i++)
    {
      const PolicyHours *hours = &g_array_index (wide, PolicyHours, i);
      int late = (narrow->from - hours->from + DAY) % DAY;
      if (late + minutes_of (narrow) <= minutes_of (hours))
        return TRUE;
    }
  return FALSE;
}

gboolean
policy_during_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  for (guint i = 0; i < narrow->during->len; i++)
    if (!hours_cover (wide->during, &g_array_index (narrow->during, PolicyHours, i)))
      return FALSE;
  return TRUE;
}

/* --- on --- */

static const char *const day_words[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };
#define DAYS 7

static int
day_from_name (const char *name)
{
  for (int i = 0; i < DAYS; i++)
    if (strcmp (day_words[i], name) == 0)
      return i;
  return -1;
}

/* "mon" or "fri-mon" as bits; 0 when it is neither. */
static guint8
read_days (const char *value)
{
  g_auto (GStrv) ends = g_strsplit (value, "-", -1);
  guint n = g_strv_length (ends);
  int first = n == 1 || n == 2 ? day_from_name (ends[0]) : -1;
  int last = n == 2 ? day_from_name (ends[1]) : first;
  guint8 days = 0;
  if (first < 0 || last < 0 || (n == 2 && first == last))
    return 0;
  for (int day = first; day != last; day = (day + 1) % DAYS)
    days |= (guint8) (1u << day);
  return days | (guint8) (1u << last);
}

char *
policy_on_add (PolicyRule *rule, const char *value)
{
  guint8 days = read_days (value);
  if (days == 0)
    return g_strdup ("a day is one of mon, tue, wed, thu, fri, sat, sun, or several in a row, as "
                     "in mon-fri");
  if ((rule->days & days) != 0)
    return g_strdup ("one of these days stands in this list already; once is enough");
  rule->days |= days;
  return NULL;
}

/* Three days in a row and more are written as a range. */
void
policy_on_print (const PolicyRule *rule, GPtrArray *words)
{
  for (int day = 0; day < DAYS; day++)
    {
      int last = day;
      if ((rule->days & (1u << day)) == 0)
        continue;
      while (last + 1 < DAYS && (rule->days & (1u << (last + 1))) != 0)
        last++;
      gboolean range = last - day >= 2;
      g_ptr_array_add (words, range ? g_strdup_printf ("%s-%s", day_words[day], day_words[last])
                                    : g_strdup (day_words[day]));
      day = range ? last : day;
    }
}

PolicyMatch
policy_on_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->weekday == 0)
    return POLICY_MATCH_MAYBE;
  return (rule->days & (1u << (query->weekday - 1))) != 0 ? POLICY_MATCH_YES : POLICY_MATCH_NO;
}

gboolean
policy_on_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return (narrow->days & ~wide->days) == 0;
}

/* --- The next change --- */

static gint64
sooner (gint64 a, gint64 b)
{
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* Until the next midnight at which @days begin or end. */
static gint64
next_day (guint8 days, int weekday, int minute)
{
  for (int ahead = 0; ahead < DAYS; ahead++)
    {
      int today = (weekday - 1 + ahead) % DAYS, tomorrow = (today + 1) % DAYS;
      if ((days >> today & 1) != (days >> tomorrow & 1))
        return (gint64) (ahead + 1) * DAY - minute;
    }
  return -1;
}

static gint64
until (int time, int minute)
{
  return (time - minute - 1 + DAY) % DAY + 1; /* now is a day away */
}

gint64
policy_rule_next_change (const PolicyRule *rule, int weekday, int minute)
{
  gint64 next = rule->days != 0 ? next_day (rule->days, weekday, minute) : -1;
  for (guint i = 0; rule->during != NULL && i < rule->during->len; i++)
    {
      const PolicyHours *hours = &g_array_index (rule->during, PolicyHours, i);
      next = sooner (next, until (hours->from, minute));
      next = sooner (next, until (hours->to, minute));
    }
  return next;
}

/* --- over --- */

char *
policy_over_add (PolicyRule *rule, const char *value)
{
  return policy_rate_read (value, &rule->over);
}

void
policy_over_print (const PolicyRule *rule, GPtrArray *words)
{
  g_ptr_array_add (words, policy_rate_text (&rule->over));
}

PolicyMatch
policy_over_match (const PolicyRule *rule, const PolicyQuery *query)
{
  return policy_rate_reached (rule, &rule->over, query);
}

/* Whatever counts for @narrow counts for @wide too, whose other clauses cover its. */
gboolean
policy_over_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return wide->over.n <= narrow->over.n && wide->over.period >= narrow->over.period;
}
