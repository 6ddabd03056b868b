/* SPDX-License-Identifier: MIT */
#include "broker/cli/policy/cli-known.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/caller/callers.h"

#define SCRIPT_LINE 256 /* bytes of a script that the kernel reads for its interpreter */

struct _CliKnown
{
  PolicyKnown known;
  GArray *sources;  /* of PolicySource, what they point to is the files' */
  GArray *services; /* of PolicyKnownService; what they point to is in @texts */
  GPtrArray *providers, *callers, *secrets; /* of char*, NULL last */
  GPtrArray *texts;                         /* of char* and arrays of them: g_free() */
};

/* --- Programs --- */

/* What follows "#!" in the file at @path, or NULL; g_free(). */
static char *
script_line (const char *path)
{
  char line[SCRIPT_LINE + 1] = "";
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gssize n = fd >= 0 ? pread (fd, line, SCRIPT_LINE, 0) : -1;

  if (fd >= 0)
    close (fd);
  if (n < 2 || !g_str_has_prefix (line, "#!"))
    return NULL;
  line[strcspn (line, "\n")] = '\0';
  return g_strdup (g_strstrip (line + 2));
}

/* The executable that runs the script at @path; NULL: it is none. g_free(). */
static char *
interpreter_of (const char *path)
{
  g_autofree char *line = script_line (path);

  if (line == NULL)
    return NULL;
  g_auto (GStrv) words = g_strsplit_set (line, " \t", -1);
  gboolean env = words[0] != NULL && g_str_has_suffix (words[0], "/env");
  const char *name = env && words[1] != NULL && *words[1] != '-' ? words[1] : words[0];
  g_autofree char *found = name != NULL ? g_find_program_in_path (name) : NULL;
  char *real = found != NULL ? realpath (found, NULL) : NULL;
  char *copy = g_strdup (real != NULL ? real : line);
  free (real);
  return copy;
}

/* A path that we may not go down is one of which we know nothing. */
static PolicyFile
look (const char *path, char **real)
{
  struct stat what;
  char *resolved = realpath (path, NULL);

  if (resolved == NULL)
    return errno == ENOENT || errno == ENOTDIR ? POLICY_FILE_MISSING : POLICY_FILE_UNKNOWN;
  gboolean link = strcmp (resolved, path) != 0;
  *real = link ? g_strdup (resolved) : NULL;
  free (resolved);
  if (link)
    return POLICY_FILE_LINK;
  if (stat (path, &what) != 0)
    return POLICY_FILE_UNKNOWN;
  if (!S_ISREG (what.st_mode) || (what.st_mode & 0111) == 0)
    return POLICY_FILE_OTHER;
  *real = interpreter_of (path);
  return *real != NULL ? POLICY_FILE_SCRIPT : POLICY_FILE_PROGRAM;
}

/* --- Services, providers, issuers --- */

static const char *
keep (CliKnown *known, const char *text)
{
  char *copy = g_strdup (text);

  if (copy != NULL)
    g_ptr_array_add (known->texts, copy);
  return copy;
}

static void
add_word (GPtrArray *words, const char *word)
{
  if (!g_ptr_array_find_with_equal_func (words, word, g_str_equal, NULL))
    g_ptr_array_add (words, g_strdup (word));
}

static void
add_words (GPtrArray *words, const json_t *texts)
{
  json_t *text;
  gsize i;

  json_array_foreach (texts, i, text) add_word (words, json_string_value (text));
}

/* @words (taken) as an array that ends with NULL. */
static const char *const *
keep_words (CliKnown *known, GPtrArray *words)
{
  g_ptr_array_add (words, NULL);
  char **texts = (char **) g_ptr_array_free (words, FALSE);
  for (char **text = texts; *text != NULL; text++)
    g_ptr_array_add (known->texts, *text);
  g_ptr_array_add (known->texts, texts);
  return (const char *const *) texts;
}

