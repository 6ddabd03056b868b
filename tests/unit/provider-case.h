/* SPDX-License-Identifier: MIT
 *
 * What the tests of AWS, GitHub and Vouch share: files, what is asked of them, what they answer.
 */
#pragma once

#include "broker/provider/provider-module.h"

#define CASE_NOW 1795266000 /* 2026-11-21T13:00:00Z */
#define CASE_DATE "Sat, 21 Nov 2026 13:00:00 GMT"
#define WORD "FROM-UPSTREAM" /* in what others write, and in nothing that is passed on */

#define ROLE "arn:aws:iam::123456789012:role/deploy"
#define AWS_KEYS                                                                                   \
  "provider a\nkind aws\nrole " ROLE                                                               \
  "\nrole arn:aws:iam::123456789012:role/dev-*\nfrom keys aws-keys\n"
#define AWS_VOUCH "provider a\nkind aws\nrole " ROLE "\nfrom vouch v\nregion eu-west-1\n"
#define AWS_ISSUER "provider a\nkind aws\nrole " ROLE "\nfrom issuer\nsession-name ci\nmax 30m\n"
#define APP "provider a\nkind github-app\napp 4711\ninstallation 99\nkey app-key\n"
#define APP_NARROW                                                                                 \
  APP "owner ann\nrepository site docs .github\npermission contents write\npermission issues "     \
      "read\n"
#define VOUCH "provider v\nkind vouch\nclient c\n"
#define ARGS_ROLE "'role_arn':'" ROLE "'"
#define ISSUER_FILE "provider i\nkind issuer\nissuer https://id.example.com\n"
#define SSH_KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqFTtVmy7tpJ2QDc2a9PK8lNLpS0VaIBRCqkhkXDUXl"

/* @text, if it begins with { or [, with each ' made a "; "{}" for NULL. g_free(). */
char *provider_case_quoted (const char *text);
json_t *provider_case_parse (const char *text); /* the same, as JSON */
/* Fails unless @says is in @text. */
void provider_case_says (const char *text, const char *says);

/* One provider's file, beside those of the vouch v and the issuer i. */
Providers *provider_case_load (const char *file, GError **error);

typedef struct
{
  Providers *providers;
  json_t *args;
  const ProviderModule *module;
  ProviderAsk ask; /* for an hour, by "node js", request r1 */
} ProviderCase;

void provider_case_init (ProviderCase *self, const char *file, const char *args);
void provider_case_clear (ProviderCase *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ProviderCase, provider_case_clear)
char *provider_case_needs (const ProviderExchange *exchange); /* "login login v {…}"; g_free() */

typedef struct
{
  long status;
  const char *expect, *date, *retry_after;
} ProviderCaseReply;

ProviderRead *provider_case_read (const char *reader, const ProviderCaseReply *reply,
                                  const char *body, gsize len);
/* It was refused as @code, in words of ours that have @says among them, and nothing came of it. */
void provider_case_refused (const ProviderRead *read, const char *code, const char *says);
const ProviderValue *provider_case_value (const ProviderRead *read, const char *name);
