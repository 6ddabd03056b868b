/* SPDX-License-Identifier: MIT
 *
 * The broker's check of a touch, beside libfido2's: what the broker takes, that takes too.
 */
#include <fido.h>
#include <fido/es256.h>
#include <string.h>

#include "tests/unit/soft-key.h"
#include "tests/unit/table.h"

#define HASH ((const guint8 *) "0123456789abcdef0123456789abcdef")
#define OTHER_HASH ((const guint8 *) "0123456789abcdef0123456789abcdeF")
#define ACCEPTED (-1)
#define FLAGS 0x01

typedef struct
{
  const char *sentence;
  SoftTouch touch;
  const guint8 *signed_hash;
  guint32 counter; /* the last one */
  int error;       /* ACCEPTED, or a KeyError */
  gboolean fido;   /* what libfido2 says, which keeps no counter and passes over a credential */
} VerifyCase;

static const VerifyCase verify_cases[] = {
  { "a touch is taken", { "countersign", FLAGS, 8 }, HASH, 7, ACCEPTED, TRUE },
  { "a touch with the key's own PIN too", { "countersign", 0x05, 8 }, HASH, 7, ACCEPTED, TRUE },
  { "a key that does not count", { "countersign", FLAGS, 0 }, HASH, 0, ACCEPTED, TRUE },
  { "a first touch", { "countersign", FLAGS, 1 }, HASH, 0, ACCEPTED, TRUE },
  { "the highest count",
    { "countersign", FLAGS, G_MAXUINT32 },
    HASH,
    G_MAXUINT32 - 1,
    ACCEPTED,
    TRUE },
  { "a count that was seen", { "countersign", FLAGS, 7 }, HASH, 7, KEY_ERROR_COUNTER, TRUE },
  { "a count that goes back", { "countersign", FLAGS, 6 }, HASH, 7, KEY_ERROR_COUNTER, TRUE },
  { "a count that is no longer kept",
    { "countersign", FLAGS, 0 },
    HASH,
    7,
    KEY_ERROR_COUNTER,
    TRUE },
  { "nobody touched it", { "countersign", 0x00, 8 }, HASH, 7, KEY_ERROR_TOUCH, FALSE },
  { "its PIN alone is no touch", { "countersign", 0x04, 8 }, HASH, 7, KEY_ERROR_TOUCH, FALSE },
  { "made for a site", { "example.com", FLAGS, 8 }, HASH, 7, KEY_ERROR_RP, FALSE },
  { "made for a name like ours", { "countersign.", FLAGS, 8 }, HASH, 7, KEY_ERROR_RP, FALSE },
  { "made over another card",
    { "countersign", FLAGS, 8 },
    OTHER_HASH,
    7,
    KEY_ERROR_SIGNATURE,
    FALSE },
  { "flags that announce a credential", { "countersign", 0x41, 8 }, HASH, 7, KEY_ERROR_DATA, TRUE },
  { "flags that announce extensions", { "countersign", 0x81, 8 }, HASH, 7, KEY_ERROR_DATA, FALSE },
};

/* libfido2's answer to the same. */
static gboolean
fido_takes (GBytes *point, const KeyAssertion *assertion, const guint8 *hash)
{
  fido_assert_t *assert = fido_assert_new ();
  es256_pk_t *key = es256_pk_new ();
  gsize len;
  const guint8 *data = g_bytes_get_data (assertion->authenticator_data, &len);
  gboolean taken
      = es256_pk_from_ptr (key, (const guint8 *) g_bytes_get_data (point, NULL) + 1, 64) == FIDO_OK
        && fido_assert_set_count (assert, 1) == FIDO_OK
        && fido_assert_set_rp (assert, KEY_RP_ID) == FIDO_OK
        && fido_assert_set_up (assert, FIDO_OPT_TRUE) == FIDO_OK
        && fido_assert_set_clientdata_hash (assert, hash, KEY_HASH_LEN) == FIDO_OK
        && fido_assert_set_authdata_raw (assert, 0, data, len) == FIDO_OK;

  data = g_bytes_get_data (assertion->signature, &len);
  taken = taken && fido_assert_set_sig (assert, 0, data, len) == FIDO_OK
          && fido_assert_verify (assert, 0, COSE_ES256, key) == FIDO_OK;
  es256_pk_free (&key);
  fido_assert_free (&assert);
  return taken;
}

static EVP_PKEY *
read_point (GBytes *point)
{
  g_autoptr (GError) error = NULL;
  EVP_PKEY *key = key_point_read (point, &error);

  g_assert_no_error (error);
  return key;
}

