/* SPDX-License-Identifier: MIT
 *
 * The policy, the services, the providers and the issuers of callers that rule: the copies in the
 * store that a person last accepted with the PIN. Files are proposals.
 */
#pragma once

#include <jansson.h>

#include "broker/grant/principal.h"
#include "broker/vault.h"

typedef struct
{
  Policy *policy;
  Services *services;
  Providers *providers;
  Callers *callers;
} Accepted;
void accepted_free (Accepted *accepted); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Accepted, accepted_free)
/* Parses @files ([{"name","text"}], strict): those in services.d/ are services, those in
 * providers.d/ providers, those in callers.d/ issuers of callers, all others the policy. The error
 * names file, line and column. */
Accepted *accepted_parse (const json_t *files, GError **error);
/* Takes @accepted: what is asked from here on is ruled by it. */
void accepted_rule (Vault *vault, Accepted *accepted);
/* What a store without an accepted policy rules by: nothing matches, all is asked. */
gboolean accepted_load (Vault *vault, GError **error);
/* Writes @files as accepted. The caller puts the policy into force when @done says it is on disk.
 */
void accepted_save (Vault *vault, const json_t *files, WriterDone done, gpointer data);
/* {"files":[{"name","text"}],"accepted_at"}; caller owns. */
json_t *accepted_show (Vault *vault);
/* The same without the texts, for whoever has the files: [{"name","sha256"}]. */
json_t *accepted_digests (Vault *vault);
/* The one place that says who asks, from where, and when: all of a query but what is asked for, as
 * far as the policy looks at it. It borrows from @requester until the next call. */
void accepted_query (const Vault *vault, const Requester *requester, Operation operation,
                     PolicyQuery *query);
/* The same with @more (bits of PolicyNeeds) besides. */
void accepted_query_more (const Vault *vault, const Requester *requester, Operation operation,
                          guint more, PolicyQuery *query);
/* What the accepted policy says. In system mode a click is nobody's word: the PIN is asked. */
void accepted_decide (const Vault *vault, const PolicyQuery *query, PolicyDecision *decision);
/* "policy.conf:24: deny reveal"; without a rule, that none matched. g_free(). */
char *accepted_rule_name (const Vault *vault, int rule);
/* The same of what was decided otherwise. */
void accepted_raise (const Vault *vault, PolicyDecision *decision);
/* Names of files in the configuration directory that differ from what was accepted, are new, or are
 * missing. */
json_t *accepted_differs (Vault *vault);
