/* SPDX-License-Identifier: MIT */
#include "broker/grant/principal.h"

#include <string.h>

#include "broker/base/text.h"

#define CHAIN_MAX 16

/* What adopts processes whose parent has ended, or starts them for nobody in particular. */
static const char *const adopters[]
    = { "systemd",   "init",        "runit",           "s6-svscan", "tini", "dumb-init",
        "catatonit", "docker-init", "containerd-shim", "conmon",    NULL };

/* What runs other people's work: a grant held by one of these, or by an adopter, would be held by
 * everything. */
static const char *const never_holders[]
    = { "sh",     "bash",   "dash",  "zsh", "fish", "ksh",  "tcsh",    "nu", "tmux",
        "screen", "zellij", "login", "su",  "sudo", "sshd", "busybox", NULL };

static gboolean
is_adopter (const Process *process)
{
  g_autofree char *name = process_name (process);
  return process_pid (process) == 1 || name == NULL || g_strv_contains (adopters, name);
}

static gboolean
is_carrier (const Process *process, const char *const *carriers)
{
  for (; *carriers != NULL; carriers++)
    if (process_runs (process, *carriers))
      return TRUE;
  return FALSE;
}

static char *
process_key (const Process *process)
{
  return g_strdup_printf ("process %d %" G_GUINT64_FORMAT, process_pid (process),
                          process_start (process));
}

Requester *
requester_new (Process *peer, const char *const *carriers, const char *remote, GError **error)
{
  g_autoptr (Requester) self = g_new0 (Requester, 1);

  self->refs = 1;
  self->peer = peer;
  self->process = process_ref (peer);
  self->remote = remote != NULL && process_runs (peer, remote);
  /* One of ours may have been started by another of ours (`countersign run` starting an MCP
   * server). */
  for (int depth = 0; depth < 4 && is_carrier (self->process, carriers); depth++)
    {
      g_autoptr (Process) parent = process_parent (self->process, error);
      if (parent == NULL)
        return NULL;
      /* Nobody is left who started it: it stands for itself. Not for its adopter, or all orphans
       * would be one requester, and hold one another's grants. */
      if (is_adopter (parent) || process_uid (parent) != process_uid (peer))
        break;
      process_unref (self->process);
      self->process = g_steal_pointer (&parent);
      self->via = TRUE;
    }
  self->facts = facts_new ();
  self->name = principal_name (self->process);
  self->key = process_key (self->process);
  return g_steal_pointer (&self);
}

Requester *
requester_new_subject (const Requester *carrier, Subject *subject)
{
  Requester *self = g_new0 (Requester, 1);

  self->refs = 1;
  self->peer = process_ref (carrier->peer);
  self->process = process_ref (carrier->peer);
  self->remote = TRUE;
  self->subject = subject_ref (subject);
  self->facts = facts_new ();
  self->name = subject_name (subject);
  self->key = subject_key (subject);
  self->claim_name = g_strdup (carrier->claim_name);
  self->claim_version = g_strdup (carrier->claim_version);
  return self;
}

Requester *
requester_ref (Requester *self)
{
  self->refs++;
  return self;
}

void
requester_unref (Requester *self)
{
  if (self == NULL || --self->refs > 0)
    return;
  process_unref (self->peer);
  process_unref (self->process);
  g_clear_pointer (&self->holders, g_ptr_array_unref);
  subject_unref (self->subject);
  facts_free (self->facts);
  g_free (self->name);
  g_free (self->key);
  g_free (self->claim_name);
  g_free (self->claim_version);
  g_free (self);
}

/* What only carried the question may have ended: whoever comes for the answer is looked at for
 * itself. It must not have become something else. */
static gboolean
check_carrier (const Process *carrier, GError **error)
{
  g_autoptr (GError) wrong = NULL;

  if (process_check (carrier, &wrong) || g_error_matches (wrong, PROCESS_ERROR, PROCESS_ERROR_GONE))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&wrong));
  return FALSE;
}

gboolean
requester_check (const Requester *self, GError **error)
{
  return self->subject != NULL
         || (process_check (self->process, error)
             && (!self->via || check_carrier (self->peer, error)));
}

const char *
requester_exe (const Requester *self)
{
  return self->subject == NULL && process_verified (self->process) ? process_exe (self->process)
                                                                   : NULL;
}

const char *
requester_caller (const Requester *self)
{
  return self->subject != NULL ? self->name : NULL;
}

gboolean
requester_equal (const Requester *one, const Requester *other)
{
  if (one->subject != NULL || other->subject != NULL)
    return one->subject != NULL && other->subject != NULL
           && subject_equal (one->subject, other->subject);
  return process_equal (one->process, other->process);
}

const char *
requester_key (const Requester *self)
{
  return self->key;
}

gboolean
requester_is_subject (const Requester *self)
{
  return self->subject != NULL;
}

