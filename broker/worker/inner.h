/* SPDX-License-Identifier: MIT
 *
 * The inner stage: the first of our code in a confinement, and beside the command the last.
 *
 * MUST
 *  - give up every capability, then files (Landlock) and calls (seccomp), before the command exists
 *  - check that the program is the approved file, and execute that very file
 *  - leave the command no descriptor but those that were declared
 *  - end with whoever started us: as process 1 it takes all others along
 */
#pragma once

/* "--inner SPEC CONTROL". Never returns. */
void inner_main (const char *spec, const char *control) __attribute__ ((noreturn));
