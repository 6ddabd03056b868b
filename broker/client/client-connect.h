/* SPDX-License-Identifier: MIT
 *
 * Reaching the broker's socket, and the checks before a word is said.
 */
#pragma once

#include <glib.h>

/* <runtime dir>/@name; g_free(). */
char *client_socket_path (const char *name);
/* A connected descriptor, close-on-exec, whose other end passed the checks; -1 with a CLIENT_ERROR.
 * Does not wait for the broker to accept. */
int client_connect (const char *path, GError **error);
/* Whether the program that listens at the other end of @fd runs the file @program (NULL: none is
 * known). TRUE also when its executable cannot be read. @path is for the error. */
gboolean client_check_program (int fd, const char *path, const char *program, GError **error);
