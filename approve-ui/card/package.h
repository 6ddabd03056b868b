/* SPDX-License-Identifier: MIT
 *
 * Which package of the distribution a program belongs to: what a person knows a program by.
 */
#pragma once

#include <glib.h>

/* What dpkg says owns @exe, or ""; NULL when there is nobody to ask. Takes some hundredths of a
 * second, and waits two seconds at most. g_free(). */
char *package_owner (const char *exe);
