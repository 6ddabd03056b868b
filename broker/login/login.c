/* SPDX-License-Identifier: MIT
 *
 * The table of logins.
 */
#include "broker/login/login-private.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"

#define AHEAD 300     /* seconds before its end that a token is renewed, */
#define AHEAD_PART 10 /* unless that is more than this part of its life */
#define SKEW 300      /* seconds that a clock may have been set back */
#define SCOPES_MAX 1000

G_DEFINE_QUARK (countersign_login_error, login_error)

const char *
login_error_code (const GError *error)
{
  static const char *const codes[] = { [LOGIN_ERROR_EXPIRED] = "login",
                                       [LOGIN_ERROR_NOT_CONFIGURED] = "not_configured",
                                       [LOGIN_ERROR_SCOPE] = "scope",
                                       [LOGIN_ERROR_NAME] = "arguments",
                                       [LOGIN_ERROR_SECRET] = "exists" };

  return error->domain == LOGIN_ERROR ? codes[error->code] : "store";
}

void
login_free (Login *login)
{
  if (login == NULL)
    return;
  login_refresh_drop (login);
  g_free (login->provider);
  g_free (login->secret);
  g_strfreev (login->scopes);
  g_free (login->setup);
  json_decref (login->metadata);
  g_free (login->trouble);
  g_free (login->parcel);
  g_free (login->identity);
  g_free (login->identity_fault);
  g_free (login->identity_issuer);
  g_free (login);
}

Logins *
logins_new (Vault *vault)
{
  Logins *self = g_new0 (Logins, 1);

  self->vault = vault;
  self->all = g_ptr_array_new_with_free_func ((GDestroyNotify) login_free);
  self->flows = g_hash_table_new (g_str_hash, g_str_equal);
  self->refreshes = g_ptr_array_new ();
  self->denials = g_ptr_array_new ();
  self->looks = g_ptr_array_new ();
  self->revokings = g_ptr_array_new_with_free_func (revoking_free);
  return self;
}

void
logins_lock (Logins *self)
{
  flows_end (self, "locked",
             "the broker was locked meanwhile; ask again after `countersign unlock`");
  identities_end (self, "locked", "the broker was locked meanwhile");
  g_ptr_array_set_size (self->all, 0);
}

void
logins_end (Logins *self)
{
  logins_lock (self);
  self->over = TRUE;
  g_ptr_array_set_size (self->revokings, 0);
}

void
logins_free (Logins *self)
{
  if (self == NULL)
    return;
  logins_lock (self);
  logins_drop_denials (self);
  g_ptr_array_unref (self->all);
  g_hash_table_unref (self->flows);
  g_ptr_array_unref (self->refreshes);
  g_ptr_array_unref (self->denials);
  g_ptr_array_unref (self->revokings);
  g_free (self);
}

Login *
logins_find (const Logins *self, const char *secret)
{
  for (guint i = 0; i < self->all->len; i++)
    {
      Login *login = g_ptr_array_index (self->all, i);
      if (strcmp (login->secret, secret) == 0)
        return login;
    }
  return NULL;
}

/* PROVIDER-token, which is what it is called unless somebody says otherwise; else the latest. */
Login *
logins_find_at (const Logins *self, const char *provider)
{
  g_autofree char *usual = g_strconcat (provider, "-token", NULL);
  Login *found = NULL;

  for (guint i = 0; i < self->all->len; i++)
    {
      Login *login = g_ptr_array_index (self->all, i);
      if (strcmp (login->provider, provider) != 0)
        continue;
      if (strcmp (login->secret, usual) == 0)
        return login;
      if (found == NULL || found->obtained_at <= login->obtained_at)
        found = login;
    }
  return found;
}

void
logins_remove (Logins *self, Login *login)
{
  g_ptr_array_remove (self->all, login);
}

void
logins_put (Logins *self, Login *login)
{
  Login *before = logins_find (self, login->secret);

  if (before != NULL)
    logins_remove (self, before);
  g_ptr_array_add (self->all, login);
}

