/* SPDX-License-Identifier: MIT */
#include "broker/cli/policy/cli-explained.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "approve-ui/card/card-wrap.h"
#include "broker/cli/cli-output.h"
#include "policy/explain/policy-why.h"

#define COLUMNS_OTHERWISE 80
#define COLUMNS_LEAST 40
#define COLUMNS_MOST 100 /* longer lines are hard to read */
#define INDENT 4         /* of what belongs to the line above */
#define NEAR_MOST 5      /* of those that nearly matched, unless all are wanted */

gsize
cli_columns (void)
{
  struct winsize size = { 0 };

  if (!isatty (STDOUT_FILENO) || ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return COLUMNS_OTHERWISE;
  return CLAMP (size.ws_col, COLUMNS_LEAST, COLUMNS_MOST);
}

void
cli_wrapped (const char *label, const char *text, gsize indent)
{
  g_autofree char *shown = cli_escape_message (text);
  g_autoptr (GString) out = g_string_new (label);
  gsize used = label != NULL ? card_text_width (label) : indent;

  if (used < indent)
    g_string_append_printf (out, "%*s", (int) (indent - used), "");
  card_wrap (out, shown, indent, cli_columns () - 1);
  puts (out->str);
}

static const char *
paint (const char *code)
{
  return cli_colour (stdout) ? code : "";
}

void
cli_heading (const char *heading)
{
  printf ("\n%s%s%s\n", paint ("\033[1m"), heading, paint ("\033[0m"));
}

/* ---- rules ---- */

typedef struct
{
  const CliRules *rules;
  const GPtrArray *whys; /* of PolicyWhy */
  PolicyDecision decision;
  char *aside;          /* what else is to be said, or NULL */
  const char *standing; /* the ID of the standing rule that answers, or NULL */
  gboolean refused;     /* before the policy is asked: aside says why */
  PolicyOutlook outlook;
  gboolean sure; /* nothing decides that is not known */
} Explanation;

static void
print_rule (const Explanation *this, const PolicyWhy *why)
{
  g_autofree char *place = policy_rule_place (this->rules->policy, why->rule);
  g_autofree char *text = policy_rule_text (this->rules->policy, why->rule);

  cli_wrapped ("", place, 2);
  cli_wrapped ("", text, INDENT);
  if (why->why == NULL)
    return;
  g_autofree char *because = g_strdup_printf (
      "%s%s%s%s", why->clause != NULL ? why->clause : "", why->clause != NULL ? ": " : "", why->why,
      why->maybe && why->part >= POLICY_PART_BEATEN ? ", so that the rule counts" : "");
  cli_wrapped ("    ↳", because, INDENT + 2);
}

/* Of those that nearly match, the ones about the very thing tell more than those about others. */
static int
by_nearness (gconstpointer a, gconstpointer b)
{
  const PolicyWhy *one = *(PolicyWhy *const *) a, *other = *(PolicyWhy *const *) b;
  gboolean far = g_strcmp0 (one->clause, "of") == 0,
           other_far = g_strcmp0 (other->clause, "of") == 0;

  return far != other_far ? far - other_far : one->rule - other->rule;
}

/* Those of one part, @most at most; how many were left out. */
static guint
print_part (const Explanation *this, PolicyPart part, const char *heading, guint most)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  for (guint i = 0; i < this->whys->len; i++)
    if (((const PolicyWhy *) this->whys->pdata[i])->part == part)
      g_ptr_array_add (found, this->whys->pdata[i]);
  if (part == POLICY_PART_NEAR && found->len > most)
    g_ptr_array_sort (found, by_nearness);
  if (found->len > 0)
    cli_heading (heading);
  for (guint i = 0; i < MIN (found->len, most); i++)
    print_rule (this, found->pdata[i]);
  return found->len - MIN (found->len, most);
}

static guint
count_part (const Explanation *this, PolicyPart part)
{
  guint n = 0;

  for (guint i = 0; i < this->whys->len; i++)
    n += ((const PolicyWhy *) this->whys->pdata[i])->part == part;
  return n;
}

static void
print_rules (const Explanation *this, gboolean all)
{
  guint most = all ? G_MAXUINT : NEAR_MOST;

  print_part (this, POLICY_PART_DECIDED, "Decided by", G_MAXUINT);
  print_part (this, POLICY_PART_BEATEN, "Matched too, but a stricter verdict goes first",
              G_MAXUINT);
  guint left = print_part (this, POLICY_PART_NEAR, "Nearly matched", most);
  if (all)
    print_part (this, POLICY_PART_OTHER, "Not about this", G_MAXUINT);
  else
    left += count_part (this, POLICY_PART_OTHER);
  if (left > 0)
    printf ("\n%u more %s not match: --all\n", left, left == 1 ? "rule does" : "rules do");
}

/* ---- the verdict ---- */

static const char *
verdict_colour (PolicyVerdict verdict)
{
  static const char *const colours[] = { "\033[1;31m", "\033[1;33m", "\033[1;32m" };
  return paint (colours[verdict]);
}

/* The one line that a person has to see. */
static void
print_line (PolicyVerdict colour, const char *loud, const char *how)
{
  printf ("%s%s%s%s%s\n", verdict_colour (colour), loud, paint ("\033[0m"),
          *how != '\0' ? "  " : "", how);
}

/* A verdict that hangs on what is not known is none. */
static void
print_doubt (const Explanation *this)
{
  const PolicyOutlook *outlook = &this->outlook;
  g_autofree char *missing = policy_request_words (outlook->missing);
  g_autofree char *how = g_strdup_printf ("it may be %s or %s", cli_verdict_done (outlook->least),
                                          cli_verdict_done (outlook->most));
  g_autofree char *text = g_strdup_printf ("This is not known, and decides: %s", missing);

  print_line (POLICY_ASK, "NOT SURE", how);
  cli_wrapped ("", text, 2);
}

