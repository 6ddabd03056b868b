/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-login-guide.h"

#include <string.h>

#define CALLBACK "http://localhost:9876/oauth/callback"
#define STEPS(...)                                                                                 \
  (const char *const[])                                                                            \
  {                                                                                                \
    __VA_ARGS__, NULL                                                                              \
  }

#define CLIENT(prefix)                                                                             \
  { .key = "client", .prompt = "Client ID", .variable = prefix "_CLIENT_ID" },                     \
  {                                                                                                \
    .key = "client-secret", .prompt = "Client secret", .variable = prefix "_CLIENT_SECRET",        \
    .kind = CLI_ANSWER_SECRET                                                                      \
  }

static const CliGuide guides[] = {
  { .name = "github",
    .what = "an OAuth app of yours at GitHub",
    .steps
    = STEPS ("Open https://github.com/settings/developers", "Choose OAuth Apps, then New OAuth App",
             "Application name: Countersign, or what you like. Homepage URL: "
             "http://localhost",
             "Authorization callback URL: " CALLBACK,
             "Tick Enable Device Flow, if you want to log in by a code (--device)",
             "Press Register application, and copy the Client ID",
             "Press Generate a new client secret, and copy it"),
    .questions = { CLIENT ("GITHUB") },
    .lines = "kind oauth2\n"
             "client {client}\n"
             "client-secret {client-secret}\n",
    .next = "countersign login github --scope read:user" },
  { .name = "google",
    .what = "an OAuth client of yours at Google",
    .steps
    = STEPS ("Open https://console.cloud.google.com/apis/credentials",
             "Press Create Credentials, and choose OAuth client ID",
             "Application type: Web application", "Add to Authorized redirect URIs: " CALLBACK,
             "Press Create; copy the Client ID and the Client Secret"),
    .questions = { CLIENT ("GCP") },
    .lines = "kind oauth2\n"
             "client {client}\n"
             "client-secret {client-secret}\n",
    .next = "countersign login google --scope openid --scope email" },
  { .name = "azure",
    .what = "an app registration of yours at Microsoft",
    .steps
    = STEPS ("Open https://portal.azure.com and choose Microsoft Entra ID (Azure Active "
             "Directory), then App registrations",
             "Press New registration; the name may be any",
             "Supported account types: Accounts in any organizational directory and personal "
             "Microsoft accounts, or your own directory alone",
             "Redirect URI, of the type Web: " CALLBACK,
             "Press Register, and copy the Application (client) ID",
             "Under Certificates & secrets press New client secret, and copy its Value, "
             "not its ID"),
    .questions = { CLIENT ("AZURE"),
                   { .key = "tenant",
                     .prompt = "Directory (tenant) ID; empty for accounts of any",
                     .otherwise = "common" } },
    .lines = "kind oauth2\n"
             "client {client}\n"
             "client-secret {client-secret}\n"
             "tenant {tenant}\n",
    .next = "countersign login azure --scope offline_access --scope User.Read" },
  { .name = "okta",
    .what = "an app integration of yours at Okta",
    .steps
    = STEPS ("Open your Okta Admin Console; choose Applications, then Create App "
             "Integration",
             "Choose OIDC - OpenID Connect, then Web Application",
             "Tick Refresh Token among the grant types", "Add to Sign-in redirect URIs: " CALLBACK,
             "Save; copy the Client ID and the Client Secret"),
    .questions = { CLIENT ("OKTA"),
                   { .key = "domain",
                     .prompt = "Okta domain, as in your-org.okta.com",
                     .variable = "OKTA_DOMAIN" } },
    .lines = "kind oauth2\n"
             "client {client}\n"
             "client-secret {client-secret}\n"
             "domain {domain}\n",
    .next = "countersign login okta --scope openid --scope offline_access" },
  { .name = "oauth2",
    .what = "a client of yours at any other OAuth 2 or OpenID Connect provider",
    .steps = STEPS ("In your provider's console, register a web application or a native one",
                    "Redirect URI: " CALLBACK,
                    "Copy the client ID and, where there is one, the client secret",
                    "Find the issuer: the URL below which the provider has "
                    "/.well-known/openid-configuration"),
    .questions = { { .key = "client", .prompt = "Client ID", .variable = "OAUTH2_CLIENT_ID" },
                   { .key = "client-secret",
                     .prompt = "Client secret; empty for none",
                     .variable = "OAUTH2_CLIENT_SECRET",
                     .may = TRUE,
                     .kind = CLI_ANSWER_SECRET },
                   { .key = "issuer", .prompt = "Issuer, as in https://login.example.com" } },
    .lines = "kind oauth2\n"
             "client {client}\n"
             "client-secret {client-secret}\n"
             "issuer {issuer}\n",
    .next = "countersign login oauth2 --scope openid" },
  { .name = "aws",
    .what = "a user of yours at AWS that may take on roles",
    .steps
    = STEPS ("Open https://console.aws.amazon.com/iam and choose Users, then Create user; it "
             "needs no console access and no permission but to assume the role",
             "Under Security credentials press Create access key; copy both parts of it",
             "Under Roles choose the role; in its trust relationship allow that user "
             "sts:AssumeRole",
             "Copy the role's ARN"),
    .questions
    = { { .key = "keys",
          .prompt = "Access key, as ACCESS-KEY-ID:SECRET-ACCESS-KEY",
          .kind = CLI_ANSWER_SECRET },
        { .key = "role", .prompt = "ARN of the role" },
        { .key = "region", .prompt = "Region, as in eu-central-1; empty for none", .may = TRUE },
        { .key = "endpoint",
          .prompt = "Address of AWS STS, if it is not AWS's own; else empty",
          .variable = "AWS_ENDPOINT_URL_STS",
          .may = TRUE } },
    .lines = "kind aws\n"
             "role {role}\n"
             "from keys {keys}\n"
             "region {region}\n"
             "endpoint {endpoint}\n",
    .next = "countersign aws-credentials --role ARN" },
  { .name = "github-app",
    .what = "a GitHub App of yours",
    .steps = STEPS ("Open https://github.com/settings/apps, or those of your organisation, and "
                    "press New GitHub App",
                    "Turn the webhook off, and choose the repository permissions that it may have "
                    "at most",
                    "Press Create GitHub App, and copy the Client ID",
                    "Under Private keys press Generate a private key: a .pem file is saved",
                    "Choose Install App, and the repositories; the address of the page that "
                    "follows ends in the installation's number"),
    .questions = { { .key = "app", .prompt = "Client ID, or App ID" },
                   { .key = "installation", .prompt = "Number of the installation" },
                   { .key = "key", .prompt = "Where the .pem file is", .kind = CLI_ANSWER_FILE },
                   { .key = "owner",
                     .prompt = "Owner of the repositories; empty for none named",
                     .may = TRUE } },
    .lines = "kind github-app\n"
             "app {app}\n"
             "installation {installation}\n"
             "key {key}\n"
             "owner {owner}\n",
    .next = "delete the .pem file: the broker keeps the key from now on" },
  { .name = "vouch",
    .what = "a client of yours at Vouch",
    .steps = STEPS ("Ask whoever runs your Vouch for a client with the redirect URI " CALLBACK),
    .questions = { { .key = "issuer",
                     .prompt = "Issuer; empty for https://us.vouch.sh",
                     .variable = "VOUCH_ISSUER",
                     .otherwise = "https://us.vouch.sh" },
                   { .key = "client", .prompt = "Client ID" },
                   { .key = "client-secret",
                     .prompt = "Client secret; empty for none",
                     .may = TRUE,
                     .kind = CLI_ANSWER_SECRET } },
    .lines = "kind vouch\n"
             "issuer {issuer}\n"
             "client {client}\n"
             "client-secret {client-secret}\n",
    .next = "countersign login vouch" },
  { .name = "ssh-ca",
    .what = "the authority that your SSH servers trust for users",
    .steps
    = STEPS ("Once this is accepted, write what countersign ssh-ca show prints into a file on "
             "each server, as in /etc/ssh/countersign-ca.pub",
             "Name that file in its sshd_config: TrustedUserCAKeys "
             "/etc/ssh/countersign-ca.pub",
             "For what is revoked before its end: put the file of countersign ssh-ca krl -o FILE "
             "there too, now and after each revocation, and name it: RevokedKeys "
             "/etc/ssh/countersign-revoked",
             "Have sshd read that: systemctl reload ssh"),
    .questions = { { .key = "principal",
                     .prompt = "Users that certificates may be for, with a blank between them",
                     .kind = CLI_ANSWER_TEXT },
                   { .key = "max", .prompt = "Longest life; empty for 1h", .otherwise = "1h" } },
    .lines = "kind ssh-ca\n"
             "principal {principal}\n"
             "max {max}\n",
    .next = "countersign ssh-ca show" },
  { .name = "issuer",
    .what = "an issuer of tokens that others can verify",
    .steps = STEPS ("Choose the https address at which others will find its keys: what "
                    "countersign mcp --http serves, made reachable there",
                    "Where nobody outside this machine verifies, no file is needed: then stop "
                    "here"),
    .questions = { { .key = "issuer", .prompt = "Address of the issuer" } },
    .lines = "kind issuer\n"
             "issuer {issuer}\n",
    .next = "countersign mcp --http, behind that address" },
};

