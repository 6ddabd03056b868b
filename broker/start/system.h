/* SPDX-License-Identifier: MIT
 *
 * System mode: one broker for one person, under a uid of its own.
 *
 * MUST
 *  - be neither root nor the person
 *  - listen in a directory where only root or this uid could have put it, open to the person alone
 *  - believe nothing that the person's environment or files say
 */
#pragma once

#include "broker/start/opening.h"

#define SYSTEM_ERROR (system_error_quark ())
typedef enum
{
  SYSTEM_ERROR_PERSON,
  SYSTEM_ERROR_PLACE
} SystemError;
GQuark system_error_quark (void);

typedef struct
{
  const char *person;      /* whom it is for */
  const char *state_dir;   /* store and audit trail; NULL: below /var/lib */
  const char *runtime_dir; /* sockets; NULL: below /run */
} SystemOptions;

/* The uid of whom it is for. Looks up users, so before confine_process(). */
gboolean system_person (const char *name, uid_t *uid, GError **error);
/* Where things are; the directories are checked, and the sockets' one is opened to @uid.
 * places_free(). */
Places *system_places (const SystemOptions *options, uid_t uid, GError **error);
/* Tells the service manager that it listens (sd_notify(3)), where one waits for that. */
void system_ready (void);
