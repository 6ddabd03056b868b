/* SPDX-License-Identifier: MIT
 *
 * What the readers of OAuth 2's answers share.
 */
#pragma once

#include "broker/provider/provider-answer.h"

/* One answer that is read. */
typedef struct
{
  const ProviderReply *reply;
  ProviderRead *read;
  char *who;    /* of messages: "provider github" */
  json_t *root; /* the body, once it is taken for an answer */
} OAuth2Answer;

void oauth2_answer_init (OAuth2Answer *answer, const ProviderReply *reply, ProviderRead *read);
void oauth2_answer_clear (OAuth2Answer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OAuth2Answer, oauth2_answer_clear)

/* TRUE with the body in @answer->root; FALSE when it is an error of any kind, and is refused. */
gboolean oauth2_answer_read (OAuth2Answer *answer);
/* TRUE when the body, whatever its status, holds an error, and is refused by it. */
gboolean oauth2_answer_is_error (OAuth2Answer *answer);
/* The word behind "error" of the body, or NULL; g_free(). */
char *oauth2_answer_error_word (const OAuth2Answer *answer);
/* "… is not as documented: @what". Returns FALSE. */
gboolean oauth2_answer_shape (const OAuth2Answer *answer, const char *what);
