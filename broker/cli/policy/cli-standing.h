/* SPDX-License-Identifier: MIT
 *
 * Standing rules, which answer where the policy asks: what a person granted "always".
 */
#pragma once

#include <jansson.h>

#include "broker/client/client.h"
#include "policy/explain/policy-describe.h"

typedef struct _CliStanding CliStanding;

/* Those there are, on a connection opened by the PIN; NULL with an error. */
CliStanding *cli_standing_read (Client *client, GError **error);
void cli_standing_free (CliStanding *self); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliStanding, cli_standing_free)

/* The ID of the rule that answers @request, for which the policy wants @confirm; NULL: none does,
 * or
 * @self is NULL. What was not recorded of it answers nothing. */
const char *cli_standing_answers (const CliStanding *self, PolicyRequest *request,
                                  PolicyConfirm confirm);
