/* SPDX-License-Identifier: MIT
 *
 * Which Debian package a file is of, read from dpkg's database. Blocks for the disk.
 */
#pragma once

#include <glib.h>

#define DPKG_DATABASE "/var/lib/dpkg"

/* The name of the package, without its architecture; "" when none has the file at @path (full);
 * NULL when @database cannot be read. g_free(). */
char *dpkg_owner (const char *database, const char *path);
