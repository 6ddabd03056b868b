/* SPDX-License-Identifier: MIT
 *
 * The table of readers.
 *
 * MUST
 *  - hand out values only of an answer that was taken whole
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-readers.h"

static const struct
{
  const char *name;
  void (*read) (const ProviderReply *reply, ProviderRead *read);
} readers[] = {
  { "aws-sts", provider_read_aws_sts },
  { "github-installation", provider_read_github_installation },
  { "github-revoked", provider_read_github_revoked },
  { "vouch-aws", provider_read_vouch_aws },
  { "vouch-github", provider_read_vouch_github },
  { "vouch-ssh", provider_read_vouch_ssh },
  { "oauth-token", provider_read_oauth_token },
  { "oauth-device", provider_read_oauth_device },
  { "oauth-metadata", provider_read_oauth_metadata },
  { "oauth-issuer", provider_read_oauth_issuer },
  { "oauth-revoked", provider_read_oauth_revoked },
  { "jwks", provider_read_jwks },
};

static int
find (const char *reader)
{
  for (gsize i = 0; i < G_N_ELEMENTS (readers); i++)
    if (strcmp (readers[i].name, reader) == 0)
      return (int) i;
  return -1;
}

gboolean
provider_reader_exists (const char *reader)
{
  return find (reader) >= 0;
}

static void
value_free (gpointer data)
{
  ProviderValue *value = data;
  g_free (value->name);
  wire_text_free (value->bytes, value->len);
  g_free (value);
}

ProviderRead *
provider_read (const char *reader, const ProviderReply *reply)
{
  int row = find (reader);
  ProviderRead *read = g_new0 (ProviderRead, 1);
  read->fields = json_object ();
  read->values = g_ptr_array_new_with_free_func (value_free);
  g_return_val_if_fail (row >= 0, read);
  readers[row].read (reply, read);
  if (!read->ok)
    {
      json_object_clear (read->fields);
      g_ptr_array_set_size (read->values, 0);
    }
  return read;
}

void
provider_read_free (ProviderRead *read)
{
  if (read == NULL)
    return;
  json_decref (read->fields);
  g_ptr_array_unref (read->values);
  g_free (read->code);
  g_free (read->message);
  g_free (read);
}
