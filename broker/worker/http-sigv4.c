/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <time.h>

#define ALGORITHM "AWS4-HMAC-SHA256"
#define HASH 32

G_DEFINE_QUARK (countersign_http_sigv4_error, http_sigv4_error)

/* One name and value of a query; a copy of the text, decoded and encoded anew. */
typedef struct
{
  char *name, *value;
} Parameter;

/* A header as it is signed: its name in lower case. */
typedef struct
{
  char *name;
  const char *value;
  gsize place;
} Signed;

static char *
to_hex (const guint8 *bytes, gsize len)
{
  GString *hex = g_string_sized_new (2 * len);

  for (gsize i = 0; i < len; i++)
    g_string_append_printf (hex, "%02x", bytes[i]);
  return g_string_free (hex, FALSE);
}

char *
http_sigv4_date (gint64 seconds)
{
  char text[32];
  struct tm parts;
  time_t time = (time_t) seconds;

  gmtime_r (&time, &parts);
  strftime (text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
  return g_strdup (text);
}

char *
http_sigv4_hash (const void *body, gsize len)
{
  guint8 hash[HASH];

  EVP_Digest (body != NULL ? body : "", len, hash, NULL, EVP_sha256 (), NULL);
  return to_hex (hash, sizeof hash);
}

static void
append_encoded (GString *out, const char *text, gsize len, gboolean keep_slash)
{
  for (gsize i = 0; i < len; i++)
    if (g_ascii_isalnum (text[i]) || (text[i] != '\0' && strchr ("-._~", text[i]) != NULL)
        || (keep_slash && text[i] == '/'))
      g_string_append_c (out, text[i]);
    else
      g_string_append_printf (out, "%%%02X", (guint8) text[i]);
}

/* %XX undone; anything after a % that is no pair of digits stays. */
static char *
decode (const char *text, gsize len, gsize *decoded)
{
  GString *out = g_string_sized_new (len);

  for (gsize i = 0; i < len; i++)
    if (text[i] == '%' && i + 2 < len && g_ascii_isxdigit (text[i + 1])
        && g_ascii_isxdigit (text[i + 2]))
      {
        g_string_append_c (out, (char) (g_ascii_xdigit_value (text[i + 1]) * 16
                                        + g_ascii_xdigit_value (text[i + 2])));
        i += 2;
      }
    else
      g_string_append_c (out, text[i]);
  *decoded = out->len;
  return g_string_free (out, FALSE);
}

static char *
encode_anew (const char *text, gsize len, gboolean keep_slash)
{
  gsize decoded;
  g_autofree char *plain = decode (text, len, &decoded);
  GString *out = g_string_sized_new (len);

  append_encoded (out, plain, decoded, keep_slash);
  return g_string_free (out, FALSE);
}

/* RFC 3986, 5.2.4, and no empty segments. */
static char *
normalise (const char *path, gsize len)
{
  g_autofree char *copy = g_strndup (path, len);
  g_auto (GStrv) segments = g_strsplit (copy, "/", -1);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  gboolean slash = FALSE;

  for (char **s = segments; *s != NULL; s++)
    {
      slash = **s == '\0' || strcmp (*s, ".") == 0 || strcmp (*s, "..") == 0;
      if (strcmp (*s, "..") == 0 && kept->len > 0)
        g_ptr_array_set_size (kept, (gint) kept->len - 1);
      else if (!slash)
        g_ptr_array_add (kept, *s);
    }
  if (slash && kept->len > 0)
    g_ptr_array_add (kept, (gpointer) "");
  g_ptr_array_add (kept, NULL);
  g_autofree char *joined = g_strjoinv ("/", (char **) kept->pdata);
  return g_strconcat ("/", joined, NULL);
}

static char *
canonical_path (const HttpSigV4 *self, const char *path, gsize len)
{
  if (self->path_as_is)
    return encode_anew (path, len, TRUE);

  g_autofree char *plain = normalise (path, len);
  GString *out = g_string_new (NULL);
  append_encoded (out, plain, strlen (plain), TRUE);
  return g_string_free (out, FALSE);
}

static void
parameter_clear (gpointer data)
{
  g_free (((Parameter *) data)->name);
  g_free (((Parameter *) data)->value);
}

static int
compare_parameters (gconstpointer a, gconstpointer b)
{
  const Parameter *one = a, *other = b;
  int order = strcmp (one->name, other->name);

  return order != 0 ? order : strcmp (one->value, other->value);
}

static char *
canonical_query (const char *query)
{
  g_auto (GStrv) parts = g_strsplit (query, "&", -1);
  g_autoptr (GArray) parameters = g_array_new (FALSE, FALSE, sizeof (Parameter));
  GString *out = g_string_new (NULL);

  g_array_set_clear_func (parameters, parameter_clear);
  for (char **part = parts; *part != NULL; part++)
    {
      gsize name = strcspn (*part, "=");
      const char *value = (*part)[name] == '=' ? *part + name + 1 : "";
      if (**part == '\0')
        continue;
      Parameter one
          = { encode_anew (*part, name, FALSE), encode_anew (value, strlen (value), FALSE) };
      g_array_append_val (parameters, one);
    }
  g_array_sort (parameters, compare_parameters);
  for (guint i = 0; i < parameters->len; i++)
    {
      const Parameter *one = &g_array_index (parameters, Parameter, i);
      g_string_append_printf (out, "%s%s=%s", i > 0 ? "&" : "", one->name, one->value);
    }
  return g_string_free (out, FALSE);
}

static void
put (EVP_MD_CTX *hash, const char *text)
{
  EVP_DigestUpdate (hash, text, strlen (text));
}

/* Without the spaces around it, and each run of them as one. */
static void
put_value (EVP_MD_CTX *hash, const char *value)
{
  gboolean space = FALSE, begun = FALSE;

  for (; *value != '\0'; value++)
    if (g_ascii_isspace (*value))
      space = begun;
    else
      {
        if (space)
          put (hash, " ");
        EVP_DigestUpdate (hash, value, 1);
        space = FALSE;
        begun = TRUE;
      }
}

static void
signed_clear (gpointer data)
{
  g_free (((Signed *) data)->name);
}

static int
compare_signed (gconstpointer a, gconstpointer b)
{
  const Signed *one = a, *other = b;
  int order = strcmp (one->name, other->name);

  return order != 0 ? order : (one->place > other->place) - (one->place < other->place);
}

static GArray *
sort_headers (const HttpHeader *headers, gsize n)
{
  GArray *sorted = g_array_new (FALSE, FALSE, sizeof (Signed));

  g_array_set_clear_func (sorted, signed_clear);
  for (gsize i = 0; i < n; i++)
    {
      Signed one = { g_ascii_strdown (headers[i].name, -1), headers[i].value, i };
      g_array_append_val (sorted, one);
    }
  g_array_sort (sorted, compare_signed);
  return sorted;
}

/* Hashes the headers' lines and returns the list of their names. */
static char *
put_headers (EVP_MD_CTX *hash, const HttpHeader *headers, gsize n)
{
  g_autoptr (GArray) sorted = sort_headers (headers, n);
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < sorted->len; i++)
    {
      const Signed *one = &g_array_index (sorted, Signed, i);
      gboolean again = i > 0 && strcmp (one->name, (one - 1)->name) == 0;
      gboolean more = i + 1 < sorted->len && strcmp (one->name, (one + 1)->name) == 0;

      if (!again)
        {
          put (hash, one->name);
          g_string_append_printf (names, "%s%s", names->len > 0 ? ";" : "", one->name);
        }
      put (hash, again ? "," : ":");
      put_value (hash, one->value);
      if (!more)
        put (hash, "\n");
    }
  return g_string_free (names, FALSE);
}

