/* SPDX-License-Identifier: MIT
 *
 * A login on another device: the person types a code there, and we ask whether it is done.
 */
#include "broker/login/flow-private.h"

#include "broker/base/wire.h"
#include "broker/provider/provider-module.h"

#define INTERVAL 5 /* seconds; RFC 8628, 3.2 */
#define INTERVAL_MAX 300
#define LIMIT 1800 /* seconds: whatever the provider says */

static void wait_to_poll (Flow *flow);

/* What may still come right. FALSE: it will not. */
static gboolean
goes_on (Flow *flow, const ExchangeOutcome *outcome)
{
  static const char *const passing[] = { "unavailable", "timeout", "connect", "dns" };

  if (g_str_equal (outcome->code, "authorization_pending"))
    return TRUE;
  if (g_str_equal (outcome->code, "slow_down"))
    flow->interval = outcome->retry_after > 0 ? outcome->retry_after : flow->interval + INTERVAL;
  else if (g_str_equal (outcome->code, "rate_limited"))
    flow->interval = MAX (flow->interval + INTERVAL, outcome->retry_after);
  else
    {
      for (gsize i = 0; i < G_N_ELEMENTS (passing); i++)
        if (g_str_equal (outcome->code, passing[i]))
          {
            flow->interval *= 2; /* RFC 8628, 3.5 */
            return TRUE;
          }
      return FALSE;
    }
  return TRUE;
}

static void
on_polled (gpointer data, ExchangeOutcome *outcome)
{
  Flow *flow = data;

  flow->exchange = NULL;
  if (!outcome->ok && goes_on (flow, outcome))
    wait_to_poll (flow);
  else
    flow_on_tokens (flow, outcome);
}

static void
on_poll_due (gpointer data)
{
  Flow *flow = data;
  g_autoptr (GError) error = NULL;
  ProviderExchange *exchange = oauth2_device_poll (flow->provider, flow->metadata, &error);

  flow_exchange (flow, exchange, error, on_polled);
}

static void
wait_to_poll (Flow *flow)
{
  flow->interval = MIN (flow->interval, INTERVAL_MAX);
  flow->poll = (Deadline){ .due = on_poll_due, .data = flow };
  loop_deadline_set (flow->vault->loop, &flow->poll, loop_now () + flow->interval * G_USEC_PER_SEC);
}

/* A browser is to open it: it must be such a place as the person's file lets us go to. */
static const char *
address (const Flow *flow, const json_t *fields)
{
  const char *whole = wire_string (fields, "verification_uri_complete");
  const char *url = whole != NULL ? whole : wire_string (fields, "verification_uri");
  g_autofree char *problem
      = url != NULL ? provider_url_problem (url, provider_network (flow->provider)) : NULL;

  return problem == NULL ? url : NULL;
}

static void
on_device (gpointer data, ExchangeOutcome *outcome)
{
  Flow *flow = data;

  flow->exchange = NULL;
  if (!outcome->ok)
    {
      flow_fail (flow, outcome->code, outcome->message);
      return;
    }
  Secret *code = g_hash_table_lookup (outcome->values, "device_code");
  g_autofree char *url = g_strdup (address (flow, outcome->fields));
  gint64 life = MIN (wire_integer (outcome->fields, "expires_in", LIMIT), LIMIT);
  if (code == NULL || url == NULL)
    {
      flow_fail (flow, "answer", "the provider's answer names no page that may be opened");
      return;
    }
  g_hash_table_unref (flow->values);
  flow->values = g_hash_table_ref (outcome->values);
  flow->interval = MAX (1, wire_integer (outcome->fields, "interval", INTERVAL));
  flow_limit (flow, life, "the code was not used in time; begin again");
  wait_to_poll (flow);
  FlowBrowse browse = { .provider = provider_name (flow->provider),
                        .url = url,
                        .user_code = wire_string (outcome->fields, "user_code"),
                        .expires_at = g_get_real_time () / G_USEC_PER_SEC + life };
  if (!flow->events.browse (flow->data, &browse))
    flow_fail (flow, "no_browser",
               "there is nobody to show the code to: approve it in the dialog or with `countersign "
               "approve`, or log in with `countersign login --device`");
}

void
flow_device_begin (Flow *flow)
{
  g_autoptr (GError) error = NULL;
  ProviderExchange *exchange
      = oauth2_device (flow->provider, flow->metadata, (const char *const *) flow->scopes, &error);

  flow_exchange (flow, exchange, error, on_device);
}
