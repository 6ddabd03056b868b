/* SPDX-License-Identifier: MIT */
#include "broker/caller/subject.h"

#include <string.h>

Subject *
subject_new (const Subject *parts)
{
  static const char *const none[] = { NULL };
  Subject *self = g_new0 (Subject, 1);

  self->refs = 1;
  self->caller = g_strdup (parts->caller);
  self->issuer = g_strdup (parts->issuer);
  self->subject = g_strdup (parts->subject);
  self->person = g_strdup (parts->person);
  self->label = g_strdup (parts->label);
  self->hardware = parts->hardware;
  self->scopes = g_strdupv (parts->scopes != NULL ? parts->scopes : (char **) none);
  self->expires_at = parts->expires_at;
  return self;
}

Subject *
subject_ref (Subject *self)
{
  self->refs++;
  return self;
}

void
subject_unref (Subject *self)
{
  if (self == NULL || --self->refs > 0)
    return;
  g_free (self->caller);
  g_free (self->issuer);
  g_free (self->subject);
  g_free (self->person);
  g_free (self->label);
  g_strfreev (self->scopes);
  g_free (self);
}

gboolean
subject_is_local (const Subject *self)
{
  return strcmp (self->caller, SUBJECT_LOCAL) == 0;
}

gboolean
subject_equal (const Subject *one, const Subject *other)
{
  return strcmp (one->issuer, other->issuer) == 0 && strcmp (one->subject, other->subject) == 0
         && one->hardware == other->hardware;
}

char *
subject_name (const Subject *self)
{
  return g_strconcat (self->caller, "/", self->person, NULL);
}

/* The length in front: no subject of one issuer reads as an issuer and a subject of another. */
char *
subject_key (const Subject *self)
{
  return g_strdup_printf ("subject%s %" G_GSIZE_FORMAT " %s %s", self->hardware ? " hardware" : "",
                          strlen (self->issuer), self->issuer, self->subject);
}
