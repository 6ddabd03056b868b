/* SPDX-License-Identifier: MIT
 *
 * What a worker hands over with an answer: it has spoken with strangers.
 */
#include "broker/dispatch/worker-sealed.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/table.h"

typedef struct
{
  const char *sentence;
  const char *names; /* JSON */
  const char *bytes;
  gsize len;
  gboolean unsealed, taken;
} Row;

#define BYTES(text) text, sizeof text - 1

static const Row rows[] = {
  { "one value is taken", "[\"a\"]", BYTES ("\0\0\0\2xy"), FALSE, TRUE },
  { "two values are taken, in order", "[\"a\",\"b\"]", BYTES ("\0\0\0\1x\0\0\0\2yz"), FALSE, TRUE },
  { "an empty value is one", "[\"a\",\"b\"]", BYTES ("\0\0\0\0\0\0\0\1z"), FALSE, TRUE },
  { "what its sender can still change is not taken", "[\"a\"]", BYTES ("\0\0\0\2xy"), TRUE, FALSE },
  { "a value that is cut is not taken", "[\"a\"]", BYTES ("\0\0\0\3xy"), FALSE, FALSE },
  { "a length that is cut is not taken", "[\"a\",\"b\"]", BYTES ("\0\0\0\1x\0\0"), FALSE, FALSE },
  { "a length beyond all is not taken", "[\"a\"]", BYTES ("\377\377\377\377xy"), FALSE, FALSE },
  { "bytes that nobody named are not taken", "[\"a\"]", BYTES ("\0\0\0\1xy"), FALSE, FALSE },
  { "a name without a value is not taken", "[\"a\",\"b\"]", BYTES ("\0\0\0\1x"), FALSE, FALSE },
  { "a name twice is not taken", "[\"a\",\"a\"]", BYTES ("\0\0\0\1x\0\0\0\1y"), FALSE, FALSE },
  { "bytes without names are not taken", "[]", BYTES ("\0\0\0\1x"), FALSE, FALSE },
};

static int
make_memfd (const Row *row)
{
  int fd = memfd_create ("values", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  g_assert_cmpint (write (fd, row->bytes, row->len), ==, (gssize) row->len);
  if (!row->unsealed)
    g_assert_cmpint (fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), ==, 0);
  return fd;
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (json_t) names = json_loads (row->names, 0, NULL);
  int fd = make_memfd (row);
  GHashTable *values = worker_sealed_values (fd, names);

  close (fd);
  g_assert_cmpint (values != NULL, ==, row->taken);
  if (values == NULL)
    return;
  g_assert_cmpuint (g_hash_table_size (values), ==, json_array_size (names));
  g_hash_table_unref (values);
}

static void
test_none (void)
{
  g_autoptr (json_t) names = json_pack ("[s]", "a");
  g_autoptr (json_t) nobody = json_array ();
  GHashTable *values = worker_sealed_values (-1, nobody);

  g_assert_nonnull (values);
  g_assert_cmpuint (g_hash_table_size (values), ==, 0);
  g_hash_table_unref (values);
  g_assert_null (worker_sealed_values (-1, names));
}

static void
test_order (void)
{
  g_autoptr (json_t) names = json_loads (rows[1].names, 0, NULL);
  int fd = make_memfd (&rows[1]);
  GHashTable *values = worker_sealed_values (fd, names);

  close (fd);
  g_assert_cmpuint (secret_len (g_hash_table_lookup (values, "b")), ==, 2);
  g_assert_true (memcmp (secret_peek (g_hash_table_lookup (values, "b")), "yz", 2) == 0);
  g_hash_table_unref (values);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  wire_init ();
  g_assert_true (secret_init (NULL));
  ADD_TABLE ("/worker-sealed/", rows, test_row);
  g_test_add_func ("/worker-sealed/no descriptor is no values, and not those that were named",
                   test_none);
  g_test_add_func ("/worker-sealed/each name has its own value", test_order);
  return g_test_run ();
}
