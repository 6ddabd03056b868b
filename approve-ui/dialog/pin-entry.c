/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/pin-entry.h"

#include <string.h>

#define BYTES_MAX 256 /* as long a PIN as the broker takes */
#define DOT 8         /* pixels across */
#define STEP 14       /* from dot to dot */

struct _ApprovePinEntry
{
  GtkWidget parent;
  Secret *typed; /* BYTES_MAX; NULL: there is no locked memory, and nothing can be typed */
  gsize len;     /* bytes of it */
};

G_DEFINE_FINAL_TYPE (ApprovePinEntry, approve_pin_entry, GTK_TYPE_WIDGET)

enum
{
  CHANGED,
  ACTIVATE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static guint
n_characters (const ApprovePinEntry *self)
{
  return self->typed != NULL ? g_utf8_strlen ((const char *) secret_peek (self->typed), self->len)
                             : 0;
}

static void
changed (ApprovePinEntry *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
type (ApprovePinEntry *self, gunichar character)
{
  char bytes[6];
  int n = g_unichar_to_utf8 (character, bytes);

  if (self->typed == NULL || self->len + n >= BYTES_MAX)
    gtk_widget_error_bell (GTK_WIDGET (self));
  else
    {
      memcpy (secret_data (self->typed) + self->len, bytes, n);
      self->len += n;
      changed (self);
    }
  explicit_bzero (bytes, sizeof bytes);
}

static void
rub_out (ApprovePinEntry *self)
{
  guint8 *data;

  if (self->len == 0)
    return;
  data = secret_data (self->typed);
  do
    self->len--;
  while (self->len > 0 && (data[self->len] & 0xc0) == 0x80);
  memset (data + self->len, 0, BYTES_MAX - self->len);
  changed (self);
}

void
approve_pin_entry_clear (ApprovePinEntry *self)
{
  if (self->len == 0)
    return;
  explicit_bzero (secret_data (self->typed), BYTES_MAX);
  self->len = 0;
  changed (self);
}

gboolean
approve_pin_entry_is_empty (ApprovePinEntry *self)
{
  return self->len == 0;
}

Secret *
approve_pin_entry_take (ApprovePinEntry *self)
{
  Secret *pin = self->len > 0 ? secret_new_from (secret_peek (self->typed), self->len, NULL) : NULL;

  approve_pin_entry_clear (self);
  return pin;
}

/* Ctrl, Alt and Super belong to the window: no key with them is a character here. */
static gboolean
on_key (GtkEventControllerKey *keys, guint keyval, guint code, GdkModifierType state,
        ApprovePinEntry *self)
{
  gunichar character = gdk_keyval_to_unicode (keyval);

  if (keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter || keyval == GDK_KEY_ISO_Enter)
    g_signal_emit (self, signals[ACTIVATE], 0);
  else if (keyval == GDK_KEY_u && (state & GDK_CONTROL_MASK) != 0)
    approve_pin_entry_clear (self);
  else if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  else if (keyval == GDK_KEY_BackSpace)
    rub_out (self);
  else if (g_unichar_isprint (character))
    type (self, character);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

static void
on_pressed (GtkGestureClick *click, int n, double x, double y, GtkWidget *self)
{
  gtk_widget_grab_focus (self);
}

static void
on_focus (GtkEventControllerFocus *focus, GtkWidget *self)
{
  gtk_widget_queue_draw (self);
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
         int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 12 * STEP : 22;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 18 * STEP : 22;
}

static void
draw_dot (GtkSnapshot *snapshot, const GdkRGBA *colour, float x, float y)
{
  GskRoundedRect dot;
  const graphene_rect_t box = GRAPHENE_RECT_INIT (x, y, DOT, DOT);

  gsk_rounded_rect_init_from_rect (&dot, &box, DOT / 2.0f);
  gtk_snapshot_push_rounded_clip (snapshot, &dot);
  gtk_snapshot_append_color (snapshot, colour, &box);
  gtk_snapshot_pop (snapshot);
}

/* A dot for each character, as many as fit, and where the next will stand. */
static void
snapshot (GtkWidget *widget, GtkSnapshot *to)
{
  ApprovePinEntry *self = APPROVE_PIN_ENTRY (widget);
  float middle = gtk_widget_get_height (widget) / 2.0f;
  guint room = MAX (gtk_widget_get_width (widget) - STEP, 0) / STEP;
  guint n = MIN (n_characters (self), room);
  GdkRGBA colour;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &colour);
  for (guint i = 0; i < n; i++)
    draw_dot (to, &colour, i * STEP, middle - DOT / 2.0f);
  if (gtk_widget_has_focus (widget))
    gtk_snapshot_append_color (to, &colour,
                               &GRAPHENE_RECT_INIT (n * STEP, middle - DOT, 1.0f, 2 * DOT));
}

static void
unmap (GtkWidget *widget)
{
  approve_pin_entry_clear (APPROVE_PIN_ENTRY (widget));
  GTK_WIDGET_CLASS (approve_pin_entry_parent_class)->unmap (widget);
}

static void
finalize (GObject *object)
{
  ApprovePinEntry *self = APPROVE_PIN_ENTRY (object);

  secret_free (self->typed);
  G_OBJECT_CLASS (approve_pin_entry_parent_class)->finalize (object);
}

static void
approve_pin_entry_class_init (ApprovePinEntryClass *class)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = finalize;
  widget->measure = measure;
  widget->snapshot = snapshot;
  widget->unmap = unmap;
  gtk_widget_class_set_css_name (widget, "entry");
  gtk_widget_class_set_accessible_role (widget, GTK_ACCESSIBLE_ROLE_TEXT_BOX);
  signals[CHANGED] = g_signal_new ("changed", APPROVE_TYPE_PIN_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[ACTIVATE] = g_signal_new ("activate", APPROVE_TYPE_PIN_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
}

static void
approve_pin_entry_init (ApprovePinEntry *self)
{
  GtkEventController *keys = gtk_event_controller_key_new (),
                     *focus = gtk_event_controller_focus_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->typed = secret_new (BYTES_MAX, NULL);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "text");
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  g_signal_connect (focus, "enter", G_CALLBACK (on_focus), self);
  g_signal_connect (focus, "leave", G_CALLBACK (on_focus), self);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}
