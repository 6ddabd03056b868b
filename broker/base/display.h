/* SPDX-License-Identifier: MIT
 *
 * The environment of a program that draws what a person decides about.
 *
 * MUST
 *  - be built from nothing: of the caller's variables only those that say where to draw
 *  - name no folder that the user can write: a gtk.css, font or input method of theirs must not
 *    change what a card shows
 */
#pragma once

#include <glib.h>

/* TRUE when @from names a display of X11 or Wayland. */
gboolean display_is_there (char **from);
/* The environment for our own programs that draw, made from @from (an environment); g_strfreev().
 * Display and bus are named absolutely, since HOME and the runtime folder are not there for them.
 */
char **display_environment (char **from);
