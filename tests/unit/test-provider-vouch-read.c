/* SPDX-License-Identifier: MIT
 *
 * What Vouch answers that has to be looked into: an identity for AWS, an SSH certificate.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-jwt.h"
#include "broker/ssh/ssh-certificate.h"
#include "tests/unit/provider-case.h"
#include "tests/unit/table.h"

#define ISSUER "{'issuer':'https://us.vouch.sh'}"

static void
check_value (const ProviderRead *read, const char *name, const char *expected)
{
  const ProviderValue *value = provider_case_value (read, name);

  g_assert_nonnull (value);
  g_assert_cmpstr (value->bytes, ==, expected);
  g_assert_cmpuint (value->len, ==, strlen (expected));
}

/* --- Vouch's id token --- */

typedef struct
{
  const char *sentence, *claims, *code, *says;
} IdentityCase;

/* clang-format off */
static const IdentityCase identity_cases[] = {
  { "an identity for AWS", "{'iss':'https://us.vouch.sh','aud':'sts.amazonaws.com','exp':1795266600}", NULL, NULL },
  { "one audience in a list", "{'iss':'https://us.vouch.sh','aud':['sts.amazonaws.com'],'exp':1795266600}", NULL, NULL },
  { "an identity of another issuer", "{'iss':'https://eu.vouch.sh','aud':'sts.amazonaws.com','exp':1795266600}", "answer", "another issuer" },
  { "an issuer with a slash more", "{'iss':'https://us.vouch.sh/','aud':'sts.amazonaws.com','exp':1795266600}", "answer", "another issuer" },
  { "no issuer", "{'aud':'sts.amazonaws.com','exp':1795266600}", "answer", "another issuer" },
  { "an identity for others", "{'iss':'https://us.vouch.sh','aud':'" WORD "','exp':1795266600}", "answer", "not for AWS" },
  { "an identity for others too", "{'iss':'https://us.vouch.sh','aud':['sts.amazonaws.com','b'],'exp':1795266600}", "answer", "not for AWS" },
  { "an identity that had expired", "{'iss':'https://us.vouch.sh','aud':'sts.amazonaws.com','exp':1795265999}", "expired", "had ended" },
  { "an identity without an end", "{'iss':'https://us.vouch.sh','aud':'sts.amazonaws.com'}", "answer", "not as documented" },
  { "an end that is a text", "{'iss':'https://us.vouch.sh','aud':'sts.amazonaws.com','exp':'1795266600'}", "answer", "not as documented" },
};
/* clang-format on */

static char *
base64url (const char *text)
{
  char *encoded = g_base64_encode ((const guchar *) text, strlen (text));

  encoded[strcspn (encoded, "=")] = '\0';
  g_strdelimit (encoded, "+", '-');
  return g_strdelimit (encoded, "/", '_');
}

static char *
make_jwt (const char *claims)
{
  g_autofree char *plain = provider_case_quoted (claims), *body = base64url (plain);
  g_autofree char *head = base64url ("{\"alg\":\"ES256\",\"kid\":\"1\"}");

  return g_strconcat (head, ".", body, ".c2lnbmVk", NULL);
}

static void
test_identity (gconstpointer data)
{
  const IdentityCase *row = data;
  const ProviderCaseReply vouch = { .status = 200, .expect = ISSUER };
  g_autofree char *token = make_jwt (row->claims);
  g_autofree char *body = g_strdup_printf ("{\"id_token\":\"%s\",\"expires_in\":600}", token);
  g_autoptr (ProviderRead) read = provider_case_read ("vouch-aws", &vouch, body, strlen (body));

  if (row->code != NULL)
    provider_case_refused (read, row->code, row->says);
  else
    {
      g_assert_true (read->ok);
      check_value (read, "id_token", token);
    }
}

typedef struct
{
  const char *sentence, *token, *claims;
  gboolean says;
} SaysCase;

/* {"alg":"ES256"}.{"iss":"https://a"} and {"alg":"none"} */
#define HEAD "eyJhbGciOiJFUzI1NiJ9"
#define BODY "eyJpc3MiOiJodHRwczovL2EifQ"
static const SaysCase says_cases[] = {
  { "a token of this issuer", HEAD "." BODY ".c2ln", "{'iss':'https://a'}", TRUE },
  { "a token of another issuer", HEAD "." BODY ".c2ln", "{'iss':'https://b'}", FALSE },
  { "a claim that it has not", HEAD "." BODY ".c2ln", "{'iss':'https://a','aud':'c'}", FALSE },
  { "what is no JWT", "gho_0123456789", "{'iss':'https://a'}", FALSE },
  { "nothing at all", "", "{'iss':'https://a'}", FALSE },
  { "two parts", HEAD "." BODY, "{'iss':'https://a'}", FALSE },
  { "two parts and a dot", HEAD "." BODY ".", "{'iss':'https://a'}", FALSE },
  { "four parts", HEAD "." BODY ".c2ln.c2ln", "{'iss':'https://a'}", FALSE },
  { "a part that is no base64url", HEAD ".eyJp+3Mi.c2ln", "{'iss':'https://a'}", FALSE },
  { "a part of one character", HEAD ".e.c2ln", "{'iss':'https://a'}", FALSE },
  { "a head that is no object", "W10." BODY ".c2ln", "{'iss':'https://a'}", FALSE },
};

