/* SPDX-License-Identifier: MIT
 *
 * A window of its own for what is too long for a card: all of it, line by line.
 */
#pragma once

#include <gtk/gtk.h>

#include "approve-ui/card/card-show.h"

/* Shows all of @line over @parent; the caller owns no reference. It goes with @parent, or is
 * destroyed with gtk_window_destroy() by whoever keeps a weak pointer. */
GtkWindow *whole_show (GtkWindow *parent, const CardLine *line);
