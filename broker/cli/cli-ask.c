/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-ask.h"

#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "broker/base/paths.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"
#include "broker/cli/cli-value.h"
#include "broker/cli/cli-values.h"
#include "broker/client/client-system.h"
#include "broker/client/client.h"

#define PATIENCE (300 * G_USEC_PER_SEC) /* for a broker, and for another one after it went */
#define REPLACED (5 * G_USEC_PER_SEC)   /* how long it takes to put another in its place */
#define PAUSE (250 * 1000)

G_DEFINE_QUARK (countersign_cli_ask_error, cli_ask_error)

typedef struct
{
  const Cli *cli;
  const CliQuestion *question;
  char *told;         /* the last line that was said: none is said twice */
  int fd;             /* what came with the answer, or -1 */
  gint64 until;       /* when to give up on a broker */
  gint64 quiet_until; /* nobody needs to do anything before */
} Asking;

static void
asking_clear (Asking *asking)
{
  g_free (asking->told);
  if (asking->fd != -1)
    close (asking->fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asking, asking_clear)

static void
tell (Asking *asking, char *taken)
{
  g_autofree char *line = taken;

  if (g_strcmp0 (asking->told, line) == 0)
    return;
  cli_say_error (asking->cli, "%s", line);
  g_free (asking->told);
  asking->told = g_steal_pointer (&line);
}

/* --- Reaching it --- */

/* agent.sock, beside the human.sock that --socket named. */
static char *
agent_socket (const Cli *cli)
{
  g_autofree char *dir = cli->socket != NULL ? g_path_get_dirname (cli->socket) : NULL;

  return dir != NULL ? g_build_filename (dir, "agent.sock", NULL) : NULL;
}

/* TRUE when a person may yet start one: it is set up, and only nobody has unlocked it. */
static gboolean
may_come (const Cli *cli, const GError *why)
{
  g_autofree char *store = paths_store_file ();

  return (g_error_matches (why, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE)
          || g_error_matches (why, CLIENT_ERROR, CLIENT_ERROR_CLOSED))
         && (client_is_system (cli->socket) || g_file_test (store, G_FILE_TEST_EXISTS));
}

static Client *
reach (Asking *asking, GError **error)
{
  g_autofree char *socket = agent_socket (asking->cli);

  for (;;)
    {
      g_autoptr (GError) why = NULL;
      Client *client = client_open (CLIENT_AGENT, socket, NULL, &why);

      if (client != NULL)
        return client;
      if (g_error_matches (why, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE)
          && !may_come (asking->cli, why))
        {
          g_set_error (error, why->domain, why->code, "%s; %s starts one", why->message,
                       cli_starter ());
          return NULL;
        }
      if (!may_come (asking->cli, why) || g_get_monotonic_time () >= asking->until)
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return NULL;
        }
      if (g_get_monotonic_time () >= asking->quiet_until)
        tell (asking, g_strdup_printf ("no broker runs; waiting for a person: %s", cli_starter ()));
      g_usleep (PAUSE);
    }
}

/* --- Asking it --- */

static void
on_held (Asking *asking, const json_t *params)
{
  const char *id = wire_string (params, "request_id");

  if (g_strcmp0 (wire_string (params, "state"), "locked") == 0)
    tell (asking, g_strdup ("the store is locked; waiting for a person: countersign unlock"));
  else if (id != NULL)
    tell (asking, g_strdup_printf ("waiting for a person to approve %s: countersign approve %s",
                                   asking->question->what, id));
}

static json_t *
result_of (const json_t *message, GError **error)
{
  const json_t *fault = json_object_get (message, "error");
  const char *words = wire_string (fault, "message");
  json_t *result = json_object_get (message, "result");

  if (result != NULL)
    return json_incref (result);
  g_set_error_literal (error, CLIENT_ANSWER_ERROR, (int) wire_integer (fault, "code", 0),
                       words != NULL ? words : "the broker's answer cannot be understood");
  return NULL;
}

/* The answer to @id: its "result", or the broker's error. */
static json_t *
await (Asking *asking, Client *client, gint64 id, GError **error)
{
  for (;;)
    {
      int fd = -1;
      g_autoptr (json_t) message = client_receive (client, TRUE, &fd, error);

      if (message == NULL)
        return NULL;
      if (g_strcmp0 (wire_string (message, "method"), "held") == 0)
        on_held (asking, json_object_get (message, "params"));
      if (wire_integer (message, "id", 0) != id)
        {
          if (fd != -1)
            close (fd);
          continue;
        }
      asking->fd = fd;
      return result_of (message, error);
    }
}

