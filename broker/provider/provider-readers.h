/* SPDX-License-Identifier: MIT
 *
 * The readers of answers. Each is given a read that has no fields and no values, and sets ok, or
 * code and message by provider_answer_refuse().
 */
#pragma once

#include "broker/provider/provider-module.h"

void provider_read_aws_sts (const ProviderReply *reply, ProviderRead *read);
void provider_read_github_installation (const ProviderReply *reply, ProviderRead *read);
void provider_read_github_revoked (const ProviderReply *reply, ProviderRead *read);
void provider_read_vouch_aws (const ProviderReply *reply, ProviderRead *read);
void provider_read_vouch_github (const ProviderReply *reply, ProviderRead *read);
void provider_read_vouch_ssh (const ProviderReply *reply, ProviderRead *read);
void provider_read_oauth_token (const ProviderReply *reply, ProviderRead *read);
void provider_read_oauth_device (const ProviderReply *reply, ProviderRead *read);
void provider_read_oauth_metadata (const ProviderReply *reply, ProviderRead *read);
void provider_read_oauth_issuer (const ProviderReply *reply, ProviderRead *read);
void provider_read_oauth_revoked (const ProviderReply *reply, ProviderRead *read);
void provider_read_jwks (const ProviderReply *reply, ProviderRead *read);
