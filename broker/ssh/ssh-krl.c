/* SPDX-License-Identifier: MIT */
#include "broker/ssh/ssh-krl.h"

#include "broker/ssh/ssh-key.h"
#include "broker/ssh/ssh-wire.h"

#define MAGIC G_GUINT64_CONSTANT (0x5353484b524c0a00) /* "SSHKRL\n\0" */
#define FORMAT 1
#define SECTION_CERTIFICATES 1
#define SECTION_SERIAL_LIST 0x20

static int
compare (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return x < y ? -1 : x > y;
}

static void
put_section (GByteArray *to, guint8 type, const GByteArray *section)
{
  g_byte_array_append (to, &type, 1);
  ssh_put_bytes (to, section->data, section->len);
}

static void
put_certificates (GByteArray *to, const guint8 *ca, GArray *serials)
{
  g_autoptr (GByteArray) section = g_byte_array_new (), list = g_byte_array_new ();
  g_autoptr (GBytes) blob = ssh_ed25519_blob (ca);

  ssh_put_bytes (section, g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));
  ssh_put_text (section, ""); /* reserved */
  g_array_sort (serials, compare);
  for (guint i = 0; i < serials->len; i++)
    ssh_put_u64 (list, g_array_index (serials, guint64, i));
  put_section (section, SECTION_SERIAL_LIST, list);
  put_section (to, SECTION_CERTIFICATES, section);
}

GBytes *
ssh_krl (const guint8 ca[32], GArray *serials, guint64 version, guint64 made_at,
         const char *comment)
{
  GByteArray *list = g_byte_array_new ();

  ssh_put_u64 (list, MAGIC);
  ssh_put_u32 (list, FORMAT);
  ssh_put_u64 (list, version);
  ssh_put_u64 (list, made_at);
  ssh_put_u64 (list, 0);   /* flags */
  ssh_put_text (list, ""); /* reserved */
  ssh_put_text (list, comment);
  if (serials->len > 0)
    put_certificates (list, ca, serials);
  return g_byte_array_free_to_bytes (list);
}
