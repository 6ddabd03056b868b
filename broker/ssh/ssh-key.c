/* SPDX-License-Identifier: MIT */
#include "broker/ssh/ssh-key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

#include "broker/ssh/ssh-wire.h"

#define ED25519_BYTES 32
#define APPLICATION_MAX 255
#define EXPONENT_BITS_MAX 256 /* FIPS 186-5, section 5.4 */

typedef struct
{
  const char *name, *certificate;
  const char *words;         /* NULL: made by the reader */
  const char *curve, *group; /* of ECDSA: as SSH and as OpenSSL call it */
  gsize point;               /* bytes of an uncompressed point */
  gboolean application;      /* a security key's, with what it is for behind it */
} KeyType;

static const KeyType types[] = {
  { "ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com", "Ed25519", NULL, NULL, 0, FALSE },
  { "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256-cert-v01@openssh.com", "ECDSA P-256", "nistp256",
    "P-256", 65, FALSE },
  { "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384-cert-v01@openssh.com", "ECDSA P-384", "nistp384",
    "P-384", 97, FALSE },
  { "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521-cert-v01@openssh.com", "ECDSA P-521", "nistp521",
    "P-521", 133, FALSE },
  { "ssh-rsa", "ssh-rsa-cert-v01@openssh.com", NULL, NULL, NULL, 0, FALSE },
  { "sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com", "Ed25519, security key",
    NULL, NULL, 0, TRUE },
  { "sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ECDSA P-256, security key", "nistp256", "P-256", 65, TRUE },
};

struct _SshKey
{
  const KeyType *type;
  char *words;
  GBytes *blob;
  gsize fields; /* where they begin in @blob */
};

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, SSH_ERROR, SSH_ERROR_KEY, message);
  return FALSE;
}

void
ssh_key_free (SshKey *key)
{
  if (key == NULL)
    return;
  g_free (key->words);
  g_clear_pointer (&key->blob, g_bytes_unref);
  g_free (key);
}

/* ---- the parts of a key ---- */

static guint
bits_of (const SshBytes *number)
{
  return number->len * 8 - __builtin_clz (number->at[0]) + (sizeof (unsigned) - 1) * 8;
}

static gboolean
is_odd (const SshBytes *number)
{
  return (number->at[number->len - 1] & 1) != 0;
}

/* RFC 4253, section 6.6: e, n. */
static gboolean
read_rsa (SshKey *key, SshBytes *left, GError **error)
{
  SshBytes e, n;

  if (!ssh_get_mpint (left, &e) || !ssh_get_mpint (left, &n))
    return fail (error, "the RSA key is cut, or its numbers are not in their shortest form");
  if (bits_of (&n) < SSH_RSA_BITS_MIN)
    {
      g_set_error (error, SSH_ERROR, SSH_ERROR_KEY,
                   "the RSA key has %u bits, and %d are the least; make one with `ssh-keygen -t "
                   "ed25519`",
                   bits_of (&n), SSH_RSA_BITS_MIN);
      return FALSE;
    }
  if (bits_of (&n) > SSH_RSA_BITS_MAX)
    return fail (error, "the RSA key has more than 16384 bits, which no sshd takes");
  if (!is_odd (&n) || !is_odd (&e) || bits_of (&e) < 2 || bits_of (&e) > EXPONENT_BITS_MAX)
    return fail (error, "the RSA key's numbers make no RSA key");
  key->words = g_strdup_printf ("RSA, %u bits", bits_of (&n));
  return TRUE;
}

static gboolean
is_on_curve (const char *group, const SshBytes *point)
{
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_utf8_string (OSSL_PKEY_PARAM_GROUP_NAME, (char *) group, 0),
    OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_PUB_KEY, (void *) point->at, point->len),
    OSSL_PARAM_construct_end (),
  };
  EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL);
  EVP_PKEY *key = NULL;
  gboolean made = making != NULL && EVP_PKEY_fromdata_init (making) == 1
                  && EVP_PKEY_fromdata (making, &key, EVP_PKEY_PUBLIC_KEY, params) == 1;
  EVP_PKEY_CTX *checking = made ? EVP_PKEY_CTX_new_from_pkey (NULL, key, NULL) : NULL;
  gboolean right = checking != NULL && EVP_PKEY_public_check (checking) == 1;

  EVP_PKEY_CTX_free (checking);
  EVP_PKEY_free (key);
  EVP_PKEY_CTX_free (making);
  return right;
}

