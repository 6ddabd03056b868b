/* SPDX-License-Identifier: MIT
 *
 * What the files of this room share of a service.
 */
#pragma once

#include "broker/base/wire.h"
#include "broker/service/service-base.h"
#include "broker/service/service-pem.h"
#include "broker/service/service.h"

#define SERVICE_CREDENTIAL_MARK "{credential}"

/* --- Methods (service-method.c) --- */

/* Bit of @name among the methods that are known, or 0: CONNECT and TRACE are not among them. */
guint service_method_bit (const char *name);
#define SERVICE_METHODS 7
extern const char *const service_method_words[SERVICE_METHODS + 1];
/* Of the bits of @methods, as words. */
json_t *service_methods_json (guint methods);
char *service_methods_text (guint methods); /* "GET and HEAD"; g_free() */

/* --- Paths (service-path.c) --- */

/* Cuts @path at its slashes and decodes each segment. NULL when one reader could take it for
 * another path than the next reader does, with what is wrong in *@problem (g_free()). A path that
 * passes has one spelling only. With @encoded_slashes a segment may have %2F. */
char **service_path_split (const char *path, gboolean encoded_slashes, char **problem);
/* The same for the path of a base, which ends without a slash; "" is fine. */
char *service_base_path_problem (const char *path);

/* --- Patterns over decoded segments (service-pattern.c) --- */

typedef struct
{
  char *text;
  char **segments; /* the last may be ** */
  gboolean rest;   /* it is */
} ServicePattern;

/* NULL when @text is a pattern, else what is wrong with it; g_free(). */
char *service_pattern_problem (const char *text);
ServicePattern *service_pattern_new (const char *text);
void service_pattern_free (ServicePattern *pattern);
gboolean service_pattern_match (const ServicePattern *pattern, const char *const *segments);
/* One word with stars for any run of characters. */
gboolean service_glob_match (const char *glob, const char *text);

/* --- GraphQL (service-graphql.c) --- */

typedef enum
{
  GRAPHQL_NONE = 0,
  GRAPHQL_QUERY,
  GRAPHQL_MUTATION,
  GRAPHQL_SUBSCRIPTION
} GraphqlType;
extern const char *const service_graphql_words[]; /* from GRAPHQL_QUERY on */
/* TRUE when @document is well formed and each of its operations is of @type. */
gboolean service_graphql_document (const char *document, GraphqlType type);
/* TRUE when @body is one request, not a batch, whose document is so and that refers to no document
 * kept elsewhere. */
gboolean service_graphql_body (const char *body, gsize len, GraphqlType type);

/* --- Rules (service-scope.c) --- */

typedef enum
{
  CONDITION_QUERY,      /* the value of @name in the query is one of @values, and there once */
  CONDITION_HEADER,     /* the same of a header */
  CONDITION_ONLY_QUERY, /* the query has no names but @values */
  CONDITION_ONLY_HEADER /* the same of the caller's headers */
} ConditionKind;
extern const char *const service_condition_words[];

typedef struct
{
  ConditionKind kind;
  char *name;        /* NULL: of the two that say only */
  GPtrArray *values; /* of char*; globs, where there is a name */
} ServiceCondition;

typedef struct
{
  char *scope;
  guint methods;         /* bits */
  GPtrArray *paths;      /* of ServicePattern */
  GPtrArray *conditions; /* of ServiceCondition; all have to hold */
  GraphqlType graphql;
} ServiceRule;

ServiceRule *service_rule_new (const char *scope);
void service_rule_free (ServiceRule *rule);
ServiceCondition *service_condition_new (ConditionKind kind, const char *name);
void service_condition_free (ServiceCondition *condition);
struct _ServiceCall;
gboolean service_condition_holds (const ServiceCondition *condition,
                                  const struct _ServiceCall *call);
void service_condition_append (const ServiceCondition *condition, GString *text);
json_t *service_conditions_json (GPtrArray *conditions, ConditionKind kind); /* NULL: none */

