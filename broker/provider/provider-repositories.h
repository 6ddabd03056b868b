/* SPDX-License-Identifier: MIT
 *
 * Repositories and permissions of GitHub tokens, for those who issue them: as an agent asks for
 * them, as scopes that a person can take away, as a request has them, as an answer names them.
 *
 * MUST
 *  - never let what is left of the scopes mean more than they say: no repository is not all of them
 */
#pragma once

#include "broker/provider/provider-module.h"

#define REPOSITORIES_MAX 500      /* of one token; GitHub's own limit */
#define REPOSITORIES_ALL "repo/*" /* every one that the installation has */
#define PERMISSIONS_ALL "permission/*"

/* NULL, or what is wrong with one name; g_free(). */
char *repositories_name_problem (const char *name);
gboolean repositories_permission_is_name (const char *name);

/* "repo/NAME" of each in @args' "repositories", or of those that @provider's file has when there is
 * none, or "repo/…" of all. Adds to @scopes (of char*). FALSE with PROVIDER_ERROR_FIELD. */
gboolean repositories_scopes (const ProviderAsk *ask, GPtrArray *scopes, GError **error);
/* "contents:read" in the same way. */
gboolean repositories_permission_scopes (const ProviderAsk *ask, GPtrArray *scopes, GError **error);

/* What of @scopes is a repository: an array of bare names; NULL: all. */
json_t *repositories_of (char **scopes);
/* {"contents":"read"}; NULL: all that there are. */
json_t *repositories_permissions_of (char **scopes);
gboolean repositories_any (char **scopes);
gboolean repositories_any_permission (char **scopes);
/* "a, b", or in words that it is all of them; g_free(). */
char *repositories_text (char **scopes);
char *repositories_permissions_text (char **scopes);

/* Whether @scopes of what was @asked leave something to issue. */
gboolean repositories_left (const ProviderAsk *ask, GError **error);

/* --- In answers --- */

/* @answer's "permissions" and "repositories" (names, or objects with one), if they are as
 * documented, into @fields, and whether they are within @expect's: nothing is passed on that is
 * more than a person approved. Else refuses. */
gboolean repositories_read (const json_t *answer, const json_t *expect, ProviderRead *read,
                            const char *who);
/* The fields of the result for an agent, without the token. */
json_t *repositories_result (const ProviderAsk *ask, const json_t *fields);
/* {"token":…} as the value credential, and as the value token that is needed to take it back. */
gboolean repositories_token (const json_t *answer, ProviderRead *read, const char *who);
