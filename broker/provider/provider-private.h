/* SPDX-License-Identifier: MIT
 *
 * What the files of this room share of a provider.
 */
#pragma once

#include "broker/provider/provider-module.h"

typedef struct
{
  const ProviderDirective *directive;
  guint line, column;
  GPtrArray *words; /* of char*, with a NULL at the end */
} ProviderRow;

struct _Provider
{
  char *file, *name;
  const ProviderModule *module;
  GPtrArray *rows; /* of ProviderRow */
  char *ca;        /* PEM, or NULL */
};

Provider *provider_new (const char *file);
void provider_free (Provider *provider);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Provider, provider_free)
ProviderRow *provider_row_new (const ProviderDirective *directive, const ServiceWord *first);
/* The @nth line @directive, or NULL. */
const ProviderRow *provider_row (const Provider *provider, const char *directive, guint nth);

/* Reads one providers.d/NAME.conf; what its "ca" line names is among @sources. */
Provider *provider_parse (const PolicySource *source, const PolicySource *sources, gsize n_sources,
                          GError **error);

/* NULL-terminated, by kind. */
extern const char *const provider_kind_words[];
