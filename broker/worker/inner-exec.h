/* SPDX-License-Identifier: MIT */
#pragma once

#include "broker/worker/sandbox-spec.h"

/* Becomes the command. What cannot be is told over @control. */
void inner_exec (const Spec *spec, int control) __attribute__ ((noreturn));
