/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/card-show.h"
#include "approve-ui/card/i18n.h"
#include "broker/base/text.h"

char *
card_time_left (const Card *card, gint64 now)
{
  gint64 left = (card->deadline - now + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;

  return left > 0 ? text_format_duration (left) : g_strdup (_ ("no time"));
}

char *
card_ago (gint64 then, gint64 now)
{
  guint minutes = MAX (now - then, 0) / (60 * G_USEC_PER_SEC);

  if (minutes == 0)
    return g_strdup (_ ("just now"));
  if (minutes < 60)
    return g_strdup_printf (i18n_n ("%u minute ago", "%u minutes ago", minutes), minutes);
  if (minutes < 48 * 60)
    return g_strdup_printf (i18n_n ("%u hour ago", "%u hours ago", minutes / 60), minutes / 60);
  return g_strdup_printf (i18n_n ("%u day ago", "%u days ago", minutes / 1440), minutes / 1440);
}
