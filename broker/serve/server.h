/* SPDX-License-Identifier: MIT
 *
 * The listening sockets, and what is said on them.
 *
 * MUST
 *  - live in a directory that is ours alone, 0600, and be taken over whole (bound aside, then
 * renamed); in system mode they are open to the person besides
 *  - accept only the uid of whom the broker is for, not even root, and record who else came
 */
#pragma once

#include "broker/serve/rpc.h"
#include "broker/vault.h"

typedef struct _Server Server;

/* Makes "@dir/agent.sock" and "@dir/human.sock". @dir exists and is private. */
Server *server_new (Vault *vault, const char *dir, GError **error);
void server_free (Server *self); /* removes the sockets */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Server, server_free)

/* What each socket does with a connection; taken: @fd, @peer. */
typedef void (*ServerAccept) (gpointer user, int fd, Process *peer);
void agent_accept (Vault *vault, int fd, Process *peer);
void human_accept (Vault *vault, int fd, Process *peer);
/* One more: "@dir/control.sock", of system mode. */
gboolean server_add_control (Server *self, const char *dir, ServerAccept accept, gpointer user,
                             GError **error);

/* The answer to hello, and the check of it: fields version, role, client. FALSE: answered with an
 * error. */
gboolean server_hello (Vault *vault, Conn *conn, const RpcCall *call, const char *role);