static void
print_verdict (const Explanation *this)
{
  static const char *const loud[] = { "DENIED", "ASKED", "ALLOWED" };
  const PolicyDecision *decision = &this->decision;
  g_autofree char *how = cli_rules_words (decision);

  if (this->refused)
    print_line (POLICY_DENY, "REFUSED", "before the policy is asked");
  else if (!this->sure)
    print_doubt (this);
  else if (this->standing != NULL)
    print_line (POLICY_ALLOW, "ALLOWED", "by a standing rule, nobody is asked");
  else
    print_line (decision->verdict, loud[decision->verdict], how);
}

/* What else there is to know before the rules are looked at. */
static void
print_asides (const Explanation *this, PolicyRequest *request)
{
  const PolicyDecision *decision = &this->decision;
  PolicyDecision said;

  if (this->standing != NULL)
    {
      g_autofree char *text = g_strdup_printf ("The policy asks, and standing rule %s answers: "
                                               "countersign rules.",
                                               this->standing);
      cli_wrapped ("", text, 2);
    }
  g_auto (GStrv) cut = policy_request_cut (request, this->rules->policy);
  if (decision->verdict != POLICY_DENY && cut[0] != NULL)
    {
      g_autofree char *scopes = g_strjoinv (", ", cut);
      g_autofree char *text = g_strdup_printf ("Left out of what is granted: %s", scopes);
      cli_wrapped ("", text, 2);
    }
  if (decision->rule < 0 && decision->verdict == POLICY_ASK && this->sure)
    puts ("  No rule matches, and what no rule matches is asked.");
  policy_request_decide (request, this->rules->policy, &said);
  if (cli_rules_asks_instead (this->rules, request, &said.verdict) && this->standing == NULL)
    cli_wrapped ("",
                 "The policy allows it, and it is asked nonetheless: here any program of yours "
                 "could be the one that asks, so only http_request and mint_token go unasked.",
                 2);
}

/* ---- as JSON ---- */

static json_t *
why_json (const Explanation *this, const PolicyWhy *why, guint id)
{
  g_autofree char *place = policy_rule_place (this->rules->policy, why->rule);
  g_autofree char *text = policy_rule_text (this->rules->policy, why->rule);

  return json_pack ("{s:i, s:s, s:s, s:s, s:s*, s:s*}", "id", (int) id, "place", place, "rule",
                    text, "part", policy_part_name (why->part), "clause", why->clause, "why",
                    why->why);
}

static void
print_json (const Explanation *this, const char *text, const json_t *record)
{
  g_autoptr (json_t) object = cli_rules_json (this->rules, &this->decision);
  json_t *list = json_array ();

  for (guint i = 0; i < this->whys->len; i++)
    json_array_append_new (list, why_json (this, this->whys->pdata[i], i + 1));
  json_object_set_new (object, "request", json_string (text));
  if (record != NULL)
    json_object_set (object, "request_id", json_object_get (record, "request_id"));
  json_object_set_new (object, "rules", list);
  if (this->standing != NULL)
    json_object_set_new (object, "standing_rule", json_string (this->standing));
  if (!this->sure)
    {
      g_autofree char *missing = policy_request_words (this->outlook.missing);
      json_object_set_new (object, "not_known", json_string (missing));
      json_object_set_new (object, "possible",
                           json_pack ("[s, s]", policy_verdict_name (this->outlook.least),
                                      policy_verdict_name (this->outlook.most)));
    }
  if (this->refused)
    json_object_set_new (object, "refused", json_string (this->aside));
  cli_json (object);
}

/* ---- all of it ---- */

/* When it was made, and how it was ruled then if that was otherwise. */
static void
print_record (const Explanation *this, PolicyRequest *request, const json_t *record)
{
  const char *text = wire_string (record, "time"), *verdict = wire_string (record, "verdict"),
             *rule = wire_string (record, "rule");
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;
  g_autoptr (GDateTime) local = time != NULL ? g_date_time_to_local (time) : NULL;
  g_autofree char *when = local != NULL ? g_date_time_format (local, "%F %T") : g_strdup ("");
  PolicyDecision now;

  printf ("    %s, %s\n", wire_string (record, "request_id"), when);
  policy_request_decide (request, this->rules->policy, &now);
  if (verdict == NULL || strcmp (verdict, policy_verdict_name (now.verdict)) == 0)
    return;
  g_autofree char *then = g_strdup_printf ("When it was made the policy said %s%s%s", verdict,
                                           rule != NULL ? ", by " : "", rule != NULL ? rule : "");
  cli_wrapped ("", then, INDENT);
}

void
cli_explain (const Cli *cli, const CliRules *rules, PolicyRequest *request, const json_t *record,
             gboolean all)
{
  gboolean refused;
  g_autofree char *aside = cli_rules_cover (rules, request, &refused);
  g_autoptr (GPtrArray) whys = policy_why (rules->policy, request);
  g_autofree char *text = policy_request_text (request);
  Explanation this = { .rules = rules, .whys = whys, .aside = aside, .refused = refused };

  cli_rules_decide (rules, request, &this.decision);
  this.standing = cli_rules_standing (rules, request, &this.decision);
  this.sure = cli_rules_look_out (rules, request, &this.outlook);
  if (cli->json)
    {
      print_json (&this, text, record);
      return;
    }
  print_verdict (&this);
  if (!refused)
    print_asides (&this, request);
  if (aside != NULL)
    cli_wrapped ("", aside, 2);
  cli_heading ("The request");
  if (record != NULL)
    print_record (&this, request, record);
  cli_wrapped ("  ", text, INDENT);
  if (!refused || all)
    print_rules (&this, all);
}
