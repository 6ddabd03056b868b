/* SPDX-License-Identifier: MIT
 *
 * Whose word is taken for who calls over HTTP: the issuers that a person has accepted. Pure: no
 * I/O, no clock, no network. The language is described in countersign-callers(5).
 *
 * MUST
 *  - refuse a file that has one word it does not know: a misspelt check that is skipped is no check
 *  - have it written out when no audience is looked at
 */
#pragma once

#include "broker/provider/provider.h"
#include "broker/token/token-key.h"

#define CALLER_FOLDER "callers.d/" /* how the names of sources begin that are read here */
#define CALLER_MAX 64              /* issuers of one set */
#define CALLER_MAX_WORDS 64        /* behind one directive */
/* Seconds that a local token is good for: when not said, and at most. */
#define CALLER_TOKEN_FOR (30 * 24 * 60 * 60)
#define CALLER_TOKEN_FOR_MAX (365 * 24 * 60 * 60)

typedef struct
{
  char *claim;
  char *value; /* NULL: it has to be there, and not false */
} CallerRequire;

/* One callers.d/NAME.conf. */
typedef struct
{
  char *name, *file;
  char *digest; /* of all that it says, its certificates too: another one is another issuer */
  char *issuer; /* exactly as "iss" has it */
  gboolean any_audience, own_audience; /* "audience none", "audience resource" */
  char **audiences;                    /* more of them; never NULL */
  guint algorithms;                    /* bits 1u << TOKEN_… */
  char *keys;                          /* where they are; NULL: as the issuer publishes */
  char **types;                        /* of the header; NULL: any */
  char **subjects;                     /* claims, the first that is there names the person */
  char **scopes;                       /* that are required; never NULL */
  GPtrArray *requires;                 /* of CallerRequire */
  gboolean bound;                      /* tokens that are bound to a key are taken all the same */
  char *relay;         /* the provider that the caller's own token goes to, or NULL */
  const char *network; /* "public", "private", "loopback" */
  char *ca;            /* PEM, or NULL */
} CallerIssuer;

typedef struct _Callers Callers;

/* Reads those of @sources whose names begin with callers.d/, NAME.conf and the X.pem that they
 * name; what "relay" names is among @providers. NULL with POLICY_ERROR_SYNTAX. */
Callers *callers_parse (const PolicySource *sources, gsize n_sources, const Providers *providers,
                        GError **error);
void callers_free (Callers *callers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Callers, callers_free)

/* In the order of the sources. What they return lives as long as @callers. */
guint callers_count (const Callers *callers);
const CallerIssuer *callers_nth (const Callers *callers, guint n);
const CallerIssuer *callers_find (const Callers *callers, const char *name);
const CallerIssuer *callers_find_issuer (const Callers *callers, const char *issuer);

/* {"url","network","ca"?} of a GET there: what an exchange is built on. NULL with an error. */
json_t *caller_issuer_target (const CallerIssuer *issuer, const char *url, GError **error);

/* --- callers-parse.c --- */
void caller_issuer_free (CallerIssuer *issuer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CallerIssuer, caller_issuer_free)
CallerIssuer *caller_issuer_parse (const PolicySource *source, const PolicySource *sources,
                                   gsize n_sources, const Providers *providers, GError **error);
