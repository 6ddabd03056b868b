/* SPDX-License-Identifier: MIT
 *
 * Enrolling and touching, through libfido2, with keys in software; what comes out is taken by the
 * broker's check.
 */
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>

#include "approve-ui/key/key-step.h"
#include "tests/unit/card-case.h"
#include "tests/unit/place.h"
#include "tests/unit/soft-device.h"
#include "tests/unit/soft-key.h"
#include "tests/unit/table.h"

#define HASH ((const guint8 *) "0123456789abcdef0123456789abcdef")
#define DONE (-1)

/* Plugs in what @keys says, and nothing else: "a", "a=untouched b". The devices stay the same. */
static void
plug_in (const Place *place, const char *keys)
{
  g_autofree char *drawer = g_build_filename (place->top, "drawer", NULL);
  g_autofree char *plugged = g_build_filename (place->top, "plugged", NULL);
  g_auto (GStrv) words = g_strsplit (keys, " ", -1);
  const char *name;

  g_mkdir (drawer, 0700);
  g_mkdir (plugged, 0700);
  g_autoptr (GDir) dir = g_dir_open (plugged, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (plugged, name, NULL);
      g_autofree char *to = g_build_filename (drawer, name, NULL);
      g_assert_cmpint (g_rename (from, to), ==, 0);
    }
  for (char **word = words; *word != NULL && **word != '\0'; word++)
    {
      g_auto (GStrv) parts = g_strsplit (*word, "=", 2);
      g_autofree char *from = g_build_filename (drawer, parts[0], NULL);
      g_autofree char *to = g_build_filename (plugged, parts[0], NULL);
      g_autoptr (GKeyFile) file = g_key_file_new ();
      g_key_file_load_from_file (file, from, G_KEY_FILE_NONE, NULL);
      g_key_file_set_string (file, "key", "behaviour", parts[1] != NULL ? parts[1] : "touch");
      g_assert_true (g_key_file_save_to_file (file, to, NULL));
    }
  g_free (soft_keys_folder);
  soft_keys_folder = g_steal_pointer (&plugged);
}

static void
count_prompt (gpointer user)
{
  (*(guint *) user)++;
}

/* The credential ids of @credential (NULL: of none). */
static GPtrArray *
ids_of (const KeyCredential *credential)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  if (credential != NULL)
    g_ptr_array_add (ids, g_bytes_ref (credential->credential_id));
  return ids;
}

static KeyCredential *
enrol (const KeyCredential *enrolled, guint *prompts, GError **error)
{
  g_autoptr (KeyTouch) touch = key_touch_new (count_prompt, prompts);
  g_autoptr (GPtrArray) ids = ids_of (enrolled);

  return key_device_enrol (touch, "work", ids, error);
}

static KeyAssertion *
assert_touch (const KeyCredential *enrolled, guint *prompts, GError **error)
{
  g_autoptr (KeyTouch) touch = key_touch_new (count_prompt, prompts);
  g_autoptr (GPtrArray) ids = ids_of (enrolled);

  return key_device_assert (touch, HASH, ids, error);
}

/* @assertion is a touch of @credential, as the broker sees it. */
static void
check_touch (const KeyCredential *credential, const KeyAssertion *assertion)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EVP_PKEY) key = key_point_read (credential->public_key, &error);
  guint32 counter = 0;

  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (assertion->credential_id, credential->credential_id));
  key_verify (key, assertion, HASH, &counter, &error);
  g_assert_no_error (error);
}

typedef struct
{
  const char *sentence, *keys;
  int error; /* DONE, or a KeyDeviceError */
  guint prompts;
} DeviceCase;

static const DeviceCase enrol_cases[] = {
  { "the one that is plugged in is enrolled by a touch", "a", DONE, 1 },
  { "one that wants a PIN of its own is enrolled by U2F", "a=u2f", DONE, 1 },
  { "one that cannot do without its PIN is refused", "a=pin", KEY_DEVICE_ERROR_UNFIT, 1 },
  { "one that says no", "a=refuses", KEY_DEVICE_ERROR_FAILED, 1 },
  { "none is plugged in", "", KEY_DEVICE_ERROR_ABSENT, 0 },
  { "of two nobody knows which is meant", "a b", KEY_DEVICE_ERROR_SEVERAL, 0 },
};

static void
test_enrol (Place *place, gconstpointer data)
{
  const DeviceCase *row = data;
  g_autoptr (GError) error = NULL;
  guint prompts = 0;

  plug_in (place, row->keys);
  g_autoptr (KeyCredential) credential = enrol (NULL, &prompts, &error);
  g_assert_cmpint (credential != NULL ? DONE : error->code, ==, row->error);
  g_assert_cmpuint (prompts, ==, row->prompts);
  if (credential == NULL)
    return;
  g_assert_cmpstr (credential->product, ==, "Soft Key a");
  g_autoptr (KeyAssertion) assertion = assert_touch (credential, &prompts, &error);
  g_assert_no_error (error);
  check_touch (credential, assertion);
}

static void
test_twice (Place *place, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  guint prompts = 0;

  plug_in (place, "a");
  g_autoptr (KeyCredential) credential = enrol (NULL, &prompts, &error);
  g_assert_no_error (error);
  g_assert_null (enrol (credential, &prompts, &error));
  g_assert_error (error, KEY_DEVICE_ERROR, KEY_DEVICE_ERROR_ENROLLED);
}

/* "a" is enrolled. */
static const DeviceCase touch_cases[] = {
  { "the enrolled one is touched", "a", DONE, 1 },
  { "another one beside it does not blink", "a b", DONE, 1 },
  { "another one found before it does not blink", "0 a", DONE, 1 },
  { "one that says no", "a=refuses", KEY_DEVICE_ERROR_FAILED, 1 },
  { "another one alone", "b", KEY_DEVICE_ERROR_ABSENT, 0 },
  { "none is plugged in", "", KEY_DEVICE_ERROR_ABSENT, 0 },
};

