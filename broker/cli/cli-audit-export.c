/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-audit-sink.h"

CliStatus
cli_audit_export (Cli *cli)
{
  g_auto (CliSink) sink = { 0 };
  const GOptionEntry entries[]
      = { { "to", 0, 0, G_OPTION_ARG_FILENAME, &sink.to,
            "Send the records to journald, syslog, syslog:udp:HOST, syslog:tcp:HOST or "
            "syslog:tls:HOST",
            "SINK" },
          { "follow", 0, 0, G_OPTION_ARG_NONE, &sink.follow, "Go on with what is written later",
            NULL },
          { "name", 0, 0, G_OPTION_ARG_FILENAME, &sink.name,
            "What to call the sink, where there are several of a kind", "NAME" },
          { "sealed", 0, 0, G_OPTION_ARG_NONE, &sink.sealed,
            "Send what is sealed too, as it is: sealed", NULL },
          { "tls-ca", 0, 0, G_OPTION_ARG_FILENAME, &sink.tls_ca,
            "Authorities that the server's certificate may come from (PEM)", "FILE" },
          { "tls-certificate", 0, 0, G_OPTION_ARG_FILENAME, &sink.tls_certificate,
            "Our own certificate (PEM)", "FILE" },
          { "tls-key", 0, 0, G_OPTION_ARG_FILENAME, &sink.tls_key, "Its key (PEM)", "FILE" },
          G_OPTION_ENTRY_NULL };

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  if (sink.to == NULL)
    return cli_usage (cli, "expects --to SINK");
  return cli_audit_sink (cli, &sink);
}