GPtrArray *
requester_ancestors (Process *process)
{
  GPtrArray *chain = g_ptr_array_new_with_free_func ((GDestroyNotify) process_unref);

  g_ptr_array_add (chain, process_ref (process));
  while (chain->len < CHAIN_MAX)
    {
      Process *parent = process_parent (g_ptr_array_index (chain, chain->len - 1), NULL);
      if (parent == NULL)
        break;
      g_ptr_array_add (chain, parent);
      if (process_pid (parent) == 1)
        break;
    }
  return chain;
}

static gboolean
may_hold (const Process *process, const Requester *requester)
{
  g_autofree char *name = process_name (process);
  pid_t pid = process_pid (process);

  return name != NULL && !is_adopter (process) && pid != process_session (requester->process)
         && process_uid (process) == process_uid (requester->process)
         && !g_strv_contains (never_holders, name);
}

static GPtrArray *
find_holders (const Requester *self)
{
  GPtrArray *holders = g_ptr_array_new_with_free_func ((GDestroyNotify) process_unref);

  if (self->subject != NULL)
    return holders;
  g_autoptr (GPtrArray) above = requester_ancestors (self->process);
  pid_t session = process_session (self->process);

  for (guint i = 0; i < above->len; i++)
    {
      Process *process = g_ptr_array_index (above, i);
      if (process_pid (process) == session || process_session (process) != session)
        break; /* the session's leader and all above it start everything the person does */
      if (may_hold (process, self))
        g_ptr_array_add (holders, process_ref (process));
    }
  return holders;
}

GPtrArray *
requester_holders (Requester *self)
{
  if (self->holders == NULL)
    self->holders = find_holders (self);
  return self->holders;
}

char *
principal_name (const Process *process)
{
  g_autofree char *name = process_name (process);
  return name != NULL ? text_utf8 (name) : g_strdup ("?");
}

Principal *
principal_new (PrincipalKind kind, Process *process)
{
  Principal *self = g_new0 (Principal, 1);

  self->kind = kind;
  self->process = process_ref (process);
  return self;
}

Principal *
principal_new_subject (Subject *subject)
{
  Principal *self = g_new0 (Principal, 1);

  self->kind = PRINCIPAL_SUBJECT;
  self->subject = subject_ref (subject);
  return self;
}

Principal *
principal_of (const Requester *requester)
{
  return requester->subject != NULL ? principal_new_subject (requester->subject)
                                    : principal_new (PRINCIPAL_PROCESS, requester->process);
}

Principal *
principal_copy (const Principal *self)
{
  return self->kind == PRINCIPAL_SUBJECT ? principal_new_subject (self->subject)
                                         : principal_new (self->kind, self->process);
}

void
principal_free (Principal *self)
{
  if (self == NULL)
    return;
  if (self->kind == PRINCIPAL_SUBJECT)
    subject_unref (self->subject);
  else
    process_unref (self->process);
  g_free (self);
}

Process *
principal_process (const Principal *self)
{
  return self->kind == PRINCIPAL_SUBJECT ? NULL : self->process;
}

char *
principal_id (const Principal *self)
{
  if (self->kind == PRINCIPAL_SUBJECT)
    {
      g_autofree char *name = subject_name (self->subject);
      return g_strconcat ("subject:", name, NULL);
    }
  return g_strdup_printf ("%s:%d", self->kind == PRINCIPAL_PROCESS ? "process" : "subtree",
                          process_pid (self->process));
}

char *
principal_key (const Principal *self)
{
  if (self->kind == PRINCIPAL_SUBJECT)
    return subject_key (self->subject);
  g_autofree char *key = process_key (self->process);
  return g_strdup_printf ("%d %s", self->kind, key);
}

char *
principal_label (const Principal *self)
{
  if (self->kind == PRINCIPAL_SUBJECT)
    return subject_is_local (self->subject)
               ? g_strdup (self->subject->label)
               : g_strdup_printf ("%s (%s)", self->subject->label, self->subject->caller);
  g_autofree char *name = principal_name (self->process);
  return g_strdup_printf ("%s (pid %d)%s", name, process_pid (self->process),
                          self->kind == PRINCIPAL_SUBTREE ? " and what it starts" : "");
}

gboolean
principal_alive (const Principal *self)
{
  return self->kind == PRINCIPAL_SUBJECT || process_alive (self->process);
}

gboolean
principal_covers (const Principal *self, const Requester *requester)
{
  /* Neither is ever the other: the HTTP program carries for everybody who calls. */
  if (self->kind == PRINCIPAL_SUBJECT || requester->subject != NULL)
    return self->kind == PRINCIPAL_SUBJECT && requester->subject != NULL
           && subject_equal (self->subject, requester->subject);
  /* One that runs another program now is not who it was granted to. */
  if (!process_check (self->process, NULL))
    return FALSE;
  if (process_equal (self->process, requester->process))
    return TRUE;
  return self->kind == PRINCIPAL_SUBTREE && process_is_below (requester->process, self->process);
}
