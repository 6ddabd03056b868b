/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/look.h"

#include <string.h>

#define PORTAL "org.freedesktop.portal.Desktop"
#define SETTINGS "org.freedesktop.portal.Settings"
#define APPEARANCE "org.freedesktop.appearance"

/* 1: dark; 2: light; 0 and others: no wish. */
static void
apply_scheme (GVariant *value)
{
  g_autoptr (GVariant) inner = g_variant_ref (value);

  while (g_variant_is_of_type (inner, G_VARIANT_TYPE_VARIANT))
    {
      GVariant *within = g_variant_get_variant (inner);
      g_variant_unref (inner);
      inner = within;
    }
  if (g_variant_is_of_type (inner, G_VARIANT_TYPE_UINT32))
    g_object_set (gtk_settings_get_default (), "gtk-application-prefer-dark-theme",
                  g_variant_get_uint32 (inner) == 1, NULL);
}

static void
on_changed (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
            const char *signal, GVariant *parameters, gpointer user)
{
  g_autoptr (GVariant) value = NULL;
  const char *group, *key;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ssv)")))
    return;
  g_variant_get (parameters, "(&s&sv)", &group, &key, &value);
  if (g_str_equal (group, APPEARANCE) && g_str_equal (key, "color-scheme"))
    apply_scheme (value);
}

static void
on_read (GObject *bus, GAsyncResult *result, gpointer user)
{
  g_autoptr (GVariant) answer
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, NULL);
  g_autoptr (GVariant) value = NULL;

  if (answer == NULL)
    return; /* no portal: the theme's own colours */
  g_variant_get (answer, "(v)", &value);
  apply_scheme (value);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user)
{
  GDBusConnection *bus = g_bus_get_finish (result, NULL);

  if (bus == NULL)
    return;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  g_dbus_connection_signal_subscribe (bus, PORTAL, SETTINGS, "SettingChanged", NULL, APPEARANCE,
                                      G_DBUS_SIGNAL_FLAGS_NONE, on_changed, NULL, NULL);
  g_dbus_connection_call (bus, PORTAL, "/org/freedesktop/portal/desktop", SETTINGS, "Read",
                          g_variant_new ("(ss)", APPEARANCE, "color-scheme"),
                          G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, 2000, NULL, on_read,
                          NULL);
}

void
look_init (void)
{
  g_autoptr (GtkCssProvider) sheet = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (sheet, "/org/countersign/Approve/approve.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                              GTK_STYLE_PROVIDER (sheet),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus, NULL);
}

static void
keep_whole (GtkLabel *label)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  /* A hyphen at the end of a line would be one that is not in the text. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (label, attributes);
}

char *
look_isolate (const char *text)
{
  GString *out = g_string_new (NULL);

  /* An isolate ends with its line. */
  for (;;)
    {
      gsize len = strcspn (text, "\n");
      if (len > 0)
        g_string_append_printf (out, "\u2066%.*s\u2069", (int) len, text);
      text += len;
      if (*text == '\0')
        return g_string_free (out, FALSE);
      g_string_append_c (out, *text++);
    }
}

void
look_set_text (GtkLabel *label, const char *text)
{
  g_autofree char *isolated = look_isolate (text);

  if (gtk_label_get_attributes (label) == NULL)
    keep_whole (label);
  gtk_label_set_text (label, isolated);
}

GtkWidget *
look_text (const char *text)
{
  GtkWidget *label = gtk_label_new (NULL);

  look_set_text (GTK_LABEL (label), text);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (label), GTK_NATURAL_WRAP_NONE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  return label;
}

const char *
look_risk (CardRisk risk)
{
  switch (risk)
    {
    case CARD_RISK_READ:
      return "risk-read";
    case CARD_RISK_WRITE:
      return "risk-write";
    case CARD_RISK_DISCLOSE:
    default:
      return "risk-disclose";
    }
}
