/* SPDX-License-Identifier: MIT
 *
 * What is asked of the callback of a login. The input is the bytes of a request; its first byte
 * chooses what is expected. Whatever they are:
 *
 *  - a code is given out, or an error's word, or neither, and each only with its verdict
 *  - what is taken is a GET for this machine by its own name, in at most 8 KiB
 *  - read by other means, its query has this state once, an issuer that is none or ours, and the
 *    code that was given out, or an error and no code
 *  - a word of an error is one of the list
 */
#include <string.h>

#include "broker/worker/http-callback-request.h"
#include "tests/fuzz/fuzz.h"

#define STATE "st4te-of-this-flow"
#define ISSUER "https://id.example"

static const HttpCallbackExpected expected[] = {
  { .port = 9876, .path = "/oauth/callback", .state = STATE },
  { .port = 9876, .path = "/oauth/callback", .state = STATE, .issuer = ISSUER },
  { 9876, "/oauth/callback", STATE, ISSUER, TRUE },
};

/* NULL: it cannot be decoded. */
static char *
decode (const char *text)
{
  g_autofree char *spaced = g_strdelimit (g_strdup (text), "+", ' ');
  g_autoptr (GBytes) bytes = g_uri_unescape_bytes (spaced, -1, NULL, NULL);
  gsize len;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &len) : NULL;

  return data != NULL ? g_strndup (data, len) : bytes != NULL ? g_strdup ("") : NULL;
}

/* The one value of @name in @query; NULL: it is not there. There are not two. */
static char *
find (const char *query, const char *name)
{
  g_auto (GStrv) parts = g_strsplit (query, "&", -1);
  char *found = NULL;

  for (char **part = parts; *part != NULL; part++)
    {
      char *value = strchr (*part, '=');
      g_autofree char *key = NULL;
      if (value != NULL)
        *value++ = '\0';
      key = decode (*part);
      if (g_strcmp0 (key, name) != 0)
        continue;
      g_assert_null (found);
      found = decode (value != NULL ? value : "");
      g_assert_nonnull (found);
    }
  return found;
}

static void
check_word (const char *word)
{
  static const char *const words[] = { "access_denied",
                                       "invalid_scope",
                                       "invalid_client",
                                       "unsupported",
                                       "unavailable",
                                       "refused",
                                       NULL };

  g_assert_true (g_strv_contains (words, word));
}

static void
check_taken (const HttpCallbackExpected *want, const char *text, const Secret *code)
{
  g_auto (GStrv) line = g_strsplit (text, " ", 3);
  const char *start = "/oauth/callback?";

  g_assert_cmpstr (line[0], ==, "GET");
  g_assert_true (g_str_has_prefix (line[1], start));
  g_assert_true (g_str_has_prefix (line[2], "HTTP/1.1\r\n")
                 || g_str_has_prefix (line[2], "HTTP/1.0\r\n"));
  const char *query = line[1] + strlen (start);
  g_autofree char *state = find (query, "state"), *issuer = find (query, "iss");
  g_autofree char *given = find (query, "code"), *error = find (query, "error");
  g_autofree char *folded = g_ascii_strdown (text, -1);
  g_assert_cmpstr (state, ==, STATE);
  g_assert_true (issuer == NULL ? !want->issuer_required
                                : want->issuer == NULL || strcmp (issuer, ISSUER) == 0);
  g_assert_true ((given != NULL) == (code != NULL) && (error != NULL) == (code == NULL));
  g_assert_true (code == NULL
                 || (secret_len (code) == strlen (given)
                     && memcmp (secret_peek (code), given, strlen (given)) == 0));
  g_assert_true (strstr (folded, "localhost:9876") != NULL
                 || strstr (folded, "127.0.0.1:9876") != NULL
                 || strstr (folded, "[::1]:9876") != NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gboolean begun;
  const char *error;
  Secret *code;

  if (size == 0)
    return 0;
  if (!begun)
    g_assert_true (secret_init (NULL));
  begun = TRUE;
  const HttpCallbackExpected *want = &expected[data[0] % G_N_ELEMENTS (expected)];
  const char *bytes = (const char *) data + 1;
  size_t len = size - 1;
  HttpCallbackKind kind = http_callback_request_read (want, bytes, len, &error, &code);
  g_assert_true ((kind == HTTP_CALLBACK_CODE) == (code != NULL));
  g_assert_true ((kind == HTTP_CALLBACK_ERROR) == (error != NULL));
  if (kind == HTTP_CALLBACK_CODE || kind == HTTP_CALLBACK_ERROR)
    {
      const char *end = memmem (bytes, len, "\r\n\r\n", 4);
      g_assert_true (http_callback_request_is_whole (bytes, len));
      g_assert_true (end != NULL && end - bytes + 4 <= HTTP_CALLBACK_REQUEST_MAX);
      g_autofree char *text = g_strndup (bytes, (gsize) (end - bytes) + 2);
      g_assert_cmpuint (strlen (text), ==, (gsize) (end - bytes) + 2);
      check_taken (want, text, code);
    }
  if (error != NULL)
    check_word (error);
  secret_free (code);
  return 0;
}