static KeyCredential *
enrolled_a (const Place *place)
{
  g_autoptr (GError) error = NULL;
  guint prompts = 0;

  plug_in (place, "a");
  KeyCredential *credential = enrol (NULL, &prompts, &error);
  g_assert_no_error (error);
  return credential;
}

static void
test_touch (Place *place, gconstpointer data)
{
  const DeviceCase *row = data;
  g_autoptr (KeyCredential) credential = enrolled_a (place);
  g_autoptr (GError) error = NULL;
  guint prompts = 0;

  plug_in (place, row->keys);
  g_autoptr (KeyAssertion) assertion = assert_touch (credential, &prompts, &error);
  g_assert_cmpint (assertion != NULL ? DONE : error->code, ==, row->error);
  g_assert_cmpuint (prompts, ==, row->prompts);
  if (assertion != NULL)
    check_touch (credential, assertion);
}

/* ---- a step ---- */

static json_t *
challenge_for (const KeyCredential *credential, const char *rp_id)
{
  g_autoptr (GBytes) bytes = g_bytes_new (HASH, KEY_CHALLENGE_LEN);

  return json_pack ("{s:o, s:s, s:[o]}", "challenge", key_bytes_json (bytes), "rp_id", rp_id,
                    "credentials", key_bytes_json (credential->credential_id));
}

/* Waits until the step has come so far, or to its end. */
static KeyStepState
follow (KeyStep *step, KeyStepState until)
{
  struct pollfd fd = { .fd = key_step_fd (step), .events = POLLIN };

  for (;;)
    {
      g_assert_cmpint (poll (&fd, 1, -1), ==, 1);
      KeyStepState state = key_step_state (step);
      if (state >= until)
        return state;
    }
}

static void
test_step (Place *place, gconstpointer unused)
{
  g_autoptr (KeyCredential) credential = enrolled_a (place);
  g_autoptr (Card) card = card_case_new (NULL, NULL);
  g_autoptr (json_t) challenge = challenge_for (credential, KEY_RP_ID);
  g_autoptr (GError) error = NULL;
  g_autoptr (KeyStep) step = key_step_grant (card, challenge, &error);
  g_assert_no_error (error);

  g_assert_cmpint (follow (step, KEY_STEP_DONE), ==, KEY_STEP_DONE);
  g_autoptr (json_t) object = key_step_take (step, &error);
  g_assert_no_error (error);
  g_autoptr (KeyAssertion) assertion = key_assertion_read (object, &error);
  g_assert_no_error (error);
  g_autoptr (EVP_PKEY) key = key_point_read (credential->public_key, &error);
  guint8 hash[KEY_HASH_LEN];
  guint32 counter = 0;
  g_assert_true (key_hash_decision (HASH, card->digest, hash));
  g_assert_true (key_verify (key, assertion, hash, &counter, NULL));
}

static void
test_cancel (Place *place, gconstpointer unused)
{
  g_autoptr (KeyCredential) credential = enrolled_a (place);
  g_autoptr (Card) card = card_case_new (NULL, NULL);
  g_autoptr (json_t) challenge = challenge_for (credential, KEY_RP_ID);
  g_autoptr (GError) error = NULL;

  plug_in (place, "a=untouched");
  g_autoptr (KeyStep) step = key_step_grant (card, challenge, &error);
  g_assert_no_error (error);
  g_assert_cmpint (follow (step, KEY_STEP_TOUCH), ==, KEY_STEP_TOUCH);
  key_step_cancel (step);
  g_assert_cmpint (follow (step, KEY_STEP_DONE), ==, KEY_STEP_FAILED);
  g_assert_null (key_step_take (step, &error));
  g_assert_error (error, KEY_DEVICE_ERROR, KEY_DEVICE_ERROR_CANCELLED);
}

static void
test_not_understood (Place *place, gconstpointer unused)
{
  g_autoptr (KeyCredential) credential = enrolled_a (place);
  g_autoptr (Card) card = card_case_new (NULL, NULL);
  g_autoptr (json_t) elsewhere = challenge_for (credential, "example.com");
  g_autoptr (json_t) cut = challenge_for (credential, KEY_RP_ID), nothing = json_object ();
  json_object_set_new (cut, "challenge", json_string ("AAAA"));

  g_assert_null (key_step_grant (card, elsewhere, NULL));
  g_assert_null (key_step_grant (card, cut, NULL));
  g_assert_null (key_step_grant (card, nothing, NULL));
}

#define ADD_PLACE_TABLE(prefix, table, function)                                                   \
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)                                                 \
    {                                                                                              \
      g_autofree char *path = g_strconcat (prefix, (table)[i].sentence, NULL);                     \
      g_test_add (path, Place, &(table)[i], place_make, function, place_clear);                    \
    }

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_PLACE_TABLE ("/key/enrol/", enrol_cases, test_enrol);
  ADD_PLACE_TABLE ("/key/touch/", touch_cases, test_touch);
  g_test_add ("/key/enrol/one that is enrolled already", Place, NULL, place_make, test_twice,
              place_clear);
  g_test_add ("/key/step/a touch for a card", Place, NULL, place_make, test_step, place_clear);
  g_test_add ("/key/step/what is called off comes to its end", Place, NULL, place_make, test_cancel,
              place_clear);
  g_test_add ("/key/step/a challenge for somebody else is not signed", Place, NULL, place_make,
              test_not_understood, place_clear);
  return g_test_run ();
}
