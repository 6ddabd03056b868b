/* SPDX-License-Identifier: MIT
 *
 * Services: where a credential may be sent, and for what. Pure: no I/O, no clock, no network. The
 * language is described in countersign-service(5).
 *
 * MUST
 *  - refuse a file that has one word it does not know: the whole set, never the part that is right
 *  - build the URL once: the bytes that are matched against the scopes are the bytes that are sent
 *  - refuse what two readers could read in two ways, and repair nothing
 *  - refuse a request that no scope covers
 *  - never let a caller name where, how often, or under which name the credential is sent
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "policy/policy.h"

#define SERVICE_FOLDER "services.d/"   /* how the names of sources begin that are read here */
#define SERVICE_MAX 256                /* services of one set */
#define SERVICE_MAX_RULES 1000         /* scope lines of one service */
#define SERVICE_MAX_PATH 4096          /* bytes of a path as the caller gives it */
#define SERVICE_MAX_TARGET 16384       /* bytes of path and query together */
#define SERVICE_MAX_HEADERS 64         /* of one request, or of one service */
#define SERVICE_MAX_VALUE 8192         /* bytes of a header's value */
#define SERVICE_MAX_SENT 16384         /* bytes of all headers of one request */
#define SERVICE_MAX_WORKER (60 * 1024) /* bytes of service_worker_json(), which is one line */

#define SERVICE_ERROR (service_error_quark ())
typedef enum
{
  SERVICE_ERROR_FIELD, /* the message begins with the field: "path: two slashes in a row; …" */
  SERVICE_ERROR_SCOPE, /* no scope covers the request; the message says what would be covered */
  SERVICE_ERROR_TCP    /* the service is for commands, not for requests */
} ServiceError;
GQuark service_error_quark (void);

typedef struct _Services Services;
typedef struct _Service Service;

/* Reads those of @sources whose names begin with services.d/, NAME.conf and the X.pem that they
 * name; other sources are the policy's and left alone. NULL with POLICY_ERROR_SYNTAX, "file:line:
 * column: what is wrong; what would be right". The result shares nothing with @sources. */
Services *services_parse (const PolicySource *sources, gsize n_sources, GError **error);
/* What is still under way keeps the set that it began with. */
Services *services_ref (Services *services);
void services_unref (Services *services);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Services, services_unref)

/* In the order of the sources. What they return lives as long as @services. */
guint services_count (const Services *services);
const Service *services_nth (const Services *services, guint n);
const Service *services_find (const Services *services, const char *name); /* NULL: none */
/* Those that send the secret @secret, of const Service*; free the array only. */
GPtrArray *services_with_credential (const Services *services, const char *secret);

const char *service_name (const Service *service);
const char *service_credential (const Service *service); /* NULL: sends none */
/* How the credential is sent, for a card: "as a bearer token". NULL: it sends none. */
const char *service_place_words (const Service *service);
gboolean service_is_tcp (const Service *service);
gboolean service_has_scope (const Service *service, const char *scope);
/* TRUE when the scope's name is "read", or each of its rules has the methods GET and HEAD only and
 * no conditions. FALSE also for a scope there is not. */
gboolean service_scope_reads (const Service *service, const char *scope);
/* All that @scope covers, as "GET and HEAD /user /emails": a line for each set of methods, and one
 * for each rule that wants more, with what else has to hold. g_strfreev(). */
char **service_scope_lines (const Service *service, const char *scope);

/* {"name","scheme","host","port","network","ca"?,"place","headers"} for a worker: "host" of an IPv6
 * address is without its brackets, "headers" are those that no caller can change. */
json_t *service_worker_json (const Service *service);
/* {"name","base","credential"?,"place","network","scopes":[{"name","rules":[{"methods":[],"paths":
 * [],"graphql"?,"query"?,"header"?,"only-query"?,"only-header"?}]}],"test"?:{"method","path",
 * "body"?}} for people; the test's path is what is sent. */
json_t *service_describe (const Service *service);

typedef struct
{
  char *method;
  char *target;    /* path and query, byte for byte what is sent; ASCII */
  char *path;      /* behind the service's base, as scopes are held against it: each segment
                    * decoded, but for a slash in one, which is %2F */
  char *url;       /* for people: where it goes, and the target */
  char **scopes;   /* all that cover it, in the order of the file; never empty */
  json_t *headers; /* [["Name","value"]…] to be sent beside those of service_worker_json(): the
                    * caller's, and the service's defaults that the caller did not set */
  char *body;      /* of the service's own test call; NULL for a caller's, who has it */
} ServiceRequest;
void service_request_free (ServiceRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ServiceRequest, service_request_free)

/* @path is what comes after the service's base, percent-encoded where it has to be. @query is an
 * object of texts, whole numbers, booleans and arrays of them, or NULL, and is encoded here;
 * @headers is an object of texts or NULL; @body may be NULL, and needs no NUL behind it. NULL with
 * SERVICE_ERROR. */
ServiceRequest *service_request_new (const Service *service, const char *method, const char *path,
                                     const json_t *query, const json_t *headers, const char *body,
                                     gsize body_len, GError **error);
/* What its "test" line says. SERVICE_ERROR_FIELD "test: …" when it has none. */
ServiceRequest *service_test_request (const Service *service, GError **error);
