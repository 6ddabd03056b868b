/* SPDX-License-Identifier: MIT
 *
 * What makes two calls the same request: who asks, what is called, and every argument.
 *
 * MUST
 *  - differ for another requester, another call, and any other argument, also one that came by
 *    descriptor
 */
#include "broker/request/request-private.h"

#include "broker/base/wire.h"
#include "broker/operation/operation.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static void
add_arguments (GChecksum *sum, const json_t *args)
{
  gsize len = 0;
  char *text = args != NULL ? wire_dump (args, &len) : NULL; /* none at all is sound too */

  if (text == NULL)
    return;
  g_checksum_update (sum, (const guchar *) text, len);
  wire_text_free (text, len);
}

/* What came in a sealed file. Of any other nothing is read, which is refused later: behind it may
 * stand somebody (FUSE) who lets the broker wait for ever. */
static void
add_file (GChecksum *sum, int fd)
{
  const int seals = fcntl (fd, F_GET_SEALS); /* -1: what can have none */
  guchar piece[4096];
  gssize n;

  if (seals < 0 || (seals & SEALS) != SEALS)
    return;
  for (off_t at = 0; at < SECRET_MAX && (n = pread (fd, piece, sizeof piece, at)) > 0; at += n)
    g_checksum_update (sum, piece, n);
  explicit_bzero (piece, sizeof piece);
}

char *
request_key (const Requester *requester, const OperationRow *row, const json_t *args, int input)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *who = g_strdup_printf ("%s\n%s ", requester_key (requester), row->call);

  g_checksum_update (sum, (const guchar *) who, -1);
  add_arguments (sum, args);
  if (input >= 0)
    add_file (sum, input);
  return g_strdup (g_checksum_get_string (sum));
}

Request *
requests_find_resumed (Requests *self, const RequestResumed *what)
{
  Request *request = requests_find (self, what->id, what->requester);

  if (request == NULL)
    return NULL;
  g_autofree char *key = request_key (what->requester, what->row, what->args, what->input);
  return g_str_equal (request->key, key) ? request : NULL;
}
