/* SPDX-License-Identifier: MIT
 *
 * The files of the policy, the services and the providers in the configuration folder: proposals,
 * which rule nothing until a person has accepted them, all as one set.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "broker/base/wire.h"
#include "broker/caller/callers.h"
#include "broker/cli/cli.h"
#include "broker/provider/provider.h"
#include "broker/service/service.h"
#include "policy/policy.h"

typedef struct
{
  char *name; /* "policy.conf", "policy.d/X.conf", "services.d/X.conf" or ".pem", the same in
                 providers.d and callers.d; or a path */
  char *text; /* UTF-8 */
  gsize len;
} CliProposal;

/* policy.conf, when there is one, then policy.d/ *.conf, callers.d/, providers.d/ and services.d/
 * *.conf and *.pem, each in the order of their names. Array of CliProposal. */
GPtrArray *cli_proposals (GError **error);
/* The files at @paths instead; those in a folder that is called services.d are services, those in
 * providers.d providers, those in callers.d issuers of callers. A folder is one that is laid out as
 * the configuration folder. */
GPtrArray *cli_proposals_at (char **paths, GError **error);
/* The one that is shipped. */
GPtrArray *cli_proposals_shipped (GError **error);
/* Writes the shipped policy.conf into the configuration folder. */
gboolean cli_proposals_write (const GPtrArray *shipped, GError **error);

/* Of the policy itself: neither a service, nor a provider, nor an issuer of callers. */
gboolean cli_proposal_is_policy (const CliProposal *proposal);
/* The text of the file @name, or NULL. */
const char *cli_proposals_text (const GPtrArray *files, const char *name);
/* A copy in which the file @name has @text (NULL: is no more). */
GPtrArray *cli_proposals_with (const GPtrArray *files, const char *name, const char *text);

gboolean cli_proposals_equal (const GPtrArray *a, const GPtrArray *b);
/* [{"name","text"}], as the protocol has it, and back. */
json_t *cli_proposals_json (const GPtrArray *files);
GPtrArray *cli_proposals_from_json (const json_t *files, GError **error);
/* What the files come to; each leaves the others' alone. */
Policy *cli_proposals_parse (const GPtrArray *files, GError **error);
Services *cli_proposals_services (const GPtrArray *files, GError **error);
Providers *cli_proposals_providers (const GPtrArray *files, GError **error);
/* Whether services, providers and issuers of callers can be read. */
gboolean cli_proposals_check (const GPtrArray *files, GError **error);

/* Each file's text, escaped line by line. */
void cli_proposals_print (FILE *stream, const GPtrArray *files);
