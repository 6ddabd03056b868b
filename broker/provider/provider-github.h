/* SPDX-License-Identifier: MIT
 *
 * GitHub's REST API, for those whose tokens are GitHub's.
 */
#pragma once

#include "broker/provider/provider-module.h"

/* @directive of @provider, or GitHub's own. */
const char *github_api (const Provider *provider, const char *directive);
/* A request to @path of @api with @authorization as bearer. NULL with an error. */
ProviderExchange *github_exchange (const Provider *provider, const char *api, const char *method,
                                   const char *path, const char *authorization, const char *answer,
                                   GError **error);
/* Takes a token of an installation back: NEED_EARLIER "token". */
ProviderExchange *github_revoke (const Provider *provider, const char *api);
