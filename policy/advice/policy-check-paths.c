/* SPDX-License-Identifier: MIT
 *
 * Whether the programs that a rule names are what they seem.
 */
#include <string.h>

#include "policy/advice/policy-note.h"
#include "policy/policy-words.h"

/* A program that a process is known by: behind "from". */
static void
note_file (PolicyChecking *check, int number, const char *clause, const char *path, PolicyFile file,
           const char *real)
{
  g_autofree char *shown = policy_show (path), *leads = real != NULL ? policy_show (real) : NULL;
  const char *what = file == POLICY_FILE_LINK
                         ? "is a symbolic link, and a program is known by the file behind it"
                     : file == POLICY_FILE_SCRIPT
                         ? "is a script, and its process is known by the interpreter that runs it"
                     : file == POLICY_FILE_MISSING ? "is not there"
                                                   : "is no program";
  PolicyNote *note
      = policy_note_add (check, POLICY_NOTE_WARNING, number, "%s %s: %s", shown, what,
                         strcmp (clause, "command") == 0 ? "no command is started from it"
                         : strcmp (clause, "from") == 0  ? "from names nobody"
                                                         : "below names nobody");

  policy_note_at (check, note, clause, path);
  if (file == POLICY_FILE_LINK)
    policy_note_suggest (note, "write %s", leads);
  else if (file == POLICY_FILE_SCRIPT)
    policy_note_suggest (note,
                         "that is %s, which runs other scripts too; give the program an "
                         "executable of its own",
                         leads);
  else
    policy_note_suggest (note, "\"readlink -f\" prints the path of a program");
}

static void
look_at (PolicyChecking *check, int number, const char *clause, const char *path)
{
  g_autofree char *real = NULL;
  PolicyFile file
      = check->known->look != NULL ? check->known->look (path, &real) : POLICY_FILE_UNKNOWN;

  /* A command is known by the file that was meant, whatever runs it. */
  if (file != POLICY_FILE_UNKNOWN && file != POLICY_FILE_PROGRAM
      && (file != POLICY_FILE_SCRIPT || strcmp (clause, "command") != 0))
    note_file (check, number, clause, path, file, real);
}

static void
note_interpreter (PolicyChecking *check, int number, const char *clause, const PolicyPattern *path,
                  const char *interpreter)
{
  gboolean named = path->literal == path->len;
  g_autofree char *shown = policy_show (path->text);
  PolicyNote *note
      = policy_note_add (check, POLICY_NOTE_WARNING, number,
                         "%s %s%s: %s says only that the interpreter ran, not what it was running",
                         shown, named ? "is an interpreter" : "takes in interpreters such as ",
                         named ? "" : interpreter, clause);

  policy_note_at (check, note, clause, path->text);
}

static void
check_path (PolicyChecking *check, int number, const char *clause, const PolicyPattern *path)
{
  gboolean named = path->literal == path->len;
  gboolean deny = policy_rule (check->policy, number)->verdict == POLICY_DENY;
  /* A deny is none the worse for taking in more than was meant. */
  const char *interpreter = named || !deny ? policy_interpreter_in (path) : NULL;

  if (interpreter != NULL)
    note_interpreter (check, number, clause, path, interpreter);
  if (named)
    look_at (check, number, clause, path->text);
}

/* Directories: whoever asks is known to be in one by the kernel's name for it. */
static void
check_directory (PolicyChecking *check, int number, const PolicyPattern *path)
{
  g_autofree char *real = NULL, *shown = policy_show (path->text);
  PolicyFile file = path->literal == path->len && check->known->look != NULL
                        ? check->known->look (path->text, &real)
                        : POLICY_FILE_UNKNOWN;

  if (file == POLICY_FILE_UNKNOWN || file == POLICY_FILE_OTHER)
    return;
  PolicyNote *note = policy_note_add (
      check, POLICY_NOTE_WARNING, number, "%s %s: nobody is in it", shown,
      file == POLICY_FILE_LINK ? "is a symbolic link, and a directory is known by its real name"
      : file == POLICY_FILE_MISSING ? "is not there"
                                    : "is no directory");
  policy_note_at (check, note, "in", path->text);
  if (file == POLICY_FILE_LINK)
    policy_note_suggest (note, "write \"%s\"", real);
}

static void
check_command (PolicyChecking *check, int number, const PolicyPattern *path)
{
  if (path->literal == path->len)
    look_at (check, number, "command", path->text);
}

static void
check_programs (PolicyChecking *check, int number, const char *clause, const GArray *paths)
{
  for (guint i = 0; paths != NULL && i < paths->len; i++)
    check_path (check, number, clause, &g_array_index (paths, PolicyPattern, i));
}

void
policy_check_paths (PolicyChecking *check, int number)
{
  const PolicyRule *rule = policy_rule (check->policy, number);

  check_programs (check, number, "from", rule->from);
  check_programs (check, number, "below", rule->below);
  if (rule->command != NULL)
    check_command (check, number, &g_array_index (rule->command, PolicyPattern, 0));
  for (guint i = 0; rule->in != NULL && i < rule->in->len; i++)
    check_directory (check, number, &g_array_index (rule->in, PolicyPattern, i));
}