/* The hash of the canonical request, which is never whole in memory: a session token is part of
 * it. */
static char *
hash_request (const HttpSigV4 *self, const char *method, const char *target,
              const HttpHeader *headers, gsize n, const char *payload_hash, char **names)
{
  EVP_MD_CTX *hash = EVP_MD_CTX_new ();
  gsize path_len = strcspn (target, "?");
  g_autofree char *path = canonical_path (self, target, path_len);
  g_autofree char *query = canonical_query (target[path_len] == '?' ? target + path_len + 1 : "");
  guint8 digest[HASH];

  EVP_DigestInit_ex (hash, EVP_sha256 (), NULL);
  put (hash, method);
  put (hash, "\n");
  put (hash, path);
  put (hash, "\n");
  put (hash, query);
  put (hash, "\n");
  *names = put_headers (hash, headers, n);
  put (hash, "\n");
  put (hash, *names);
  put (hash, "\n");
  put (hash, payload_hash);
  EVP_DigestFinal_ex (hash, digest, NULL);
  EVP_MD_CTX_free (hash);
  return to_hex (digest, sizeof digest);
}

static void
derive (guint8 key[HASH], const char *text)
{
  guint8 next[HASH];

  HMAC (EVP_sha256 (), key, HASH, (const guint8 *) text, strlen (text), next, NULL);
  memcpy (key, next, HASH);
  explicit_bzero (next, sizeof next);
}

