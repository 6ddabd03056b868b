/* SPDX-License-Identifier: MIT
 *
 * One callers.d/NAME.conf while it is read: callers-line.c its lines, callers-parse.c the whole.
 */
#pragma once

#include "broker/caller/callers.h"
#include "broker/service/service-line.h"

typedef enum
{
  WORD_ISSUER,
  WORD_AUDIENCE,
  WORD_ALGORITHM,
  WORD_KEYS,
  WORD_TYPE,
  WORD_SUBJECT,
  WORD_SCOPE,
  WORD_REQUIRE,
  WORD_BOUND,
  WORD_RELAY,
  WORD_NETWORK,
  WORD_CA,
  WORDS
} CallerWord;

typedef struct
{
  ServiceLine line;
  CallerIssuer *issuer;
  const PolicySource *source;
  guint at[WORDS]; /* the line that each stands in; 0: nowhere */
  char *ca;        /* the name of its file */
} CallerParse;

/* The line that was just begun, into @parse. FALSE with an error. */
gboolean caller_parse_line (CallerParse *parse, GError **error);
