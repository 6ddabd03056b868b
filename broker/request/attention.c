/* SPDX-License-Identifier: MIT */
#include "broker/request/attention.h"

#include "broker/base/text.h"
#include "broker/operation/operation.h"
#include "broker/record.h"
#include "broker/request/attention-denial.h"
#include "broker/request/attention-user.h"

#define DENIALS 3                            /* so many … */
#define DENIALS_WITHIN (30 * G_USEC_PER_SEC) /* … in this time … */
#define COOLDOWN (120 * G_USEC_PER_SEC)      /* … are answered by this */
#define ONE_DENIAL G_USEC_PER_SEC /* requests that were drawn as one card are denied in one go */
#define RECORD_AFTER (10 * G_USEC_PER_SEC) /* a count is gathered for so long */
#define TELL_EVERY (10 * G_USEC_PER_SEC)   /* of one requester a person is told so often */
/* After this all that a requester had is as if it were new: it is forgotten. */
#define IDLE (60 * G_USEC_PER_SEC)
#define SHARES_MAX 1024 /* from here on those are looked for */

/* What one requester has had. */
typedef struct
{
  char *key; /* the requester's */
  pid_t pid; /* for the trail: of the requester, or what carries for it */
  AttentionUser *user;
  guint open;
  Bucket asked, recorded;
  gint64 denied[DENIALS]; /* µs of boot time, the oldest first */
  char *denied_last;      /* grant_target() of that denial */
  gint64 cool_until;
  gint64 told_at;
  guint untold;
  gint64 counted; /* ends that were not recorded one by one */
  gint64 touched;
} Share;

struct _Attention
{
  Vault *vault;
  GHashTable *shares; /* its key → Share */
  guint crowd;        /* so many of them, and those that are idle are looked for */
  GHashTable *users;  /* uid → AttentionUser */
  AttentionDenials *denials;
  Deadline record;
};

static void
share_free (gpointer data)
{
  Share *share = data;

  g_free (share->denied_last);
  g_free (share->key);
  g_free (share);
}

static void
on_record_due (gpointer data)
{
  attention_record (data);
}

Attention *
attention_new (Vault *vault)
{
  Attention *self = g_new0 (Attention, 1);

  self->vault = vault;
  self->shares = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, share_free);
  self->crowd = SHARES_MAX;
  self->users = attention_users_new ();
  self->denials = attention_denials_new ();
  self->record = (Deadline){ .due = on_record_due, .data = self };
  return self;
}

void
attention_free (Attention *self)
{
  if (self == NULL)
    return;
  loop_deadline_clear (self->vault->loop, &self->record);
  attention_denials_free (self->denials);
  g_hash_table_unref (self->shares);
  g_hash_table_unref (self->users);
  g_free (self);
}

static gboolean
is_idle (gpointer key, gpointer value, gpointer now)
{
  const Share *share = value;
  return share->open == 0 && share->counted == 0
         && share->cool_until<*(gint64 *) now &&*(gint64 *) now - share->touched> IDLE;
}

/* Only when their number has doubled: a process each time would else cost a look at all of them. */
static void
forget_idle (Attention *self, gint64 now)
{
  if (g_hash_table_size (self->shares) < self->crowd)
    return;
  g_hash_table_foreach_remove (self->shares, is_idle, &now);
  self->crowd = MAX (SHARES_MAX, 2 * g_hash_table_size (self->shares));
}

static Share *
find_share (Attention *self, const Requester *requester)
{
  Share *share = g_hash_table_lookup (self->shares, requester_key (requester));
  gint64 now = loop_now ();

  if (share == NULL)
    {
      forget_idle (self, now);
      share = g_new0 (Share, 1);
      share->key = g_strdup (requester_key (requester));
      share->pid = process_pid (requester->process);
      share->user = attention_user (self->users, process_uid (requester->process));
      g_hash_table_insert (self->shares, share->key, share);
    }
  share->touched = now;
  return share;
}

static gboolean
take (Bucket *bucket)
{
  return bucket_take (bucket, ATTENTION_BURST, ATTENTION_PER_SECOND);
}

gboolean
attention_enter (Attention *self, const Request *request)
{
  return ++find_share (self, request->requester)->open <= ATTENTION_OPEN_MAX;
}

