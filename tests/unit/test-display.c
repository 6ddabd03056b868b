/* SPDX-License-Identifier: MIT
 *
 * The environment of programs that draw.
 */
#include "broker/base/display.h"

#include <string.h>

#include "tests/unit/place.h"
#include "tests/unit/table.h"

typedef struct
{
  const char *sentence;
  const char *given; /* "NAME=value" of the caller; @ stands for a folder of its own */
  const char *name;
  const char *expected; /* NULL: not there */
} Row;

static const Row rows[] = {
  { "a home of the user's is not passed on", "HOME=/home/u", "HOME", "/nonexistent" },
  { "a configuration of the user's is not passed on", "XDG_CONFIG_HOME=/home/u/.config",
    "XDG_CONFIG_HOME", "/nonexistent/config" },
  { "modules are not passed on", "GTK_MODULES=evil", "GTK_MODULES", NULL },
  { "a preloaded library is not passed on", "LD_PRELOAD=/tmp/x.so", "LD_PRELOAD", NULL },
  { "a theme is not passed on", "GTK_THEME=evil", "GTK_THEME", NULL },
  { "an input method is not passed on", "GTK_IM_MODULE=ibus", "GTK_IM_MODULE",
    "gtk-im-context-simple" },
  { "the language is", "LANG=de_DE.UTF-8", "LANG", "de_DE.UTF-8" },
  { "what is set for one category is", "LC_MESSAGES=de_DE.UTF-8", "LC_MESSAGES", "de_DE.UTF-8" },
  { "how large it is drawn is", "GDK_SCALE=2", "GDK_SCALE", "2" },
  { "a size that is none is not", "GDK_SCALE=0.1", "GDK_SCALE", NULL },
  { "a display of X11 is", "DISPLAY=:7", "DISPLAY", ":7" },
  { "a display of Wayland that is named by its path is", "WAYLAND_DISPLAY=/run/w",
    "WAYLAND_DISPLAY", "/run/w" },
  { "one that is not in the runtime folder is not", "WAYLAND_DISPLAY=none", "WAYLAND_DISPLAY",
    NULL },
  { "a session bus that is a program is not", "DBUS_SESSION_BUS_ADDRESS=unixexec:path=/bin/sh",
    "DBUS_SESSION_BUS_ADDRESS", NULL },
  { "nor one that comes second", "DBUS_SESSION_BUS_ADDRESS=unix:path=/x;unixexec:path=/bin/sh",
    "DBUS_SESSION_BUS_ADDRESS", NULL },
  { "the session bus is", "DBUS_SESSION_BUS_ADDRESS=unix:path=/x", "DBUS_SESSION_BUS_ADDRESS",
    "unix:path=/x" },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  char *from[] = { (char *) row->given, NULL };
  g_auto (GStrv) environment = display_environment (from);

  g_assert_cmpstr (g_environ_getenv (environment, row->name), ==, row->expected);
}

static void
test_found (Place *place, gconstpointer unused)
{
  g_autofree char *runtime = g_strconcat ("XDG_RUNTIME_DIR=", place->top, NULL);
  g_autofree char *home = g_strconcat ("HOME=", place->top, NULL);
  g_autofree char *socket = g_build_filename (place->top, "wayland-0", NULL);
  g_autofree char *bus = g_build_filename (place->top, "bus", NULL);
  g_autofree char *authority = g_build_filename (place->top, ".Xauthority", NULL);
  g_autofree char *address = g_strconcat ("unix:path=", bus, NULL);
  char *from[] = { runtime, home, (char *) "WAYLAND_DISPLAY=wayland-0", NULL };

  g_assert_true (g_file_set_contents (socket, "", 0, NULL));
  g_assert_true (g_file_set_contents (bus, "", 0, NULL));
  g_assert_true (g_file_set_contents (authority, "", 0, NULL));
  g_auto (GStrv) environment = display_environment (from);
  g_assert_cmpstr (g_environ_getenv (environment, "WAYLAND_DISPLAY"), ==, socket);
  g_assert_cmpstr (g_environ_getenv (environment, "DBUS_SESSION_BUS_ADDRESS"), ==, address);
  g_assert_cmpstr (g_environ_getenv (environment, "XAUTHORITY"), ==, authority);
}

static void
test_there (void)
{
  char *none[] = { (char *) "DISPLAY=", (char *) "HOME=/", NULL };
  char *x11[] = { (char *) "DISPLAY=:0", NULL };
  char *wayland[] = { (char *) "WAYLAND_DISPLAY=w", NULL };

  g_assert_false (display_is_there (none));
  g_assert_true (display_is_there (x11));
  g_assert_true (display_is_there (wayland));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/display/", rows, test_row);
  g_test_add ("/display/what is found by default is named absolutely", Place, NULL, place_make,
              test_found, place_clear);
  g_test_add_func ("/display/an empty variable is no display", test_there);
  return g_test_run ();
}
