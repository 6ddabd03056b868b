/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "approve-ui/terminal/terminal-line.h"

G_DEFINE_QUARK (countersign - cli - prompt - error, cli_prompt_error)

gboolean
cli_shut_off (GError **error)
{
  const struct rlimit none = { 0, 0 };

  if (prctl (PR_SET_DUMPABLE, 0) == 0 && setrlimit (RLIMIT_CORE, &none) == 0)
    return TRUE;
  g_set_error (error, SECRET_ERROR, SECRET_ERROR_LOCK, "this process cannot be shut off: %s",
               g_strerror (errno));
  return FALSE;
}

gboolean
cli_guard (GError **error)
{
  static gboolean guarded;

  if (!guarded)
    guarded = cli_shut_off (error) && secret_init (error);
  return guarded;
}

static int
open_terminal (const char *instead, GError **error)
{
  int fd = open ("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

  if (fd == -1)
    g_set_error (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_NO_TERMINAL,
                 "there is no terminal to ask at; use %s", instead);
  return fd;
}

gboolean
cli_has_terminal (void)
{
  int fd = open_terminal ("", NULL);

  if (fd == -1)
    return FALSE;
  close (fd);
  return TRUE;
}

static Secret *
ask (const TerminalQuestion *question, const char *instead, GError **error)
{
  g_autoptr (GError) trouble = NULL;
  Secret *line = NULL;
  int fd;

  if (!cli_guard (error))
    return NULL;
  fd = open_terminal (instead, error);
  if (fd == -1)
    return NULL;
  switch (terminal_line (fd, fd, question, &line, &trouble))
    {
    case TERMINAL_LINE_READ:
      break;
    case TERMINAL_LINE_FAILED:
      g_propagate_error (error, g_steal_pointer (&trouble));
      break;
    case TERMINAL_LINE_INTERRUPTED:
    case TERMINAL_LINE_EOF:
    case TERMINAL_LINE_DEADLINE:
    case TERMINAL_LINE_WITHDRAWN:
      g_set_error_literal (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_CANCELLED,
                           "cancelled; nothing was changed");
      break;
    }
  close (fd);
  return line;
}

Secret *
cli_ask_hidden (const char *prompt, const char *instead, GError **error)
{
  const TerminalQuestion question = { .prompt = prompt, .hidden = TRUE };

  return ask (&question, instead, error);
}

char *
cli_ask_text (const char *prompt, const char *instead, GError **error)
{
  const TerminalQuestion question = { .prompt = prompt };
  g_autoptr (Secret) line = ask (&question, instead, error);
  char *text;

  if (line == NULL)
    return NULL;
  if (!secret_is_text (line))
    {
      g_set_error_literal (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT,
                           "what was typed is not UTF-8 text");
      return NULL;
    }
  text = g_strndup ((const char *) secret_peek (line), secret_len (line));
  return g_strstrip (text);
}

gboolean
cli_ask_word (const char *prompt, const char *word, GError **error)
{
  const TerminalQuestion question = { .prompt = prompt, .discard = TRUE };
  g_autoptr (Secret) line = ask (&question, "a terminal", error);

  return line != NULL && secret_len (line) == strlen (word)
         && memcmp (secret_peek (line), word, strlen (word)) == 0;
}

/* Byte by byte: what follows the line belongs to whoever reads the descriptor next. */
static Secret *
read_line_fd (int fd, GError **error)
{
  g_autoptr (Secret) line = secret_new (TERMINAL_LINE_MAX, error);
  gsize used = 0;

  if (line == NULL)
    return NULL;
  while (used < TERMINAL_LINE_MAX)
    {
      ssize_t n = read (fd, secret_data (line) + used, 1);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT, "descriptor %d: %s", fd,
                       g_strerror (errno));
          return NULL;
        }
      if (n == 0 || secret_peek (line)[used] == '\n')
        {
          secret_truncate (line, used);
          return g_steal_pointer (&line);
        }
      used++;
    }
  g_set_error (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT,
               "descriptor %d: the line is longer than %d bytes", fd, TERMINAL_LINE_MAX);
  return NULL;
}

