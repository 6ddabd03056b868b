/* SPDX-License-Identifier: MIT */
#include "approve-ui/key/key-device-private.h"

#include "approve-ui/card/i18n.h"

#define TOUCH_MS                                                                                   \
  40000 /* a key gives up after about 30 s; what it then says is better than silence */

G_DEFINE_QUARK (countersign_key_device_error, key_device_error)

/* ---- one attempt ---- */

struct _KeyTouch
{
  void (*prompt) (gpointer user);
  gpointer user;
  GMutex mutex;
  fido_dev_t *dev; /* while it waits for its touch */
  gboolean cancelled;
};

KeyTouch *
key_touch_new (void (*prompt) (gpointer user), gpointer user)
{
  KeyTouch *touch = g_atomic_rc_box_new0 (KeyTouch);

  touch->prompt = prompt;
  touch->user = user;
  g_mutex_init (&touch->mutex);
  return touch;
}

KeyTouch *
key_touch_ref (KeyTouch *touch)
{
  return g_atomic_rc_box_acquire (touch);
}

static void
touch_clear (gpointer data)
{
  KeyTouch *touch = data;

  g_mutex_clear (&touch->mutex);
}

void
key_touch_unref (KeyTouch *touch)
{
  g_atomic_rc_box_release_full (touch, touch_clear);
}

/* CTAPHID_CANCEL (CTAP 2.1, section 11.2.9.1.5) makes the key answer its pending call at once. */
void
key_touch_cancel (KeyTouch *touch)
{
  g_mutex_lock (&touch->mutex);
  touch->cancelled = TRUE;
  if (touch->dev != NULL)
    fido_dev_cancel (touch->dev);
  g_mutex_unlock (&touch->mutex);
}

/* FALSE when it is cancelled already. */
static gboolean
touch_begin (KeyTouch *touch, fido_dev_t *dev)
{
  g_mutex_lock (&touch->mutex);
  gboolean goes_on = !touch->cancelled;
  if (goes_on)
    touch->dev = dev;
  g_mutex_unlock (&touch->mutex);
  if (goes_on && touch->prompt != NULL)
    touch->prompt (touch->user);
  return goes_on;
}

static void
touch_end (KeyTouch *touch)
{
  g_mutex_lock (&touch->mutex);
  touch->dev = NULL;
  g_mutex_unlock (&touch->mutex);
}

gboolean
key_touch_is_cancelled (KeyTouch *touch)
{
  g_mutex_lock (&touch->mutex);
  gboolean cancelled = touch->cancelled;
  g_mutex_unlock (&touch->mutex);
  return cancelled;
}

/* ---- errors ---- */

static const struct
{
  int result;
  KeyDeviceError code;
  const char *message;
} known_results[] = {
  { FIDO_ERR_KEEPALIVE_CANCEL, KEY_DEVICE_ERROR_CANCELLED, N_ ("the touch was called off") },
  { FIDO_ERR_USER_ACTION_TIMEOUT, KEY_DEVICE_ERROR_TIMEOUT,
    N_ ("the security key was not touched") },
  { FIDO_ERR_ACTION_TIMEOUT, KEY_DEVICE_ERROR_TIMEOUT, N_ ("the security key was not touched") },
  { FIDO_ERR_OPERATION_DENIED, KEY_DEVICE_ERROR_FAILED, N_ ("the security key refused") },
  { FIDO_ERR_CREDENTIAL_EXCLUDED, KEY_DEVICE_ERROR_ENROLLED,
    N_ ("this security key is enrolled already") },
  { FIDO_ERR_NO_CREDENTIALS, KEY_DEVICE_ERROR_ABSENT, N_ ("no enrolled key is plugged in") },
  { FIDO_ERR_PIN_REQUIRED, KEY_DEVICE_ERROR_UNFIT,
    N_ ("this security key asks for a PIN of its own, which Countersign does not pass on; take a "
        "key that does without") },
  { FIDO_ERR_UNSUPPORTED_ALGORITHM, KEY_DEVICE_ERROR_UNFIT,
    N_ ("this security key cannot make ES256 signatures") },
};

void
key_device_failure (GError **error, KeyTouch *touch, int result)
{
  if (key_touch_is_cancelled (touch))
    result = FIDO_ERR_KEEPALIVE_CANCEL;
  for (gsize i = 0; i < G_N_ELEMENTS (known_results); i++)
    if (known_results[i].result == result)
      {
        g_set_error_literal (error, KEY_DEVICE_ERROR, known_results[i].code,
                             _ (known_results[i].message));
        return;
      }
  g_set_error (error, KEY_DEVICE_ERROR, KEY_DEVICE_ERROR_FAILED, _ ("the security key says: %s"),
               fido_strerr (result));
}

void
key_device_absent (GError **error, const char *message)
{
  g_set_error_literal (error, KEY_DEVICE_ERROR, KEY_DEVICE_ERROR_ABSENT, message);
}

/* ---- devices ---- */

void
key_device_close (fido_dev_t *dev)
{
  fido_dev_close (dev);
  fido_dev_free (&dev);
}

fido_dev_t *
key_device_open (const KeyPlugged *plugged, GError **error)
{
  int result;
  fido_dev_t *dev = key_io_open (plugged->path, &result);

  if (dev == NULL)
    g_set_error (
        error, KEY_DEVICE_ERROR, KEY_DEVICE_ERROR_FAILED,
        _ ("the security key at %s cannot be opened (%s); may you read and write that file?"),
        plugged->path, fido_strerr (result));
  return dev;
}

/* The result of @call while it may be cancelled. A key that said nothing for so long is still
 * blinking: it is told that nobody waits any more. */
int
key_device_wait (KeyTouch *touch, fido_dev_t *dev, int (*call) (fido_dev_t *dev, gpointer data),
                 gpointer data)
{
  gint64 begun = g_get_monotonic_time ();

  fido_dev_set_timeout (dev, TOUCH_MS);
  if (!touch_begin (touch, dev))
    return FIDO_ERR_KEEPALIVE_CANCEL;
  int result = call (dev, data);
  touch_end (touch);
  if (result != FIDO_ERR_RX || g_get_monotonic_time () - begun < TOUCH_MS * 1000)
    return result;
  fido_dev_cancel (dev);
  return FIDO_ERR_ACTION_TIMEOUT;
}