char *
login_refresh_name (const char *secret)
{
  return g_strconcat (secret, LOGIN_REFRESH_SUFFIX, NULL);
}

char *
login_setup (const Provider *provider)
{
  static const char *const words[]
      = { "client", "issuer", "token", "domain", "tenant", "client-secret", "client-auth" };
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      const char *text = provider_text (provider, words[i]);
      g_autofree char *line = g_strdup_printf ("%s %s\n", words[i], text != NULL ? text : "");
      g_checksum_update (sum, (const guchar *) line, -1);
    }
  return g_strdup (g_checksum_get_string (sum));
}

/* Some write more than one space, or a word again. The table has to be read again by row_read(). */
static char **
read_words (const char *scope)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_auto (GStrv) words = g_strsplit (scope, " ", -1);

  for (char **word = words; *word != NULL && g_hash_table_size (seen) < SCOPES_MAX; word++)
    if (**word != '\0' && g_hash_table_add (seen, *word))
      g_strv_builder_add (builder, *word);
  return g_strv_builder_end (builder);
}

void
login_take_fields (Login *login, const json_t *fields, gint64 at)
{
  const char *scope = wire_string (fields, "scope");
  gint64 life = CLAMP (wire_integer (fields, "expires_in", 0), 0, G_MAXINT32);

  login->obtained_at = at;
  login->expires_at = life > 0 ? at + life : 0;
  if (scope == NULL)
    return; /* as asked (RFC 6749, 5.1) */
  g_strfreev (login->scopes);
  login->scopes = read_words (scope);
}

