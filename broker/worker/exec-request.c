/* SPDX-License-Identifier: MIT */
#include "broker/worker/exec-request.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define KEPT_USUAL (256 * 1024)
#define KEPT_MOST (1024 * 1024)
#define VARIABLE_MAX (128 * 1024 - 2) /* the kernel's MAX_ARG_STRLEN, without '=' and NUL */
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

const WireField exec_request_fields[] = {
  { "program", WIRE_STRING, TRUE, 1, 4096, "path of the file to execute" },
  { "device", WIRE_STRING, TRUE, 1, 20, "its device, decimal" },
  { "inode", WIRE_STRING, TRUE, 1, 20, "its inode, decimal" },
  { "changed", WIRE_STRING, TRUE, 1, 20, "when it was changed, ns, decimal" },
  { "argv", WIRE_ARRAY, TRUE, 1, 4096, "arguments, with the name it is called by" },
  { "env", WIRE_STRING_MAP, FALSE, 0, 0, "environment" },
  { "secrets", WIRE_ARRAY, FALSE, 0, 64, "what was attached, and where it goes" },
  { "work_dir", WIRE_STRING, FALSE, 1, 4096, "directory to run in" },
  { "write", WIRE_STRINGS, FALSE, 0, 64, "paths that may be written" },
  { "hide", WIRE_STRINGS, FALSE, 0, 64, "paths that are not seen" },
  { "reach", WIRE_OBJECT, FALSE, 0, 0, "the one place that may be reached" },
  { "timeout_ms", WIRE_INTEGER, TRUE, 1, 3600 * 1000, "when it is ended" },
  { "max_bytes", WIRE_INTEGER, FALSE, 0, KEPT_MOST, "how much of each stream is kept" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (exec_request_fields) == EXEC_REQUEST_FIELDS);

static const WireField secret_fields[] = {
  { "name", WIRE_STRING, TRUE, 1, 256, "what was attached" },
  { "env", WIRE_STRING, FALSE, 1, 256, "variable" },
  { "fd", WIRE_INTEGER, FALSE, 3, 9, "descriptor" },
  { "stdin", WIRE_BOOLEAN, FALSE, 0, 0, "standard input" },
};

static const WireField reach_fields[] = {
  { "host", WIRE_STRING, TRUE, 1, 253, "name or address" },
  { "port", WIRE_INTEGER, TRUE, 1, 65535, "port" },
};

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *words = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, SANDBOX_ERROR, SANDBOX_ERROR_FIELD, words);
  return FALSE;
}

/* --- Strings --- */

/* An array that lives as long as the request, NULL at its end. */
static const char *const *
keep_strings (ExecRequest *self, GPtrArray *strings)
{
  g_ptr_array_add (strings, NULL);
  g_ptr_array_add (self->strings, strings);
  return (const char *const *) strings->pdata;
}

