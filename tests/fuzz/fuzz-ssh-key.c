/* SPDX-License-Identifier: MIT
 *
 * A public key, as an agent gives it: read or refused, never both; what was read is read again from
 * its own bytes, and a certificate for it has them whole.
 */
#include <string.h>

#include "broker/ssh/ssh-address.h"
#include "broker/ssh/ssh-certificate.h"
#include "tests/fuzz/fuzz.h"

static void
check_again (const SshKey *key)
{
  gsize len;
  const guint8 *blob = g_bytes_get_data (ssh_key_blob (key), &len);
  g_autoptr (SshKey) again = ssh_key_read_blob (blob, len, NULL);

  g_assert_nonnull (again);
  g_assert_cmpstr (ssh_key_type (again), ==, ssh_key_type (key));
  g_assert_true (g_bytes_equal (ssh_key_blob (again), ssh_key_blob (key)));
}

static void
check_certificate (const SshKey *key)
{
  static const guint8 zeros[SSH_NONCE_BYTES];
  static const char *const principals[] = { "a", NULL };
  SshCertificate certificate = { .key = key,
                                 .serial = 1,
                                 .key_id = "k",
                                 .principals = principals,
                                 .valid_before = 1,
                                 .nonce = zeros,
                                 .ca = zeros };
  g_autoptr (GByteArray) body = ssh_certificate_body (&certificate);
  gsize len, at = 4 + strlen (ssh_key_certificate_type (key)) + 4 + SSH_NONCE_BYTES;
  const guint8 *fields = ssh_key_fields (key, &len);

  g_assert_true (body->len > at + len && memcmp (body->data + at, fields, len) == 0);
}

static void
check_addresses (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *list = ssh_addresses_read (text, &error);

  g_assert_true ((list == NULL) == (error != NULL));
  if (list == NULL)
    return;
  g_autofree char *again = ssh_addresses_read (list, NULL);
  g_assert_cmpstr (again, ==, list);
  g_assert_true (ssh_addresses_within (list, list));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL, error_blob = NULL;
  g_autoptr (SshKey) key = ssh_key_read (text, &error);
  g_autoptr (SshKey) key_blob = ssh_key_read_blob (data, size, &error_blob);

  g_assert_true ((key == NULL) == (error != NULL));
  g_assert_true ((key_blob == NULL) == (error_blob != NULL));
  if (key != NULL)
    {
      check_again (key);
      check_certificate (key);
    }
  if (key_blob != NULL)
    check_certificate (key_blob);
  check_addresses (text);
  return 0;
}
