/* SPDX-License-Identifier: MIT
 *
 * Between the files about AWS.
 *
 * MUST
 *  - ask for no role that the person's file does not name
 *  - make a session policy that is good for what was granted, and for nothing else
 */
#pragma once

#include "broker/provider/provider-module.h"

#define AWS_SCOPE_ROLE "role" /* all that the role may */
#define AWS_SECONDS_MIN 900   /* DurationSeconds: AWS issues for no less */
#define AWS_SECONDS_MAX 43200 /* and for no more */
#define AWS_AUDIENCE "sts.amazonaws.com"
#define AWS_POLICY_MAX 2048 /* characters of a session policy, before AWS packs it */

/* The second to the last part of "arn:aws:iam::123456789012:role/path/name" */
gboolean aws_role_is_arn (const char *text, gboolean glob);
char *aws_role_account (const char *arn); /* g_free() */

/* "ACTION" or "ACTION RESOURCE-ARN"; NULL, or what is wrong with it; g_free(). */
char *aws_scope_problem (const char *scope);
/* The session policy of @scopes; NULL: they are the whole role. g_free(). */
char *aws_policy (char **scopes);

/* What the provider module has of the rest. */
char *aws_session_name (const ProviderAsk *ask);
gint64 aws_seconds (const ProviderAsk *ask); /* that AWS is asked for */
const char *aws_source (const Provider *provider,
                        const char **name); /* "keys", "vouch", "issuer" */
char *aws_endpoint (const Provider *provider);
void aws_facts (const ProviderAsk *ask, json_t *facts);
ProviderExchange *aws_request (const ProviderAsk *ask, guint step, const json_t *fields,
                               GError **error);
json_t *aws_result (const ProviderAsk *ask, const json_t *fields);
