/* SPDX-License-Identifier: MIT
 *
 * A login in the person's browser: authorization code with PKCE, state, and the issuer's name.
 */
#include "broker/login/flow-private.h"

#include "broker/base/crypt.h"
#include "broker/base/text.h"

#define LIMIT 600   /* seconds that a person has to log in */
#define VERIFIER 64 /* characters; RFC 7636, 4.1: 43 to 128 */
#define STATE 32    /* characters of 5 bits */

/* Each of its letters is as likely as any other. */
static Secret *
make_verifier (GError **error)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  Secret *verifier = secret_new (VERIFIER, error);

  if (verifier != NULL && !crypt_random (secret_data (verifier), VERIFIER, error))
    g_clear_pointer (&verifier, secret_free);
  for (gsize i = 0; verifier != NULL && i < VERIFIER; i++)
    secret_data (verifier)[i] = (guint8) letters[secret_data (verifier)[i] & 63];
  return verifier;
}

static void
on_code (gpointer data, const Secret *code)
{
  Flow *flow = data;
  g_autoptr (GError) error = NULL;
  Secret *copy = secret_copy (code, &error);

  if (copy == NULL)
    {
      flow_fail (flow, "busy", error->message);
      return;
    }
  g_hash_table_insert (flow->values, g_strdup ("code"), copy);
  g_clear_pointer (&flow->callback, callback_end);
  flow->port = 0;
  ProviderExchange *exchange
      = oauth2_code_exchange (flow->provider, flow->metadata, flow->redirect, &error);
  if (flow_exchange (flow, exchange, error, flow_on_tokens))
    flow_browser_next (flow->owner);
}

static void
on_failed (gpointer data, const char *code, const char *message)
{
  Flow *flow = data;
  const char *name = provider_name (flow->provider);
  g_autofree char *why = g_strdup (message);

  if (g_str_equal (code, "port"))
    {
      g_free (why);
      why = g_strdup_printf (
          "port %u of this machine, to which %s sends the browser back, is another program's: end "
          "that program, put `callback-port any` into providers.d/%s.conf if the provider takes "
          "any port, or log in with `countersign login %s --device`, which needs none",
          flow->port, name, name, name);
    }
  else if (g_str_equal (code, "timeout"))
    {
      g_free (why);
      why = g_strdup_printf ("nobody logged in at %s in time; begin again", name);
    }
  flow_fail (flow, code, why);
}

static void
on_listening (gpointer data, guint port)
{
  Flow *flow = data;
  const Secret *verifier = g_hash_table_lookup (flow->values, "code_verifier");
  g_autofree char *challenge
      = oauth2_challenge ((const char *) secret_peek (verifier), secret_len (verifier));
  g_autoptr (GError) error = NULL;

  flow->redirect = oauth2_redirect_uri (port);
  g_autofree char *url = oauth2_authorization_url (flow->provider, flow->metadata,
                                                   (const char *const *) flow->scopes,
                                                   flow->redirect, flow->state, challenge, &error);
  if (url == NULL)
    {
      flow_fail (flow, "unsupported", error->message);
      return;
    }
  FlowBrowse browse = { .provider = provider_name (flow->provider),
                        .url = url,
                        .expires_at = g_get_real_time () / G_USEC_PER_SEC + LIMIT };
  if (!flow->events.browse (flow->data, &browse))
    flow_fail (flow, "no_browser",
               "there is nobody to open the browser: approve it in the dialog or with `countersign "
               "approve`, or log in with `countersign login`");
}

static void
listen_now (Flow *flow)
{
  static const CallbackEvents events = { on_listening, on_code, on_failed };
  g_autofree char *issuer = oauth2_issuer (flow->provider, flow->metadata);
  g_autofree char *title
      = g_strdup_printf ("Countersign: login at %s", provider_name (flow->provider));
  g_autoptr (GError) error = NULL;
  CallbackAsk ask = { .port = flow->port,
                      .path = OAUTH2_CALLBACK_PATH,
                      .state = flow->state,
                      .issuer = issuer,
                      .issuer_required = oauth2_issuer_required (flow->metadata),
                      .title = title,
                      .timeout = LIMIT };

  flow->waits = FALSE;
  flow_limit (flow, LIMIT, "nobody logged in in time; begin again");
  flow->callback = callback_begin (flow->vault, &ask, &events, flow, &error);
  if (flow->callback == NULL)
    flow_fail (flow, "worker", error->message);
}

static gboolean
has_port (const Logins *owner, guint port)
{
  GHashTableIter iter;
  gpointer flow;

  g_hash_table_iter_init (&iter, owner->flows);
  while (g_hash_table_iter_next (&iter, NULL, &flow))
    if (((Flow *) flow)->callback != NULL && ((Flow *) flow)->port == port)
      return TRUE;
  return FALSE;
}

void
flow_browser_next (Logins *owner)
{
  GHashTableIter iter;
  gpointer value;
  Flow *next = NULL;

  g_hash_table_iter_init (&iter, owner->flows);
  while (next == NULL && g_hash_table_iter_next (&iter, NULL, &value))
    if (((Flow *) value)->waits && !has_port (owner, ((Flow *) value)->port))
      next = value;
  if (next != NULL)
    listen_now (next);
}

void
flow_browser_begin (Flow *flow)
{
  g_autoptr (GError) error = NULL;
  Secret *verifier = make_verifier (&error);

  if (verifier == NULL)
    {
      flow_fail (flow, "busy", error->message);
      return;
    }
  g_hash_table_insert (flow->values, g_strdup ("code_verifier"), verifier);
  flow->state = text_random_id (STATE);
  flow->port = oauth2_callback_port (flow->provider);
  /* What is registered at the provider is this one port: one after the other. */
  flow->waits = flow->port != 0 && has_port (flow->owner, flow->port);
  if (flow->waits)
    flow_limit (flow, LIMIT, "another login had the port all the time; end that one, or try again");
  else
    listen_now (flow);
}
