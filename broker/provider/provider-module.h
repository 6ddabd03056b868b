/* SPDX-License-Identifier: MIT
 *
 * What a kind of provider is: one module, one entry of the table in provider-module.c.
 *
 * MUST
 *  - do nothing: a module says what to send and reads what came; others carry it
 *  - ask for no secret's value: it names what it needs, and where in the request that goes
 */
#pragma once

#include "broker/provider/provider.h"
#include "broker/service/service-line.h"

/* --- The file language --- */

typedef enum
{
  PROVIDER_ONCE,  /* one line */
  PROVIDER_KEYED, /* several lines; the first word of each is another */
  PROVIDER_LIST   /* several words, in several lines; each word is another */
} ProviderRepeat;

/* Takes what stands behind the directive, or with PROVIDER_LIST the next word of it, and adds it to
 * @words as g_malloc()ed text. */
typedef gboolean (*ProviderTake) (ServiceLine *line, GPtrArray *words, GError **error);

typedef struct
{
  const char *word;
  ProviderTake take;
  ProviderRepeat repeat;
  const char *required; /* an example, for the error when the line is missing; NULL: may be */
} ProviderDirective;

gboolean provider_take_text (ServiceLine *line, GPtrArray *words, GError **error);
gboolean provider_take_scope (ServiceLine *line, GPtrArray *words, GError **error);
gboolean provider_take_name (ServiceLine *line, GPtrArray *words, GError **error);
gboolean provider_take_secret (ServiceLine *line, GPtrArray *words, GError **error);
gboolean provider_take_url (ServiceLine *line, GPtrArray *words, GError **error);
gboolean provider_take_duration (ServiceLine *line, GPtrArray *words, GError **error);
gboolean provider_take_number (ServiceLine *line, GPtrArray *words, GError **error);
gboolean provider_take_network (ServiceLine *line, GPtrArray *words, GError **error);
gboolean provider_take_ca (ServiceLine *line, GPtrArray *words, GError **error);
gboolean provider_take_nothing (ServiceLine *line, GPtrArray *words, GError **error);
/* One of @choices (NULL-terminated); its place in them, or -1 with an error. */
int provider_take_of (ServiceLine *line, GPtrArray *words, const char *what,
                      const char *const *choices, GError **error);

/* For the checks of a module: about the @row-th line @directive, or about the file when there is
 * none. Returns FALSE. */
gboolean provider_fail (const Provider *provider, const char *directive, guint row, GError **error,
                        const char *format, ...) G_GNUC_PRINTF (5, 6);
/* NULL, or what is wrong with @url, which has to begin with https:// or, where @network is
 * "loopback", may begin with http://; g_free(). */
char *provider_url_problem (const char *url, const char *network);
/* TRUE for https://, and for http:// to this machine. FALSE for NULL. */
gboolean provider_url_is_safe (const char *url);

/* --- What is asked, and what is sent --- */

#define PROVIDER_ERROR (provider_error_quark ())
typedef enum
{
  PROVIDER_ERROR_FIELD,   /* what was asked cannot be: the message begins with the field */
  PROVIDER_ERROR_ENDPOINT /* an address that cannot be gone to */
} ProviderError;
GQuark provider_error_quark (void);

typedef struct
{
  const Provider *provider;
  const Providers *providers;
  Operation operation;
  const json_t *args;
  char **scopes;      /* asked, then granted */
  gint64 seconds;     /* granted life */
  gint64 now;         /* seconds since 1970 */
  const char *id;     /* the request's */
  const char *holder; /* text, for a subject or a session's name */
} ProviderAsk;

typedef enum
{
  NEED_STORED,  /* the secret @name of the store */
  NEED_LOGIN,   /* the access token of the login at provider @name, refreshed */
  NEED_EARLIER, /* what an earlier answer, or the caller, gave as @name */
  NEED_SIGNED,  /* a JWT, RS256, over @claims with the PEM in secret @name */
  NEED_MINTED   /* a JWT of our issuer over @claims */
} ProviderNeedKind;

