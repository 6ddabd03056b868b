/* SPDX-License-Identifier: MIT
 *
 * Where things are: XDG base directories, and our own programs.
 */
#pragma once

#include <glib.h>

/* System mode: the broker's user, and what is above each person's sockets and stores. */
#define PATHS_SYSTEM_USER "countersign"
#define PATHS_SYSTEM_RUNTIME "/run/countersign"
#define PATHS_SYSTEM_STATE "/var/lib/countersign"
/* Where the service manager has the workers wait, and whom those run as that have the network. */
#define PATHS_SYSTEM_WORKERS "/run/countersign-worker"
#define PATHS_SYSTEM_HTTP_USER "countersign-http"

/* Everything lives below @root (absolute) from now on, whatever the environment says: config/,
 * data/, state/ and run/ in it. What --state-dir does; each program that is started from here has
 * to be told as well. */
void paths_set_root (const char *root);
/* What was set, or NULL. */
const char *paths_root (void);

/* $XDG_CONFIG_HOME/countersign and so on; g_free(). Relative values of the variables are ignored,
 * as the XDG specification asks. */
char *paths_config_dir (void);
char *paths_data_dir (void);
char *paths_state_dir (void);
char *paths_cache_dir (void);
/* $XDG_RUNTIME_DIR/countersign; without that variable /run/user/UID/countersign when /run/user/UID
 * is ours and 0700; else <state dir>/run. Never /tmp. */
char *paths_runtime_dir (void);
/* The store's file and the audit trail's folder; g_free(). A store in the runtime directory (init
 * --memory, so in RAM) comes before one in the data directory, and has its trail beside it. */
char *paths_store_file (void);
char *paths_audit_dir (void);
/* Makes @dir (0700) and its parents when missing; refuses one that is a symbolic link, not ours, or
 * open to group or others, and says what to do. Errors are of G_FILE_ERROR. It says nothing of the
 * parents: whoever may rename in them can take the directory away, not get into it. */
gboolean paths_make_private (const char *dir, GError **error);
gboolean paths_check_private (const char *dir, GError **error);

/* Path of one of our installed programs ("countersign", "countersign-mcp", "countersignd"), found
 * from where the running one is (/proc/self/exe), never from PATH. NULL with an error when it is
 * not there. In a build tree the programs are found where meson puts them. */
char *paths_program (const char *name, GError **error);
/* <prefix>/share/countersign/@name. */
char *paths_data_file (const char *name, GError **error);
/* The same for a folder. */
char *paths_data_folder (const char *name, GError **error);
/* Where the translations are; NULL when there are none. g_free(). */
char *paths_locale_dir (void);
/* Below what this program is installed, "/usr/local" for example; NULL in a build tree. g_free(). */
char *paths_prefix (void);
