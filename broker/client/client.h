/* SPDX-License-Identifier: MIT
 *
 * Talking to the broker: used by the command line (waiting for each answer) and by countersign-mcp
 * (many calls at once, never waiting). GLib and jansson only.
 *
 * MUST
 *  - refuse a socket in a directory that is not ours alone, or whose other end is not our uid; in
 *    system mode: the system broker's directory and uid (client-system.h)
 *  - refuse another end that is plainly not countersignd (its executable can be read and is another
 * file)
 *
 * None of this proves the broker: a process of our uid can copy it and listen in its place. What a
 * caller sends here it must be willing to say to any process of its user; passphrases go over the
 * control socket instead.
 */
#pragma once

#include "broker/base/wire.h"

#define CLIENT_ERROR (client_error_quark ())
typedef enum
{
  CLIENT_ERROR_UNREACHABLE, /* nothing listens */
  CLIENT_ERROR_IMPOSTOR,    /* something listens that is not our broker */
  CLIENT_ERROR_CLOSED,      /* the broker went away in the middle */
  CLIENT_ERROR_PROTOCOL
} ClientError;
GQuark client_error_quark (void);

typedef enum
{
  CLIENT_AGENT,
  CLIENT_HUMAN
} ClientRole;

/* Largest line taken from the broker: listings may be longer than what the broker itself takes. */
#define CLIENT_MAX_LINE (8 * 1024 * 1024)

typedef struct _Client Client;

/* @socket NULL: the default path for @role. Connects, says hello (with @claim, may be NULL:
 * {"name","version"}), and waits for the answer, 10 seconds at most. */
Client *client_open (ClientRole role, const char *socket, const json_t *claim, GError **error);
/* The same without waiting: client_hello() is NULL until client_receive() has met the answer. */
Client *client_begin (ClientRole role, const char *socket, const json_t *claim, GError **error);
/* Over a descriptor that is already connected (the control socket of a broker just started); taken
 * over. No hello, and no checks: the caller made both ends. */
Client *client_open_fd (int fd, GError **error);
/* The same with hello, said at once and not waited for, as in client_begin(). */
Client *client_adopt (int fd, ClientRole role, GError **error);
void client_free (Client *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)

/* Path of the socket for @role when none is given; g_free(). */
char *client_default_socket (ClientRole role);

/* The answer to hello: version, broker, state, instance. Borrowed. */
const json_t *client_hello (const Client *client);
int client_fd (const Client *client);

/* Sends and does not wait for the answer. @params is borrowed; @fd is passed along when not -1
 * (still the caller's to close). Returns the id, or 0 with an error. */
gint64 client_send (Client *client, const char *method, const json_t *params, int fd,
                    GError **error);
/* The same with several, passed in this order; those that are -1 are left out. */
gint64 client_send_fds (Client *client, const char *method, const json_t *params, const int *fds,
                        gsize n_fds, GError **error);
void client_notify (Client *client, const char *method, const json_t *params);

/* From now on client_send() and client_notify() only gather; client_flush() writes what the socket
 * takes at once. */
void client_gather (Client *client);
/* FALSE when the broker takes no more. */
gboolean client_flush (Client *client, GError **error);
gsize client_backlog (const Client *client); /* bytes gathered and not written */

/* The next message that has arrived; the caller owns it. NULL without error: nothing yet (only when
 * not @wait). @fd (may be NULL) gets a passed descriptor or -1. */
json_t *client_receive (Client *client, gboolean wait, int *fd, GError **error);

/* Sends and waits for that answer; what arrives in between is kept for client_receive(). Returns
 * "result" (caller owns), or NULL: for an error answer, @error is CLIENT_ANSWER_ERROR with its code
 * and message. @got_fd as above. */
#define CLIENT_ANSWER_ERROR (client_answer_error_quark ())
GQuark client_answer_error_quark (void);
json_t *client_call (Client *client, const char *method, const json_t *params, int fd, int *got_fd,
                     GError **error);
/* "data" of the error answer that client_call() or client_open() met last, or NULL. Borrowed, until
 * the next call. */
const json_t *client_error_data (const Client *client);
