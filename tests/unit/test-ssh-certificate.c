/* SPDX-License-Identifier: MIT
 *
 * Certificates and revocation lists, as ssh-keygen reads them; it checks the signature too.
 */
#include <string.h>

#include "broker/ssh/ssh-address.h"
#include "broker/ssh/ssh-certificate.h"
#include "broker/ssh/ssh-krl.h"
#include "broker/ssh/ssh-wire.h"
#include "tests/unit/ssh-case.h"
#include "tests/unit/table.h"

#define AFTER 1700000000
#define BEFORE 1700003600
#define SERIAL G_GUINT64_CONSTANT (18446744073709551557)

static const char *const principals[] = { "deploy", "role:web@example.com", NULL };
static const char *const extensions[] = { "permit-pty", "permit-X11-forwarding", NULL };

static SshCertificate
certificate_of (const SshKey *key)
{
  return (SshCertificate){
    .key = key,
    .serial = SERIAL,
    .key_id = "countersign:k7:bash",
    .principals = principals,
    .valid_after = AFTER,
    .valid_before = BEFORE,
    .force_command = "/usr/bin/rsync --server \"a b\"",
    .source_address = "192.0.2.0/24,2001:db8::/32",
    .extensions = extensions,
  };
}

/* ssh-keygen's reading of the same. @kind and @key are as it names them. */
static void
assert_listed (SshCase *here, const char *type, const char *fingerprint,
               const char *fingerprint_type)
{
  g_autofree char *said
      = ssh_case_run (here, 0, "env", "TZ=UTC", "ssh-keygen", "-L", "-f", "cert.pub", NULL);
  g_autoptr (GBytes) ca = ssh_ed25519_blob (ssh_case_ca (here));
  g_autofree char *ca_print = ssh_fingerprint (g_bytes_get_data (ca, NULL), g_bytes_get_size (ca));
  g_autofree char *wanted
      = g_strdup_printf ("cert.pub:\n"
                         "        Type: %s user certificate\n"
                         "        Public key: %s-CERT %s\n"
                         "        Signing CA: ED25519 %s (using ssh-ed25519)\n"
                         "        Key ID: \"countersign:k7:bash\"\n"
                         "        Serial: 18446744073709551557\n"
                         "        Valid: from 2023-11-14T22:13:20 to 2023-11-14T23:13:20\n"
                         "        Principals: \n"
                         "                deploy\n"
                         "                role:web@example.com\n"
                         "        Critical Options: \n"
                         "                force-command /usr/bin/rsync --server \"a b\"\n"
                         "                source-address 192.0.2.0/24,2001:db8::/32\n"
                         "        Extensions: \n"
                         "                permit-X11-forwarding\n"
                         "                permit-pty\n",
                         type, fingerprint_type, fingerprint, ca_print);
  g_assert_cmpstr (said, ==, wanted);
}

typedef struct
{
  const char *sentence, *kind, *bits, *type, *named;
} KeyCase;

static const KeyCase key_cases[] = {
  { "Ed25519", "ed25519", "256", "ssh-ed25519-cert-v01@openssh.com", "ED25519" },
  { "ECDSA P-256", "ecdsa", "256", "ecdsa-sha2-nistp256-cert-v01@openssh.com", "ECDSA" },
  { "ECDSA P-384", "ecdsa", "384", "ecdsa-sha2-nistp384-cert-v01@openssh.com", "ECDSA" },
  { "ECDSA P-521", "ecdsa", "521", "ecdsa-sha2-nistp521-cert-v01@openssh.com", "ECDSA" },
  { "RSA of 2048 bits", "rsa", "2048", "ssh-rsa-cert-v01@openssh.com", "RSA" },
};

static void
assert_signed (SshCase *here, const SshKey *key, const char *type, const char *named)
{
  SshCertificate certificate = certificate_of (key);
  GBytes *blob = ssh_key_blob (key);
  g_autofree char *print = ssh_fingerprint (g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));

  ssh_case_sign (here, &certificate);
  assert_listed (here, type, print, named);
}

