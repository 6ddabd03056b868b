/* SPDX-License-Identifier: MIT */
#include "broker/request/attention-user.h"

#include "broker/request/attention.h"

gboolean
bucket_take (Bucket *bucket, guint burst, guint per_second)
{
  gint64 now = loop_now ();
  double come = (double) (now - bucket->at) / G_USEC_PER_SEC * per_second;

  bucket->left = bucket->at == 0 ? burst : MIN (bucket->left + come, burst);
  bucket->at = now;
  if (bucket->left < 1)
    return FALSE;
  bucket->left -= 1;
  return TRUE;
}

GHashTable *
attention_users_new (void)
{
  return g_hash_table_new_full (NULL, NULL, NULL, g_free);
}

AttentionUser *
attention_user (GHashTable *users, uid_t uid)
{
  AttentionUser *user = g_hash_table_lookup (users, GUINT_TO_POINTER (uid));

  if (user == NULL)
    {
      user = g_new0 (AttentionUser, 1);
      user->uid = uid;
      g_hash_table_insert (users, GUINT_TO_POINTER (uid), user);
    }
  return user;
}

gboolean
attention_user_may_ask (AttentionUser *user)
{
  return bucket_take (&user->asked, ATTENTION_USER_ASKED, ATTENTION_USER_ASKED_PER_SECOND);
}

gboolean
attention_user_may_record (AttentionUser *user)
{
  return bucket_take (&user->recorded, ATTENTION_USER_RECORDED, ATTENTION_USER_RECORDED_PER_SECOND);
}
