/* SPDX-License-Identifier: MIT */
#include "broker/base/display.h"

#include <string.h>

#include "broker/base/paths.h"

/* Only root can make it, so nobody has put anything there. */
#define NOWHERE "/nonexistent"

static const char *const fixed[] = {
  "PATH=/usr/bin:/bin",
  "HOME=" NOWHERE,
  "XDG_CONFIG_HOME=" NOWHERE "/config",
  "XDG_DATA_HOME=" NOWHERE "/data",
  "XDG_CACHE_HOME=" NOWHERE "/cache",
  "XDG_STATE_HOME=" NOWHERE "/state",
  "XDG_RUNTIME_DIR=" NOWHERE "/run",
  "XDG_CONFIG_DIRS=/etc/xdg",
  "GSETTINGS_BACKEND=memory",
  "GIO_USE_VFS=local",
  "GTK_IM_MODULE=gtk-im-context-simple",
  "GTK_USE_PORTAL=0",
  /* A dialog is small: drawing it costs less than starting a GPU's driver. */
  "GSK_RENDERER=cairo",
  "GDK_DEBUG=gl-disable",
};

gboolean
display_is_there (char **from)
{
  const char *x11 = g_environ_getenv (from, "DISPLAY");
  const char *wayland = g_environ_getenv (from, "WAYLAND_DISPLAY");

  return (x11 != NULL && *x11 != '\0') || (wayland != NULL && *wayland != '\0');
}

/* Takes @value. */
static void
add (GPtrArray *to, const char *name, char *value)
{
  if (value != NULL)
    g_ptr_array_add (to, g_strdup_printf ("%s=%s", name, value));
  g_free (value);
}

/* @name in the folder that @variable of @from names, when there is such a file. */
static char *
file_in (char **from, const char *variable, const char *name)
{
  const char *dir = g_environ_getenv (from, variable);
  g_autofree char *path = NULL;

  if (dir == NULL || !g_path_is_absolute (dir))
    return NULL;
  path = g_build_filename (dir, name, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

/* Its name alone is looked for in the runtime folder. */
static char *
wayland_display (char **from)
{
  const char *name = g_environ_getenv (from, "WAYLAND_DISPLAY");

  if (name == NULL || *name == '\0')
    return NULL;
  return g_path_is_absolute (name) ? g_strdup (name) : file_in (from, "XDG_RUNTIME_DIR", name);
}

static char *
xauthority (char **from)
{
  const char *path = g_environ_getenv (from, "XAUTHORITY");

  return path != NULL ? g_strdup (path) : file_in (from, "HOME", ".Xauthority");
}

static char *
session_bus (char **from)
{
  const char *address = g_environ_getenv (from, "DBUS_SESSION_BUS_ADDRESS");
  g_autofree char *path = NULL;

  /* Of a socket: other transports start programs, or leave this machine. */
  if (address != NULL && g_str_has_prefix (address, "unix:") && strchr (address, ';') == NULL)
    return g_strdup (address);
  path = file_in (from, "XDG_RUNTIME_DIR", "bus");
  return path != NULL ? g_strconcat ("unix:path=", path, NULL) : NULL;
}

/* Icons and translations are ours first. */
static char *
data_dirs (void)
{
  g_autofree char *prefix = paths_prefix ();

  return g_strdup_printf ("%s%s/usr/local/share:/usr/share", prefix != NULL ? prefix : "",
                          prefix != NULL ? "/share:" : "");
}

static gboolean
is_locale (const char *entry)
{
  return g_str_has_prefix (entry, "LANG=") || g_str_has_prefix (entry, "LANGUAGE=")
         || g_str_has_prefix (entry, "LC_");
}

/* "GDK_SCALE=2": how large all is drawn on X11. One digit: nothing else can be in it. */
static gboolean
is_scale (const char *entry)
{
  const char *value = entry + strlen ("GDK_SCALE=");

  return g_str_has_prefix (entry, "GDK_SCALE=") && value[0] >= '1' && value[0] <= '9'
         && value[1] == '\0';
}

char **
display_environment (char **from)
{
  GPtrArray *to = g_ptr_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (to, g_strdup (fixed[i]));
  for (char **entry = from; *entry != NULL; entry++)
    if (is_locale (*entry) || is_scale (*entry))
      g_ptr_array_add (to, g_strdup (*entry));
  add (to, "XDG_DATA_DIRS", data_dirs ());
  add (to, "DISPLAY", g_strdup (g_environ_getenv (from, "DISPLAY")));
  add (to, "WAYLAND_DISPLAY", wayland_display (from));
  add (to, "XAUTHORITY", xauthority (from));
  add (to, "DBUS_SESSION_BUS_ADDRESS", session_bus (from));
  g_ptr_array_add (to, NULL);
  return (char **) g_ptr_array_free (to, FALSE);
}
