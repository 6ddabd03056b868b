/* SPDX-License-Identifier: MIT */
#include "broker/base/acl.h"

#include <errno.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define NAME "system.posix_acl_access"

/* acl(5) in the kernel's form: entries in this order, the mask over all but owner and others. */
typedef struct
{
  struct posix_acl_xattr_header header;
  struct posix_acl_xattr_entry owner, user, group, mask, others;
} List;

static struct posix_acl_xattr_entry
entry (guint tag, guint permissions, guint32 id)
{
  return (struct posix_acl_xattr_entry){ .e_tag = GUINT16_TO_LE (tag),
                                         .e_perm = GUINT16_TO_LE (permissions),
                                         .e_id = GUINT32_TO_LE (id) };
}

gboolean
acl_give (const char *path, uid_t uid, guint permissions, GError **error)
{
  struct stat st;

  if (lstat (path, &st) == 0)
    {
      const List list = { .header = { GUINT32_TO_LE (POSIX_ACL_XATTR_VERSION) },
                          .owner = entry (ACL_USER_OBJ, (st.st_mode >> 6) & 07, ACL_UNDEFINED_ID),
                          .user = entry (ACL_USER, permissions, uid),
                          .group = entry (ACL_GROUP_OBJ, 0, ACL_UNDEFINED_ID),
                          .mask = entry (ACL_MASK, permissions, ACL_UNDEFINED_ID),
                          .others = entry (ACL_OTHER, 0, ACL_UNDEFINED_ID) };
      if (lsetxattr (path, NAME, &list, sizeof list, 0) == 0)
        return TRUE;
    }
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               "%s cannot be opened to user %u: %s%s", path, uid, g_strerror (errno),
               errno == EOPNOTSUPP ? " (its file system has no access control lists)" : "");
  return FALSE;
}
