/* SPDX-License-Identifier: MIT */
#include "broker/grant/script.h"

#include <string.h>

/* Options of one family of interpreters, each list with a blank before and after every word. */
typedef struct
{
  const char *names;  /* of the programs, without a version at their end */
  const char *code;   /* the next argument is code */
  const char *module; /* the next argument names a module */
  const char *valued; /* the next argument belongs to the option */
  const char *bare;   /* stands alone */
} Family;

static const Family families[] = {
  { " sh bash dash zsh ksh ", " -c -lc -ic -ec -xc ", "", " -o +o -O --rcfile --init-file ",
    " -e -x -u -l -i -f -v --login --norc --noprofile --posix -- " },
  { " python ", " -c ", " -m ", " -X -W ", " -u -B -E -s -S -I -O -OO -b -v -q -i -P -x -d -- " },
  { " node nodejs ", " -e --eval -p --print -pe ", "",
    " -r --require --import --loader --experimental-loader -C --conditions --env-file ",
    " --inspect --enable-source-maps --no-warnings --trace-warnings --expose-gc --watch "
    "--no-deprecation -- " },
  { " ruby ", " -e ", "", " -r -I -C ", " -w -W0 -W1 -W2 -v -- " },
  { " perl ", " -e -E ", "", " -I ", " -w -W -T -t -n -p -l -- " },
  { " php ", " -r ", "", " -c -d ", " -n -q -- " },
  { " lua ", " -e ", "", " -l ", " -E -W -- " },
};

/* "python3.11" is python. */
static char *
family_name (const char *exe)
{
  char *name = g_path_get_basename (exe);

  for (char *end = name + strlen (name);
       end > name + 1 && (g_ascii_isdigit (end[-1]) || strchr (".-", end[-1]) != NULL); end--)
    end[-1] = '\0';
  return name;
}

static gboolean
has_word (const char *list, const char *word)
{
  g_autofree char *padded = g_strdup_printf (" %s ", word);

  return strchr (word, ' ') == NULL && strstr (list, padded) != NULL;
}

static const Family *
find_family (const char *exe)
{
  g_autofree char *name = family_name (exe);

  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    if (has_word (families[i].names, name))
      return &families[i];
  return NULL;
}

static char *
complete (const char *path, const char *cwd)
{
  g_autofree char *whole
      = g_path_is_absolute (path) || cwd == NULL ? NULL : g_canonicalize_filename (path, cwd);

  return g_strdup (whole != NULL ? whole : path);
}

static ScriptKind
read_options (const Family *family, char **argv, const char *cwd, char **text)
{
  for (char **word = argv + 1; *word != NULL; word++)
    {
      /* "--name=value" is one word. */
      g_autofree char *option = g_strndup (*word, strcspn (*word, "="));
      if (**word != '-' && **word != '+')
        {
          *text = complete (*word, cwd);
          return SCRIPT_FILE;
        }
      if (has_word (family->code, *word) || has_word (family->module, *word))
        {
          /* What looks like an option is one to a shell, and the code comes after it. */
          if (word[1] == NULL || word[1][0] == '-' || word[1][0] == '+')
            return SCRIPT_NONE;
          *text = g_strdup (word[1]);
          return has_word (family->code, *word) ? SCRIPT_CODE : SCRIPT_MODULE;
        }
      if (has_word (family->valued, *word) && word[1] != NULL)
        word++;
      else if (!has_word (family->bare, *word)
               && !(strchr (*word, '=') != NULL
                    && (has_word (family->valued, option) || has_word (family->bare, option))))
        return SCRIPT_NONE;
    }
  return SCRIPT_NONE;
}

ScriptKind
script_find (const char *exe, char **argv, const char *cwd, char **text)
{
  const Family *family = exe != NULL ? find_family (exe) : NULL;

  *text = NULL;
  if (family == NULL || argv == NULL || argv[0] == NULL)
    return SCRIPT_NONE;
  return read_options (family, argv, cwd, text);
}

const char *
script_kind_name (ScriptKind kind)
{
  switch (kind)
    {
    case SCRIPT_FILE:
      return "file";
    case SCRIPT_MODULE:
      return "module";
    case SCRIPT_CODE:
      return "code";
    case SCRIPT_NONE:
    default:
      return NULL;
    }
}
