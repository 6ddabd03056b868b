/* SPDX-License-Identifier: MIT */
#include "broker/accepted.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/base/paths.h"
#include "broker/base/text.h"
#include "broker/caller/bearers.h"
#include "broker/dispatch/http-workers.h"
#include "broker/dispatch/relays.h"
#include "broker/token/tokens.h"

#define META "policy"
#define FILES_MAX 320

static gboolean
check_file (const json_t *file, GError **error)
{
  static const WireField fields[] = {
    { "name", WIRE_STRING, TRUE, 1, 255, NULL },
    { "text", WIRE_STRING, TRUE, 0, 0, NULL },
  };
  return wire_check (fields, G_N_ELEMENTS (fields), file, error);
}

void
accepted_free (Accepted *accepted)
{
  if (accepted == NULL)
    return;
  g_clear_pointer (&accepted->policy, policy_free);
  g_clear_pointer (&accepted->services, services_unref);
  g_clear_pointer (&accepted->providers, providers_unref);
  g_clear_pointer (&accepted->callers, callers_free);
  g_free (accepted);
}

static gboolean
is_rules (const PolicySource *source)
{
  return !g_str_has_prefix (source->name, SERVICE_FOLDER)
         && !g_str_has_prefix (source->name, PROVIDER_FOLDER)
         && !g_str_has_prefix (source->name, CALLER_FOLDER);
}

static Accepted *
parse (const PolicySource *sources, gsize n, GError **error)
{
  g_autoptr (Accepted) accepted = g_new0 (Accepted, 1);
  g_autofree PolicySource *rules = g_new0 (PolicySource, MAX (n, 1));
  gsize n_rules = 0;

  for (gsize i = 0; i < n; i++)
    if (is_rules (&sources[i]))
      rules[n_rules++] = sources[i];
  accepted->policy = policy_parse (rules, n_rules, error);
  if (accepted->policy != NULL)
    accepted->services = services_parse (sources, n, error);
  if (accepted->services != NULL)
    accepted->providers = providers_parse (sources, n, error);
  if (accepted->providers != NULL)
    accepted->callers = callers_parse (sources, n, accepted->providers, error);
  return accepted->callers != NULL ? g_steal_pointer (&accepted) : NULL;
}

Accepted *
accepted_parse (const json_t *files, GError **error)
{
  gsize n = json_array_size (files);
  g_autofree PolicySource *sources = g_new0 (PolicySource, MAX (n, 1));

  if (!json_is_array (files) || n > FILES_MAX)
    {
      g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "files: must be a list of at most %d items",
                   FILES_MAX);
      return NULL;
    }
  for (gsize i = 0; i < n; i++)
    {
      const json_t *file = json_array_get (files, i);
      if (!check_file (file, error))
        return NULL;
      const json_t *text = json_object_get (file, "text");
      sources[i] = (PolicySource){ wire_string (file, "name"), json_string_value (text),
                                   json_string_length (text) };
    }
  return parse (sources, n, error);
}

gboolean
accepted_load (Vault *vault, GError **error)
{
  g_autoptr (json_t) accepted = store_get_table (vault->store, META, NULL);
  g_autoptr (json_t) none = json_array ();
  const json_t *files = accepted != NULL ? json_object_get (accepted, "files") : none;
  Accepted *parsed = accepted_parse (files, error);

  if (parsed == NULL)
    return FALSE;
  accepted_rule (vault, parsed);
  return TRUE;
}

void
accepted_rule (Vault *vault, Accepted *accepted)
{
  g_autoptr (Callers) before = g_steal_pointer (&vault->callers);

  g_clear_pointer (&vault->policy, policy_free);
  g_clear_pointer (&vault->services, services_unref);
  g_clear_pointer (&vault->providers, providers_unref);
  vault->policy = g_steal_pointer (&accepted->policy);
  vault->services = g_steal_pointer (&accepted->services);
  vault->providers = g_steal_pointer (&accepted->providers);
  vault->callers = g_steal_pointer (&accepted->callers);
  accepted_free (accepted);
  http_workers_retire (vault->http); /* they know the services that were */
  relays_end_changed (vault->relays);
  tokens_follow (vault->tokens);
  bearers_follow (vault->bearers, before);
}

void
accepted_save (Vault *vault, const json_t *files, WriterDone done, gpointer data)
{
  g_autofree char *now = text_format_time (g_get_real_time ());
  g_autoptr (json_t) accepted = json_pack ("{s:O, s:s}", "files", files, "accepted_at", now);

  store_put_table (vault->store, META, accepted, done, data);
}

json_t *
accepted_show (Vault *vault)
{
  json_t *accepted = store_get_table (vault->store, META, NULL);
  return accepted != NULL ? accepted : json_pack ("{s:[]}", "files");
}

