/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/cli/cli-output.h"

#define NARROWEST 40

static GPid pager; /* 0: none */

CliScreen
cli_screen (void)
{
  CliScreen screen = { isatty (STDOUT_FILENO), cli_colour (stdout), 0 };
  struct winsize size;

  if (screen.terminal)
    screen.width = ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
                       ? MAX (size.ws_col, NARROWEST)
                       : 80;
  return screen;
}

/* NULL: none is wanted, or to be had. */
static char *
choose (void)
{
  static const char *const variables[] = { "COUNTERSIGN_PAGER", "PAGER", NULL };

  for (const char *const *name = variables; *name != NULL; name++)
    {
      const char *wanted = g_getenv (*name);
      if (wanted != NULL)
        return *wanted == '\0' || strcmp (wanted, "cat") == 0 ? NULL : g_strdup (wanted);
    }
  return g_find_program_in_path ("less");
}

/* In the child. The variable's words are the shell's, as with every program that has a pager. */
static void
become (const char *command, int input)
{
  dup2 (input, STDIN_FILENO);
  execl ("/bin/sh", "sh", "-c", command, NULL);
  _exit (127);
}

void
cli_pager_start (void)
{
  g_autofree char *command = isatty (STDOUT_FILENO) ? choose () : NULL;
  int ends[2];

  if (command == NULL || pipe2 (ends, O_CLOEXEC) != 0)
    return;
  /* Leaves at once when all fits, passes colours on, and leaves the screen as it is. */
  g_setenv ("LESS", "FRX", FALSE);
  g_setenv ("LV", "-c", FALSE);
  fflush (stdout);
  pager = fork ();
  if (pager == 0)
    become (command, ends[0]);
  close (ends[0]);
  if (pager > 0)
    {
      dup2 (ends[1], STDOUT_FILENO);
      /* Ctrl-C is for the pager, which owns the screen; it ends us by going. */
      signal (SIGINT, SIG_IGN);
      signal (SIGQUIT, SIG_IGN);
    }
  else
    pager = 0;
  close (ends[1]);
}

void
cli_pager_end (void)
{
  if (pager == 0)
    return;
  fflush (stdout);
  int nothing = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2 (nothing, STDOUT_FILENO); /* the pager sees the end */
  close (nothing);
  while (waitpid (pager, NULL, 0) < 0 && errno == EINTR)
    ;
  pager = 0;
}
