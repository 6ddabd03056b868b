/* SPDX-License-Identifier: MIT */
#include "broker/operation/operation-read.h"

#include "broker/login/login.h"

typedef struct
{
  Step *step;
  char **names;
  guint at;
  const OperationReader *reader;
} Reading;

static void read_next (Reading *reading);

/* NULL when the request has ended meanwhile. */
static Request *
reading_end (Reading *reading)
{
  Request *request = step_end (reading->step);

  g_strfreev (reading->names);
  g_free (reading);
  return request;
}

static void
on_value (gpointer data, Secret *owned, const GError *error)
{
  Reading *reading = data;
  g_autoptr (Secret) value = owned;
  Request *request = step_request (reading->step);

  if (request == NULL || request->state != REQUEST_EXECUTING)
    reading_end (reading);
  else if (error != NULL)
    request_fail (reading_end (reading), login_error_code (error), error->message);
  else if (!reading->reader->value (request, reading->at, value))
    reading_end (reading);
  else
    {
      reading->at++;
      read_next (reading);
    }
}

static void
read_next (Reading *reading)
{
  const OperationReader *reader = reading->reader;

  if (reading->names[reading->at] != NULL)
    login_read (step_vault (reading->step), reading->names[reading->at], on_value, reading);
  else
    reader->done (reading_end (reading));
}

void
operation_read (Request *request, const char *const *names, const OperationReader *reader)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->step = step_new (request);
  reading->names = g_strdupv ((char **) names);
  reading->reader = reader;
  read_next (reading);
}
