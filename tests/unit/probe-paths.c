/* SPDX-License-Identifier: MIT
 *
 * Says where it finds another program or a data file: test-paths puts it in many places.
 */
#include "broker/base/paths.h"

#include <string.h>

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  if (argc != 3)
    return 2;
  path = strcmp (argv[1], "program") == 0 ? paths_program (argv[2], &error)
                                          : paths_data_file (argv[2], &error);
  g_print ("%s", path != NULL ? path : error->message);
  return path != NULL ? 0 : 1;
}
