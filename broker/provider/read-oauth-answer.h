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
} OAuthAnswer;

void oauth_answer_init (OAuthAnswer *answer, const ProviderReply *reply, ProviderRead *read);
void oauth_answer_clear (OAuthAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OAuthAnswer, oauth_answer_clear)

/* TRUE with the body in @answer->root; FALSE when it is an error of any kind, and is refused. */
gboolean oauth_answer_read (OAuthAnswer *answer);
/* TRUE when the body, whatever its status, holds an error, and is refused by it. */
gboolean oauth_answer_is_error (OAuthAnswer *answer);
/* The word behind "error" of the body, or NULL; g_free(). */
char *oauth_answer_error_word (const OAuthAnswer *answer);
/* "… is not as documented: @what". Returns FALSE. */
gboolean oauth_answer_shape (const OAuthAnswer *answer, const char *what);