/* What a service sends, in all of its scopes. */
static void
add_service (CliKnown *known, const Service *service)
{
  GPtrArray *names = g_ptr_array_new (), *methods = g_ptr_array_new (), *paths = g_ptr_array_new ();
  g_autoptr (json_t) what = service_describe (service);
  json_t *scope, *rule;
  gsize i, j;

  json_array_foreach (json_object_get (what, "scopes"), i, scope)
  {
    add_word (names, wire_string (scope, "name"));
    json_array_foreach (json_object_get (scope, "rules"), j, rule)
    {
      add_words (methods, json_object_get (rule, "methods"));
      add_words (paths, json_object_get (rule, "paths"));
    }
  }
  PolicyKnownService one
      = { keep (known, service_name (service)), keep (known, service_credential (service)),
          keep_words (known, names), keep_words (known, methods), keep_words (known, paths) };
  g_array_append_val (known->services, one);
}

static void
add_services (CliKnown *known, const GPtrArray *files)
{
  g_autoptr (Services) services = cli_proposals_services (files, NULL);

  for (guint i = 0; services != NULL && i < services_count (services); i++)
    add_service (known, services_nth (services, i));
}

static void
add_providers (CliKnown *known, const GPtrArray *files)
{
  g_autoptr (Providers) providers = cli_proposals_providers (files, NULL);

  for (guint i = 0; providers != NULL && i < providers_count (providers); i++)
    g_ptr_array_add (known->providers,
                     (gpointer) keep (known, provider_name (providers_nth (providers, i))));
  g_ptr_array_add (known->providers, NULL);
}

/* An issuer is called as its file. */
static void
add_callers (CliKnown *known, const GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      const CliProposal *file = files->pdata[i];
      g_autofree char *folder = g_path_get_dirname (file->name);
      g_autofree char *name = g_path_get_basename (file->name);
      if (!g_str_has_suffix (folder, "callers.d") || !g_str_has_suffix (name, ".conf"))
        continue;
      name[strlen (name) - strlen (".conf")] = '\0';
      g_ptr_array_add (known->callers, (gpointer) keep (known, name));
    }
  g_ptr_array_add (known->callers, NULL);
}

static void
add_sources (CliKnown *known, const GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      const CliProposal *file = files->pdata[i];
      PolicySource source = { file->name, file->text, file->len };
      if (cli_proposal_is_policy (file))
        g_array_append_val (known->sources, source);
    }
}

CliKnown *
cli_known_new (const GPtrArray *files, gboolean user_mode)
{
  CliKnown *known = g_new0 (CliKnown, 1);

  known->sources = g_array_new (FALSE, FALSE, sizeof (PolicySource));
  known->services = g_array_new (TRUE, TRUE, sizeof (PolicyKnownService));
  known->providers = g_ptr_array_new ();
  known->callers = g_ptr_array_new ();
  known->texts = g_ptr_array_new_with_free_func (g_free);
  add_sources (known, files);
  add_services (known, files);
  add_providers (known, files);
  add_callers (known, files);
  known->known = (PolicyKnown){
    .user_mode = user_mode,
    .sources = (const PolicySource *) known->sources->data,
    .n_sources = known->sources->len,
    .services = (const PolicyKnownService *) known->services->data,
    .providers = (const char *const *) known->providers->pdata,
    .callers = (const char *const *) known->callers->pdata,
    .look = look,
  };
  return known;
}

void
cli_known_free (CliKnown *known)
{
  if (known == NULL)
    return;
  g_array_unref (known->sources);
  g_array_unref (known->services);
  g_ptr_array_unref (known->providers);
  g_ptr_array_unref (known->callers);
  g_clear_pointer (&known->secrets, g_ptr_array_unref);
  g_ptr_array_unref (known->texts);
  g_free (known);
}

void
cli_known_policy_alone (CliKnown *known)
{
  if (known->services->len == 0)
    known->known.services = NULL;
  if (known->providers->len == 1)
    known->known.providers = NULL;
  if (known->callers->len == 1)
    known->known.callers = NULL;
}

void
cli_known_add_secrets (CliKnown *known, const json_t *names)
{
  json_t *secret;
  gsize i;

  g_clear_pointer (&known->secrets, g_ptr_array_unref);
  known->secrets = g_ptr_array_new ();
  json_array_foreach (names, i, secret)
      g_ptr_array_add (known->secrets, (gpointer) keep (known, wire_string (secret, "name")));
  g_ptr_array_add (known->secrets, NULL);
  known->known.secrets = (const char *const *) known->secrets->pdata;
}

const PolicyKnown *
cli_known (const CliKnown *known)
{
  return &known->known;
}
