/* SPDX-License-Identifier: MIT
 *
 * Public keys, beside ssh-keygen: what it makes is read, with the fingerprint it prints; and what
 * is no such line is refused with what it is instead.
 */
#include <string.h>

#include "broker/ssh/ssh-key.h"
#include "broker/ssh/ssh-wire.h"
#include "tests/unit/ssh-case.h"
#include "tests/unit/table.h"

typedef struct
{
  const char *sentence, *kind, *bits, *type, *words;
} MadeCase;

static const MadeCase made_cases[] = {
  { "Ed25519", "ed25519", "256", "ssh-ed25519", "Ed25519" },
  { "ECDSA P-256", "ecdsa", "256", "ecdsa-sha2-nistp256", "ECDSA P-256" },
  { "ECDSA P-384", "ecdsa", "384", "ecdsa-sha2-nistp384", "ECDSA P-384" },
  { "ECDSA P-521", "ecdsa", "521", "ecdsa-sha2-nistp521", "ECDSA P-521" },
  { "RSA of 2048 bits", "rsa", "2048", "ssh-rsa", "RSA, 2048 bits" },
  { "RSA of 3072 bits", "rsa", "3072", "ssh-rsa", "RSA, 3072 bits" },
};

static void
test_made (gconstpointer data)
{
  const MadeCase *row = data;
  g_autoptr (SshCase) here = ssh_case_new ();
  g_autofree char *line = ssh_case_make_key (here, row->kind, row->bits);
  g_autoptr (GError) error = NULL;
  g_autoptr (SshKey) key = ssh_key_read (line, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (ssh_key_type (key), ==, row->type);
  g_assert_cmpstr (ssh_key_words (key), ==, row->words);
  GBytes *blob = ssh_key_blob (key);
  g_autofree char *print = ssh_fingerprint (g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));
  g_autofree char *theirs = ssh_case_run (here, 0, "ssh-keygen", "-l", "-f", "key.pub", NULL);
  g_assert_nonnull (strstr (theirs, print));
}

/* What ends is cut: at each byte of the blob, and with one more behind it. */
static void
test_cut (gconstpointer data)
{
  const MadeCase *row = data;
  g_autoptr (SshCase) here = ssh_case_new ();
  g_autofree char *line = ssh_case_make_key (here, row->kind, row->bits);
  g_autoptr (SshKey) key = ssh_key_read (line, NULL);
  gsize len;
  const guint8 *blob = g_bytes_get_data (ssh_key_blob (key), &len);
  g_autofree guint8 *longer = g_malloc0 (len + 1);

  memcpy (longer, blob, len);
  for (gsize n = 0; n <= len + 1; n++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SshKey) read = ssh_key_read_blob (longer, n, &error);
      g_assert_true ((read != NULL) == (n == len));
      g_assert_true ((read == NULL) == (error != NULL));
    }
}

#define ED25519                                                                                    \
  "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f" /* 0, 1, 2 … 31 */

typedef struct
{
  const char *sentence, *line;
  const char *says; /* part of the refusal; NULL: it is read */
} LineCase;

