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
