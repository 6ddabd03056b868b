/* SPDX-License-Identifier: MIT
 *
 * A directory of its own for each test: g_test_add (NAME, Place, DATA, place_make, TEST,
 * place_clear).
 */
#pragma once

#include <glib.h>

typedef struct
{
  char *top;
} Place;

void place_make (Place *place, gconstpointer unused);
/* Removes it with all that is in it. */
void place_clear (Place *place, gconstpointer unused);
