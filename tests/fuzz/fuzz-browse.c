/* SPDX-License-Identifier: MIT
 *
 * An address that a browser would be asked to open. Whatever it is:
 *
 *  - it is refused with a reason, or has none
 *  - one that is taken shows as it is, cut by the plainest means: https, or http to a host that is
 *    this machine; a host, and nothing before it that looks like one
 *  - the notification that has it is read, or refused with a reason, and keeps it byte for byte
 */
#include <string.h>

#include "approve-ui/card/browse.h"
#include "tests/fuzz/fuzz.h"

/* Behind "://", up to where a host and its port end. */
static char *
authority_of (const char *url)
{
  const char *begin = strstr (url, "://");

  g_assert_nonnull (begin);
  return g_strndup (begin + 3, strcspn (begin + 3, "/?#"));
}

static gboolean
is_this_machine (const char *authority)
{
  static const char *const hosts[] = { "localhost", "127.", "[" };
  g_autofree char *folded = g_ascii_strdown (authority, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    if (g_str_has_prefix (folded, hosts[i]))
      return i > 0 || folded[strlen (hosts[0])] == '\0' || folded[strlen (hosts[0])] == ':';
  return FALSE;
}

static void
check_taken (const char *url)
{
  g_autofree char *authority = authority_of (url);

  for (const char *p = url; *p != '\0'; p++)
    g_assert_true (*p > ' ' && *p < 0x7f && strchr ("\"\\<>`", *p) == NULL);
  g_assert_true (*authority != '\0' && *authority != ':' && strpbrk (authority, "@%") == NULL);
  g_assert_true (g_ascii_strncasecmp (url, "https://", 8) == 0
                 || (g_ascii_strncasecmp (url, "http://", 7) == 0 && is_this_machine (authority)));
}

static void
check_notification (const char *url, gboolean taken)
{
  g_autoptr (GError) error = NULL;
  json_t *params = json_pack ("{s:s, s:s, s:s}", "request_id", "r1", "provider", "p", "url", url);
  g_autoptr (Browse) browse = browse_parse (params, &error);

  g_assert_true ((browse == NULL) == (error != NULL) && (browse != NULL) == taken);
  if (browse != NULL)
    g_assert_cmpstr (browse->url, ==, url);
  json_decref (params);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *url = size == 0 ? g_strdup ("") : g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  gboolean taken = browse_check_url (url, &error);

  g_assert_true (taken == (error == NULL));
  if (taken)
    check_taken (url);
  if (g_utf8_validate (url, -1, NULL))
    check_notification (url, taken);
  return 0;
}
