/* SPDX-License-Identifier: MIT */
#include "policy/policy-words.h"

#include <string.h>

#define SHOWN 64    /* characters of a foreign word in a message */
#define COMPARED 64 /* bytes of a word that may be a slip */

const char *const policy_verdict_words[] = { "deny", "ask", "allow", NULL };
const char *const policy_confirm_words[] = { "click", "pin", "key", NULL };
const char *const policy_operation_words[] = {
  "list_secrets",  "get_secret",  "reveal",          "store_secret", "update_secret",
  "delete_secret", "mint_token",  "revoke_token",    "http_request", "run_command",
  "launch",        "oauth_login", "aws_credentials", "github_token", "ssh_certificate",
  "any",           NULL,
};
G_STATIC_ASSERT (G_N_ELEMENTS (policy_operation_words) == OPERATION_COUNT + 2);

/* Names that people bring along: of the tools, and of other languages of this kind. */
static const struct
{
  const char *said, *meant;
} known_as[] = {
  { "resolve_secret", "reveal" },
  { "start_oauth_flow", "oauth_login" },
  { "get_aws_credentials", "aws_credentials" },
  { "get_github_token", "github_token" },
  { "get_ssh_certificate", "ssh_certificate" },
  { "all", "any" },
  { "permit", "allow" },
  { "pass", "allow" },
  { "block", "deny" },
  { "prompt", "ask" },
  { "for", "max" },
  { "argv", "command" },
  { "confined", "sandbox" },
  { "verb", "method" },
  { "url", "path" },
  { "hash", "sha256" },
  { "checksum", "sha256" },
  { "under", "below" },
  { "parent", "below" },
  { "cwd", "in" },
  { "directory", "in" },
  { "repository", "in" },
  { "time", "during" },
  { "hours", "during" },
  { "day", "on" },
  { "days", "on" },
  { "limit", "rate" },
  { "tell", "notify" },
};

const char *
policy_verdict_name (PolicyVerdict verdict)
{
  g_return_val_if_fail ((guint) verdict <= POLICY_ALLOW, "deny");
  return policy_verdict_words[verdict];
}

const char *
operation_name (Operation operation)
{
  g_return_val_if_fail ((guint) operation < OPERATION_COUNT, NULL);
  return policy_operation_words[operation];
}

gboolean
operation_from_name (const char *name, Operation *operation)
{
  for (guint i = 0; i < OPERATION_COUNT; i++)
    if (strcmp (policy_operation_words[i], name) == 0)
      {
        *operation = i;
        return TRUE;
      }
  return FALSE;
}

const char *
policy_confirm_name (PolicyConfirm confirm)
{
  g_return_val_if_fail (confirm >= CONFIRM_CLICK && confirm <= CONFIRM_KEY, "pin");
  return policy_confirm_words[confirm - CONFIRM_CLICK];
}

gboolean
policy_confirm_from_name (const char *name, PolicyConfirm *confirm)
{
  for (guint i = 0; policy_confirm_words[i] != NULL; i++)
    if (strcmp (policy_confirm_words[i], name) == 0)
      {
        *confirm = CONFIRM_CLICK + i;
        return TRUE;
      }
  return FALSE;
}

/* How many letters must be changed, added, dropped or swapped with their neighbour to turn one
 * word into the other (optimal string alignment). */
static guint
distance (const char *a, gsize a_len, const char *b, gsize b_len)
{
  guint d[COMPARED + 1][COMPARED + 1];
  for (gsize i = 0; i <= a_len; i++)
    d[i][0] = i;
  for (gsize j = 0; j <= b_len; j++)
    d[0][j] = j;
  for (gsize i = 1; i <= a_len; i++)
    for (gsize j = 1; j <= b_len; j++)
      {
        guint changed = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
        d[i][j] = MIN (changed, MIN (d[i - 1][j], d[i][j - 1]) + 1);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
          d[i][j] = MIN (d[i][j], d[i - 2][j - 2] + 1);
      }
  return d[a_len][b_len];
}

static const char *
alias_among (const char *word, const char *const *words)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known_as); i++)
    if (strcmp (known_as[i].said, word) == 0 && g_strv_contains (words, known_as[i].meant))
      return known_as[i].meant;
  return NULL;
}

const char *
policy_nearest (const char *word, const char *const *words)
{
  g_autofree char *small = g_ascii_strdown (word, -1);
  gsize len = strlen (small);
  if (len > COMPARED)
    return NULL;

  const char *found = alias_among (small, words);
  if (found != NULL)
    return found;
  guint least = MIN ((len + 1) / 3, 3) + 1; /* more changes than this make another word */
  for (; *words != NULL; words++)
    {
      g_autofree char *other = g_ascii_strdown (*words, -1);
      gsize other_len = strlen (other);
      if (other_len > COMPARED)
        continue;
      guint changes = distance (small, len, other, other_len);
      if (changes < least)
        {
          least = changes;
          found = *words;
        }
    }
  return found;
}

/* Letters and marks that are drawn as nothing (Unicode's Default_Ignorable_Code_Point and the
 * Braille blank), which GLib's types do not tell from others. */
static const struct
{
  gunichar first, last;
} drawn_as_nothing[] = {
  { 0x034F, 0x034F }, { 0x115F, 0x1160 }, { 0x17B4, 0x17B5 },
  { 0x180B, 0x180F }, { 0x2800, 0x2800 }, { 0x3164, 0x3164 },
  { 0xFE00, 0xFE0F }, { 0xFFA0, 0xFFA0 }, { 0xE0100, 0xE01EF },
};

gboolean
policy_hidden (gunichar c)
{
  if (c < 0x80)
    return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
  for (gsize i = 0; i < G_N_ELEMENTS (drawn_as_nothing); i++)
    if (c >= drawn_as_nothing[i].first && c <= drawn_as_nothing[i].last)
      return TRUE;
  switch ((int) g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SPACE_SEPARATOR:
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
policy_special (gunichar c)
{
  return c <= ' ' || strchr ("{}\"#\\,$", (int) MIN (c, 0x7F)) != NULL;
}

static void
append_escaped (GString *out, gunichar c)
{
  if (c == '"' || c == '\\')
    g_string_append_printf (out, "\\%c", (char) c);
  else if (policy_hidden (c) || c == '\t' || c == '\n')
    g_string_append_printf (out, "\\u{%x}", c);
  else
    g_string_append_unichar (out, c);
}

static char *
quote (const char *text, glong most)
{
  GString *out = g_string_new ("\"");
  for (; *text != '\0' && most > 0; text = g_utf8_next_char (text), most--)
    append_escaped (out, g_utf8_get_char (text));
  g_string_append (out, *text != '\0' ? "…\"" : "\"");
  return g_string_free (out, FALSE);
}

char *
policy_quote (const char *text)
{
  return quote (text, G_MAXLONG);
}

char *
policy_show (const char *text)
{
  return quote (text, SHOWN);
}
