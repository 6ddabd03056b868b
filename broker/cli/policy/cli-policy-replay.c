/* SPDX-License-Identifier: MIT
 *
 * What a proposed policy would have changed: the recorded requests under it, beside the accepted
 * one.
 */
#include <stdio.h>

#include "broker/cli/audit/cli-audit-time.h"
#include "broker/cli/policy/cli-explained.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/policy/cli-replay.h"
#include "broker/cli/cli-session.h"

#define SHOWN 10 /* of each kind, unless all are wanted */

/* What a change comes to, in the order in which a person has to know. */
static const struct
{
  PolicyVerdict becomes;
  const char *key, *words, *heading;
} kinds[] = {
  { POLICY_ALLOW, "newly_allowed", "newly allowed", "Newly allowed" },
  { POLICY_ASK, "newly_asked", "newly asked", "Newly asked" },
  { POLICY_DENY, "newly_denied", "newly denied", "Newly denied" },
};

static guint
count_becoming (const CliReplay *replay, PolicyVerdict becomes)
{
  guint n = 0;

  for (guint i = 0; i < replay->changes->len; i++)
    {
      const CliReplayChange *change = replay->changes->pdata[i];
      n += change->becomes == becomes ? change->n : 0;
    }
  return n;
}

/* ---- for people ---- */

static void
print_headline (const CliReplay *replay)
{
  guint before = replay->before[POLICY_ASK], after = replay->after[POLICY_ASK];
  g_autoptr (GString) line = g_string_new (NULL);

  if (replay->changes->len == 0)
    g_string_append (line, "Nothing changes: each request comes to what it came to");
  else if (before == after)
    g_string_append (line, "As many prompts as before");
  else
    g_string_append_printf (line, "%u %s %s", before > after ? before - after : after - before,
                            MAX (before, after) - MIN (before, after) == 1 ? "prompt" : "prompts",
                            before > after ? "fewer" : "more");
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      guint n = count_becoming (replay, kinds[i].becomes);
      if (n > 0)
        g_string_append_printf (line, ", %u %s", n, kinds[i].words);
    }
  g_autofree char *text = g_string_free (g_steal_pointer (&line), FALSE);
  cli_wrapped (NULL, text, 0);
}

static void
print_counts (const CliPast *past, const CliReplay *replay)
{
  static const char *const labels[] = { "denied", "asked", "allowed" };
  guint counted = past->requests->len - replay->open;

  printf ("\nOf %u %s  accepted  proposed\n", counted, counted == 1 ? "request: " : "requests:");
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    printf ("  %-18s%8u  %8u\n", labels[i], replay->before[i], replay->after[i]);
}

static void
print_change (const CliReplayChange *change)
{
  g_autofree char *label = g_strdup_printf ("  %3u× ", change->n);
  g_autofree char *because
      = change->place != NULL
            ? g_strdup_printf ("was %s; %s  %s", cli_verdict_done (change->was), change->place,
                               change->rule)
            : g_strdup_printf ("was %s; no rule matches", cli_verdict_done (change->was));

  cli_wrapped (label, change->request, 8);
  cli_wrapped ("", because, 10);
}

static void
print_kind (const CliReplay *replay, gsize kind, guint most)
{
  guint n = 0;

  for (guint i = 0; i < replay->changes->len; i++)
    {
      const CliReplayChange *change = replay->changes->pdata[i];
      if (change->becomes != kinds[kind].becomes || n++ >= most)
        continue;
      if (n == 1)
        cli_heading (kinds[kind].heading);
      print_change (change);
    }
  if (n > most)
    printf ("  %u more: --all\n", n - most);
}

/* What the numbers leave out. */
static void
print_left_out (const CliPast *past, const CliReplay *replay)
{
  if (replay->open > 0)
    {
      g_autofree char *missing = policy_request_words (replay->missing);
      g_autofree char *text = g_strdup_printf (
          "Not counted: %u %s recorded without what would decide (%s).", replay->open,
          replay->open == 1 ? "request was" : "requests were", missing);
      puts ("");
      cli_wrapped (NULL, text, 2);
    }
  if (past->unknown > 0)
    printf ("\nNot counted: %u that another version recorded, and this one cannot read.\n",
            past->unknown);
  if (past->uncounted > 0)
    printf ("\nNot counted: %" G_GINT64_FORMAT " that were refused too often to be recorded.\n",
            past->uncounted);
}

