/* SPDX-License-Identifier: MIT */
#include "tests/unit/provider-case.h"

#include <stdlib.h>
#include <string.h>

#include "broker/base/wire.h"

char *
provider_case_quoted (const char *text)
{
  char *copy = g_strdup (text != NULL ? text : "{}");

  return *copy == '{' || *copy == '[' ? g_strdelimit (copy, "'", '"') : copy;
}

json_t *
provider_case_parse (const char *text)
{
  g_autofree char *copy = provider_case_quoted (text);
  g_autoptr (GError) error = NULL;
  json_t *value = wire_parse (copy, strlen (copy), TRUE, &error);

  g_assert_no_error (error);
  return value;
}

void
provider_case_says (const char *text, const char *says)
{
  if (strstr (text, says) == NULL)
    g_error ("\"%s\" does not say \"%s\"", text, says);
}

Providers *
provider_case_load (const char *text, GError **error)
{
  g_autofree char *file = g_strdup_printf ("providers.d/%c.conf", text[strlen ("provider ")]);
  const PolicySource all[] = { { file, text, strlen (text) },
                               { "providers.d/v.conf", VOUCH, strlen (VOUCH) },
                               { "providers.d/i.conf", ISSUER_FILE, strlen (ISSUER_FILE) } };
  const PolicySource vouch[] = { { file, text, strlen (text) }, all[2] };
  gboolean is_vouch = text[strlen ("provider ")] == 'v';

  return providers_parse (is_vouch ? vouch : all, is_vouch ? 2 : 3, error);
}

void
provider_case_clear (ProviderCase *self)
{
  providers_unref (self->providers);
  json_decref (self->args);
}
static Operation
operation_of (const ProviderModule *module, const json_t *args)
{
  if (json_object_get (args, "role_arn") != NULL)
    return OPERATION_AWS_CREDENTIALS;
  return json_object_get (args, "public_key") != NULL ? OPERATION_SSH_CERTIFICATE
                                                      : OPERATION_GITHUB_TOKEN;
}

void
provider_case_init (ProviderCase *self, const char *file, const char *args)
{
  g_autoptr (GError) error = NULL;
  const char name[] = { file[strlen ("provider ")], '\0' };

  self->providers = provider_case_load (file, &error);
  g_assert_no_error (error);
  self->args = provider_case_parse (args);
  const Provider *provider = providers_find (self->providers, name);
  self->module = provider_module (provider_kind (provider));
  self->ask = (ProviderAsk){ .provider = provider,
                             .providers = self->providers,
                             .operation = operation_of (self->module, self->args),
                             .args = self->args,
                             .seconds = 3600,
                             .now = CASE_NOW,
                             .id = "r1",
                             .holder = "node js" };
  g_assert_true ((self->module->serves & (1u << self->ask.operation)) != 0);
}

char *
provider_case_needs (const ProviderExchange *exchange)
{
  static const char *const kinds[] = { [NEED_STORED] = "stored",
                                       [NEED_LOGIN] = "login",
                                       [NEED_EARLIER] = "earlier",
                                       [NEED_SIGNED] = "signed",
                                       [NEED_MINTED] = "minted" };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < exchange->needs->len; i++)
    {
      const ProviderNeed *need = g_ptr_array_index (exchange->needs, i);
      char *claims
          = need->claims != NULL ? json_dumps (need->claims, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
      g_string_append_printf (text, "%s%s %s %s%s%s", i > 0 ? "; " : "", need->as,
                              kinds[need->kind], need->name, claims != NULL ? " " : "",
                              claims != NULL ? claims : "");
      free (claims);
    }
  return g_string_free (text, FALSE);
}

ProviderRead *
provider_case_read (const char *reader, const ProviderCaseReply *row, const char *body, gsize len)
{
  g_autoptr (json_t) expect = provider_case_parse (row->expect);
  const ProviderReply reply = { .status = row->status,
                                .retry_after = row->retry_after,
                                .date = row->date,
                                .body = body,
                                .len = len,
                                .now = CASE_NOW,
                                .expect = expect };

  g_assert_true (provider_reader_exists (reader));
  return provider_read (reader, &reply);
}

void
provider_case_refused (const ProviderRead *read, const char *code, const char *says)
{
  g_assert_false (read->ok);
  g_assert_cmpuint (read->values->len, ==, 0);
  g_assert_cmpuint (json_object_size (read->fields), ==, 0);
  g_assert_cmpstr (read->code, ==, code);
  g_assert_null (strstr (read->message, WORD));
  provider_case_says (read->message, says);
}

const ProviderValue *
provider_case_value (const ProviderRead *read, const char *name)
{
  for (guint i = 0; i < read->values->len; i++)
    if (strcmp (((ProviderValue *) read->values->pdata[i])->name, name) == 0)
      return read->values->pdata[i];
  return NULL;
}