static void
test_key (gconstpointer data)
{
  const KeyCase *row = data;
  g_autoptr (SshCase) here = ssh_case_new ();
  g_autofree char *line = ssh_case_make_key (here, row->kind, row->bits);
  g_autoptr (SshKey) key = ssh_key_read (line, NULL);

  assert_signed (here, key, row->type, row->named);
}

/* No security key is at hand: the public half is that of another key, which ssh-keygen cannot
 * tell. */
static void
test_security_key (gconstpointer data)
{
  gboolean ecdsa = data != NULL;
  g_autoptr (SshCase) here = ssh_case_new ();
  g_autofree char *line = ssh_case_make_key (here, ecdsa ? "ecdsa" : "ed25519", "256");
  g_autoptr (SshKey) plain = ssh_key_read (line, NULL);
  g_autoptr (GByteArray) blob = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  gsize len;
  const guint8 *fields = ssh_key_fields (plain, &len);

  ssh_put_text (blob, ecdsa ? "sk-ecdsa-sha2-nistp256@openssh.com" : "sk-ssh-ed25519@openssh.com");
  g_byte_array_append (blob, fields, len);
  ssh_put_text (blob, "ssh:");
  g_autoptr (SshKey) key = ssh_key_read_blob (blob->data, blob->len, &error);
  g_assert_no_error (error);
  assert_signed (here, key,
                 ecdsa ? "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"
                       : "sk-ssh-ed25519-cert-v01@openssh.com",
                 ecdsa ? "ECDSA-SK" : "ED25519-SK");
}

static void
test_bare (void)
{
  g_autoptr (SshCase) here = ssh_case_new ();
  g_autofree char *line = ssh_case_make_key (here, "ed25519", "256");
  g_autoptr (SshKey) key = ssh_key_read (line, NULL);
  SshCertificate certificate = certificate_of (key);

  certificate.force_command = certificate.source_address = NULL;
  certificate.extensions = NULL;
  ssh_case_sign (here, &certificate);
  g_autofree char *said = ssh_case_run (here, 0, "ssh-keygen", "-L", "-f", "cert.pub", NULL);
  g_assert_nonnull (strstr (said, "Critical Options: (none)\n        Extensions: (none)\n"));
}

static void
test_none (void)
{
  static const char *const nobody[] = { NULL };
  g_autoptr (SshCase) here = ssh_case_new ();
  g_autofree char *line = ssh_case_make_key (here, "ed25519", "256");
  g_autoptr (SshKey) key = ssh_key_read (line, NULL);
  SshCertificate for_all = certificate_of (key), for_ever = for_all, unnamed = for_all;

  for_all.principals = nobody;
  for_ever.valid_before = for_ever.valid_after;
  unnamed.serial = 0;
  g_assert_null (ssh_certificate_body (&for_all));
  g_assert_null (ssh_certificate_body (&for_ever));
  g_assert_null (ssh_certificate_body (&unnamed));
}

/* ---- revocation lists ---- */

static void
write_krl (SshCase *here, const guint8 *ca, const guint64 *serials, gsize n)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (guint64));

  g_array_append_vals (list, serials, n);
  g_autoptr (GBytes) krl = ssh_krl (ca, list, 42, AFTER, "countersign");
  ssh_case_write (here, "krl", g_bytes_get_data (krl, NULL), g_bytes_get_size (krl));
}

