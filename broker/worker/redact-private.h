/* SPDX-License-Identifier: MIT */
#pragma once

#include "broker/worker/redact-index.h"
#include "broker/worker/redact-needle.h"
#include "broker/worker/redact.h"

struct _Redactor
{
  GPtrArray *names; /* of secrets, then of shapes */
  guint64 *counts;  /* of each */
  guint first_shape;
  RedactNeedles needles;
  RedactIndex index;
  gboolean has_space; /* a value with a blank in it */
};

/* @edges: the text is a stream, which may begin and end in the middle of a value. */
RedactStream *redact_stream_new_full (Redactor *redactor, gboolean edges);
