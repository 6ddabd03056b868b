/* SPDX-License-Identifier: MIT
 *
 * What is asked of a provider: which one, for what, and how far it has come.
 */
#pragma once

#include "broker/login/identity.h"
#include "broker/dispatch/exchange.h"
#include "broker/operation/operation-fault.h"
#include "broker/operation/operation-step.h"

typedef struct
{
  json_t *args;
  Providers *providers;     /* that @provider is of */
  const Provider *provider; /* NULL: none, see @fault */
  const ProviderModule *module;
  OperationFault fault;
  char *identity;     /* as whom it is asked, where that is verified */
  IdentityLook *look; /* that is under way, or NULL */
  gboolean relays;    /* by the token of who calls over HTTP, not by a login here */
  /* on its way */
  guint step;
  json_t *fields;     /* what the answers told */
  GHashTable *values; /* char* → Secret: what they gave */
  Exchange *exchange; /* or NULL */
} ProviderWork;

/* What @request asks of its provider, as far as it was granted. Borrowed from it. */
ProviderAsk provider_work_ask (const Request *request);
/* Whose login it is done by: Vouch's, also where AWS is asked by way of it. NULL: none's. */
const Provider *provider_work_vouch (const Provider *provider, const Providers *providers);
/* Whether the issuer of who asks has a file that says so: their own token goes back to it, and what
 * comes is theirs. */
gboolean provider_work_relays (const Request *request, const Provider *vouch);
/* Puts that token in the place of the login. FALSE with an error: it is not there any more. */
gboolean provider_work_relay (Request *request, ProviderExchange *exchange, GError **error);
/* As the person set it up, and with it where it has its own proof from. */
json_t *provider_work_describe (const Provider *provider, const Providers *providers);
/* @found is called with @request, perhaps from within, or until its look is cancelled. */
void provider_work_identify (Request *request, const Provider *vouch, IdentityFound found);
/* The one of them that serves what is asked, by its name where that was given; else a fault. */
void provider_work_choose (Request *request);
/* Asks the provider, exchange by exchange; ends in request_finish() or request_fail(). */
void provider_work_begin (Request *request);
