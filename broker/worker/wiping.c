/* SPDX-License-Identifier: MIT */
#include "broker/worker/wiping.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

void
wiping_free (void *memory)
{
  if (memory == NULL)
    return;
  explicit_bzero (memory, malloc_usable_size (memory));
  free (memory);
}

void *
wiping_realloc (void *memory, size_t size)
{
  size_t had = memory != NULL ? malloc_usable_size (memory) : 0;
  void *other = malloc (size);

  if (other == NULL || memory == NULL)
    return other;
  memcpy (other, memory, MIN (had, size));
  wiping_free (memory);
  return other;
}

static void *
openssl_malloc (size_t size, const char *file, int line)
{
  return malloc (size);
}

static void
openssl_free (void *memory, const char *file, int line)
{
  wiping_free (memory);
}

static void *
openssl_realloc (void *memory, size_t size, const char *file, int line)
{
  if (size > 0)
    return wiping_realloc (memory, size);
  wiping_free (memory);
  return NULL;
}

gboolean
wiping_openssl (void)
{
  return CRYPTO_set_mem_functions (openssl_malloc, openssl_realloc, openssl_free) == 1;
}
