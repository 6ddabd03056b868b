/* SPDX-License-Identifier: MIT */
#include "broker/base/tracer.h"

#include <stdlib.h>
#include <string.h>

int
tracer_pid (void)
{
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL)
      || (line = strstr (status, "\nTracerPid:")) == NULL)
    return -1;
  return atoi (line + strlen ("\nTracerPid:"));
}