static void
test_krl (void)
{
  static const guint64 serials[] = { SERIAL, 3, 9000000000 }, others[] = { SERIAL - 1, 1 };
  static const guint8 other_ca[32] = { 9 };
  g_autoptr (SshCase) here = ssh_case_new ();
  g_autofree char *line = ssh_case_make_key (here, "ed25519", "256");
  g_autoptr (SshKey) key = ssh_key_read (line, NULL);
  SshCertificate certificate = certificate_of (key);

  ssh_case_sign (here, &certificate);
  write_krl (here, ssh_case_ca (here), serials, G_N_ELEMENTS (serials));
  g_autofree char *revoked
      = ssh_case_run (here, 1, "ssh-keygen", "-Q", "-f", "krl", "cert.pub", NULL);
  g_assert_nonnull (strstr (revoked, "REVOKED"));
  g_autofree char *listed = ssh_case_run (here, 0, "ssh-keygen", "-Q", "-l", "-f", "krl", NULL);
  g_assert_nonnull (strstr (listed, "# KRL version 42"));
  g_assert_nonnull (strstr (listed, "serial: 3\n"));
  g_assert_nonnull (strstr (listed, "serial: 18446744073709551557\n"));

  write_krl (here, ssh_case_ca (here), others, G_N_ELEMENTS (others));
  g_free (ssh_case_run (here, 0, "ssh-keygen", "-Q", "-f", "krl", "cert.pub", NULL));
  write_krl (here, other_ca, serials, G_N_ELEMENTS (serials));
  g_free (ssh_case_run (here, 0, "ssh-keygen", "-Q", "-f", "krl", "cert.pub", NULL));
  write_krl (here, ssh_case_ca (here), NULL, 0);
  g_free (ssh_case_run (here, 0, "ssh-keygen", "-Q", "-f", "krl", "cert.pub", NULL));
}

/* ---- texts ---- */

typedef struct
{
  const char *sentence, *text;
  gboolean right;
} TextCase;

static const TextCase principal_cases[] = {
  { "a user", "root", TRUE },
  { "a user with a domain", "deploy@example.com", TRUE },
  { "a role", "role:web/eu-1", TRUE },
  { "one character", "a", TRUE },
  { "nothing", "", FALSE },
  { "a space", "root deploy", FALSE },
  { "a comma", "root,deploy", FALSE },
  { "a line feed", "deploy\nroot", FALSE },
  { "a line feed at the end", "deploy\n", FALSE },
  { "an option", "-oProxyCommand=id", FALSE },
  { "a quote", "deploy\" command=\"id", FALSE },
  { "a star", "*", FALSE },
  { "a negation", "!root", FALSE },
  { "letters that look like others", "r\xd0\xbeot", FALSE },
  { "a tab", "root\t", FALSE },
  { "a backslash", "DOMAIN\\root", FALSE },
};

static void
test_principal (gconstpointer data)
{
  const TextCase *row = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (ssh_principal_check (row->text, &error) == row->right);
  g_assert_true ((error == NULL) == row->right);
}

static const TextCase command_cases[] = {
  { "a command", "/usr/bin/rsync --server . /srv", TRUE },
  { "quotes and backslashes", "sh -c 'printf \"a\\\\n\"'", TRUE },
  { "other letters", "/srv/gr\xc3\xbc\xc3\x9f", TRUE },
  { "nothing", "", FALSE },
  { "blanks", "   ", FALSE },
  { "a line feed", "true\nid", FALSE },
  { "a line feed at the end", "true\n", FALSE },
  { "a carriage return", "true\rid", FALSE },
  { "a tab", "true\tid", FALSE },
  { "an escape", "true \033[2K", FALSE },
  { "text that turns around",
    "true \xe2\x80\xae"
    "di",
    FALSE },
  { "a space without width", "tr\xe2\x80\x8bue", FALSE },
  { "no UTF-8", "tr\xffue", FALSE },
};

static void
test_command (gconstpointer data)
{
  const TextCase *row = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (ssh_command_check (row->text, &error) == row->right);
  g_assert_true ((error == NULL) == row->right);
}

static void
test_long (void)
{
  g_autofree char *name = g_strnfill (SSH_PRINCIPAL_MAX + 1, 'a');
  g_autofree char *command = g_strnfill (SSH_COMMAND_MAX + 1, 'a');

  g_assert_false (ssh_principal_check (name, NULL));
  g_assert_true (ssh_principal_check (name + 1, NULL));
  g_assert_false (ssh_command_check (command, NULL));
  g_assert_true (ssh_command_check (command + 1, NULL));
}

typedef struct
{
  const char *sentence, *text;
  const char *read; /* NULL: refused */
} AddressCase;

