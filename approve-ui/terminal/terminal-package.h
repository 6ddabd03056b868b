/* SPDX-License-Identifier: MIT
 *
 * What package a card's program belongs to, asked while the card stands already.
 */
#pragma once

#include <glib.h>

typedef struct _TerminalPackages TerminalPackages;

/* NULL, with an error, when there are no descriptors left. */
TerminalPackages *terminal_packages_new (GError **error);
void terminal_packages_free (TerminalPackages *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TerminalPackages, terminal_packages_free)

/* Readable when something was found out; then terminal_packages_take(). */
int terminal_packages_fd (const TerminalPackages *self);
void terminal_packages_take (TerminalPackages *self);
/* Escaped; "…" while it is being found out, NULL when nothing can be said. Borrowed. */
const char *terminal_packages_find (TerminalPackages *self, const char *exe);
