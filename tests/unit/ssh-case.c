/* SPDX-License-Identifier: MIT */
#include "tests/unit/ssh-case.h"

#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <string.h>

struct _SshCase
{
  char *folder;
  EVP_PKEY *ca;
  guint8 public[32];
};

SshCase *
ssh_case_new (void)
{
  SshCase *self = g_new0 (SshCase, 1);
  gsize len = sizeof self->public;

  self->folder = g_dir_make_tmp ("countersign-ssh-XXXXXX", NULL);
  self->ca = EVP_PKEY_Q_keygen (NULL, NULL, "ED25519");
  g_assert_nonnull (self->folder);
  g_assert_true (EVP_PKEY_get_raw_public_key (self->ca, self->public, &len) == 1);
  return self;
}

void
ssh_case_free (SshCase *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      g_unlink (path);
    }
  g_rmdir (self->folder);
  EVP_PKEY_free (self->ca);
  g_free (self->folder);
  g_free (self);
}

char *
ssh_case_run (SshCase *self, int status, const char *program, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  char *output = NULL;
  g_autofree char *trouble = NULL;
  g_autoptr (GError) error = NULL;
  va_list args;
  int ended;

  va_start (args, program);
  for (const char *word = program; word != NULL; word = va_arg (args, const char *))
    g_ptr_array_add (argv, (char *) word);
  va_end (args);
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (self->folder, (char **) argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                &trouble, &ended, &error);
  g_assert_no_error (error);
  if (!WIFEXITED (ended) || WEXITSTATUS (ended) != status)
    g_error ("%s ended with %d: %s%s", program, ended, output, trouble);
  return output;
}

char *
ssh_case_make_key (SshCase *self, const char *kind, const char *bits)
{
  char *line = NULL;
  g_autofree char *path = g_build_filename (self->folder, "key.pub", NULL);
  g_autofree char *said = ssh_case_run (self, 0, "ssh-keygen", "-q", "-t", kind, "-b", bits, "-N",
                                        "", "-C", "a comment", "-f", "key", NULL);

  g_assert_cmpstr (said, ==, "");
  g_assert_true (g_file_get_contents (path, &line, NULL, NULL));
  return line;
}

void
ssh_case_write (SshCase *self, const char *name, const void *data, gsize len)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, data, len, NULL));
}

const guint8 *
ssh_case_ca (const SshCase *self)
{
  return self->public;
}

void
ssh_case_sign (SshCase *self, SshCertificate *certificate)
{
  static const guint8 nonce[SSH_NONCE_BYTES] = { 7 };
  guint8 signature[SSH_SIGNATURE_BYTES];
  gsize len = sizeof signature;
  EVP_MD_CTX *signing = EVP_MD_CTX_new ();

  certificate->nonce = nonce;
  certificate->ca = self->public;
  g_autoptr (GByteArray) body = ssh_certificate_body (certificate);
  g_assert_nonnull (body);
  g_assert_true (EVP_DigestSignInit (signing, NULL, NULL, NULL, self->ca) == 1);
  g_assert_true (EVP_DigestSign (signing, signature, &len, body->data, body->len) == 1);
  EVP_MD_CTX_free (signing);
  g_autofree char *line = ssh_certificate_line (certificate, body, signature);
  g_autofree char *file = g_strconcat (line, "\n", NULL);
  ssh_case_write (self, "cert.pub", file, strlen (file));
}
