/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-member.h"

#include <string.h>

/* @at is at the first byte of a text's content; returns its closing quote. */
static const char *
text_end (const char *at, const char *end)
{
  for (const char *from = at;; from++)
    {
      guint slashes = 0;

      from = memchr (from, '"', (gsize) (end - from));
      for (const char *back = from; back > at && back[-1] == '\\'; back--)
        slashes++;
      if (slashes % 2 == 0)
        return from;
    }
}

/* Behind the value that begins at @at. The line is a record, so each text has its end. */
static const char *
skip_value (const char *at, const char *end)
{
  if (*at == '"')
    return text_end (at + 1, end) + 1;
  if (*at != '[')
    {
      while (*at != ',')
        at++;
      return at;
    }
  for (at++; *at != ']';)
    at = *at == ',' ? at + 1 : text_end (at + 1, end) + 1;
  return at + 1;
}

void
audit_line_members (const char *line, const AuditLine *scanned, AuditMember *members, gsize n)
{
  /* Where the link begins; there is always one. */
  const char *end = scanned->prev - strlen (AUDIT_PREV);
  const char *at = scanned->event + scanned->event_len + 1;

  for (gsize i = 0; i < n; i++)
    members[i].at = NULL;
  while (at < end)
    {
      const char *name = at + 2, *name_end = memchr (name, '"', (gsize) (scanned->prev - name));
      const char *value = name_end + 2, *after = skip_value (value, scanned->prev);

      for (gsize i = 0; i < n && *value == '"'; i++)
        if (strlen (members[i].name) == (gsize) (name_end - name)
            && memcmp (members[i].name, name, (gsize) (name_end - name)) == 0)
          {
            members[i].at = value + 1;
            members[i].len = (gsize) (after - value) - 2;
          }
      at = after;
    }
}

gboolean
audit_member_is (const AuditMember *member, const char *text)
{
  return member->at != NULL && member->len == strlen (text)
         && memcmp (member->at, text, member->len) == 0;
}