static const LineCase line_cases[] = {
  { "type and key", "ssh-ed25519 " ED25519, NULL },
  { "a comment behind it", "ssh-ed25519 " ED25519 " me@here and more", NULL },
  { "a line feed at the end", "ssh-ed25519 " ED25519 " me@here\n", NULL },
  { "carriage return and line feed at the end", "ssh-ed25519 " ED25519 "\r\n", NULL },
  { "a comment in other letters", "ssh-ed25519 " ED25519 " schlüssel", NULL },
  { "nothing", "", "first word" },
  { "a line feed alone", "\n", "first word" },
  { "the type alone", "ssh-ed25519", "base64" },
  { "the key alone", ED25519, "first word" },
  { "a blank in front", " ssh-ed25519 " ED25519, "nothing may stand in front" },
  { "two spaces between", "ssh-ed25519  " ED25519, "after one space" },
  { "a tab between", "ssh-ed25519\t" ED25519, "one line" },
  { "two keys on two lines", "ssh-ed25519 " ED25519 "\nssh-ed25519 " ED25519, "one line" },
  { "a second line feed", "ssh-ed25519 " ED25519 "\n\n", "one line" },
  { "a carriage return in the comment", "ssh-ed25519 " ED25519 " a\rb", "one line" },
  { "an escape in the comment", "ssh-ed25519 " ED25519 " a\033[2Jb", "one line" },
  { "options in front", "command=\"id\" ssh-ed25519 " ED25519, "nothing may stand in front" },
  { "a CA marker in front", "cert-authority ssh-ed25519 " ED25519, "nothing may stand in front" },
  { "another type in front", "ecdsa-sha2-nistp256 " ED25519, "another type" },
  { "another case of the type", "SSH-ED25519 " ED25519, "first word" },
  { "base64 with a character too few", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAB", "32 bytes" },
  { "base64 with a hole", "ssh-ed25519 AAAAC3Nz!C1lZDI1", "base64" },
  { "base64 with bits to spare", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB==", "base64" },
  { "a certificate", "ssh-ed25519-cert-v01@openssh.com " ED25519, "certificate already" },
  { "an old certificate", "ssh-rsa-cert-v00@openssh.com " ED25519, "this is a certificate" },
  { "a DSA key", "ssh-dss " ED25519, "ssh-dss (DSA)" },
  { "a security key's without its application", "sk-ssh-ed25519@openssh.com " ED25519,
    "another type" },
  { "a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n", "private key" },
  { "a private key on one line", "-----BEGIN OPENSSH PRIVATE KEY-----", "private key" },
  { "an RFC 4716 file", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n", "PEM file" },
};

static void
test_line (gconstpointer data)
{
  const LineCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SshKey) key = ssh_key_read (row->line, &error);

  if (row->says == NULL)
    {
      g_assert_no_error (error);
      g_assert_cmpstr (ssh_key_type (key), ==, "ssh-ed25519");
      return;
    }
  g_assert_null (key);
  g_assert_error (error, SSH_ERROR, SSH_ERROR_KEY);
  if (strstr (error->message, row->says) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, row->says);
}

/* ---- keys that no ssh-keygen makes ---- */

static GByteArray *
blob_of (const char *type)
{
  GByteArray *blob = g_byte_array_new ();

  ssh_put_text (blob, type);
  return blob;
}

static void
assert_refused (GByteArray *blob, const char *says)
{
  g_autoptr (GByteArray) owned = blob;
  g_autoptr (GError) error = NULL;
  g_autoptr (SshKey) key = ssh_key_read_blob (owned->data, owned->len, &error);

  g_assert_null (key);
  g_assert_error (error, SSH_ERROR, SSH_ERROR_KEY);
  if (strstr (error->message, says) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, says);
}

/* @n of @bits ones, with @zeros in front of what it needs; @e as it is. */
static GByteArray *
rsa_of (const char *e, gsize e_len, gsize bits, gsize zeros, guint8 last)
{
  GByteArray *blob = blob_of ("ssh-rsa");
  gsize len = zeros + (bits + 7) / 8;
  g_autofree guint8 *n = g_malloc0 (len);

  memset (n + zeros, 0xff, len - zeros);
  if (bits % 8 != 0)
    n[zeros] = 0xff >> (8 - bits % 8);
  n[len - 1] = last;
  ssh_put_bytes (blob, e, e_len);
  ssh_put_bytes (blob, n, len);
  return blob;
}

static void
test_rsa (void)
{
  g_autoptr (GByteArray) right = rsa_of ("\x01\x00\x01", 3, 2048, 1, 0xff);
  g_autoptr (SshKey) key = ssh_key_read_blob (right->data, right->len, NULL);

  g_assert_nonnull (key);
  assert_refused (rsa_of ("\x01\x00\x01", 3, 2047, 0, 0xff), "2047 bits");
  assert_refused (rsa_of ("\x01\x00\x01", 3, 1024, 1, 0xff), "1024 bits");
  assert_refused (rsa_of ("\x01\x00\x01", 3, 16385, 0, 0xff), "16384");
  assert_refused (rsa_of ("\x01\x00\x01", 3, 2048, 2, 0xff), "shortest");
  assert_refused (rsa_of ("\x01\x00\x01", 3, 2048, 0, 0xff), "shortest"); /* negative */
  assert_refused (rsa_of ("\x01\x00\x01", 3, 2048, 1, 0xfe), "no RSA key");
  assert_refused (rsa_of ("\x01", 1, 2048, 1, 0xff), "no RSA key");
  assert_refused (rsa_of ("\x04", 1, 2048, 1, 0xff), "no RSA key");
  assert_refused (rsa_of ("\x00", 1, 2048, 1, 0xff), "shortest");
  assert_refused (rsa_of ("", 0, 2048, 1, 0xff), "shortest");
}

static GByteArray *
ecdsa_of (const char *curve, guint8 first, gsize len, guint8 fill)
{
  GByteArray *blob = blob_of ("ecdsa-sha2-nistp256");
  g_autofree guint8 *point = g_malloc (len);

  memset (point, fill, len);
  point[0] = first;
  ssh_put_text (blob, curve);
  ssh_put_bytes (blob, point, len);
  return blob;
}

static void
test_ecdsa (void)
{
  assert_refused (ecdsa_of ("nistp384", 4, 65, 1), "another curve");
  assert_refused (ecdsa_of ("nistp256", 4, 65, 1), "point of its curve");
  assert_refused (ecdsa_of ("nistp256", 4, 65, 0xff), "point of its curve");
  assert_refused (ecdsa_of ("nistp256", 2, 33, 1), "point of its curve"); /* compressed */
  assert_refused (ecdsa_of ("nistp256", 4, 97, 1), "point of its curve");
  assert_refused (ecdsa_of ("nistp256", 0, 1, 0), "point of its curve"); /* infinity */
}

static void
test_security_key (void)
{
  static const char *const wrong[]
      = { "", "ssh", "http://x", "ssh:a b", "ssh:\n", "ssh:\x1b[1m", NULL };
  guint8 point[32] = { 1 };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      GByteArray *blob = blob_of ("sk-ssh-ed25519@openssh.com");
      ssh_put_bytes (blob, point, sizeof point);
      if (wrong[i] != NULL)
        ssh_put_text (blob, wrong[i]);
      assert_refused (blob, "application");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/ssh-key/made/", made_cases, test_made);
  ADD_TABLE ("/ssh-key/cut/", made_cases, test_cut);
  ADD_TABLE ("/ssh-key/line/", line_cases, test_line);
  g_test_add_func ("/ssh-key/an RSA key that is weak or none", test_rsa);
  g_test_add_func ("/ssh-key/an ECDSA key that is no point", test_ecdsa);
  g_test_add_func ("/ssh-key/a security key for something else", test_security_key);
  return g_test_run ();
}
