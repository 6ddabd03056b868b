/* SPDX-License-Identifier: MIT */
#include "broker/worker/seal-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the headers of Debian 12. */
#define ACCESS_TRUNCATE (1ULL << 14)           /* interface 3 */
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0) /* interface 6 */
#define SCOPE_SIGNAL (1ULL << 1)

typedef struct
{
  guint64 files, network, scoped;
} Ruleset; /* struct landlock_ruleset_attr as of interface 6 */

#define READ                                                                                       \
  (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_ONE LANDLOCK_ACCESS_FS_WRITE_FILE
#define WRITE_1                                                                                    \
  (WRITE_ONE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE                      \
   | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG      \
   | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK   \
   | LANDLOCK_ACCESS_FS_MAKE_SYM)
#define ON_FILES                                                                                   \
  (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | WRITE_ONE | ACCESS_TRUNCATE)

/* What is being allowed. */
typedef struct
{
  int fd;
  guint64 handled;
  const SealFiles *seal;
} Rules;

int
seal_files_version (void)
{
  long version = syscall (SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

  return version > 0 ? (int) version : 0;
}

static guint64
writing (int version)
{
  return WRITE_1 | (version >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0)
         | (version >= 3 ? ACCESS_TRUNCATE : 0);
}

/* What is not there needs no rule: nothing can be done with it. 0, or an errno. */
static int
allow (const Rules *rules, const char *path, guint64 access)
{
  struct landlock_path_beneath_attr rule
      = { .allowed_access = access, .parent_fd = open (path, O_PATH | O_CLOEXEC) };
  struct stat st;
  int failed = 0;

  if (rule.parent_fd < 0)
    return errno == ENOENT || errno == EACCES ? 0 : errno;
  if (fstat (rule.parent_fd, &st) == 0 && !S_ISDIR (st.st_mode))
    rule.allowed_access &= ON_FILES;
  rule.allowed_access &= rules->handled;
  if (rule.allowed_access != 0
      && syscall (SYS_landlock_add_rule, rules->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
    failed = errno;
  close (rule.parent_fd);
  return failed;
}

typedef enum
{
  SEEN,
  LEADS_TO_HIDDEN,
  HIDDEN
} Sight;

static Sight
sight_of (const SealFiles *seal, const char *path)
{
  Sight sight = SEEN;
  gsize len = strcmp (path, "/") == 0 ? 0 : strlen (path);

  for (gsize i = 0; i < seal->n_hide; i++)
    if (strcmp (seal->hide[i], path) == 0)
      return HIDDEN;
    else if (strncmp (seal->hide[i], path, len) == 0 && seal->hide[i][len] == '/')
      sight = LEADS_TO_HIDDEN;
  return sight;
}

static int allow_reading (const Rules *rules, const char *path);

/* Landlock knows no exceptions: where something below is hidden, all else is allowed one by one. */
static int
allow_entries (const Rules *rules, const char *path)
{
  DIR *dir = opendir (path);
  int failed = 0;

  for (struct dirent *entry; dir != NULL && failed == 0 && (entry = readdir (dir)) != NULL;)
    {
      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0
          || entry->d_type == DT_LNK)
        continue;
      g_autofree char *below = g_build_filename (path, entry->d_name, NULL);
      failed = allow_reading (rules, below);
    }
  if (dir != NULL)
    closedir (dir);
  return failed;
}

static int
allow_reading (const Rules *rules, const char *path)
{
  switch (sight_of (rules->seal, path))
    {
    case SEEN:
      return allow (rules, path, READ);
    case LEADS_TO_HIDDEN:
      return allow_entries (rules, path);
    case HIDDEN:
    default:
      return 0;
    }
}

static int
allow_all (const Rules *rules, int version)
{
  const char *top = rules->seal->only != NULL ? rules->seal->only : "/";
  /* Names of files are no secret, and a rule cannot be taken back further down. */
  int failed = allow (rules, top, LANDLOCK_ACCESS_FS_READ_DIR);

  if (failed == 0)
    failed = allow_reading (rules, top);
  for (gsize i = 0; failed == 0 && i < rules->seal->n_write; i++)
    failed = sight_of (rules->seal, rules->seal->write[i]) == SEEN
                 ? allow (rules, rules->seal->write[i], READ | writing (version))
                 : 0;
  return failed;
}

int
seal_files (const SealFiles *seal)
{
  int version = seal_files_version ();
  Ruleset ruleset = { .files = READ | writing (version) };
  gsize size = version >= 6 ? sizeof ruleset : sizeof ruleset.files;

  if (seal->signals && version >= 6)
    ruleset.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
  int fd = (int) syscall (SYS_landlock_create_ruleset, &ruleset, size, 0);
  if (fd < 0)
    return errno;
  Rules rules = { fd, ruleset.files, seal };
  int failed = allow_all (&rules, version);
  if (failed == 0 && syscall (SYS_landlock_restrict_self, fd, 0) != 0)
    failed = errno;
  close (fd);
  return failed;
}