static GPtrArray *
new_strings (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

static const char *const *
take_strings (ExecRequest *self, const json_t *list)
{
  GPtrArray *strings = new_strings ();

  for (gsize i = 0; i < json_array_size (list); i++)
    g_ptr_array_add (strings, g_strdup (json_string_value (json_array_get (list, i))));
  return keep_strings (self, strings);
}

static gboolean
take_argv (ExecRequest *self, const json_t *list, GError **error)
{
  for (gsize i = 0; i < json_array_size (list); i++)
    if (!json_is_string (json_array_get (list, i)))
      return refuse (error, "argv: each must be text");
  self->command.argv = take_strings (self, list);
  return TRUE;
}

static gboolean
take_env (ExecRequest *self, const json_t *map, GError **error)
{
  GPtrArray *strings = new_strings ();
  const char *name;
  json_t *value;

  json_object_foreach ((json_t *) map, name, value)
  {
    if (*name == '\0' || strchr (name, '=') != NULL)
      {
        g_ptr_array_unref (strings);
        return refuse (error, "env: \"%s\" is no name of a variable", name);
      }
    g_ptr_array_add (strings, g_strconcat (name, "=", json_string_value (value), NULL));
  }
  self->command.env = keep_strings (self, strings);
  return TRUE;
}

static gboolean
take_number (const json_t *params, const char *field, guint64 *number, GError **error)
{
  return g_ascii_string_to_unsigned (wire_string (params, field), 10, 0, G_MAXUINT64, number, NULL)
         || refuse (error, "%s: must be a decimal number", field);
}

static gboolean
take_reach (ExecRequest *self, const json_t *reach, GError **error)
{
  if (reach == NULL)
    return TRUE;
  if (!wire_check (reach_fields, G_N_ELEMENTS (reach_fields), reach, NULL))
    return refuse (error, "reach: must be a host and a port");
  const char *host = wire_string (reach, "host");
  /* It becomes a word of /etc/hosts. */
  if (strspn (host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:")
      != strlen (host))
    return refuse (error, "reach: \"%s\" is no host's name or address", host);
  self->command.reach_host = host;
  self->command.reach_port = (guint16) wire_integer (reach, "port", 0);
  return TRUE;
}

/* --- Secrets --- */

static gboolean
take_attached (ExecRequest *self, WorkerLink *link, GError **error)
{
  char *name = NULL;

  for (int fd; (fd = worker_link_take (link, "secret", &name)) >= 0; name = NULL)
    {
      g_autofree char *owned = name;
      Secret *value = secret_read_memfd (fd, SECRET_MAX, error);
      close (fd);
      if (value == NULL || owned == NULL)
        {
          secret_free (value);
          return value == NULL ? FALSE : refuse (error, "attach: a secret without a name");
        }
      g_ptr_array_add (self->values, value);
      const RedactSecret entry = { g_steal_pointer (&owned), value };
      g_array_append_val (self->redact, entry);
    }
  self->redactor
      = redactor_new ((const RedactSecret *) self->redact->data, self->redact->len, error);
  return self->redactor != NULL;
}

static const Secret *
find_value (const ExecRequest *self, const char *name)
{
  for (guint i = 0; i < self->redact->len; i++)
    if (strcmp (g_array_index (self->redact, RedactSecret, i).name, name) == 0)
      return g_array_index (self->redact, RedactSecret, i).value;
  return NULL;
}

static gboolean
check_variable (const char *name, const SandboxSecret *secret, GError **error)
{
  gsize len = secret_len (secret->value);

  if (strchr (secret->env, '=') != NULL)
    return refuse (error, "secrets: \"%s\" is no name of a variable", secret->env);
  if (memchr (secret_peek (secret->value), '\0', len) != NULL)
    return refuse (error,
                   "secrets: %s holds a NUL byte, which no variable can; give it by \"fd\" or "
                   "\"stdin\"",
                   name);
  return len + strlen (secret->env) < VARIABLE_MAX
         || refuse (error,
                    "secrets: %s is too large for a variable; give it by \"fd\" or \"stdin\"",
                    name);
}

static gboolean
take_secret (ExecRequest *self, const json_t *item, GError **error)
{
  if (!wire_check (secret_fields, G_N_ELEMENTS (secret_fields), item, NULL))
    return refuse (error, "secrets: each must be a name, and one of env, fd (3 to 9) and stdin");
  const char *name = wire_string (item, "name");
  const SandboxSecret secret = { .value = find_value (self, name),
                                 .env = wire_string (item, "env"),
                                 .fd = (int) wire_integer (item, "fd", -1),
                                 .input = json_is_true (json_object_get (item, "stdin")) };

  if (secret.value == NULL)
    return refuse (error, "secrets: %s was not attached", name);
  if ((secret.env != NULL) + (secret.fd >= 0) + secret.input != 1)
    return refuse (error, "secrets: %s needs one of env, fd and stdin", name);
  if (secret.env != NULL && !check_variable (name, &secret, error))
    return FALSE;
  if (secret.input && self->input >= 0)
    return refuse (error, "secrets: %s cannot go to standard input, which has text already", name);
  g_array_append_val (self->secrets, secret);
  return TRUE;
}

static gboolean
is_same_place (const SandboxSecret *a, const SandboxSecret *b)
{
  return (a->env != NULL && g_strcmp0 (a->env, b->env) == 0) || (a->fd >= 0 && a->fd == b->fd)
         || (a->input && b->input);
}

static gboolean
take_secrets (ExecRequest *self, const json_t *list, GError **error)
{
  for (gsize i = 0; i < json_array_size (list); i++)
    {
      if (!take_secret (self, json_array_get (list, i), error))
        return FALSE;
      const SandboxSecret *last = &g_array_index (self->secrets, SandboxSecret, i);
      for (gsize j = 0; j < i; j++)
        if (is_same_place (last, &g_array_index (self->secrets, SandboxSecret, j)))
          return refuse (error, "secrets: two go to the same place");
      for (const char *const *entry = self->command.env; last->env != NULL && *entry != NULL;
           entry++)
        if (g_str_has_prefix (*entry, last->env) && (*entry)[strlen (last->env)] == '=')
          return refuse (error, "secrets: %s is in env already", last->env);
    }
  self->command.secrets = (const SandboxSecret *) self->secrets->data;
  self->command.n_secrets = self->secrets->len;
  return TRUE;
}

/* --- Standard input --- */

/* What was shown to the person is what is read: sealed, and by a description of our own, whose
 * place no other process can move. */
static gboolean
take_input (ExecRequest *self, WorkerLink *link, GError **error)
{
  int fd = worker_link_take (link, "stdin", NULL);

  if (fd < 0)
    return TRUE;
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  const int seals = fcntl (fd, F_GET_SEALS); /* -1: not even a memfd */
  gboolean sealed = seals >= 0 && (seals & SEALS) == SEALS;
  self->input = sealed ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  close (fd);
  return self->input >= 0 || refuse (error, "attach: stdin must be a sealed memfd");
}

static gboolean
take_all (ExecRequest *self, WorkerLink *link, const json_t *params, GError **error)
{
  self->command.program = wire_string (params, "program");
  self->command.work_dir = wire_string (params, "work_dir");
  self->command.write = take_strings (self, json_object_get (params, "write"));
  self->command.hide = take_strings (self, json_object_get (params, "hide"));
  self->timeout_ms = wire_integer (params, "timeout_ms", 0);
  self->max_bytes = (gsize) wire_integer (params, "max_bytes", KEPT_USUAL);
  return take_attached (self, link, error) && take_input (self, link, error)
         && take_number (params, "device", &self->command.device, error)
         && take_number (params, "inode", &self->command.inode, error)
         && take_number (params, "changed", &self->command.changed, error)
         && take_argv (self, json_object_get (params, "argv"), error)
         && take_env (self, json_object_get (params, "env"), error)
         && take_secrets (self, json_object_get (params, "secrets"), error)
         && take_reach (self, json_object_get (params, "reach"), error);
}

static void
unref_strings (gpointer strings)
{
  g_ptr_array_unref (strings);
}

static void
free_value (gpointer value)
{
  secret_free (value);
}

ExecRequest *
exec_request_new (WorkerLink *link, const json_t *params, GError **error)
{
  g_autoptr (ExecRequest) self = g_new0 (ExecRequest, 1);

  self->input = -1;
  self->values = g_ptr_array_new_with_free_func (free_value);
  self->strings = g_ptr_array_new_with_free_func (unref_strings);
  self->redact = g_array_new (FALSE, FALSE, sizeof (RedactSecret));
  self->secrets = g_array_new (FALSE, FALSE, sizeof (SandboxSecret));
  return take_all (self, link, params, error) ? g_steal_pointer (&self) : NULL;
}

void
exec_request_forget_values (ExecRequest *self)
{
  for (guint i = 0; i < self->redact->len; i++)
    g_free ((char *) g_array_index (self->redact, RedactSecret, i).name);
  g_array_set_size (self->redact, 0);
  g_array_set_size (self->secrets, 0);
  g_ptr_array_set_size (self->values, 0);
  if (self->input >= 0)
    close (self->input);
  self->input = -1;
}

void
exec_request_free (ExecRequest *self)
{
  if (self == NULL)
    return;
  exec_request_forget_values (self);
  redactor_free (self->redactor);
  g_array_unref (self->redact);
  g_array_unref (self->secrets);
  g_ptr_array_unref (self->values);
  g_ptr_array_unref (self->strings);
  g_free (self);
}