static void
test_verify (gconstpointer data)
{
  const VerifyCase *row = data;
  g_autoptr (SoftKey) soft = soft_key_new ();
  g_autoptr (KeyAssertion) assertion = soft_key_touch (soft, &row->touch, row->signed_hash);
  g_autoptr (GBytes) point = soft_key_point (soft);
  g_autoptr (EVP_PKEY) key = read_point (point);
  g_autoptr (GError) error = NULL;
  guint32 counter = row->counter;
  gboolean taken = key_verify (key, assertion, HASH, &counter, &error);

  g_assert_cmpint (taken ? ACCEPTED : error->code, ==, row->error);
  g_assert_cmpuint (counter, ==, taken ? row->touch.counter : row->counter);
  g_assert_cmpint (fido_takes (point, assertion, HASH), ==, row->fido);
}

typedef struct
{
  const char *sentence;
  gsize part; /* of KeyAssertion */
} FlipCase;

static const FlipCase flip_cases[] = {
  { "each byte of the authenticator data", G_STRUCT_OFFSET (KeyAssertion, authenticator_data) },
  { "each byte of the signature", G_STRUCT_OFFSET (KeyAssertion, signature) },
};

/* Every single bit: what is changed is refused, by both. */
static void
test_flip (gconstpointer data)
{
  const FlipCase *row = data;
  const SoftTouch touch = { "countersign", FLAGS, 8 };
  g_autoptr (SoftKey) soft = soft_key_new ();
  g_autoptr (KeyAssertion) assertion = soft_key_touch (soft, &touch, HASH);
  g_autoptr (GBytes) point = soft_key_point (soft);
  g_autoptr (EVP_PKEY) key = read_point (point);
  GBytes **part = G_STRUCT_MEMBER_P (assertion, row->part);
  g_autoptr (GBytes) whole = g_bytes_ref (*part);
  gsize len;
  const guint8 *bytes = g_bytes_get_data (whole, &len);

  for (gsize bit = 0; bit < 8 * len; bit++)
    {
      guint8 *changed = g_memdup2 (bytes, len);
      guint32 counter = 0;
      changed[bit / 8] ^= (guint8) (1 << (bit % 8));
      g_bytes_unref (*part);
      *part = g_bytes_new_take (changed, len);
      g_assert_false (key_verify (key, assertion, HASH, &counter, NULL));
      g_assert_false (fido_takes (point, assertion, HASH));
      g_assert_cmpuint (counter, ==, 0);
    }
}

static void
test_other_key (void)
{
  const SoftTouch touch = { "countersign", FLAGS, 8 };
  g_autoptr (SoftKey) soft = soft_key_new (), other = soft_key_new ();
  g_autoptr (KeyAssertion) assertion = soft_key_touch (other, &touch, HASH);
  g_autoptr (GBytes) point = soft_key_point (soft);
  g_autoptr (EVP_PKEY) key = read_point (point);
  g_autoptr (GError) error = NULL;
  guint32 counter = 0;

  g_assert_false (key_verify (key, assertion, HASH, &counter, &error));
  g_assert_error (error, KEY_ERROR, KEY_ERROR_SIGNATURE);
  g_assert_false (fido_takes (point, assertion, HASH));
}

typedef struct
{
  const char *sentence;
  guint8 first; /* byte */
  gsize len;
  int flip; /* the byte that is changed, or -1 */
  gboolean taken;
} PointCase;

static const PointCase point_cases[] = {
  { "a point is taken", 0x04, 65, -1, TRUE },
  { "one beside the curve", 0x04, 65, 64, FALSE },
  { "a compressed one", 0x02, 33, -1, FALSE },
  { "a hybrid one", 0x06, 65, -1, FALSE },
  { "one without its first byte", 0x04, 64, -1, FALSE },
  { "the point at infinity", 0x00, 1, -1, FALSE },
};

