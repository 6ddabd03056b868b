/* SPDX-License-Identifier: MIT
 *
 * What the worker that speaks HTTP gives up before it has a credential.
 *
 * MUST
 *  - run no other program, begin no other process, look into none
 *  - listen on nothing once it speaks with strangers, and speak with none once it listens
 *  - write no file, and read none but what looking up a host and checking a certificate need
 *  - not start where the calls cannot be taken from it
 */
#pragma once

#include <glib.h>

#define HTTP_CONFINE_ERROR (http_confine_error_quark ())
typedef enum
{
  HTTP_CONFINE_ERROR_CALLS
} HttpConfineError;
GQuark http_confine_error_quark (void);

/* For good, and before the first thread. *@landlock tells whether the kernel keeps files closed;
 * one without Landlock does not. FALSE when the calls could not be taken away. */
gboolean http_confine (gboolean *landlock, GError **error);

typedef enum
{
  HTTP_CONFINE_CARRIES, /* connects: can listen no more */
  HTTP_CONFINE_LISTENS  /* listens already: can connect to nothing, and listen elsewhere no more */
} HttpConfinePart;

/* What else is given up once it is known what the worker is for; before the first thread. */
gboolean http_confine_part (HttpConfinePart part, GError **error);