const CliGuide *
cli_login_guide (const char *name)
{
  const char *wanted = strcmp (name, "gcp") == 0 ? "google" : name;

  for (gsize i = 0; i < G_N_ELEMENTS (guides); i++)
    if (strcmp (guides[i].name, wanted) == 0)
      return &guides[i];
  return NULL;
}

char *
cli_login_guide_names (void)
{
  GString *names = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (guides); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", guides[i].name);
  return g_string_free (names, FALSE);
}

char *
cli_login_guide_secret (const CliGuide *guide, const CliGuideQuestion *question)
{
  return g_strconcat (guide->name, "-", question->key, NULL);
}

/* FALSE: the line has something in it that was not answered. */
static gboolean
fill (const CliGuide *guide, const char *const *answers, GString *line)
{
  for (gsize i = 0; i < CLI_GUIDE_QUESTIONS && guide->questions[i].key != NULL; i++)
    {
      g_autofree char *place = g_strdup_printf ("{%s}", guide->questions[i].key);

      if (answers[i] == NULL && strstr (line->str, place) != NULL)
        return FALSE;
      g_string_replace (line, place, answers[i] != NULL ? answers[i] : "", 0);
    }
  return TRUE;
}

char *
cli_login_guide_file (const CliGuide *guide, const char *const *answers)
{
  g_auto (GStrv) lines = g_strsplit (guide->lines, "\n", -1);
  GString *text = g_string_new (NULL);
  gboolean loopback = FALSE;

  g_string_printf (text, "provider %s\n", guide->name);
  for (char **line = lines; *line != NULL; line++)
    {
      g_autoptr (GString) filled = g_string_new (*line);

      if (filled->len == 0 || !fill (guide, answers, filled))
        continue;
      g_string_append_printf (text, "%s\n", filled->str);
      /* Without TLS there is this machine alone, and that has to be said. */
      loopback |= strstr (filled->str, " http://") != NULL;
    }
  if (loopback)
    g_string_append (text, "network loopback\n");
  return g_string_free (text, FALSE);
}
