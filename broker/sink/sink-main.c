/* SPDX-License-Identifier: MIT
 *
 * countersign-audit-export: sends the audit trail to the journal or to syslog. It reads files and
 * writes a cursor beside them; the broker knows nothing of it, and never waits for it.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/sink/sink-run.h"

typedef struct
{
  char *to;
  gboolean version;
  SinkOptions options;
} Program;

static void
program_clear (Program *program)
{
  g_free (program->to);
  sink_place_clear (&program->options.place);
  g_free (program->options.dir);
  g_free (program->options.name);
  g_free (program->options.tls.ca);
  g_free (program->options.tls.certificate);
  g_free (program->options.tls.key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Program, program_clear)

static gboolean
parse (int argc, char **argv, Program *program, GError **error)
{
  SinkOptions *options = &program->options;
  const GOptionEntry entries[]
      = { { "dir", 0, 0, G_OPTION_ARG_FILENAME, &options->dir, "The audit trail's folder", "DIR" },
          { "to", 0, 0, G_OPTION_ARG_FILENAME, &program->to,
            "journald, syslog, or syslog:udp:HOST, syslog:tcp:HOST, syslog:tls:HOST", "SINK" },
          { "name", 0, 0, G_OPTION_ARG_FILENAME, &options->name,
            "Of the file that says how far it has got: sink-NAME.json", "NAME" },
          { "follow", 0, 0, G_OPTION_ARG_NONE, &options->follow, "Go on with what is written later",
            NULL },
          { "sealed", 0, 0, G_OPTION_ARG_NONE, &options->sealed,
            "Send sealed parts too, as they are", NULL },
          { "tls-ca", 0, 0, G_OPTION_ARG_FILENAME, &options->tls.ca,
            "Authorities that the server's certificate may come from (PEM)", "FILE" },
          { "tls-certificate", 0, 0, G_OPTION_ARG_FILENAME, &options->tls.certificate,
            "Our own certificate (PEM)", "FILE" },
          { "tls-key", 0, 0, G_OPTION_ARG_FILENAME, &options->tls.key, "Its key (PEM)", "FILE" },
          { "version", 0, 0, G_OPTION_ARG_NONE, &program->version, "Show the version", NULL },
          G_OPTION_ENTRY_NULL };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context, "Sends an audit trail to the journal or to syslog.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (argc > 1)
    g_set_error (error, SINK_ERROR, SINK_ERROR_PLACE, "“%s” is one word too many", argv[1]);
  return argc <= 1;
}

/* NULL when all is well. */
static const char *
what_is_wrong (const Program *program)
{
  const SinkTls *tls = &program->options.tls;

  if (program->options.dir == NULL || program->to == NULL)
    return "--dir DIR and --to SINK are needed";
  if ((tls->certificate == NULL) != (tls->key == NULL))
    return "--tls-certificate and --tls-key go together";
  return NULL;
}

static gboolean
check (Program *program, GError **error)
{
  const char *wrong = what_is_wrong (program);
  SinkOptions *options = &program->options;

  if (wrong != NULL)
    {
      g_set_error_literal (error, SINK_ERROR, SINK_ERROR_PLACE, wrong);
      return FALSE;
    }
  if (!sink_place_parse (program->to, &options->place, error))
    return FALSE;
  if (options->place.kind != SINK_SYSLOG_TLS
      && (options->tls.ca != NULL || options->tls.certificate != NULL))
    {
      g_set_error_literal (error, SINK_ERROR, SINK_ERROR_PLACE,
                           "--tls-… go with syslog:tls:HOST only");
      return FALSE;
    }
  if (options->name == NULL)
    options->name = sink_place_name (&options->place);
  return sink_place_check_name (options->name, error);
}

static int
complain (const GError *error, int status)
{
  g_autofree char *text = text_escape (error->message);

  fprintf (stderr, "countersign-audit-export: %s\n", text);
  return status;
}

int
main (int argc, char **argv)
{
  const struct rlimit no_core = { 0, 0 };
  g_auto (Program) program = { 0 };
  g_autoptr (GError) error = NULL;

  setrlimit (RLIMIT_CORE, &no_core); /* the key of a certificate may be in it */
  signal (SIGPIPE, SIG_IGN);
  wire_init ();
  if (!parse (argc, argv, &program, &error))
    return complain (error, 2);
  if (program.version)
    return puts ("countersign-audit-export " COUNTERSIGN_VERSION) < 0;
  if (!check (&program, &error))
    return complain (error, 2);
  return sink_run (&program.options, &error) ? 0 : complain (error, 1);
}
