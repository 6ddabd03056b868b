/* SPDX-License-Identifier: MIT
 *
 * What all requesters of one user have together: a program that starts ever new processes is ever
 * new requesters, and still one user.
 */
#pragma once

#include <glib.h>

/* So many may come at once, and so many a second after that. */
typedef struct
{
  double left;
  gint64 at; /* µs of boot time; 0: never asked yet, and full */
} Bucket;
gboolean bucket_take (Bucket *bucket, guint burst, guint per_second);

typedef struct
{
  uid_t uid;
  Bucket asked, recorded;
  gint64 counted;   /* ends of requests that nobody was asked about, and that are not recorded */
  guint requesters; /* whose those are, each counted once for each time that it was */
} AttentionUser;

/* uid → AttentionUser */
GHashTable *attention_users_new (void);
AttentionUser *attention_user (GHashTable *users, uid_t uid);
gboolean attention_user_may_ask (AttentionUser *user);
gboolean attention_user_may_record (AttentionUser *user);