/* What a request is matched by. */
typedef struct _ServiceCall
{
  const char *method, *path; /* as the caller gave them, checked */
  guint method_bit;
  char **segments;
  const json_t *query;
  const json_t *given; /* headers as the caller gave them, or NULL */
  json_t *headers;     /* [[name,value]…] */
  const char *body;
  gsize body_len;
} ServiceCall;

/* Names of all scopes that cover @call; NULL with SERVICE_ERROR_SCOPE when none does. */
char **service_covering (const Service *service, const ServiceCall *call, GError **error);
json_t *service_scopes_json (const Service *service);

/* --- Placement (service-place.c) --- */

typedef enum
{
  PLACE_NONE = 0,
  PLACE_BEARER,
  PLACE_BASIC,
  PLACE_HEADER,
  PLACE_QUERY,
  PLACE_PATH,
  PLACE_FORM,
  PLACE_SIGV4,
  PLACE_HMAC
} PlaceKind;
extern const char *const service_kind_words[]; /* by PlaceKind */

typedef struct
{
  PlaceKind kind;
  char *name;   /* of header, query, form, or the header of a signature */
  char *prefix; /* of header and hmac */
  char *user;   /* of basic */
  char *region, *service;
  char *hash, *encoding, *over, *timestamp_header;
  char *words; /* for a card */
} ServicePlace;

void service_place_clear (ServicePlace *place);
void service_place_describe (ServicePlace *place); /* fills @words */
json_t *service_place_json (const ServicePlace *place);
/* TRUE when the placement sets the header @name itself. */
gboolean service_place_owns_header (const ServicePlace *place, const char *name);

/* --- Headers (service-header.c) --- */

typedef struct
{
  char *name, *value;
  gboolean fallback; /* unless the caller sets it */
} ServiceHeader;
void service_header_free (ServiceHeader *header);

/* NULL, or what is wrong with @name as a header that a service or a caller sets; g_free(). */
char *service_header_name_problem (const ServicePlace *place, const char *name);
char *service_header_value_problem (const char *value);
/* [[name,value]…]: the caller's @headers and the service's defaults. NULL with an error. */
json_t *service_headers_build (const Service *service, const json_t *headers, gboolean body,
                               GError **error);
/* The value of @name in [[name,value]…], or NULL. */
const char *service_headers_get (const json_t *headers, const char *name);

/* --- Query (service-query.c) --- */

/* Appends "?a=b&c=d" to @target, or nothing. */
gboolean service_query_append (const Service *service, const json_t *query, GString *target,
                               GError **error);
/* What a server files the query or form field @name under, as a[b] under a. g_free(). */
char *service_key_filed_under (const char *name);
/* NULL, or why a caller cannot send the query or form field @name. */
char *service_key_problem (const ServicePlace *place, const char *name);

/* --- Bodies (service-body.c) --- */

/* The Content-Type that is sent, or NULL. */
const char *service_body_type (const Service *service, const json_t *headers);
/* Completes @headers by the body's type where that is plain to see. */
gboolean service_body_check (const Service *service, guint method, json_t *headers,
                             const char *body, gsize len, GError **error);

/* --- A service --- */

typedef struct
{
  char *method, *path, *body;
  json_t *query, *headers; /* or NULL */
} ServiceTest;

struct _Service
{
  char *name;
  char *credential; /* or NULL */
  ServiceBase base;
  ServiceNetwork network;
  ServicePlace place;
  GPtrArray *headers; /* of ServiceHeader */
  GPtrArray *rules;   /* of ServiceRule */
  ServiceTest test;   /* method NULL: none */
  char *ca;           /* PEM, or NULL */
  gboolean encoded_slashes;
};

Service *service_new (void);
void service_free (Service *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Service, service_free)

/* Sets "field: message". Returns FALSE. */
gboolean service_fail (GError **error, const char *field, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Reads one services.d/NAME.conf; what its "ca" line names is among @sources. */
Service *service_parse (const PolicySource *source, const PolicySource *sources, gsize n_sources,
                        GError **error);
