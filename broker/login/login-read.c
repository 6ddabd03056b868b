/* SPDX-License-Identifier: MIT
 *
 * Who uses the value of a secret that may be a login's.
 */
#include "broker/login/login-private.h"

#include "broker/provider/provider-jwt.h"

/* An answer that is known at once, and yet does not come from within the call. */
typedef struct
{
  Logins *owner;
  GError *error;
  StoreRead done;
  gpointer data;
  Deadline now;
} Denial;

static void
denial_free (Denial *denial)
{
  g_ptr_array_remove_fast (denial->owner->denials, denial);
  loop_deadline_clear (denial->owner->vault->loop, &denial->now);
  g_error_free (denial->error);
  g_free (denial);
}

static void
on_deny (gpointer data)
{
  Denial *denial = data;
  g_autoptr (GError) error = g_error_copy (denial->error);
  StoreRead done = denial->done;
  gpointer whose = denial->data;

  denial_free (denial);
  done (whose, NULL, error);
}

void
login_deny (Logins *self, GError *error, StoreRead done, gpointer data)
{
  Denial *denial = g_new0 (Denial, 1);

  *denial = (Denial){ .owner = self, .error = error, .done = done, .data = data };
  denial->now = (Deadline){ .due = on_deny, .data = denial };
  g_ptr_array_add (self->denials, denial);
  loop_deadline_set (self->vault->loop, &denial->now, loop_now ());
}

void
logins_drop_denials (Logins *self)
{
  while (self->denials->len > 0)
    denial_free (g_ptr_array_index (self->denials, 0));
}

void
login_answer (Logins *self, const Login *login, StoreRead done, gpointer data)
{
  if (login_is_usable (login))
    store_read (self->vault->store, login->secret, done, data);
  else
    login_deny (self,
                g_error_new (LOGIN_ERROR, LOGIN_ERROR_EXPIRED,
                             "%s: the access token of the login at %s has expired%s%s; a person "
                             "logs in again with `countersign login %s`",
                             login->secret, login->provider,
                             login->trouble != NULL ? " and could not be refreshed: " : "",
                             login->trouble != NULL ? login->trouble : "", login->provider),
                done, data);
}

void
login_read (Vault *vault, const char *name, StoreRead done, gpointer data)
{
  Logins *self = vault->logins;
  Login *login = logins_find (self, name);

  if (login == NULL || self->over)
    store_read (vault->store, name, done, data);
  else if (login->refresh != NULL || login->parcel != NULL || login_wants_refresh (login))
    login_refresh (self, login, done, data);
  else
    login_answer (self, login, done, data);
}

gboolean
login_due (const Vault *vault, const char *name)
{
  const Login *login = logins_find (vault->logins, name);

  return login != NULL
         && (login->refresh != NULL || login->parcel != NULL || login_wants_refresh (login)
             || !login_is_usable (login));
}

/* ---- what an exchange needs ---- */

typedef struct
{
  ExchangeNeeded done;
  gpointer data;
  char *provider;
  json_t *claims; /* or NULL */
} Needing;

static void
needing_answer (Needing *needing, Secret *value, const char *code, const char *message)
{
  needing->done (needing->data, value, code, message);
  g_free (needing->provider);
  json_decref (needing->claims);
  g_free (needing);
}

static void
on_needed (gpointer data, Secret *value, const GError *error)
{
  Needing *needing = data;

  if (error != NULL)
    needing_answer (needing, NULL, login_error_code (error), error->message);
  else if (needing->claims != NULL
           && !provider_jwt_says ((const char *) secret_peek (value), secret_len (value),
                                  needing->claims))
    {
      g_autofree char *message
          = g_strdup_printf ("the token of the login at %s is another issuer's, or says otherwise "
                             "than it must, and is not sent; a person logs in again with "
                             "`countersign login %s`",
                             needing->provider, needing->provider);
      secret_free (value);
      needing_answer (needing, NULL, "login", message);
    }
  else
    needing_answer (needing, value, NULL, NULL);
}

static void
on_no_login (gpointer data, Secret *value, const GError *error)
{
  Needing *needing = data;
  g_autofree char *message = g_strdup_printf (
      "nobody is logged in at %s; a person does that with `countersign login %s`",
      needing->provider, needing->provider);

  needing_answer (needing, NULL, "login", message);
}

void
login_need (Vault *vault, const ProviderNeed *need, ExchangeNeeded done, gpointer data)
{
  const Login *login = logins_find_at (vault->logins, need->name);
  Needing *needing = g_new0 (Needing, 1);

  *needing = (Needing){ done, data, g_strdup (need->name), json_incref (need->claims) };
  if (login != NULL)
    login_read (vault, login->secret, on_needed, needing);
  else
    login_deny (vault->logins,
                g_error_new_literal (LOGIN_ERROR, LOGIN_ERROR_EXPIRED, "nobody is logged in"),
                on_no_login, needing);
}