static gint64
now_seconds (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

gboolean
login_is_usable (const Login *login)
{
  return login->expires_at == 0 || now_seconds () < login->expires_at;
}

/* Both times are by our own clock, so that the provider's may be what it likes. One of ours that
 * was set back says nothing of how long a token lasts: it is renewed. */
static gboolean
ends_soon (const Login *login)
{
  gint64 now = now_seconds (), life = login->expires_at - login->obtained_at;

  return login->expires_at != 0
         && (login->expires_at - now <= MIN (AHEAD, life / AHEAD_PART)
             || now + SKEW < login->obtained_at);
}

gboolean
login_wants_refresh (const Login *login)
{
  return login->refreshes && ends_soon (login) && loop_now () >= login->not_before;
}

/* ---- as it is kept ---- */

static json_t *
row_json (const Login *login)
{
  return json_pack ("{s:s, s:s, s:o, s:I, s:I, s:b, s:s, s:O*, s:s*, s:s*}", "provider",
                    login->provider, "secret", login->secret, "scopes",
                    wire_texts_json (login->scopes), "obtained_at", (json_int_t) login->obtained_at,
                    "expires_at", (json_int_t) login->expires_at, "refreshes", login->refreshes,
                    "setup", login->setup, "metadata", login->metadata, "trouble", login->trouble,
                    "parcel", login->parcel);
}

GBytes *
logins_bytes (const Logins *self)
{
  g_autoptr (json_t) all = json_array ();

  for (guint i = 0; i < self->all->len; i++)
    json_array_append_new (all, row_json (g_ptr_array_index (self->all, i)));
  return store_table_bytes (all);
}

void
logins_save (Logins *self)
{
  g_autoptr (GBytes) bytes = logins_bytes (self);

  store_put_meta (self->vault->store, LOGIN_META, bytes, NULL, NULL);
}

static Login *
row_read (const json_t *row, GError **error)
{
  static const WireField fields[] = {
    { "provider", WIRE_STRING, TRUE, 1, 0, NULL },
    { "secret", WIRE_STRING, TRUE, 1, 0, NULL },
    { "scopes", WIRE_STRINGS, TRUE, 0, 0, NULL }, /* the person's file may have any number */
    { "obtained_at", WIRE_INTEGER, TRUE, 0, G_MAXINT64, NULL },
    { "expires_at", WIRE_INTEGER, TRUE, 0, G_MAXINT64, NULL },
    { "refreshes", WIRE_BOOLEAN, TRUE, 0, 0, NULL },
    { "setup", WIRE_STRING, TRUE, 1, 0, NULL },
    { "metadata", WIRE_OBJECT, FALSE, 0, 0, NULL },
    { "trouble", WIRE_STRING, FALSE, 1, 0, NULL },
    { "parcel", WIRE_STRING, FALSE, 1, 64, NULL },
  };

  if (!wire_check (fields, G_N_ELEMENTS (fields), row, error))
    return NULL;
  Login *login = g_new0 (Login, 1);
  login->provider = g_strdup (wire_string (row, "provider"));
  login->secret = g_strdup (wire_string (row, "secret"));
  login->scopes = wire_texts (json_object_get (row, "scopes"));
  login->obtained_at = wire_integer (row, "obtained_at", 0);
  login->expires_at = wire_integer (row, "expires_at", 0);
  login->refreshes = json_is_true (json_object_get (row, "refreshes"));
  login->setup = g_strdup (wire_string (row, "setup"));
  login->metadata = json_incref (json_object_get (row, "metadata"));
  login->trouble = g_strdup (wire_string (row, "trouble"));
  login->parcel = g_strdup (wire_string (row, "parcel"));
  return login;
}

gboolean
logins_open (Logins *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (json_t) all = store_get_table (self->vault->store, LOGIN_META, &local);
  json_t *row;
  gsize i;

  g_ptr_array_set_size (self->all, 0);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (all == NULL)
    return TRUE;
  json_array_foreach (all, i, row)
  {
    Login *login = row_read (row, error);
    if (login == NULL)
      return FALSE;
    g_ptr_array_add (self->all, login);
  }
  login_parcels_clean (self);
  for (i = 0; i < self->all->len; i++)
    if (((Login *) g_ptr_array_index (self->all, i))->parcel != NULL)
      login_recover (self, g_ptr_array_index (self->all, i));
  return TRUE;
}

/* ---- for others ---- */

static json_t *
describe (const Login *login)
{
  g_autofree char *obtained = text_format_time (login->obtained_at * G_USEC_PER_SEC);
  g_autofree char *expires
      = login->expires_at != 0 ? text_format_time (login->expires_at * G_USEC_PER_SEC) : NULL;

  return json_pack ("{s:s, s:s, s:o, s:s, s:s*, s:b, s:s*}", "provider", login->provider, "secret",
                    login->secret, "scopes", wire_texts_json (login->scopes), "obtained_at",
                    obtained, "expires_at", expires, "refreshes", login->refreshes, "trouble",
                    login->trouble);
}

json_t *
logins_describe (const Logins *self)
{
  json_t *all = json_array ();

  for (guint i = 0; i < self->all->len; i++)
    json_array_append_new (all, describe (g_ptr_array_index (self->all, i)));
  return all;
}

/* The login that has @name as one of its two secrets. */
static Login *
find_either (const Logins *self, const char *name)
{
  Login *login = logins_find (self, name);

  if (login != NULL || !g_str_has_suffix (name, LOGIN_REFRESH_SUFFIX))
    return login;
  g_autofree char *secret = g_strndup (name, strlen (name) - strlen (LOGIN_REFRESH_SUFFIX));
  return logins_find (self, secret);
}

gboolean
login_is_one (const Vault *vault, const char *name)
{
  return logins_find (vault->logins, name) != NULL;
}

const char *
login_provider (const Vault *vault, const char *name)
{
  const Login *login = find_either (vault->logins, name);
  return login != NULL ? login->provider : NULL;
}

void
login_forget (Vault *vault, const char *name)
{
  Login *login = find_either (vault->logins, name);

  if (login == NULL)
    return;
  logins_remove (vault->logins, login);
  logins_save (vault->logins);
}

void
login_forget_set (Vault *vault, const char *name, StoreSetMode mode)
{
  if (mode != STORE_SET_NEW || store_find (vault->store, name) == NULL)
    login_forget (vault, name);
}
