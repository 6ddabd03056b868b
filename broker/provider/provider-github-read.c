/* SPDX-License-Identifier: MIT
 *
 * What GitHub answers an App (REST API, "Create an installation access token for an app", "Revoke
 * an installation access token").
 */
#include "broker/provider/provider-answer.h"
#include "broker/provider/provider-readers.h"
#include "broker/provider/provider-repositories.h"

#include "broker/base/wire.h"

#define WHO "GitHub"

static const struct
{
  long status;
  const char *code, *message;
} faults[] = {
  { 401, "refused",
    "GitHub does not take the key that this provider signs with: see that app and key belong "
    "together, and that the key was not taken away from the App" },
  { 403, "refused",
    "GitHub does not let the App do this: see that its installation is not suspended" },
  { 404, "refused",
    "GitHub knows no such installation of the App: see that installation and app are right" },
  { 422, "invalid_scope",
    "GitHub does not issue this: a repository is not part of the installation, or a permission is "
    "not one of the App's; ask for those it has" },
};

static gboolean
refuse_fault (const ProviderReply *reply, ProviderRead *read)
{
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    if (reply->status == faults[i].status && reply->retry_after == NULL
        && !provider_answer_skewed (reply))
      return !provider_answer_refuse (read, faults[i].code, "%s", faults[i].message);
  return FALSE;
}

void
provider_read_github_installation (const ProviderReply *reply, ProviderRead *read)
{
  if (refuse_fault (reply, read) || !provider_answer_status (reply, read, WHO))
    return;
  g_autoptr (json_t) answer = provider_answer_json (reply, read, WHO);
  if (answer == NULL || !repositories_read (answer, reply->expect, read, WHO))
    return;
  gint64 end = provider_answer_time (provider_answer_word (answer, "expires_at", 64));
  if (provider_answer_expires (reply, read, end, "the token of GitHub"))
    repositories_token (answer, read, WHO);
}

/* What is gone already is as good as taken back. */
void
provider_read_github_revoked (const ProviderReply *reply, ProviderRead *read)
{
  read->ok
      = reply->status == 401 || reply->status == 404 || provider_answer_status (reply, read, WHO);
}
