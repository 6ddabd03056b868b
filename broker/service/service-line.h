/* SPDX-License-Identifier: MIT
 *
 * One line of a service's file, word by word. What a macro stands for comes as if it were in double
 * quotes: it is a value, never a word of the language.
 */
#pragma once

#include "policy/policy-macro.h"

typedef struct
{
  PolicyTokenKind kind;
  char *text;
  guint line, column;
} ServiceWord;

typedef struct
{
  PolicyMacros *macros; /* of this text alone */
  PolicyReader reader;
  GArray *words; /* of ServiceWord; the last is the line's end */
  guint at;      /* the one that is looked at */
} ServiceLine;

void service_line_init (ServiceLine *line, const PolicySource *source);
void service_line_clear (ServiceLine *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ServiceLine, service_line_clear)

/* The next line that has words. FALSE with an error; *@end at the end of the text. */
gboolean service_line_next (ServiceLine *line, gboolean *end, GError **error);

const ServiceWord *service_line_word (const ServiceLine *line);
gboolean service_line_at_end (const ServiceLine *line);
/* TRUE, and steps over it, when @word stands here without quotes. */
gboolean service_line_skip (ServiceLine *line, const char *word);

/* The word or text here, stepped over; NULL with an error that says that @wants belongs here. */
const char *service_line_take (ServiceLine *line, const char *wants, GError **error);
/* One word or { word word … }; each goes to @take with the line standing behind it. */
typedef gboolean (*ServiceTake) (ServiceLine *line, const char *text, gpointer data,
                                 GError **error);
gboolean service_line_take_list (ServiceLine *line, const char *wants, ServiceTake take,
                                 gpointer data, GError **error);
/* One of @words; its place in them, or -1 with an error that says what was meant. @what: "network".
 */
int service_line_take_of (ServiceLine *line, const char *what, const char *const *words,
                          GError **error);

/* The name of a file of certificates in @folder ("services.d/"); borrowed, NULL with an error. */
const char *service_line_take_pem (ServiceLine *line, const char *folder, GError **error);

/* About the word here, or the one that was just taken. Returns FALSE. */
gboolean service_line_fail (const ServiceLine *line, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
gboolean service_line_fail_taken (const ServiceLine *line, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
