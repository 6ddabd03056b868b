/* SPDX-License-Identifier: MIT
 *
 * Providers: who hands out short-lived credentials, and to which of them a person lets us go. Pure:
 * no I/O, no clock, no network. The language is described in countersign-provider(5).
 *
 * MUST
 *  - refuse a file that has one word it does not know: the whole set, never the part that is right
 *  - refuse what has no effect: a limit that is read and not kept is no limit
 *  - never let a caller name an endpoint: where a client's secret goes stands in the person's file
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "policy/policy.h"

#define PROVIDER_FOLDER "providers.d/" /* how the names of sources begin that are read here */
#define PROVIDER_MAX 64                /* providers of one set */
#define PROVIDER_MAX_ROWS 1000         /* lines of one */
#define PROVIDER_MAX_CA (32 * 1024)    /* bytes of a ca file: a worker is told it in a line */
#define PROVIDER_MAX_SECONDS (30 * 24 * 60 * 60) /* of a directive that is a duration */

typedef enum
{
  PROVIDER_OAUTH2,
  PROVIDER_AWS,
  PROVIDER_GITHUB_APP,
  PROVIDER_VOUCH,
  PROVIDER_SSH_CA,
  PROVIDER_ISSUER,
  PROVIDER_KINDS
} ProviderKind;

typedef struct _Providers Providers;
typedef struct _Provider Provider;

/* Reads those of @sources whose names begin with providers.d/, NAME.conf and the X.pem that they
 * name; other sources are left alone. NULL with POLICY_ERROR_SYNTAX, "file:line:column: what is
 * wrong; what would be right". The result shares nothing with @sources. */
Providers *providers_parse (const PolicySource *sources, gsize n_sources, GError **error);
/* What is still under way keeps the set that it began with. */
Providers *providers_ref (Providers *providers);
void providers_unref (Providers *providers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Providers, providers_unref)

/* In the order of the sources. What they return lives as long as @providers. */
guint providers_count (const Providers *providers);
const Provider *providers_nth (const Providers *providers, guint n);
/* NULL: none. "gcp" finds google, which is its other name. */
const Provider *providers_find (const Providers *providers, const char *name);
/* Of const Provider*; free the array only. */
GPtrArray *providers_of_kind (const Providers *providers, ProviderKind kind);

const char *provider_name (const Provider *provider);
ProviderKind provider_kind (const Provider *provider);
/* The first word behind the first line @directive, or NULL. */
const char *provider_text (const Provider *provider, const char *directive);
/* What stands behind each line @directive: char** that end with NULL, borrowed; free the array
 * only. Empty when there is none. */
GPtrArray *provider_rows (const Provider *provider, const char *directive);
/* TRUE when @directive is there with the word @word, in any of its lines. */
gboolean provider_has_word (const Provider *provider, const char *directive, const char *word);
/* A duration, in seconds. */
gint64 provider_seconds (const Provider *provider, const char *directive, gint64 fallback);
const char *provider_network (const Provider *provider); /* "public", "private", "loopback" */

/* {"url","network","ca"?}: what every exchange with this provider is built on. NULL with an error
 * that says why @url cannot be gone to. */
json_t *provider_target (const Provider *provider, const char *url, GError **error);
/* {"name","kind","operations":[],"network"?,"settings":[{"name","value"}],"endpoints"?:{}} for
 * people: names of secrets, never values. */
json_t *provider_describe (const Provider *provider);
