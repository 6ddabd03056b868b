/* SPDX-License-Identifier: MIT
 *
 * One service or provider more, or one less, among the accepted files.
 *
 * MUST
 *  - have nothing else accepted with it: whoever can write in the configuration folder may have
 *    left a proposal there that waits for a PIN
 *  - show what changes before the PIN that accepts it is asked
 */
#pragma once

#include "broker/cli/cli-accept.h"

/* @folder (SERVICE_FOLDER, PROVIDER_FOLDER) and NAME.conf, and where such a file is; g_free(). */
char *cli_accept_name (const char *folder, const char *name);
char *cli_accept_path (const char *file);

/* Makes the file at @path, unless there is one: @written, then, stays as it was. */
gboolean cli_accept_write (const char *path, const char *text, gboolean *written, GError **error);

/* TRUE when @word (NULL is fine) is a secret's name, or one segment of one; else usage is shown,
 * and cli->status says so. @what it is, for that. */
gboolean cli_accept_check_word (Cli *cli, const char *what, const char *word, gboolean whole_name);
/* The same of what --network may be; NULL is fine. */
gboolean cli_accept_check_network (Cli *cli, const char *word);

/* @accepted and the new @file with @content, and with the certificate that it names as that is in
 * @proposed. */
GPtrArray *cli_accept_with (const GPtrArray *accepted, const char *file, const char *content,
                            const GPtrArray *proposed);
/* @accepted without @file, and without a certificate that no other one names. */
GPtrArray *cli_accept_without (const GPtrArray *accepted, const char *file);

/* Shows what becomes of @accepted, names what differs besides, and has @changed accepted with the
 * PIN. */
gboolean cli_accept_changed (const Cli *cli, Client *client, const GPtrArray *accepted,
                             const GPtrArray *changed, GError **error);
/* Says @what became of the service or provider @name. CLI_DONE. */
CliStatus cli_accept_report (const Cli *cli, const char *name, const char *file, const char *what,
                             gboolean changed);
