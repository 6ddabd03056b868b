/* SPDX-License-Identifier: MIT */
#include "broker/cli/audit/cli-audit-copy.h"
#include "broker/cli/audit/cli-audit-sink.h"

static void
copy_clear (CliCopy *copy)
{
  g_free (copy->since);
  g_free (copy->until);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliCopy, copy_clear)

/* One of three: a folder, a checkpoint, a sink. */
static CliStatus export(Cli *cli, const CliCopy *copy, const CliSink *sink, gboolean checkpoint,
                        const char *output)
{
  gboolean copies = copy->since != NULL || copy->until != NULL || copy->with_key;

  if (cli_sink_is_asked (sink) + checkpoint + cli->n_args != 1)
    return cli_usage (cli, "expects a new folder DIR, or --checkpoint, or --to SINK");
  if (copies && cli->n_args == 0)
    return cli_usage (cli, "--since, --until and --with-key go with a folder DIR");
  if (output != NULL && !checkpoint)
    return cli_usage (cli, "--output goes with --checkpoint");
  if (checkpoint)
    return cli_audit_checkpoint (cli, output);
  return cli->n_args == 1 ? cli_audit_copy (cli, cli->args[0], copy) : cli_audit_sink (cli, sink);
}

CliStatus
cli_audit_export (Cli *cli)
{
  g_auto (CliSink) sink = { 0 };
  g_auto (CliCopy) copy = { 0 };
  g_autofree char *output = NULL;
  gboolean checkpoint = FALSE;
  const GOptionEntry entries[]
      = { { "since", 0, 0, G_OPTION_ARG_FILENAME, &copy.since,
            "Only files that end at this time or later", "TIME" },
          { "until", 0, 0, G_OPTION_ARG_FILENAME, &copy.until,
            "Only files that begin at this time or earlier", "TIME" },
          { "with-key", 0, 0, G_OPTION_ARG_NONE, &copy.with_key,
            "Copy the first key too, wrapped by the passphrase", NULL },
          { "checkpoint", 0, 0, G_OPTION_ARG_NONE, &checkpoint,
            "Write only what the trail ends with now, to be kept elsewhere", NULL },
          { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
            "A new file for the checkpoint; without it to standard output", "FILE" },
          { "to", 0, 0, G_OPTION_ARG_FILENAME, &sink.to,
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

  if (!cli_options (cli, entries, 0, 1))
    return cli->status;
  return export(cli, &copy, &sink, checkpoint, output);
}
