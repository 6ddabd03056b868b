/* SPDX-License-Identifier: MIT
 *
 * A login at a provider, while it is under way: the page that the broker names is shown and opened,
 * and its end waited for.
 *
 * MUST
 *  - show the whole address, whether a browser is opened or not
 *  - end when the person calls it off
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "broker/cli/cli.h"
#include "broker/client/client.h"

#define CLI_FLOW_ERROR (cli_flow_error_quark ())
typedef enum
{
  CLI_FLOW_ERROR_CALLED_OFF
} CliFlowError;
GQuark cli_flow_error_quark (void);

typedef struct
{
  const char *member; /* "login_id" or "request_id": what it is told apart by */
  const char *id;
  const char *over;  /* the notification that ends it */
  gboolean open;     /* the person's browser */
  const char *leave; /* what Ctrl-C does: "calls it off" */
  const char *hint;  /* for where there is no display, or NULL */
  FILE *stream;      /* what is said goes there */
} CliFlow;

/* Until it is over: "params" of that notification, the caller's. NULL with CLI_FLOW_ERROR when a
 * signal ended the waiting. */
json_t *cli_flow_wait (Client *client, const CliFlow *flow, GError **error);
