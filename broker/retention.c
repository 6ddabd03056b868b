/* SPDX-License-Identifier: MIT */
#include "broker/retention.h"

#include "broker/record.h"

#define META "audit-retention"
#define DAY (G_GINT64_CONSTANT (24) * 3600 * G_USEC_PER_SEC)

struct _Retention
{
  Vault *vault;
  gint64 days;
  Deadline daily;
};

static void
remove_old (Retention *self)
{
  if (self->vault->audit != NULL && self->days > 0)
    audit_retain (self->vault->audit, self->days * DAY);
}

static void
on_day (gpointer data)
{
  retention_begin (data);
}

Retention *
retention_new (Vault *vault)
{
  Retention *self = g_new0 (Retention, 1);

  self->vault = vault;
  self->daily = (Deadline){ .due = on_day, .data = self };
  return self;
}

void
retention_free (Retention *self)
{
  if (self == NULL)
    return;
  retention_end (self);
  g_free (self);
}

gboolean
retention_load (Retention *self, GError **error)
{
  g_autoptr (GError) damaged = NULL;
  g_autoptr (json_t) kept = store_get_table (self->vault->store, META, &damaged);

  self->days = wire_integer (kept, "days", 0);
  if (damaged == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&damaged));
  return FALSE;
}

void
retention_begin (Retention *self)
{
  remove_old (self);
  loop_deadline_set (self->vault->loop, &self->daily, loop_now () + DAY);
}

void
retention_end (Retention *self)
{
  loop_deadline_clear (self->vault->loop, &self->daily);
}

gint64
retention_days (const Retention *self)
{
  return self->days;
}

/* ---- setting it ---- */

typedef struct
{
  Retention *self;
  gint64 days;
  WriterDone done;
  gpointer data;
} Setting;

static void
on_saved (gpointer data, const GError *error)
{
  Setting *setting = data;

  if (error == NULL)
    {
      setting->self->days = setting->days;
      remove_old (setting->self);
    }
  setting->done (setting->data, error);
  g_free (setting);
}

static void
on_recorded (gpointer data, const GError *error)
{
  Setting *setting = data;

  if (error != NULL)
    {
      on_saved (setting, error);
      return;
    }
  g_autoptr (json_t) kept = json_pack ("{s:I}", "days", (json_int_t) setting->days);
  store_put_table (setting->self->vault->store, META, kept, on_saved, setting);
}

void
retention_set (Retention *self, gint64 days, const Process *caller, WriterDone done, gpointer data)
{
  AuditRecord *record = record_human (self->vault, "retention_set", caller);
  Setting *setting = g_new0 (Setting, 1);

  *setting = (Setting){ self, days, done, data };
  audit_record_integer (record, "days", days);
  audit_append (self->vault->audit, record, AUDIT_SYNCED, on_recorded, setting);
}
