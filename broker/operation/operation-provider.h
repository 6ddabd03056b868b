/* SPDX-License-Identifier: MIT
 *
 * What is asked of a provider: which one, for what, and how far it has come.
 */
#pragma once

#include "broker/login/identity.h"
#include "broker/operation/exchange.h"
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
  /* on its way */
  guint step;
  json_t *fields;     /* what the answers told */
  GHashTable *values; /* char* → Secret: what they gave */
  Exchange *exchange; /* or NULL */
} ProviderWork;

/* What @request asks of its provider, as far as it was granted. Borrowed from it. */
ProviderAsk provider_work_ask (const Request *request);
/* Asks the provider, exchange by exchange; ends in request_finish() or request_fail(). */
void provider_work_begin (Request *request);
