/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* One test for each row of @table; a row begins with its sentence. */
#define ADD_TABLE(prefix, table, function)                                                         \
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)                                                 \
    {                                                                                              \
      g_autofree char *path = g_strconcat (prefix, (table)[i].sentence, NULL);                     \
      g_test_add_data_func (path, &(table)[i], function);                                          \
    }