/* Not g_file_get_contents(): whoever writes there may have put a pipe that opens when they like, or
 * a file without end, and the main loop would wait for it. */
static gboolean
file_is (const char *path, const char *text)
{
  gsize len = strlen (text);
  g_autofree char *there = g_malloc (len + 1);
  struct stat st;
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

  if (fd < 0)
    return FALSE;
  gboolean same = fstat (fd, &st) == 0 && S_ISREG (st.st_mode)
                  && read (fd, there, len + 1) == (gssize) len && memcmp (there, text, len) == 0;
  close (fd);
  return same;
}

/* TRUE when @name is among @files. */
static gboolean
is_accepted (const json_t *files, const char *name)
{
  gsize i;
  json_t *file;

  json_array_foreach (files, i,
                      file) if (g_strcmp0 (wire_string (file, "name"), name) == 0) return TRUE;
  return FALSE;
}

static void
add_new (json_t *differs, const json_t *files, const char *name)
{
  if (!is_accepted (files, name))
    json_array_append_new (differs, json_string (name));
}

/* Of what is in @folder, the files that a proposal is made of. */
static void
add_new_in (json_t *differs, const json_t *files, const char *config, const char *folder)
{
  g_autofree char *path = g_build_filename (config, folder, NULL);
  gboolean pem = !g_str_equal (folder, "policy.d");
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *relative = g_build_filename (folder, name, NULL);
      if (g_str_has_suffix (name, ".conf") || (pem && g_str_has_suffix (name, ".pem")))
        add_new (differs, files, relative);
    }
}

json_t *
accepted_digests (Vault *vault)
{
  g_autoptr (json_t) accepted = vault->state == VAULT_UNLOCKED ? accepted_show (vault) : NULL;
  json_t *digests = json_array (), *file;
  gsize i;

  json_array_foreach (json_object_get (accepted, "files"), i, file)
  {
    g_autofree char *digest
        = g_compute_checksum_for_string (G_CHECKSUM_SHA256, wire_string (file, "text"), -1);
    json_array_append_new (
        digests, json_pack ("{s:s, s:s}", "name", wire_string (file, "name"), "sha256", digest));
  }
  return digests;
}

void
accepted_query_more (const Vault *vault, const Requester *requester, Operation operation,
                     guint more, PolicyQuery *query)
{
  *query = (PolicyQuery){ .operation = operation,
                          .exe = requester_exe (requester),
                          .caller = requester_caller (requester),
                          .uid = process_uid (requester->process) };
  facts_fill (requester->facts, requester->process, policy_needs (vault->policy) | more,
              vault->executables, vault->counts, query);
}

void
accepted_query (const Vault *vault, const Requester *requester, Operation operation,
                PolicyQuery *query)
{
  accepted_query_more (vault, requester, operation, 0, query);
}

void
accepted_raise (const Vault *vault, PolicyDecision *decision)
{
  if (vault->system && decision->confirm == CONFIRM_CLICK)
    decision->confirm = CONFIRM_PIN;
}

void
accepted_decide (const Vault *vault, const PolicyQuery *query, PolicyDecision *decision)
{
  policy_decide (vault->policy, query, decision);
  accepted_raise (vault, decision);
}

char *
accepted_rule_name (const Vault *vault, int rule)
{
  g_autofree char *place = policy_rule_place (vault->policy, rule);
  g_autofree char *text = policy_rule_text (vault->policy, rule);

  return place != NULL ? g_strdup_printf ("%s: %s", place, text)
                       : g_strdup ("no rule matches: asked");
}

json_t *
accepted_differs (Vault *vault)
{
  g_autoptr (json_t) accepted = vault->state == VAULT_UNLOCKED ? accepted_show (vault) : NULL;
  g_autofree char *config = paths_config_dir ();
  g_autofree char *main_file = g_build_filename (config, "policy.conf", NULL);
  json_t *differs = json_array (), *files = json_object_get (accepted, "files"), *file;
  const char *name;
  gsize i;

  if (accepted == NULL)
    return differs;
  json_array_foreach (files, i, file)
  {
    name = wire_string (file, "name");
    g_autofree char *path = g_build_filename (config, name, NULL);
    if (!file_is (path, wire_string (file, "text")))
      json_array_append_new (differs, json_string (name));
  }
  if (g_file_test (main_file, G_FILE_TEST_EXISTS))
    add_new (differs, files, "policy.conf");
  add_new_in (differs, files, config, "policy.d");
  add_new_in (differs, files, config, "services.d");
  add_new_in (differs, files, config, "providers.d");
  add_new_in (differs, files, config, "callers.d");
  return differs;
}
