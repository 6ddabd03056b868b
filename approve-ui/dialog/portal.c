/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/portal.h"

#define PORTAL "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"
#define OPEN_URI "org.freedesktop.portal.OpenURI"
#define PATIENCE 10000 /* milliseconds; the portal may have to be started */

typedef struct
{
  char *url;
  GCancellable *cancel;
  PortalDone done;
  gpointer user;
} Opening;

static void
end (Opening *opening, const GError *error)
{
  if (!g_cancellable_is_cancelled (opening->cancel))
    opening->done (opening->user, error);
  g_free (opening->url);
  g_object_unref (opening->cancel);
  g_free (opening);
}

static void
on_called (GObject *bus, GAsyncResult *result, gpointer user)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  if (answer == NULL)
    g_dbus_error_strip_remote_error (error);
  end (user, error);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user)
{
  Opening *opening = user;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);
  GVariantBuilder options;

  if (bus == NULL)
    {
      end (opening, error);
      return;
    }
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_dbus_connection_call (bus, PORTAL, PORTAL_PATH, OPEN_URI, "OpenURI",
                          g_variant_new ("(ssa{sv})", "", opening->url, &options),
                          G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, PATIENCE, opening->cancel,
                          on_called, opening);
}

void
portal_open (const char *url, GCancellable *cancel, PortalDone done, gpointer user)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->url = g_strdup (url);
  opening->cancel = g_object_ref (cancel);
  opening->done = done;
  opening->user = user;
  g_bus_get (G_BUS_TYPE_SESSION, cancel, on_bus, opening);
}
