/* SPDX-License-Identifier: MIT
 *
 * One broker for one runtime directory: the seat, and asking whoever sits there to leave.
 */
#pragma once

#include <glib.h>

#define SEAT_ERROR (seat_error_quark ())
typedef enum
{
  SEAT_ERROR_TAKEN,
  SEAT_ERROR_SYSTEM
} SeatError;
GQuark seat_error_quark (void);

/* Locks "@dir/broker.lock" for as long as the returned descriptor is open. -1: SEAT_ERROR_TAKEN
 * when another has it. */
int seat_take (const char *dir, GError **error);
/* Asks the broker at @dir to make room, waits for it, ends it (by pidfd) when it does not go by
 * itself, and takes the seat. Blocks for seconds at most. */
int seat_take_over (const char *dir, GError **error);
