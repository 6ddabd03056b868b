/* SPDX-License-Identifier: MIT */
#include "approve-ui/key/key-device-io.h"

#define PLUGGED_MAX 16

static void
plugged_free (gpointer data)
{
  KeyPlugged *plugged = data;

  g_free (plugged->path);
  g_free (plugged->product);
  g_free (plugged);
}

GPtrArray *
key_io_list (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (plugged_free);
  fido_dev_info_t *found = fido_dev_info_new (PLUGGED_MAX);
  size_t n = 0;

  if (found == NULL || fido_dev_info_manifest (found, PLUGGED_MAX, &n) != FIDO_OK)
    n = 0;
  for (size_t i = 0; i < n; i++)
    {
      const fido_dev_info_t *info = fido_dev_info_ptr (found, i);
      const char *product = fido_dev_info_product_string (info);
      KeyPlugged *plugged = g_new0 (KeyPlugged, 1);
      plugged->path = g_strdup (fido_dev_info_path (info));
      plugged->product = g_utf8_make_valid (product != NULL ? product : "", -1);
      g_ptr_array_add (list, plugged);
    }
  fido_dev_info_free (&found, PLUGGED_MAX);
  return list;
}

fido_dev_t *
key_io_open (const char *path, int *result)
{
  fido_dev_t *dev = fido_dev_new ();

  *result = dev != NULL ? fido_dev_open (dev, path) : FIDO_ERR_INTERNAL;
  if (*result != FIDO_OK)
    fido_dev_free (&dev);
  return dev;
}