/* RFC 5656, section 3.1: the curve's name, a point. */
static gboolean
read_ecdsa (const KeyType *type, SshBytes *left, GError **error)
{
  SshBytes curve, point;

  if (!ssh_get_bytes (left, &curve) || !ssh_get_bytes (left, &point))
    return fail (error, "the ECDSA key is cut");
  if (!ssh_bytes_are (&curve, type->curve))
    return fail (error, "the ECDSA key names another curve than its type");
  if (point.len != type->point || point.at[0] != 4 || !is_on_curve (type->group, &point))
    return fail (error, "the ECDSA key is not an uncompressed point of its curve");
  return TRUE;
}

/* RFC 8709, section 4. */
static gboolean
read_ed25519 (SshBytes *left, GError **error)
{
  SshBytes key;

  return (ssh_get_bytes (left, &key) && key.len == ED25519_BYTES)
         || fail (error, "the Ed25519 key is not 32 bytes long");
}

/* OpenSSH's PROTOCOL.u2f: what the security key was told that it is for, "ssh:". */
static gboolean
read_application (SshBytes *left, GError **error)
{
  SshBytes name;

  if (!ssh_get_bytes (left, &name) || name.len > APPLICATION_MAX || name.len < 4
      || memcmp (name.at, "ssh:", 4) != 0)
    return fail (error, "the security key's application does not begin with \"ssh:\"");
  for (gsize i = 0; i < name.len; i++)
    if (name.at[i] <= 0x20 || name.at[i] >= 0x7f)
      return fail (error, "the security key's application has characters that do not show");
  return TRUE;
}

static gboolean
read_fields (SshKey *key, SshBytes left, GError **error)
{
  const KeyType *type = key->type;
  gboolean whole = type->curve != NULL   ? read_ecdsa (type, &left, error)
                   : type->words == NULL ? read_rsa (key, &left, error)
                                         : read_ed25519 (&left, error);

  if (!whole || (type->application && !read_application (&left, error)))
    return FALSE;
  return left.len == 0 || fail (error, "the key goes on behind its end");
}

SshKey *
ssh_key_read_blob (const guint8 *blob, gsize len, GError **error)
{
  g_autoptr (SshKey) key = g_new0 (SshKey, 1);
  SshBytes left = { blob, len }, name;

  if (!ssh_get_bytes (&left, &name))
    {
      fail (error, "the key is cut");
      return NULL;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (ssh_bytes_are (&name, types[i].name))
      key->type = &types[i];
  if (key->type == NULL)
    {
      fail (error, "the key's base64 is of another type than its first word");
      return NULL;
    }
  key->blob = g_bytes_new (blob, len);
  key->fields = len - left.len;
  return read_fields (key, left, error) ? g_steal_pointer (&key) : NULL;
}

/* ---- the line ---- */

static const KeyType *
find_type (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (types[i].name, word) == 0)
      return &types[i];
  return NULL;
}

/* Why a line that begins with @word is none of ours. */
static const char *
refusal (const char *word)
{
  if (g_str_has_prefix (word, "-----BEGIN") || g_str_has_prefix (word, "----"))
    return "this is a PEM file, perhaps a private key, which nobody should be given; what is "
           "wanted "
           "is the one line of the .pub file";
  if (strcmp (word, "ssh-dss") == 0)
    return "ssh-dss (DSA) keys are too weak, and sshd takes none; make one with `ssh-keygen -t "
           "ed25519`";
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (types[i].certificate, word) == 0)
      return "this is a certificate already; what is wanted is the public key itself, the .pub "
             "file "
             "without -cert in its name";
  if (strstr (word, "-cert-v0") != NULL)
    return "this is a certificate; what is wanted is a public key, the .pub file without -cert in "
           "its name";
  return "the first word is not a type of key that certificates are made for: ssh-ed25519, "
         "ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, ssh-rsa, "
         "sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com; nothing may stand in "
         "front of it";
}

