/* SPDX-License-Identifier: MIT */
#include "broker/base/parcel.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "broker/base/wire.h"

static Secret *
secret_of (const char *text)
{
  return secret_new_from (text, strlen (text), NULL);
}

static GBytes *
seal (const Secret *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) fields = json_pack ("{s:i, s:s}", "expires_in", 600, "scope", "read ä");
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify) secret_free);
  static const char *const pairs[]
      = { "access_token", "a", "refresh_token", "ab", "id_token", "abc", "empty", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i += 2)
    {
      g_ptr_array_add (names, (gpointer) pairs[i]);
      g_ptr_array_add (values, secret_of (pairs[i + 1]));
    }
  GBytes *sealed = parcel_seal (key, fields, names, values, &error);
  g_assert_no_error (error);
  return sealed;
}

static Parcel *
open_bytes (const void *bytes, gsize len, const Secret *key, GError **error)
{
  int fd = memfd_create ("parcel", MFD_CLOEXEC);

  g_assert_cmpint (write (fd, bytes, len), ==, (gssize) len);
  Parcel *parcel = parcel_open (fd, key, error);
  close (fd);
  return parcel;
}

static void
assert_value (const Parcel *parcel, const char *name, const char *text)
{
  g_autoptr (Secret) wanted = secret_of (text);
  const Secret *found = g_hash_table_lookup (parcel->values, name);

  g_assert_nonnull (found);
  g_assert_true (secret_equal (found, wanted));
}

static void
test_whole (void)
{
  g_autoptr (Secret) key = crypt_random_key (NULL);
  g_autoptr (GBytes) sealed = seal (key);
  g_autoptr (GError) error = NULL;
  gsize len;
  const void *bytes = g_bytes_get_data (sealed, &len);
  g_autoptr (Parcel) parcel = open_bytes (bytes, len, key, &error);

  g_assert_no_error (error);
  g_assert_cmpint (wire_integer (parcel->fields, "expires_in", 0), ==, 600);
  g_assert_cmpstr (wire_string (parcel->fields, "scope"), ==, "read ä");
  g_assert_cmpuint (g_hash_table_size (parcel->values), ==, 4);
  assert_value (parcel, "access_token", "a");
  assert_value (parcel, "refresh_token", "ab");
  assert_value (parcel, "id_token", "abc");
  assert_value (parcel, "empty", "");
}

static void
assert_refused (const void *bytes, gsize len, const Secret *key)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (open_bytes (bytes, len, key, &error));
  g_assert_nonnull (error);
}

static void
test_cut (void)
{
  g_autoptr (Secret) key = crypt_random_key (NULL);
  g_autoptr (GBytes) sealed = seal (key);
  gsize len;
  const void *bytes = g_bytes_get_data (sealed, &len);

  for (gsize cut = 0; cut < len; cut++)
    assert_refused (bytes, cut, key);
}

static void
test_changed (void)
{
  g_autoptr (Secret) key = crypt_random_key (NULL);
  g_autoptr (GBytes) sealed = seal (key);
  gsize len;
  const void *bytes = g_bytes_get_data (sealed, &len);

  for (gsize bit = 0; bit < 8 * len; bit += 5)
    {
      g_autofree guint8 *changed = g_memdup2 (bytes, len);
      changed[bit / 8] ^= (guint8) (1 << bit % 8);
      assert_refused (changed, len, key);
    }
}

static void
test_other_key (void)
{
  g_autoptr (Secret) key = crypt_random_key (NULL);
  g_autoptr (Secret) other = crypt_random_key (NULL);
  g_autoptr (GBytes) sealed = seal (key);
  gsize len;
  const void *bytes = g_bytes_get_data (sealed, &len);

  assert_refused (bytes, len, other);
}

/* What the key's owner sealed for another purpose is no parcel. */
static void
test_other_purpose (void)
{
  static const char text[] = "{\"fields\":{},\"values\":{}}";
  static const char *const wrong[] = { "{}",
                                       "[]",
                                       "{\"fields\":[],\"values\":{}}",
                                       "{\"fields\":{},\"values\":{\"a\":1}}",
                                       "{\"fields\":{},\"values\":{\"a\":\"b\"}}",
                                       "{\"fields\":{},\"values\":{\"a\":\"####\"}}" };
  g_autoptr (Secret) key = crypt_random_key (NULL);
  g_autoptr (GBytes) sealed = crypt_seal (key, "", 0, text, strlen (text), NULL);
  gsize len;
  const void *bytes = g_bytes_get_data (sealed, &len);

  assert_refused (bytes, len, key);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GBytes) bad
          = crypt_seal (key, "countersign parcel", 18, wrong[i], strlen (wrong[i]), NULL);
      assert_refused (g_bytes_get_data (bad, NULL), g_bytes_get_size (bad), key);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  wire_init ();
  g_assert_true (secret_init (NULL));
  g_test_add_func ("/parcel/what is whole opens to what was put into it", test_whole);
  g_test_add_func ("/parcel/what was cut anywhere does not open", test_cut);
  g_test_add_func ("/parcel/what was changed anywhere does not open", test_changed);
  g_test_add_func ("/parcel/another key does not open it", test_other_key);
  g_test_add_func ("/parcel/what was sealed for another purpose is none", test_other_purpose);
  return g_test_run ();
}