/* @key is of any length up to 256: the first step takes "AWS4" and the key itself. */
static gboolean
first_key (guint8 out[HASH], const char *key, const char *day)
{
  char start[4 + 256];
  gsize len = strlen (key);

  if (len > sizeof start - 4)
    return FALSE;
  memcpy (start, "AWS4", 4);
  memcpy (start + 4, key, len);
  HMAC (EVP_sha256 (), start, (int) len + 4, (const guint8 *) day, strlen (day), out, NULL);
  explicit_bzero (start, sizeof start);
  return TRUE;
}

static char *
sign (const HttpSigV4 *self, const char *day, const char *text)
{
  guint8 key[HASH];

  if (!first_key (key, self->key, day))
    return NULL;
  derive (key, self->region);
  derive (key, self->service);
  derive (key, "aws4_request");
  derive (key, text);
  char *hex = to_hex (key, sizeof key);
  explicit_bzero (key, sizeof key);
  return hex;
}

char *
http_sigv4_authorization (const HttpSigV4 *self, const char *method, const char *target,
                          const HttpHeader *headers, gsize n, const char *payload_hash,
                          GError **error)
{
  g_autofree char *names = NULL, *date = http_sigv4_date (self->time);
  g_autofree char *day = g_strndup (date, 8);

  if (strchr (target, '+') != NULL && strchr (target, '+') > target + strcspn (target, "?"))
    {
      g_set_error_literal (error, HTTP_SIGV4_ERROR, HTTP_SIGV4_ERROR_TARGET,
                           "a + in the query could be a plus or a space, and AWS would refuse the "
                           "signature of one of them: write %2B or %20");
      return NULL;
    }
  g_autofree char *scope
      = g_strdup_printf ("%s/%s/%s/aws4_request", day, self->region, self->service);
  g_autofree char *hash = hash_request (self, method, target, headers, n, payload_hash, &names);
  g_autofree char *text = g_strdup_printf (ALGORITHM "\n%s\n%s\n%s", date, scope, hash);
  g_autofree char *signature = sign (self, day, text);
  if (signature == NULL)
    {
      g_set_error_literal (error, HTTP_SIGV4_ERROR, HTTP_SIGV4_ERROR_TARGET,
                           "the secret key is longer than 256 bytes, which no key of AWS is");
      return NULL;
    }
  return g_strdup_printf (ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                          self->key_id, scope, names, signature);
}
