/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-values.h"

#define LENGTH_BYTES 4

G_DEFINE_QUARK (countersign_cli_values_error, cli_values_error)

static void
free_secret (gpointer secret)
{
  secret_free (secret);
}

/* The next value, at @at, which it moves behind it; NULL without an error: that is no value. */
static Secret *
take (const guint8 **at, gsize *left, GError **error)
{
  const guint8 *data = *at;
  gsize len;

  if (*left < LENGTH_BYTES)
    return NULL;
  len = ((gsize) data[0] << 24) | (data[1] << 16) | (data[2] << 8) | data[3];
  if (len > *left - LENGTH_BYTES)
    return NULL;
  *at += LENGTH_BYTES + len;
  *left -= LENGTH_BYTES + len;
  return secret_new_from (data + LENGTH_BYTES, len, error);
}

GPtrArray *
cli_values_read (int fd, gsize n, GError **error)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (free_secret);
  g_autoptr (GError) trouble = NULL;
  g_autoptr (Secret) all = fd != -1 ? secret_read_memfd (fd, SECRET_MAX, &trouble) : NULL;
  const guint8 *at = all != NULL ? secret_peek (all) : NULL;
  gsize left = all != NULL ? secret_len (all) : 0;

  while (trouble == NULL && values->len < n)
    {
      Secret *value = take (&at, &left, &trouble);
      if (value == NULL)
        break;
      g_ptr_array_add (values, value);
    }
  if (trouble == NULL && fd != -1 && values->len == n && left == 0)
    return g_steal_pointer (&values);
  if (trouble != NULL)
    g_propagate_error (error, g_steal_pointer (&trouble));
  else
    g_set_error_literal (error, CLI_VALUES_ERROR, CLI_VALUES_ERROR_FORM,
                         "the broker's answer does not hold the values that were asked for");
  return NULL;
}
