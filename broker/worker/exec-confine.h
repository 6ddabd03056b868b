/* SPDX-License-Identifier: MIT
 *
 * A command confined in the caller's place: its terminal, its descriptors, its environment.
 */
#pragma once

/* "--confine [--write=PATH]… [--hide=PATH]… [--reach=HOST --port=N --program=FD] -- COMMAND…": what
 * is in sandbox.h of the same names. Returns the exit status: the command's,
 * 128 and the signal's number where one ended it, else as env(1): 125 our own failure, 126 not
 * executable, 127 not found. */
int exec_confine (int argc, char **argv);
