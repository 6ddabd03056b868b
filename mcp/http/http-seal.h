/* SPDX-License-Identifier: MIT
 *
 * What the server gives up before it reads a byte of a stranger's.
 *
 * MUST
 *  - run no program, begin no process, look into none
 *  - write no file, speak to nothing on the network but who connects here
 *  - not start where the calls cannot be taken from it
 */
#pragma once

#include <glib.h>

/* For good. Which program the broker runs is not seen from inside Landlock: it is known by the
 * directory of its socket and by its uid. First the files, before the first thread: a kernel
 * without Landlock leaves it those. Then the calls, once it listens. */
gboolean http_seal_files (GError **error);
gboolean http_seal_calls (GError **error);
