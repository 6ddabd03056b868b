/* SPDX-License-Identifier: MIT */
#include "broker/cli/policy/cli-replay.h"

/* ---- how often ---- */

/* For one policy: when requests counted for its rules. */
typedef struct
{
  const CliRules *rules;
  GHashTable *times;           /* "rule\nwho" → GArray of gint64, µs since 1970, oldest first */
  const CliPastRequest *asked; /* the one that is asked about now */
} Counting;

static char *
count_key (const Counting *counting, const char *rule)
{
  return g_strconcat (rule, "\n", counting->asked->who, NULL);
}

static gint64
count (gpointer user, const char *rule, gint64 period)
{
  const Counting *counting = user;
  g_autofree char *key = count_key (counting, rule);
  const GArray *times = g_hash_table_lookup (counting->times, key);
  gint64 since = counting->asked->time - period * G_USEC_PER_SEC, n = 0;

  for (guint i = times != NULL ? times->len : 0; i > 0; i--, n++)
    if (g_array_index (times, gint64, i - 1) <= since)
      break;
  return n;
}

static void
add_time (gpointer user, const char *rule, gint64 longest_period)
{
  const Counting *counting = user;
  char *key = count_key (counting, rule);
  GArray *times = g_hash_table_lookup (counting->times, key);

  if (times == NULL)
    {
      times = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_hash_table_insert (counting->times, g_strdup (key), times);
    }
  g_array_append_val (times, counting->asked->time);
  g_free (key);
}

static GHashTable *
times_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
}

/* ---- one request ---- */

typedef struct
{
  PolicyOutlook outlook;
  PolicyDecision decision;
} Answer;

static Answer
ask (Counting *counting, const CliPastRequest *past)
{
  Answer answer;

  counting->asked = past;
  policy_request_count (past->request, count, counting);
  cli_rules_look_out (counting->rules, past->request, &answer.outlook);
  cli_rules_decide (counting->rules, past->request, &answer.decision);
  if (answer.outlook.least == POLICY_ASK
      && cli_rules_standing (counting->rules, past->request, &answer.decision) != NULL)
    answer.outlook.least = answer.outlook.most = POLICY_ALLOW;
  if (answer.outlook.most != POLICY_DENY)
    policy_request_counted (past->request, counting->rules->policy, add_time, counting);
  return answer;
}

static gboolean
is_sure (const Answer *answer)
{
  return answer->outlook.least == answer->outlook.most;
}

/* ---- all of them ---- */

static void
change_free (gpointer data)
{
  CliReplayChange *change = data;

  g_free (change->request);
  g_free (change->place);
  g_free (change->rule);
  g_free (change);
}

void
cli_replay_clear (CliReplay *replay)
{
  g_clear_pointer (&replay->changes, g_ptr_array_unref);
}

static CliReplayChange *
change_new (const CliPastRequest *past, PolicyVerdict was, const Answer *becomes,
            const CliRules *proposed)
{
  CliReplayChange *change = g_new0 (CliReplayChange, 1);

  change->request = policy_request_brief (past->request);
  change->was = was;
  change->becomes = becomes->outlook.least;
  change->place = policy_rule_place (proposed->policy, becomes->decision.rule);
  change->rule = policy_rule_text (proposed->policy, becomes->decision.rule);
  return change;
}

static gboolean
is_alike (const CliReplayChange *one, const CliReplayChange *other)
{
  return one->was == other->was && one->becomes == other->becomes
         && g_strcmp0 (one->place, other->place) == 0 && g_str_equal (one->request, other->request);
}

/* Takes @change. */
static void
add_change (GHashTable *alike, CliReplay *replay, CliReplayChange *change)
{
  GPtrArray *group = g_hash_table_lookup (alike, change->request);
  CliReplayChange *found = NULL;

  if (group == NULL)
    {
      group = g_ptr_array_new ();
      g_hash_table_insert (alike, g_strdup (change->request), group);
    }
  for (guint i = 0; i < group->len && found == NULL; i++)
    if (is_alike (group->pdata[i], change))
      found = group->pdata[i];
  if (found != NULL)
    change_free (change);
  else
    {
      found = change;
      g_ptr_array_add (group, found);
      g_ptr_array_add (replay->changes, found);
    }
  found->n++;
}

static int
by_number (gconstpointer a, gconstpointer b)
{
  const CliReplayChange *one = *(CliReplayChange *const *) a,
                        *other = *(CliReplayChange *const *) b;

  return one->n != other->n ? (one->n > other->n ? -1 : 1)
                            : g_strcmp0 (one->request, other->request);
}

static void
replay_one (const CliPastRequest *past, Counting *accepted, Counting *proposed, GHashTable *alike,
            CliReplay *replay)
{
  Answer was = ask (accepted, past), becomes = ask (proposed, past);

  if (!is_sure (&was) || !is_sure (&becomes))
    {
      replay->open++;
      replay->missing |= is_sure (&was) ? 0 : was.outlook.missing;
      replay->missing |= is_sure (&becomes) ? 0 : becomes.outlook.missing;
      return;
    }
  replay->before[was.outlook.least]++;
  replay->after[becomes.outlook.least]++;
  if (was.outlook.least != becomes.outlook.least)
    add_change (alike, replay, change_new (past, was.outlook.least, &becomes, proposed->rules));
}

void
cli_replay (const CliPast *past, const CliRules *accepted, const CliRules *proposed,
            CliReplay *replay)
{
  g_autoptr (GHashTable) before = times_new (), after = times_new ();
  g_autoptr (GHashTable) alike
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  Counting one = { accepted, before, NULL }, other = { proposed, after, NULL };

  *replay = (CliReplay){ .changes = g_ptr_array_new_with_free_func (change_free) };
  for (guint i = 0; i < past->requests->len; i++)
    replay_one (past->requests->pdata[i], &one, &other, alike, replay);
  g_ptr_array_sort (replay->changes, by_number);
}