static void
test_says (gconstpointer data)
{
  const SaysCase *row = data;
  g_autofree char *text = provider_case_quoted (row->claims);
  g_autoptr (json_t) claims = wire_parse (text, strlen (text), FALSE, NULL);

  g_assert_cmpint (provider_jwt_says (row->token, strlen (row->token), claims), ==, row->says);
}

/* --- Vouch's certificate --- */

#define PUBLIC_KEY                                                                                 \
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqFTtVmy7tpJ2QDc2a9PK8lNLpS0VaIBRCqkhkXDUXl ann@" WORD
#define OTHER_KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9A"

typedef struct
{
  const char *sentence, *key;
  guint64 serial, before;
  const char *fields; /* NULL: refused as code */
  const char *code;
} CertificateCase;

/* clang-format off */
static const CertificateCase certificate_cases[] = {
  { "a certificate for our key", PUBLIC_KEY, 7, CASE_NOW + 600, "{'serial':'7','principals':['ann'],'expires_at':1795266600}", NULL },
  { "the largest serial there is", PUBLIC_KEY, G_MAXUINT64, CASE_NOW + 600, "{'serial':'18446744073709551615','principals':['ann'],'expires_at':1795266600}", NULL },
  { "a certificate for another key", OTHER_KEY, 7, CASE_NOW + 600, NULL, "answer" },
  { "a certificate that had ended", PUBLIC_KEY, 7, CASE_NOW - 1, NULL, "expired" },
  { "a certificate for ever", PUBLIC_KEY, 7, G_MAXUINT64, NULL, "answer" },
};
/* clang-format on */

static char *
make_certificate (const CertificateCase *row)
{
  static const char *const principals[] = { "ann", NULL };
  static const guint8 bytes[SSH_SIGNATURE_BYTES] = { 0 };
  g_autoptr (SshKey) key = ssh_key_read (row->key, NULL);
  const SshCertificate certificate
      = { .key = key,
          .serial = row->serial,
          .key_id = WORD,
          .principals = principals,
          .valid_after = CASE_NOW - 60 < row->before ? CASE_NOW - 120 : 0,
          .valid_before = row->before,
          .nonce = bytes,
          .ca = bytes };
  g_assert_nonnull (key);
  g_autoptr (GByteArray) body = ssh_certificate_body (&certificate);
  return ssh_certificate_line (&certificate, body, bytes);
}

static void
test_certificate (gconstpointer data)
{
  const CertificateCase *row = data;
  const ProviderCaseReply vouch = { .status = 200, .expect = "{'public_key':'" PUBLIC_KEY "'}" };
  g_autofree char *line = make_certificate (row);
  g_autofree char *body = g_strdup_printf (
      "{\"certificate\":\"%s\",\"valid_for_seconds\":600,\"principals\":[\"root\"],\"serial\":"
      "%" G_GUINT64_FORMAT "}",
      line, row->serial);
  g_autoptr (ProviderRead) read = provider_case_read ("vouch-ssh", &vouch, body, strlen (body));

  if (row->code != NULL)
    {
      provider_case_refused (read, row->code, "certificate");
      return;
    }
  g_autofree char *text = provider_case_quoted (row->fields);
  g_autoptr (json_t) fields = wire_parse (text, strlen (text), FALSE, NULL);
  g_assert_true (read->ok);
  g_assert_true (json_equal (read->fields, fields));
  g_assert_null (strstr (provider_case_value (read, "credential")->bytes, WORD));
}

typedef struct
{
  const char *sentence, *certificate;
} NoCertificate;

static const NoCertificate no_certificates[] = {
  { "a public key for a certificate", OTHER_KEY },
  { "a type and nothing else", "ssh-ed25519-cert-v01@openssh.com" },
  { "a type and no base64", "ssh-ed25519-cert-v01@openssh.com ****" },
  { "a type and too few bytes", "ssh-ed25519-cert-v01@openssh.com AAAA" },
  { "an empty text", "" },
};

static void
test_no_certificate (gconstpointer data)
{
  const NoCertificate *row = data;
  const ProviderCaseReply vouch = { .status = 200, .expect = "{'public_key':'" PUBLIC_KEY "'}" };
  g_autofree char *body = g_strdup_printf ("{\"certificate\":\"%s\"}", row->certificate);
  g_autoptr (ProviderRead) read = provider_case_read ("vouch-ssh", &vouch, body, strlen (body));

  provider_case_refused (read, "answer", "no user certificate");
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/provider-vouch-read/identity/", identity_cases, test_identity)
  ADD_TABLE ("/provider-vouch-read/says/", says_cases, test_says)
  ADD_TABLE ("/provider-vouch-read/certificate/", certificate_cases, test_certificate)
  ADD_TABLE ("/provider-vouch-read/certificate/", no_certificates, test_no_certificate)
  return g_test_run ();
}