static void
test_point (gconstpointer data)
{
  const PointCase *row = data;
  g_autoptr (SoftKey) soft = soft_key_new ();
  g_autoptr (GBytes) whole = soft_key_point (soft);
  guint8 bytes[KEY_POINT_LEN];

  memcpy (bytes, g_bytes_get_data (whole, NULL), sizeof bytes);
  bytes[0] = row->first;
  if (row->flip >= 0)
    bytes[row->flip] ^= 1;
  g_autoptr (GBytes) point = g_bytes_new (bytes, row->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (EVP_PKEY) key = key_point_read (point, &error);
  g_assert_cmpint (key != NULL, ==, row->taken);
  if (!row->taken)
    g_assert_error (error, KEY_ERROR, KEY_ERROR_POINT);
}

static void
test_length (void)
{
  const SoftTouch touch = { "countersign", FLAGS, 8 };
  g_autoptr (GBytes) whole = soft_key_data (&touch);
  guint8 bytes[KEY_AUTHENTICATOR_DATA_LEN + 1] = { 0 };
  KeyData read;

  memcpy (bytes, g_bytes_get_data (whole, NULL), KEY_AUTHENTICATOR_DATA_LEN);
  for (gsize len = 1; len <= sizeof bytes; len++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (bytes, len);
      g_assert_cmpint (key_data_read (cut, &read, NULL), ==, len == KEY_AUTHENTICATOR_DATA_LEN);
    }
}

typedef struct
{
  const char *sentence, *json, *field; /* NULL: read */
} ReadCase;

/* clang-format off */
static const ReadCase read_cases[] = {
  { "three parts in base64", "{'credential_id':'AA==','authenticator_data':'AAE=','signature':'AAEC'}", NULL },
  { "a part is missing", "{'credential_id':'AA==','authenticator_data':'AAE='}", "key.signature" },
  { "a part more", "{'credential_id':'AA==','authenticator_data':'AAE=','signature':'AAEC','x':'y'}", "key.x" },
  { "an empty part", "{'credential_id':'','authenticator_data':'AAE=','signature':'AAEC'}", "key.credential_id" },
  { "no base64", "{'credential_id':'A','authenticator_data':'AAE=','signature':'AAEC'}", "key.credential_id" },
  { "base64 with a blank in it", "{'credential_id':'AA==','authenticator_data':'AA E=','signature':'AAEC'}", "key.authenticator_data" },
  { "base64 without its padding", "{'credential_id':'AA','authenticator_data':'AAE=','signature':'AAEC'}", "key.credential_id" },
  { "base64 with bits left over", "{'credential_id':'AB==','authenticator_data':'AAE=','signature':'AAEC'}", "key.credential_id" },
  { "base64 for addresses", "{'credential_id':'--__','authenticator_data':'AAE=','signature':'AAEC'}", "key.credential_id" },
  { "a signature that is too long", "{'credential_id':'AA==','authenticator_data':'AAE=','signature':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=='}", "key.signature" },
  { "a number", "{'credential_id':1,'authenticator_data':'AAE=','signature':'AAEC'}", "key.credential_id" },
};
/* clang-format on */

static void
test_read (gconstpointer data)
{
  const ReadCase *row = data;
  g_autofree char *text = g_strdelimit (g_strdup (row->json), "'", '"');
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) object = wire_parse (text, strlen (text), FALSE, &error);
  g_assert_no_error (error);
  g_autoptr (KeyAssertion) assertion = key_assertion_read (object, &error);

  if (row->field != NULL)
    {
      g_autofree char *field = wire_error_field (error);
      g_assert_cmpstr (field, ==, row->field);
      return;
    }
  g_assert_no_error (error);
  g_autoptr (json_t) again = key_assertion_json (assertion);
  g_assert_true (json_equal (object, again));
}

/* A value that anybody can compute: a broker and an approver of different versions must agree. */
static void
test_hash (void)
{
  guint8 challenge[KEY_CHALLENGE_LEN], hash[KEY_HASH_LEN], wanted[KEY_HASH_LEN];
  guint8 input[23 + 32 + 32];
  char digest[65] = "", longer[66] = "";

  memset (challenge, 0xA5, sizeof challenge);
  memset (digest, 'b', 64);
  memset (longer, 'b', 65);
  memcpy (input, "countersign decision 1", 23);
  memset (input + 23, 0xA5, 32);
  memset (input + 55, 0xBB, 32);
  EVP_Digest (input, sizeof input, wanted, NULL, EVP_sha256 (), NULL);
  g_assert_true (key_hash_decision (challenge, digest, hash));
  g_assert_cmpmem (hash, sizeof hash, wanted, sizeof wanted);
  g_assert_false (key_hash_decision (challenge, longer, hash));
  digest[63] = 'g';
  g_assert_false (key_hash_decision (challenge, digest, hash));
  g_assert_false (key_hash_decision (challenge, "", hash));
  g_assert_false (key_hash_decision (challenge, NULL, hash));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fido_init (0);
  ADD_TABLE ("/key/verify/", verify_cases, test_verify);
  ADD_TABLE ("/key/changed/", flip_cases, test_flip);
  ADD_TABLE ("/key/point/", point_cases, test_point);
  ADD_TABLE ("/key/read/", read_cases, test_read);
  g_test_add_func ("/key/verify/another key's signature", test_other_key);
  g_test_add_func ("/key/data/only the one length is read", test_length);
  g_test_add_func ("/key/hash/what is signed is the hash that the protocol says", test_hash);
  return g_test_run ();
}