typedef struct
{
  char *as; /* the {"secret":NAME} of the request */
  ProviderNeedKind kind;
  char *name;
  json_t *claims; /* or NULL */
} ProviderNeed;

typedef struct
{
  json_t *request;    /* an EXCHANGE, of broker/PROTOCOL.md */
  const char *answer; /* the reader */
  json_t *expect;     /* for the reader, or NULL */
  GPtrArray *needs;   /* of ProviderNeed */
} ProviderExchange;

/* Takes @request; one without needs. */
ProviderExchange *provider_exchange_new (json_t *request, const char *answer);
/* Takes @claims; NULL where the kind has none. */
void provider_exchange_need (ProviderExchange *exchange, const char *as, ProviderNeedKind kind,
                             const char *name, json_t *claims);
void provider_exchange_free (ProviderExchange *exchange);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProviderExchange, provider_exchange_free)

/* --- A module --- */

typedef struct
{
  ProviderKind kind;
  const char *word;
  const ProviderDirective *directives;
  gsize n_directives;
  /* The sense of the whole file, and of what it says of others of the set. May be NULL. */
  gboolean (*check) (const Provider *provider, GError **error);
  gboolean (*check_set) (const Provider *provider, const Providers *providers, GError **error);
  guint serves; /* bits 1u << OPERATION_… */
  /* The rest is NULL for a kind that has an operation of its own: logins, our own tokens. */
  /* Whether this one can serve these args; *@why, for an error, names things; g_free(). */
  gboolean (*fits) (const ProviderAsk *ask, char **why);
  /* What is asked for, as scopes a person can take away; g_strfreev(). */
  char **(*scopes) (const ProviderAsk *ask, GError **error);
  /* Whether what is left of them makes sense. */
  gboolean (*narrowed) (const ProviderAsk *ask, GError **error);
  /* Appends {"label","value"} for the card. */
  void (*facts) (const ProviderAsk *ask, json_t *facts);
  /* The @step-th, from 0. NULL without an error: no more. @fields: what earlier answers told,
   * merged. */
  ProviderExchange *(*request) (const ProviderAsk *ask, guint step, const json_t *fields,
                                GError **error);
  /* For the agent, without secrets. */
  json_t *(*result) (const ProviderAsk *ask, const json_t *fields);
  /* NULL: it cannot be. NEED_EARLIER "token" is what was kept. */
  ProviderExchange *(*revoke) (const Provider *provider, const json_t *fields);
  /* {"word":"URL"} that the file does not say but means; may be NULL. */
  json_t *(*endpoints) (const Provider *provider);
} ProviderModule;

const ProviderModule *provider_module (ProviderKind kind);

extern const ProviderModule provider_module_oauth2, provider_module_aws, provider_module_github_app,
    provider_module_vouch, provider_module_ssh_ca, provider_module_issuer;

/* --- Readers of answers: run in the worker --- */

#define PROVIDER_MAX_ANSWER (1024 * 1024) /* bytes of a body */
#define PROVIDER_MAX_SKEW 300             /* seconds between two clocks that are fine */

typedef struct
{
  long status;
  const char *content_type, *retry_after, *date, *cache_control; /* headers, or NULL */
  const char *body;
  gsize len;
  gint64 now;           /* seconds since 1970 */
  const json_t *expect; /* or NULL */
} ProviderReply;

typedef struct
{
  char *name;
  char *bytes; /* wiped; ends with NUL */
  gsize len;
} ProviderValue;

typedef struct
{
  gboolean ok;
  json_t *fields;     /* an object; never NULL */
  GPtrArray *values;  /* of ProviderValue */
  char *code;         /* of a refusal */
  char *message;      /* ours: nothing of the body */
  gint64 retry_after; /* seconds; 0: not said */
} ProviderRead;

/* Never NULL. @reader exists. */
ProviderRead *provider_read (const char *reader, const ProviderReply *reply);
void provider_read_free (ProviderRead *read); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProviderRead, provider_read_free)
gboolean provider_reader_exists (const char *reader);
