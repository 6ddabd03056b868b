/* SPDX-License-Identifier: MIT */
#include "broker/base/crypt.h"

#include <string.h>

/* The cheapest parameters that are within bounds: what they cost is not what is tried here. */
static const CryptKdf cheap = { .passes = 1, .memory_kib = CRYPT_MEMORY_KIB_MIN, .lanes = 1 };

static Secret *
secret_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  Secret *secret = secret_new_from (text, strlen (text), &error);

  g_assert_no_error (error);
  return secret;
}

static char *
key_file (const char *passphrase, const Secret *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) phrase = secret_of (passphrase);
  g_autoptr (Secret) kek = crypt_kdf (&cheap, phrase, &error);
  g_autoptr (GBytes) wrapped = crypt_wrap (kek, CRYPT_LABEL_AUDIT, key, &error);

  g_assert_no_error (error);
  return crypt_key_file_text (&cheap, wrapped);
}

static Secret *
key_file_open (const char *text, const char *label, const char *passphrase, GError **error)
{
  g_autoptr (Secret) phrase = secret_of (passphrase);

  return crypt_key_file_open (text, strlen (text), label, phrase, error);
}

static void
test_key_file (void)
{
  g_autoptr (GError) right = NULL, wrong = NULL, label = NULL;
  g_autoptr (Secret) key = crypt_random_key (NULL);
  g_autofree char *text = key_file ("open sesame", key);
  g_autoptr (Secret) opened = key_file_open (text, CRYPT_LABEL_AUDIT, "open sesame", &right);

  g_assert_no_error (right);
  g_assert_true (secret_equal (opened, key));
  g_assert_null (key_file_open (text, CRYPT_LABEL_AUDIT, "open sesamE", &wrong));
  g_assert_error (wrong, CRYPT_ERROR, CRYPT_ERROR_OPEN);
  g_assert_null (key_file_open (text, "another key", "open sesame", &label));
  g_assert_error (label, CRYPT_ERROR, CRYPT_ERROR_OPEN);
}

#define SALT "\"salt\":\"000102030405060708090a0b0c0d0e0f\""
static const char *const bad_key_files[] = {
  "",
  "{}",
  "[]",
  "{\"v\":2,\"kdf\":{\"passes\":1,\"memory_kib\":8192,\"lanes\":1," SALT "},\"wrapped\":\"AAAA\"}",
  "{\"v\":1,\"kdf\":{\"passes\":1,\"memory_kib\":8192,\"lanes\":1," SALT
  "},\"wrapped\":\"AAAA\",\"more\":1}",
  "{\"v\":1,\"kdf\":{\"passes\":4294967297,\"memory_kib\":8192,\"lanes\":1," SALT
  "},\"wrapped\":\"AAAA\"}",
  "{\"v\":1,\"kdf\":{\"passes\":-1,\"memory_kib\":8192,\"lanes\":1," SALT "},\"wrapped\":\"AAAA\"}",
  "{\"v\":1,\"kdf\":{\"passes\":1,\"memory_kib\":999999999,\"lanes\":1," SALT
  "},\"wrapped\":\"AAAA\"}",
  "{\"v\":1,\"kdf\":{\"passes\":1,\"memory_kib\":8192,\"lanes\":1,\"salt\":\"00\"},\"wrapped\":"
  "\"AAAA\"}",
  "{\"v\":1,\"kdf\":{\"passes\":1,\"memory_kib\":8192,\"lanes\":1,\"salt\":"
  "\"0001020304050607zz090a0b0c0d0e0f\"},\"wrapped\":\"AAAA\"}",
  "{\"v\":1,\"kdf\":{\"passes\":1,\"memory_kib\":8192,\"lanes\":1," SALT "},\"wrapped\":\"AAAA\"}",
  "{\"v\":1,\"kdf\":{\"passes\":1,\"memory_kib\":8192,\"lanes\":1," SALT "},\"wrapped\":\"\"}",
};

static void
test_key_file_bad (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_key_files); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad_key_files[i]);
      g_assert_null (key_file_open (bad_key_files[i], CRYPT_LABEL_AUDIT, "p", &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (!secret_init (&error))
    g_error ("%s", error->message);
  g_test_add_func ("/crypt/a key file opens by its passphrase only", test_key_file);
  g_test_add_func ("/crypt/a key file that is not one is refused", test_key_file_bad);
  return g_test_run ();
}
