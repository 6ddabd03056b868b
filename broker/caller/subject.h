/* SPDX-License-Identifier: MIT
 *
 * Who calls over HTTP, as the broker itself has verified it.
 *
 * MUST
 *  - be one and the same by issuer and subject, and by whether a hardware key was used: what a
 *    person gave to who had one is not for who has a lesser token. Names are for people and for the
 *    policy
 *  - hold nothing by which it was proven
 */
#pragma once

#include <glib.h>

#define SUBJECT_LOCAL "local"  /* in the place of an issuer's name: one of our own local tokens */
#define SUBJECT_BYTES_MAX 256  /* of an issuer's "sub", and of what names a person */
#define SUBJECT_SCOPES_MAX 256 /* that a token may name */

/* Immutable, reference-counted. */
typedef struct
{
  gint refs;
  char *caller;      /* the accepted file callers.d/NAME.conf, or SUBJECT_LOCAL */
  char *issuer;      /* "iss"; SUBJECT_LOCAL for a local token */
  char *subject;     /* "sub"; the id of a local token */
  char *person;      /* what names them: "ann@example.com" */
  char *label;       /* for people: "ann@example.com, hardware-verified" */
  gboolean hardware; /* the token says that they used a hardware key */
  char **scopes;     /* of the token; never NULL */
  gint64 expires_at; /* seconds since 1970, by which the token has to be shown anew */
} Subject;

/* All is copied. @scopes NULL: none. */
Subject *subject_new (const Subject *parts);
Subject *subject_ref (Subject *self);
void subject_unref (Subject *self); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Subject, subject_unref)

gboolean subject_is_local (const Subject *self);
/* The same issuer and subject, with a hardware key or without; whatever else the tokens said. */
gboolean subject_equal (const Subject *one, const Subject *other);
/* As the policy knows them: "work/ann@example.com"; g_free(). */
char *subject_name (const Subject *self);
/* A text that no other has, of any issuer; g_free(). */
char *subject_key (const Subject *self);
