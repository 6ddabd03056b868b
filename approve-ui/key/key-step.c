/* SPDX-License-Identifier: MIT */
#include "approve-ui/key/key-step.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "approve-ui/card/i18n.h"

struct _KeyStep
{
  /* Set before the thread begins. */
  KeyTouch *touch;
  GPtrArray *enrolled; /* of GBytes */
  guint8 hash[KEY_HASH_LEN];
  char *name; /* of the key that is to be enrolled; NULL: a touch is wanted */
  int fd;
  GThread *thread; /* NULL: none was begun */
  /* By the mutex. */
  GMutex mutex;
  KeyStepState state;
  KeyAssertion *assertion;
  KeyCredential *credential;
  GError *error;
};

static void
step_clear (gpointer data)
{
  KeyStep *self = data;

  key_touch_unref (self->touch);
  g_ptr_array_unref (self->enrolled);
  g_free (self->name);
  close (self->fd);
  g_mutex_clear (&self->mutex);
  g_clear_pointer (&self->assertion, key_assertion_free);
  g_clear_pointer (&self->credential, key_credential_free);
  g_clear_error (&self->error);
}

static void
set_state (KeyStep *self, KeyStepState state)
{
  g_mutex_lock (&self->mutex);
  self->state = state;
  g_mutex_unlock (&self->mutex);
  eventfd_write (self->fd, 1);
}

static void
on_touch (gpointer user)
{
  set_state (user, KEY_STEP_TOUCH);
}

static gpointer
work (gpointer data)
{
  KeyStep *self = data;

  if (self->name != NULL)
    self->credential = key_device_enrol (self->touch, self->name, self->enrolled, &self->error);
  else
    self->assertion = key_device_assert (self->touch, self->hash, self->enrolled, &self->error);
  set_state (self, self->error != NULL ? KEY_STEP_FAILED : KEY_STEP_DONE);
  g_atomic_rc_box_release_full (self, step_clear);
  return NULL;
}

/* Takes @enrolled. */
static KeyStep *
step_new (GPtrArray *enrolled)
{
  KeyStep *self = g_atomic_rc_box_new0 (KeyStep);

  self->touch = key_touch_new (on_touch, self);
  self->enrolled = enrolled;
  self->fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_mutex_init (&self->mutex);
  return self;
}

static KeyStep *
begin (KeyStep *self)
{
  self->thread = g_thread_new ("key", work, g_atomic_rc_box_acquire (self));
  return self;
}

KeyStep *
key_step_enrol (const char *name, GPtrArray *enrolled)
{
  KeyStep *self = step_new (g_ptr_array_ref (enrolled));

  self->name = g_strdup (name);
  return begin (self);
}

/* The credentials in the broker's answer, or NULL. */
static GPtrArray *
read_credentials (const json_t *challenge)
{
  g_autoptr (GPtrArray) credentials
      = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const json_t *item;
  gsize i;

  json_array_foreach (json_object_get (challenge, "credentials"), i, item)
  {
    const char *text = json_string_value (item);
    GBytes *id
        = text != NULL ? key_bytes_read ("credentials", text, KEY_CREDENTIAL_MAX, NULL) : NULL;
    if (id == NULL)
      return NULL;
    g_ptr_array_add (credentials, id);
  }
  return g_steal_pointer (&credentials);
}

KeyStep *
key_step_grant (const Card *card, const json_t *challenge, GError **error)
{
  const char *text = wire_string (challenge, "challenge"), *rp = wire_string (challenge, "rp_id");
  g_autoptr (GBytes) bytes
      = text != NULL ? key_bytes_read ("challenge", text, KEY_CHALLENGE_LEN, NULL) : NULL;
  GPtrArray *credentials = read_credentials (challenge);
  g_autoptr (KeyStep) self = step_new (credentials != NULL ? credentials : g_ptr_array_new ());

  if (credentials != NULL && bytes != NULL && g_bytes_get_size (bytes) == KEY_CHALLENGE_LEN
      && g_strcmp0 (rp, KEY_RP_ID) == 0
      && key_hash_decision (g_bytes_get_data (bytes, NULL), card->digest, self->hash))
    return begin (g_steal_pointer (&self));
  g_set_error_literal (error, KEY_DEVICE_ERROR, KEY_DEVICE_ERROR_FAILED,
                       _ ("the broker's challenge for the security key was not understood"));
  return NULL;
}

void
key_step_cancel (KeyStep *self)
{
  key_touch_cancel (self->touch);
}

/* The thread has a reference of its own: who calls it off need not wait until the device agrees. */
void
key_step_free (KeyStep *self)
{
  KeyStepState state = key_step_state (self);

  key_step_cancel (self);
  if (self->thread != NULL && (state == KEY_STEP_DONE || state == KEY_STEP_FAILED))
    g_thread_join (self->thread);
  else if (self->thread != NULL)
    g_thread_unref (self->thread);
  g_atomic_rc_box_release_full (self, step_clear);
}

int
key_step_fd (const KeyStep *self)
{
  return self->fd;
}

KeyStepState
key_step_state (KeyStep *self)
{
  eventfd_t count;

  eventfd_read (self->fd, &count);
  g_mutex_lock (&self->mutex);
  KeyStepState state = self->state;
  g_mutex_unlock (&self->mutex);
  return state;
}

const char *
key_step_words (KeyStepState state)
{
  switch (state)
    {
    case KEY_STEP_LOOKING:
      return _ ("Looking for your security key…");
    case KEY_STEP_TOUCH:
      return _ ("Touch your security key.");
    case KEY_STEP_DONE:
    case KEY_STEP_FAILED:
    default:
      return NULL;
    }
}

json_t *
key_step_take (KeyStep *self, GError **error)
{
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  return self->assertion != NULL ? key_assertion_json (self->assertion) : NULL;
}

KeyCredential *
key_step_take_credential (KeyStep *self, GError **error)
{
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  return g_steal_pointer (&self->credential);
}
