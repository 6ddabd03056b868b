/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's entry: @data is NULL or not readable when @size is 0. Returns 0; a broken invariant
 * aborts. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
