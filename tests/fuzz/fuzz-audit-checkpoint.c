/* SPDX-License-Identifier: MIT
 *
 * Whatever bytes come: what is read as a checkpoint is written again as one that says the same, and
 * a trail is held against all of it; what is refused is refused with words.
 */
#include "broker/audit/audit-checkpoint.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL, again_error = NULL;
  AuditCheckpoint checkpoint, again;
  AuditExpect expect = { 0 };

  if (!audit_checkpoint_parse (size > 0 ? (const char *) data : "", size, &checkpoint, &error))
    {
      g_assert_nonnull (error);
      return 0;
    }
  g_assert_no_error (error);
  g_assert_true (checkpoint.seq > 0 && checkpoint.segment > 0);
  g_assert_cmpuint (strlen (checkpoint.hash), ==, AUDIT_HEX_LEN);
  g_autofree char *text = audit_checkpoint_print (&checkpoint);
  g_assert_true (audit_checkpoint_parse (text, strlen (text), &again, &again_error));
  g_autofree char *text_again = audit_checkpoint_print (&again);
  g_assert_cmpstr (text, ==, text_again);
  audit_checkpoint_expect (&checkpoint, &expect);
  g_assert_true (expect.log_id != NULL && expect.head_seq == checkpoint.seq
                 && expect.head_hash != NULL);
  g_assert_true ((expect.begins.segment > 0) == (expect.begins.prev != NULL));
  return 0;
}