/* The broker takes them as JSON strings. */
static Secret *
check_text (Secret *secret, const char *what, GError **error)
{
  if (secret == NULL)
    return NULL;
  if (secret_len (secret) > 0 && secret_is_text (secret))
    return secret;
  g_set_error (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT, "the %s is %s", what,
               secret_len (secret) == 0 ? "empty" : "not UTF-8 text");
  secret_free (secret);
  return NULL;
}

static Secret *
read_from (int fd, const char *option, GError **error)
{
  if (!cli_guard (error))
    return NULL;
  if (!isatty (fd))
    return read_line_fd (fd, error);
  g_set_error (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT,
               "%s %d is a terminal, which would show it; leave the option out to be asked", option,
               fd);
  return NULL;
}

Secret *
cli_read_pin (const Cli *cli, GError **error)
{
  Secret *pin;

  if (cli->pin != NULL)
    return secret_copy (cli->pin, error);
  pin = cli->pin_fd != -1 ? read_from (cli->pin_fd, "--pin-fd", error)
                          : cli_ask_hidden ("PIN: ", "--pin-fd N", error);
  return check_text (pin, "PIN", error);
}

gboolean
cli_read_pin_first (Cli *cli, GError **error)
{
  if (cli->pin_fd == -1)
    return TRUE;
  cli->pin = cli_read_pin (cli, error);
  return cli->pin != NULL;
}

Secret *
cli_read_passphrase (const Cli *cli, GError **error)
{
  Secret *passphrase = cli->passphrase_fd != -1
                           ? read_from (cli->passphrase_fd, "--passphrase-fd", error)
                           : cli_ask_hidden ("Passphrase: ", "--passphrase-fd N", error);

  return check_text (passphrase, "passphrase", error);
}

static gboolean
long_enough (const Secret *secret, const char *what, glong min, GError **error)
{
  if (g_utf8_strlen ((const char *) secret_peek (secret), secret_len (secret)) >= min)
    return TRUE;
  g_set_error (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT,
               "the %s must have at least %ld characters", what, min);
  return FALSE;
}

typedef struct
{
  const char *what, *option;
  const char *first, *again;
  int fd;
  glong min;
} NewSecret;

static Secret *
ask_once (const NewSecret *new, GError **error)
{
  g_autofree char *instead = g_strdup_printf ("%s N", new->option);
  g_autoptr (Secret) first
      = check_text (cli_ask_hidden (new->first, instead, error), new->what, error);
  g_autoptr (Secret) second = NULL;

  if (first == NULL || !long_enough (first, new->what, new->min, error))
    return NULL;
  second = cli_ask_hidden (new->again, instead, error);
  if (second == NULL)
    return NULL;
  if (secret_equal (first, second))
    return g_steal_pointer (&first);
  g_set_error (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT, "the %s was not the same twice",
               new->what);
  return NULL;
}

/* A slip at the terminal costs another question, not the whole command. */
static Secret *
read_new (const NewSecret *new, GError **error)
{
  if (new->fd != -1)
    {
      g_autoptr (Secret) secret
          = check_text (read_from (new->fd, new->option, error), new->what, error);
      if (secret == NULL || !long_enough (secret, new->what, new->min, error))
        return NULL;
      return g_steal_pointer (&secret);
    }
  for (int tries = 0;; tries++)
    {
      g_autoptr (GError) slip = NULL;
      Secret *secret = ask_once (new, &slip);
      if (secret != NULL)
        return secret;
      if (tries == 2 || !g_error_matches (slip, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT))
        {
          g_propagate_error (error, g_steal_pointer (&slip));
          return NULL;
        }
      g_printerr ("%s; once more.\n", slip->message);
    }
}

Secret *
cli_read_new_pin (const Cli *cli, GError **error)
{
  const NewSecret new
      = { "PIN",       "--pin-fd", "New PIN (6 characters or more): ", "New PIN again: ",
          cli->pin_fd, CLI_PIN_MIN };

  return read_new (&new, error);
}

Secret *
cli_read_new_passphrase (const Cli *cli, GError **error)
{
  const NewSecret new = { "passphrase",
                          "--passphrase-fd",
                          "New passphrase (8 characters or more): ",
                          "New passphrase again: ",
                          cli->passphrase_fd,
                          CLI_PASSPHRASE_MIN };

  return read_new (&new, error);
}
