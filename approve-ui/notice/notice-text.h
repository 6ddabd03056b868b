/* SPDX-License-Identifier: MIT
 *
 * What a notification says, by what the daemon that shows it can do.
 */
#pragma once

#include <glib.h>

/* What a notification is about. Immutable. */
typedef struct
{
  char *sentence;
  char *detail; /* or NULL */
  guint waiting;
  char **request_ids;
} NoticeContent;

NoticeContent *notice_content_new (const char *sentence, const char *detail, guint waiting,
                                   const char *const *request_ids);
NoticeContent *notice_content_ref (NoticeContent *content);
void notice_content_unref (NoticeContent *content);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NoticeContent, notice_content_unref)
/* Either may be NULL. */
gboolean notice_content_equal (const NoticeContent *a, const NoticeContent *b);

/* Capabilities of the Desktop Notifications Specification. */
typedef struct
{
  gboolean body, body_markup, actions;
} NoticeAbilities;

/* The title, in plain text by the specification; g_free(). */
char *notice_text_summary (const NoticeContent *content, const NoticeAbilities *abilities);
/* The rest, escaped where the daemon takes markup; g_free(). NULL when it shows none. */
char *notice_text_body (const NoticeContent *content, const NoticeAbilities *abilities);