/* @line without its end; NULL when it is not one line of text. g_free(). */
static char *
one_line (const char *line, GError **error)
{
  gsize len = strlen (line);

  if (len > SSH_KEY_LINE_MAX)
    {
      fail (error, "longer than any public key");
      return NULL;
    }
  if (len > 0 && line[len - 1] == '\n')
    len -= len > 1 && line[len - 2] == '\r' ? 2 : 1;
  for (gsize i = 0; i < len; i++)
    if ((guint8) line[i] < 0x20 || line[i] == 0x7f)
      {
        fail (error, line[0] == '-' ? refusal ("-----BEGIN")
                                    : "a public key is one line, with spaces "
                                      "between its words and no other control "
                                      "characters");
        return NULL;
      }
  return g_strndup (line, len);
}

/* GLib skips what is no base64: spelt again, it must be the same. NULL: it is not. */
static guint8 *
decode (const char *text, gsize *len)
{
  g_autofree guint8 *bytes = g_base64_decode (text, len);
  g_autofree char *again = g_base64_encode (bytes, *len);

  return *len > 0 && strcmp (again, text) == 0 ? g_steal_pointer (&bytes) : NULL;
}

SshKey *
ssh_key_read (const char *line, GError **error)
{
  g_autofree char *text = one_line (line, error);
  gsize len;

  if (text == NULL)
    return NULL;
  /* Type, base64, and a comment that nobody reads. */
  g_auto (GStrv) words = g_strsplit (text, " ", 3);
  const KeyType *type = words[0] != NULL ? find_type (words[0]) : NULL;
  if (type == NULL)
    {
      fail (error, refusal (words[0] != NULL ? words[0] : ""));
      return NULL;
    }
  g_autofree guint8 *blob = words[1] != NULL ? decode (words[1], &len) : NULL;
  if (blob == NULL)
    {
      fail (error, "behind the type, after one space, the key has to stand in base64");
      return NULL;
    }
  g_autoptr (SshKey) key = ssh_key_read_blob (blob, len, error);
  if (key == NULL)
    return NULL;
  if (key->type != type)
    {
      fail (error, "the key's base64 is of another type than its first word");
      return NULL;
    }
  return g_steal_pointer (&key);
}

/* ---- what it says ---- */

const char *
ssh_key_type (const SshKey *key)
{
  return key->type->name;
}

const char *
ssh_key_certificate_type (const SshKey *key)
{
  return key->type->certificate;
}

const char *
ssh_key_words (const SshKey *key)
{
  return key->words != NULL ? key->words : key->type->words;
}

GBytes *
ssh_key_blob (const SshKey *key)
{
  return key->blob;
}

const guint8 *
ssh_key_fields (const SshKey *key, gsize *len)
{
  gsize size;
  const guint8 *blob = g_bytes_get_data (key->blob, &size);

  *len = size - key->fields;
  return blob + key->fields;
}

char *
ssh_fingerprint (const void *blob, gsize len)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize size = sizeof digest;

  g_checksum_update (sum, blob, len);
  g_checksum_get_digest (sum, digest, &size);
  g_autofree char *base64 = g_base64_encode (digest, size);
  base64[strcspn (base64, "=")] = '\0';
  return g_strconcat ("SHA256:", base64, NULL);
}

GBytes *
ssh_ed25519_blob (const guint8 key[ED25519_BYTES])
{
  GByteArray *blob = g_byte_array_new ();

  ssh_put_text (blob, types[0].name);
  ssh_put_bytes (blob, key, ED25519_BYTES);
  return g_byte_array_free_to_bytes (blob);
}

char *
ssh_ed25519_line (const guint8 key[ED25519_BYTES])
{
  g_autoptr (GBytes) blob = ssh_ed25519_blob (key);
  g_autofree char *base64
      = g_base64_encode (g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));

  return g_strconcat (types[0].name, " ", base64, NULL);
}
