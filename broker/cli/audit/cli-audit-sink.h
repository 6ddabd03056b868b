/* SPDX-License-Identifier: MIT
 *
 * `audit export --to`: hands over to countersign-audit-export, in the same process.
 */
#pragma once

#include "broker/cli/cli.h"

typedef struct
{
  char *to, *name; /* name: NULL: that of the kind of sink */
  char *tls_ca, *tls_certificate, *tls_key;
  gboolean follow, sealed;
} CliSink;

void cli_sink_clear (CliSink *sink);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliSink, cli_sink_clear)
/* One of the options is given that means something with --to alone. */
gboolean cli_sink_is_asked (const CliSink *sink);

/* Returns only when it could not begin. */
CliStatus cli_audit_sink (Cli *cli, const CliSink *sink);