static const AddressCase address_cases[] = {
  { "a network", "192.0.2.0/24", "192.0.2.0/24" },
  { "an address", "192.0.2.7", "192.0.2.7/32" },
  { "several", "192.0.2.7,2001:DB8::/32,::1", "192.0.2.7/32,2001:db8::/32,::1/128" },
  { "everywhere", "0.0.0.0/0", "0.0.0.0/0" },
  { "nothing", "", NULL },
  { "a comma at the end", "192.0.2.7,", NULL },
  { "a space behind the comma", "192.0.2.7, 192.0.2.8", NULL },
  { "a name", "example.com", NULL },
  { "a wildcard", "192.0.2.*", NULL },
  { "a negation", "!192.0.2.7", NULL },
  { "bits behind the prefix", "192.0.2.1/24", NULL },
  { "bits behind the prefix of IPv6", "2001:db8::1/32", NULL },
  { "a prefix that is too long", "192.0.2.0/33", NULL },
  { "a prefix of nothing", "192.0.2.0/", NULL },
  { "a prefix with a sign", "192.0.2.0/+24", NULL },
  { "a prefix with a zero in front", "192.0.2.0/024", NULL },
  { "two prefixes", "192.0.2.0/24/24", NULL },
  { "an octal address", "192.0.02.1", NULL },
  { "an address of three numbers", "192.0.2", NULL },
  { "IPv4 written as IPv6", "::ffff:192.0.2.1", NULL },
  { "an interface", "fe80::1%eth0", NULL },
  { "a line feed", "192.0.2.7\n", NULL },
};

static void
test_address (gconstpointer data)
{
  const AddressCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *read = ssh_addresses_read (row->text, &error);

  g_assert_cmpstr (read, ==, row->read);
  g_assert_true ((read == NULL) == (error != NULL));
}

typedef struct
{
  const char *sentence, *narrow, *wide;
  gboolean within;
} WithinCase;

static const WithinCase within_cases[] = {
  { "the same", "192.0.2.0/24", "192.0.2.0/24", TRUE },
  { "an address of it", "192.0.2.9/32", "192.0.2.0/24", TRUE },
  { "one beside it", "192.0.3.9/32", "192.0.2.0/24", FALSE },
  { "a wider one", "192.0.0.0/16", "192.0.2.0/24", FALSE },
  { "each in another", "10.1.0.0/16,2001:db8::1/128", "10.0.0.0/8,2001:db8::/32", TRUE },
  { "one of two outside", "10.1.0.0/16,11.0.0.1/32", "10.0.0.0/8", FALSE },
  { "of another family", "::1/128", "0.0.0.0/0", FALSE },
  { "everything in everything", "0.0.0.0/0", "0.0.0.0/0", TRUE },
  { "a prefix within a byte", "10.16.0.0/13", "10.16.0.0/12", TRUE },
  { "beside a prefix within a byte", "10.32.0.0/13", "10.16.0.0/12", FALSE },
};

static void
test_within (gconstpointer data)
{
  const WithinCase *row = data;

  g_assert_true (ssh_addresses_within (row->narrow, row->wide) == row->within);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/ssh-certificate/key/", key_cases, test_key);
  g_test_add_data_func ("/ssh-certificate/key/Ed25519 of a security key", NULL, test_security_key);
  g_test_add_data_func ("/ssh-certificate/key/ECDSA of a security key", "", test_security_key);
  g_test_add_func ("/ssh-certificate/without options and extensions", test_bare);
  g_test_add_func ("/ssh-certificate/none for everybody, for ever or without a number", test_none);
  g_test_add_func ("/ssh-certificate/a revocation list", test_krl);
  ADD_TABLE ("/ssh-certificate/principal/", principal_cases, test_principal);
  ADD_TABLE ("/ssh-certificate/command/", command_cases, test_command);
  g_test_add_func ("/ssh-certificate/texts that are too long", test_long);
  ADD_TABLE ("/ssh-certificate/address/", address_cases, test_address);
  ADD_TABLE ("/ssh-certificate/within/", within_cases, test_within);
  return g_test_run ();
}