static void
print_replay (const CliPast *past, const CliReplay *replay, gboolean all)
{
  if (past->requests->len == 0)
    puts ("The trail has no request of that time that a policy decided about.");
  else if (past->requests->len == replay->open)
    puts ("Nothing is known: each request was recorded without what would decide.");
  else
    {
      print_headline (replay);
      print_counts (past, replay);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    print_kind (replay, i, all ? G_MAXUINT : SHOWN);
  print_left_out (past, replay);
}

/* ---- as JSON ---- */

static json_t *
counts_json (const guint *counts)
{
  return json_pack ("{s:I, s:I, s:I}", "denied", (json_int_t) counts[POLICY_DENY], "asked",
                    (json_int_t) counts[POLICY_ASK], "allowed", (json_int_t) counts[POLICY_ALLOW]);
}

static json_t *
changes_json (const CliReplay *replay, PolicyVerdict becomes)
{
  json_t *list = json_array ();

  for (guint i = 0; i < replay->changes->len; i++)
    {
      const CliReplayChange *change = replay->changes->pdata[i];
      if (change->becomes == becomes)
        json_array_append_new (list, json_pack ("{s:I, s:s, s:I, s:s, s:s*, s:s*}", "id",
                                                (json_int_t) json_array_size (list) + 1, "request",
                                                change->request, "count", (json_int_t) change->n,
                                                "was", policy_verdict_name (change->was), "place",
                                                change->place, "rule", change->rule));
    }
  return list;
}

static void
print_json (const CliPast *past, const CliReplay *replay)
{
  g_autofree char *missing = policy_request_words (replay->missing);
  g_autoptr (json_t) object = json_pack (
      "{s:I, s:o, s:o, s:I, s:{s:I, s:s, s:I, s:I}}", "requests",
      (json_int_t) past->requests->len - replay->open, "accepted", counts_json (replay->before),
      "proposed", counts_json (replay->after), "prompts_fewer",
      (json_int_t) replay->before[POLICY_ASK] - replay->after[POLICY_ASK], "not_counted", "open",
      (json_int_t) replay->open, "missing", missing, "unreadable", (json_int_t) past->unknown,
      "unrecorded", (json_int_t) past->uncounted);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    json_object_set_new (object, kinds[i].key, changes_json (replay, kinds[i].becomes));
  cli_json (object);
}

/* ---- the command ---- */

/* What a replay is made of. */
typedef struct
{
  CliRules accepted, proposed;
  CliStanding *standing;
  CliPast past;
} Material;

static void
material_clear (Material *material)
{
  cli_rules_clear (&material->accepted);
  cli_rules_clear (&material->proposed);
  cli_standing_free (material->standing);
  cli_past_clear (&material->past);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Material, material_clear)

static gboolean
read_all (const Cli *cli, char **policy, const char *since, Material *material, GError **error)
{
  g_auto (CliTrail) trail = { 0 };

  if (!cli_rules_proposed (cli, policy, &material->proposed, error)
      || !cli_trail_open (cli, &trail, error))
    return FALSE;
  if (trail.client == NULL && (trail.client = cli_connect_with_pin (cli, NULL, error)) == NULL)
    return FALSE;
  if (!cli_rules_accepted (cli, trail.client, &material->accepted, error)
      || (material->standing = cli_standing_read (trail.client, error)) == NULL)
    return FALSE;
  /* They answer where the proposed policy asks, too. */
  material->accepted.standing = material->proposed.standing = material->standing;
  return cli_past_read (cli, &trail, since, &material->past, error);
}

static CliStatus
replay_since (Cli *cli, char **policy, const char *since, gboolean all)
{
  g_auto (Material) material = { 0 };
  g_auto (CliReplay) replay = { 0 };
  GError *error = NULL;

  if (!read_all (cli, policy, since, &material, &error))
    return cli_fail (cli, error);
  cli_replay (&material.past, &material.accepted, &material.proposed, &replay);
  if (cli->json)
    print_json (&material.past, &replay);
  else
    print_replay (&material.past, &replay, all);
  return CLI_DONE;
}

CliStatus
cli_policy_replay (Cli *cli)
{
  g_auto (GStrv) policy = NULL;
  g_autofree char *since = NULL, *time = NULL;
  gboolean all = FALSE;
  const GOptionEntry entries[]
      = { { "since", 0, 0, G_OPTION_ARG_FILENAME, &since, "Not before this time", "TIME" },
          { "policy", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &policy,
            "Under these files (once for each), not those in the configuration folder", "FILE" },
          { "all", 0, 0, G_OPTION_ARG_NONE, &all, "Show each change", NULL },
          G_OPTION_ENTRY_NULL };
  g_autoptr (GError) error = NULL;

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  if (since != NULL && (time = cli_audit_time (since, FALSE, g_get_real_time (), &error)) == NULL)
    return cli_usage (cli, "--since: %s", error->message);
  return replay_since (cli, policy, time, all);
}
