/* SPDX-License-Identifier: MIT
 *
 * One exchange with a provider, as the broker sees it: what it needs is fetched, a worker of its
 * own carries it and reads the answer.
 *
 * MUST
 *  - hand over what this one request needs, each value for itself, and keep none of it
 *  - read what comes back as strictly as what an agent says: who read the provider's answer has
 *    spoken with strangers
 *  - answer once, and never from within exchange_begin()
 */
#pragma once

#include "broker/provider/provider-module.h"
#include "broker/vault.h"

typedef struct _Exchange Exchange;

/* Lives as long as the call of ExchangeDone; @values may be kept by its reference. */
typedef struct
{
  gboolean ok;
  const json_t *fields; /* NULL unless ok */
  GHashTable *values;   /* char* → Secret; NULL unless ok */
  const char *code;     /* unless ok: a reader's, or why the provider was not reached; it stays */
  const char *message;  /* unless ok: for people and agents; what to do next */
  gint64 retry_after;   /* seconds; 0: the provider did not say */
  long http_status;     /* 0: there was no answer */
} ExchangeOutcome;
typedef void (*ExchangeDone) (gpointer data, ExchangeOutcome *outcome);

/* A file into which the worker puts an answer that is not to be lost (broker/base/parcel.h) before
 * it tells of it, also when there is nobody left to tell. */
typedef struct
{
  int fd;            /* empty, open for writing; duplicated */
  const Secret *key; /* of CRYPT_KEY_LEN */
} ExchangeParcel;

/* @exchange and @earlier (char* → Secret: what earlier answers gave; or NULL) are only looked at
 * now, and referred to. */
Exchange *exchange_begin (Vault *vault, const ProviderExchange *exchange, GHashTable *earlier,
                          ExchangeDone done, gpointer data);
/* @parcel may be NULL. */
Exchange *exchange_begin_with (Vault *vault, const ProviderExchange *exchange, GHashTable *earlier,
                               const ExchangeParcel *parcel, ExchangeDone done, gpointer data);
/* Another hears of it: from now on @done with @data. */
void exchange_hand_over (Exchange *exchange, ExchangeDone done, gpointer data);
/* Nothing is answered any more. One with a parcel that is on its way is ended by its worker. */
void exchange_cancel (Exchange *exchange);

/* Where values come from that are not in the store. @value is taken; NULL: there is none, for
 * @code, which @message tells. Called once, now or later, also when the exchange was cancelled. */
typedef void (*ExchangeNeeded) (gpointer data, Secret *value, const char *code,
                                const char *message);
typedef void (*ExchangeSource) (Vault *vault, const ProviderNeed *need, ExchangeNeeded done,
                                gpointer data);
