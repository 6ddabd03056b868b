/* SPDX-License-Identifier: MIT
 *
 * What the operations have in common.
 */
#pragma once

#include "broker/operation/operation.h"

/* An asynchronous step names its request by id: it may have ended when the step comes back. */
typedef struct _Step Step;
Step *step_new (const Request *request);
Vault *step_vault (const Step *step);
/* NULL when the request is gone. */
Request *step_request (const Step *step);
/* Frees @step. NULL when the request is not being executed any more. */
Request *step_end (Step *step);

/* Counts one use of the grant that @request has, unless that is done. FALSE: it ended, and
 * request_fail() has been called. The grant of a slow operation is there until it ends. */
gboolean operation_use (Request *request);
/* What came by descriptor in place of @field: text of at most ARGUMENTS_BODY_MAX bytes, since a
 * person is to read it. g_free(). NULL with an error. */
char *operation_read_text (int fd, const char *field, gsize *len, GError **error);
char **operation_one_scope (const char *scope);
/* What joins "there is no @wrong" with what can be done about it: "; did you mean a, b or c?
 * Otherwise" of the secrets, or services, whose names this requester has been shown and that are
 * like @wrong; ";" when there is none. g_free(). */
char *operation_near_secret (const Request *request, const char *wrong);
char *operation_near_service (const Request *request, const Services *services, const char *wrong);
/* FALSE: there is no such secret, and request_fail() has been called. */
gboolean operation_check_exists (Request *request, const char *name);
/* FALSE: a person has accepted another service by that name than @service meanwhile, or none, and
 * request_fail() has been called. */
gboolean operation_check_service (Request *request, const Service *service);
/* The same of a provider. */
gboolean operation_check_provider (Request *request, const Provider *provider);
/* How often a credential was taken out of @result. */
void operation_record_redacted (AuditRecord *record, const json_t *result);
void operation_add_fact (json_t *facts, const char *label, const char *value);
