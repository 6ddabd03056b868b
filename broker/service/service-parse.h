/* SPDX-License-Identifier: MIT
 *
 * The lines of a service's file; each function takes what stands behind the line's first word.
 */
#pragma once

#include "broker/service/service-line.h"
#include "broker/service/service-private.h"

gboolean service_parse_scope (ServiceLine *line, Service *service, GError **error);
gboolean service_parse_test (ServiceLine *line, Service *service, GError **error);
gboolean service_parse_place (ServiceLine *line, Service *service, GError **error);

typedef enum
{
  SERVICE_LINE_SERVICE,
  SERVICE_LINE_BASE,
  SERVICE_LINE_CREDENTIAL,
  SERVICE_LINE_PLACE,
  SERVICE_LINE_HEADER,
  SERVICE_LINE_SCOPE,
  SERVICE_LINE_TEST,
  SERVICE_LINE_NETWORK,
  SERVICE_LINE_CA,
  SERVICE_LINE_SLASHES,
  SERVICE_LINES
} ServiceLineKind;

/* What can be said only when all lines are read, of which @lines has the bits: NULL, or what is
 * wrong, and the line it is about in *@at; g_free(). */
char *service_check (const Service *service, guint lines, guint *at);
