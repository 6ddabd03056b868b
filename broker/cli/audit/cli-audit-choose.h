/* SPDX-License-Identifier: MIT
 *
 * The options by which `audit list` and `audit follow` choose records.
 */
#pragma once

#include "broker/cli/audit/cli-audit-filter.h"
#include "broker/cli/audit/cli-audit.h"

typedef struct
{
  /* As given. */
  char *event, *request, *since, *until, *requester, *operation, *resource, *decision;
  gboolean no_names;
  /* What they mean. */
  char *token; /* of the resource, when that is a name */
  CliAuditChoice choice;
  CliFilter filter;
} CliChoose;
void cli_choose_clear (CliChoose *choose);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliChoose, cli_choose_clear)

#define CLI_CHOOSE_ENTRIES(choose)                                                                      \
  { "requester",                                                                                        \
    0,                                                                                                  \
    0,                                                                                                  \
    G_OPTION_ARG_FILENAME,                                                                              \
    &(choose).requester,                                                                                \
    "Only of this requester: program, subject, caller or pid; * and ? stand for others",                \
    "PATTERN" },                                                                                        \
      { "operation", 0, 0, G_OPTION_ARG_FILENAME, &(choose).operation, "Only of this operation",        \
        "OPERATION" },                                                                                  \
      { "resource",                                                                                     \
        0,                                                                                              \
        0,                                                                                              \
        G_OPTION_ARG_FILENAME,                                                                          \
        &(choose).resource,                                                                             \
        "Only of this secret, service or provider; * and ? stand for others",                           \
        "PATTERN" },                                                                                    \
      { "decision",                                                                                     \
        0,                                                                                              \
        0,                                                                                              \
        G_OPTION_ARG_FILENAME,                                                                          \
        &(choose).decision,                                                                             \
        "Only this decision: granted, denied, expired…",                                                \
        "DECISION" },                                                                                   \
      { "event", 0, 0, G_OPTION_ARG_FILENAME, &(choose).event, "Only records of this event", "EVENT" }, \
      { "request",                                                                                      \
        0,                                                                                              \
        0,                                                                                              \
        G_OPTION_ARG_FILENAME,                                                                          \
        &(choose).request,                                                                              \
        "Only records of this request or grant",                                                        \
        "ID" },                                                                                         \
  {                                                                                                     \
    "no-names", 0, 0, G_OPTION_ARG_NONE, &(choose).no_names, "Ask for no PIN; names stay sealed",       \
        NULL                                                                                            \
  }
#define CLI_SINCE_ENTRY(choose)                                                                    \
  {                                                                                                \
    "since", 0, 0, G_OPTION_ARG_FILENAME, &(choose).since,                                         \
        "Not before this time: 2026-11-21, “yesterday 18:00”, monday, 2h", "TIME"                  \
  }
#define CLI_UNTIL_ENTRY(choose)                                                                    \
  {                                                                                                \
    "until", 0, 0, G_OPTION_ARG_FILENAME, &(choose).until,                                         \
        "Not after this time; a day means to its end", "TIME"                                      \
  }

/* Judges what was given. FALSE: it has been said what is wrong (CLI_USAGE). */
gboolean cli_choose_check (const Cli *cli, CliChoose *choose);
/* Asks the broker what only it knows: after cli_trail_unseal(). */
gboolean cli_choose_resolve (CliChoose *choose, const CliTrail *trail, GError **error);