void
attention_leave (Attention *self, const Request *request)
{
  find_share (self, request->requester)->open--;
}

static const char *
refuse_for (char **message, const char *code, const char *why, gint64 left)
{
  g_autofree char *time = text_format_duration ((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);

  *message = g_strdup_printf ("%s; this stands for another %s", why, time);
  return code;
}

const char *
attention_refuses (Attention *self, const Request *request, char **message)
{
  Share *share = find_share (self, request->requester);
  gint64 now = loop_now (), until = attention_denials_until (self->denials, request);

  if (until > now)
    return refuse_for (message, "denied_for", "a person denied this for a time", until - now);
  if (share->cool_until > now)
    return refuse_for (message, "cooldown",
                       "a person denied several requests of this program in a row, so that all "
                       "further ones are denied unasked",
                       share->cool_until - now);
  if (!take (&share->asked))
    *message
        = g_strdup_printf ("this program asks too often: %d at once, and %d a second after that",
                           ATTENTION_BURST, ATTENTION_PER_SECOND);
  else if (!attention_user_may_ask (share->user))
    *message = g_strdup_printf ("the programs of this user ask too often: %d at once, and %d a "
                                "second after that",
                                ATTENTION_USER_ASKED, ATTENTION_USER_ASKED_PER_SECOND);
  else
    return NULL;
  return "too_many";
}

gboolean
attention_may_tell (Attention *self, const Request *request, guint *more)
{
  Share *share = find_share (self, request->requester);

  if (share->told_at != 0 && loop_now () - share->told_at < TELL_EVERY)
    {
      share->untold++;
      return FALSE;
    }
  *more = share->untold;
  share->untold = 0;
  share->told_at = loop_now ();
  return TRUE;
}

gboolean
attention_may_record (Attention *self, const Request *request)
{
  Share *share = find_share (self, request->requester);

  if (share->counted == 0 && take (&share->recorded) && attention_user_may_record (share->user))
    return TRUE;
  share->counted++;
  if (self->record.place == NULL)
    loop_deadline_set (self->vault->loop, &self->record, loop_now () + RECORD_AFTER);
  return FALSE;
}

/* The requester's own number, as long as its user has room in the trail; else the user's. */
static void
record_share (Attention *self, Share *share)
{
  if (share->counted == 0)
    return;
  if (attention_user_may_record (share->user))
    record_owe_count (self->vault, share->pid, share->counted);
  else
    {
      share->user->counted += share->counted;
      share->user->requesters++;
    }
  share->counted = 0;
}

void
attention_record (Attention *self)
{
  GHashTableIter iter;
  gpointer value;

  loop_deadline_clear (self->vault->loop, &self->record);
  g_hash_table_iter_init (&iter, self->shares);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    record_share (self, value);
  g_hash_table_iter_init (&iter, self->users);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      AttentionUser *user = value;
      if (user->counted > 0)
        record_owe_user_count (self->vault, user->uid, user->requesters, user->counted);
      user->counted = user->requesters = 0;
    }
}

void
attention_denied (Attention *self, const Request *request, gint64 seconds)
{
  Share *share = find_share (self, request->requester);
  g_autofree char *target = grant_target (request->row->operation, request->resource);
  gint64 now = loop_now ();

  if (seconds > 0)
    attention_denials_add (self->denials, request, now + seconds * G_USEC_PER_SEC);
  if (g_strcmp0 (share->denied_last, target) == 0 && now - share->denied[DENIALS - 1] < ONE_DENIAL)
    return;
  g_free (share->denied_last);
  share->denied_last = g_steal_pointer (&target);
  for (int i = 0; i + 1 < DENIALS; i++)
    share->denied[i] = share->denied[i + 1];
  share->denied[DENIALS - 1] = now;
  if (share->denied[0] != 0 && now - share->denied[0] < DENIALS_WITHIN)
    share->cool_until = now + COOLDOWN;
}

void
attention_granted (Attention *self, const Request *request)
{
  Share *share = find_share (self, request->requester);

  for (int i = 0; i < DENIALS; i++)
    share->denied[i] = 0;
  share->cool_until = 0;
}
