/* SPDX-License-Identifier: MIT
 *
 * A reader of syslog messages that follows the grammar of RFC 5424, section 6, and nothing else.
 */
#pragma once

#include <glib.h>

typedef struct
{
  int facility, severity;
  char *time, *host, *app, *procid, *msgid;
  GPtrArray *params; /* "ID NAME=VALUE", in order, without their escapes */
  char *message;     /* without its byte order mark */
  gboolean marked;   /* it had one */
} Rfc5424;

/* FALSE, with the name of the rule that does not hold in @rule. */
gboolean rfc5424_read (const char *text, gsize len, Rfc5424 *message, const char **rule);
void rfc5424_clear (Rfc5424 *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rfc5424, rfc5424_clear)
/* The value of that parameter, the first where there are several; NULL. */
const char *rfc5424_param (const Rfc5424 *message, const char *id, const char *name);
