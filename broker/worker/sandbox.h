/* SPDX-License-Identifier: MIT
 *
 * One command in a confinement: bubblewrap around it, Landlock and seccomp on it. A small inner
 * stage of ours is process 1 in there, starts the command, and tells how it ended.
 *
 * MUST
 *  - let the command write nothing but what was declared and what is thrown away with it, reach
 *    nothing but the one place that was granted, and see none of our files and no socket of others
 *  - run the very file that was approved
 *  - say what is missing where the kernel, or this machine, has less to give; never use less
 *    without a word, nor at all when the whole was asked for
 *  - leave nothing running that the command started
 */
#pragma once

#include <jansson.h>
#include <sys/stat.h>

#include "broker/base/secret.h"

#define SANDBOX_ERROR (sandbox_error_quark ())
typedef enum
{
  SANDBOX_ERROR_FIELD,       /* the message begins with what is wrong: "write: …" */
  SANDBOX_ERROR_PROGRAM,     /* another file than approved, or not to be executed */
  SANDBOX_ERROR_CONFINEMENT, /* what was asked for cannot be had */
  SANDBOX_ERROR_SYSTEM
} SandboxError;
GQuark sandbox_error_quark (void);

/* Exactly one of env, fd and input says where it goes. */
typedef struct
{
  const Secret *value;
  const char *env; /* variable */
  int fd;          /* 3 to 9, readable there; else -1 */
  gboolean input;  /* standard input */
} SandboxSecret;

/* All paths absolute. Borrowed until sandbox_start() returns. */
typedef struct
{
  const char *program;
  guint64 device, inode;    /* what the program must be; 0, 0: whatever is there */
  guint64 changed;          /* and as old: see sandbox_changed() */
  const char *const *argv;  /* with the name it is called by; NULL at the end */
  const char *const *env;   /* NAME=value, all there is; NULL at the end */
  const char *work_dir;     /* NULL: / */
  const char *const *write; /* what may be written; NULL at the end, or NULL */
  const char *const *hide;  /* what is not to be seen, besides the usual; or NULL */
  const char *reach_host;   /* the one place to be reached; NULL: none */
  guint16 reach_port;
  const SandboxSecret *secrets;
  gsize n_secrets;
  int fds[3];       /* the command's first three descriptors, which stay the caller's */
  gboolean session; /* stays in our session, with the terminal; else it gets its own, without one */
  gboolean whole;   /* refuse rather than run with something missing */
} SandboxCommand;

/* When something of this file was last changed, ns since 1970. Nobody but root can set it back:
 * what was written into the very file after it was approved shows there. */
static inline guint64
sandbox_changed (const struct stat *st)
{
  return (guint64) st->st_ctim.tv_sec * 1000000000 + (guint64) st->st_ctim.tv_nsec;
}

typedef struct _Sandbox Sandbox;

/* Starts. What is to be known further comes over sandbox_fd(). One at a time in a process: its
 * other descendants would be taken for the command's. */
Sandbox *sandbox_start (const SandboxCommand *command, GError **error);
/* Kills what still runs, and waits for it. */
void sandbox_free (Sandbox *sandbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sandbox, sandbox_free)

/* Readable when there is something to take: for poll(2). */
int sandbox_fd (const Sandbox *sandbox);

typedef enum
{
  SANDBOX_NOTHING,  /* for now */
  SANDBOX_CONFINED, /* sandbox_confinement() is final; the command starts */
  SANDBOX_LISTENS,  /* sandbox_take_listener() has the listening socket of the reachable place */
  SANDBOX_FAILED,   /* it did not start: @error of sandbox_take() says why */
  SANDBOX_ENDED,    /* the command ended: sandbox_status(); what it left running is being ended */
} SandboxEvent;
/* The next event. After SANDBOX_FAILED or SANDBOX_ENDED comes nothing more. */
SandboxEvent sandbox_take (Sandbox *sandbox, GError **error);

int sandbox_take_listener (Sandbox *sandbox); /* the caller's; -1 when there is none */
int sandbox_status (const Sandbox *sandbox);  /* as of waitpid(2) */
/* {"files", "network", "seccomp", "full", "missing"}: the caller's. */
json_t *sandbox_confinement (const Sandbox *sandbox);

/* @signal to the command and all that it started; with @only_command to itself alone. */
void sandbox_signal (Sandbox *sandbox, int signal, gboolean only_command);
/* SIGKILL to all of it, until nothing is left: TRUE then. Without a namespace it may take several
 * calls, some milliseconds apart. */
gboolean sandbox_kill (Sandbox *sandbox);

/* What sandbox_confinement() would be: tries it, about 10 ms. */
json_t *sandbox_probe (void);

/* The one place that such a command may reach, and the end of a SOCK_SEQPACKET pair over which its
 * listening socket goes to whoever carries what comes in there. */
typedef struct
{
  const char *host;
  guint16 port;
  int program;
} SandboxReach;

/* The command line that runs @argv ([0]: absolute path) confined, in the caller's session and
 * environment and with its standard descriptors, for exec by the caller; g_strfreev(). Signals and
 * exit status pass through. @write, @hide, @reach may be NULL. Errors: our program is not there. */
char **sandbox_command_line (const char *const *argv, const char *const *write,
                             const char *const *hide, const SandboxReach *reach, GError **error);
/* FALSE with an error that begins with "write: ": one of @write (absolute, without symbolic links)
 * cannot be made writable where @hide is hidden. Before anybody is asked. */
gboolean sandbox_check_write (const char *const *write, const char *const *hide, GError **error);