/* One call, and the waits that it takes while nobody has answered. */
static json_t *
ask_once (Asking *asking, Client *client, GError **error)
{
  const CliQuestion *question = asking->question;
  gint64 id = client_send (client, question->method, question->params, question->fd, error);
  g_autoptr (json_t) answer = id != 0 ? await (asking, client, id, error) : NULL;

  while (answer != NULL && g_strcmp0 (wire_string (answer, "status"), "pending") == 0)
    {
      g_autoptr (json_t) request
          = json_pack ("{s:O}", "request_id", json_object_get (answer, "request_id"));

      g_clear_pointer (&answer, json_decref);
      id = client_send (client, "approval_wait", request, -1, error);
      if (id != 0)
        answer = await (asking, client, id, error);
    }
  return g_steal_pointer (&answer);
}

static json_t *
ask (Asking *asking, GError **error)
{
  asking->until = g_get_monotonic_time () + PATIENCE;
  for (;;)
    {
      g_autoptr (GError) why = NULL;
      g_autoptr (Client) client = reach (asking, error);
      json_t *answer;

      if (client == NULL)
        return NULL;
      answer = ask_once (asking, client, &why);
      if (answer != NULL)
        return answer;
      /* It is replaced by unlock, and the next one knows nothing of what this one was asked. */
      if (!g_error_matches (why, CLIENT_ERROR, CLIENT_ERROR_CLOSED)
          || g_get_monotonic_time () >= asking->until)
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return NULL;
        }
      asking->quiet_until = g_get_monotonic_time () + REPLACED;
    }
}

/* --- The answer --- */

static gboolean
check_status (const json_t *answer, GError **error)
{
  static const struct
  {
    const char *status;
    CliAskError code;
  } ends[] = { { "denied", CLI_ASK_ERROR_DENIED }, { "expired", CLI_ASK_ERROR_EXPIRED } };
  const char *status = wire_string (answer, "status"), *message = wire_string (answer, "message");
  CliAskError code = CLI_ASK_ERROR_FAILED;
  gboolean named;

  if (g_strcmp0 (status, "completed") == 0)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_strcmp0 (status, ends[i].status) == 0)
      code = ends[i].code;
  if (message == NULL)
    message = "the broker gave no reason";
  /* "denied: …", but neither "denied: denied by …" nor "failed: there is no …". */
  named = code != CLI_ASK_ERROR_FAILED && !g_str_has_prefix (message, status);
  g_set_error (error, CLI_ASK_ERROR, code, "%s%s%s", named ? status : "", named ? ": " : "",
               message);
  return FALSE;
}

/* Not before: the broker has to see which program asks, and until then there is nothing here. Core
 * files are left out by this too; their limit is that of whatever is started. */
static gboolean
shut_off (GError **error)
{
  if (prctl (PR_SET_DUMPABLE, 0) == 0)
    return TRUE;
  g_set_error (error, CLI_ASK_ERROR, CLI_ASK_ERROR_FAILED, "this process cannot be shut off: %s",
               g_strerror (errno));
  return FALSE;
}

/* What a person let it have. The room for values first: it would be a pity to find none when a
 * person has answered. */
static json_t *
ask_granted (Asking *asking, GError **error)
{
  g_autoptr (json_t) answer = secret_init (error) ? ask (asking, error) : NULL;

  if (answer == NULL || !check_status (answer, error) || !shut_off (error))
    return NULL;
  return g_steal_pointer (&answer);
}

GPtrArray *
cli_ask_values (const Cli *cli, const CliQuestion *question, json_t **result, GError **error)
{
  g_auto (Asking) asking = { .cli = cli, .question = question, .fd = -1 };
  g_autoptr (json_t) answer = ask_granted (&asking, error);
  GPtrArray *values;

  if (answer == NULL)
    return NULL;
  values = question->n > 0 ? cli_values_read (asking.fd, question->n, error) : g_ptr_array_new ();
  if (values != NULL && result != NULL)
    *result = json_incref (json_object_get (answer, "result"));
  return values;
}

Secret *
cli_ask_value (const Cli *cli, const CliQuestion *question, GError **error)
{
  g_auto (Asking) asking = { .cli = cli, .question = question, .fd = -1 };
  g_autoptr (json_t) answer = ask_granted (&asking, error);
  int fd;

  if (answer == NULL)
    return NULL;
  fd = asking.fd;
  asking.fd = -1;
  return cli_value_take (json_object_get (answer, "result"), fd, error);
}
