/* SPDX-License-Identifier: MIT */
#include "broker/worker/redact-shape.h"

#include <string.h>

#define NAME_MAX_LEN 128     /* of a user in a URL */
#define PASSWORD_MAX_LEN 256 /* there */
#define KEY_MAX_LEN (16 * 1024)
#define JWT_PART_MAX_LEN (8 * 1024)

typedef enum
{
  CLASS_UPPER32 = 1 << 0, /* A-Z 2-7 */
  CLASS_ALNUM = 1 << 1,
  CLASS_UNDERSCORE = 1 << 2,
  CLASS_DASH = 1 << 3,
  CLASS_KEY = 1 << 4,  /* what a PEM block is made of, in JSON too */
  CLASS_USER = 1 << 5, /* of a URL */
  CLASS_PASSWORD = 1 << 6,
  CLASS_LABEL = 1 << 7 /* between BEGIN and the dashes */
} Class;

enum
{
  AWS,
  GITHUB,
  STRIPE,
  SLACK,
  JWT,
  KEY,
  URL
};

static const char *const names[REDACT_N_SHAPES]
    = { "aws-access-key", "github-token", "stripe-key", "slack-token", "jwt",
        "private-key",    "url-password" };

#define GITHUB_CLASS (CLASS_ALNUM | CLASS_UNDERSCORE)
#define SLACK_CLASS (CLASS_ALNUM | CLASS_DASH)
#define LONG 1024

/* @begin, then between @least and @most of @class. */
static const struct
{
  const char *begin;
  guint anchor; /* where in @begin */
  guint shape, class;
  gsize least, most;
} tokens[] = {
  { "AKIA", 2, AWS, CLASS_UPPER32, 16, 16 },
  { "ASIA", 2, AWS, CLASS_UPPER32, 16, 16 },
  { "ghp_", 0, GITHUB, GITHUB_CLASS, 36, LONG },
  { "gho_", 0, GITHUB, GITHUB_CLASS, 36, LONG },
  { "ghu_", 0, GITHUB, GITHUB_CLASS, 36, LONG },
  { "ghs_", 0, GITHUB, GITHUB_CLASS, 36, LONG },
  { "ghr_", 0, GITHUB, GITHUB_CLASS, 36, LONG },
  { "github_pat_", 5, GITHUB, GITHUB_CLASS, 22, LONG },
  { "sk_live_", 1, STRIPE, CLASS_ALNUM, 16, LONG },
  { "sk_test_", 1, STRIPE, CLASS_ALNUM, 16, LONG },
  { "rk_live_", 1, STRIPE, CLASS_ALNUM, 16, LONG },
  { "rk_test_", 1, STRIPE, CLASS_ALNUM, 16, LONG },
  { "xoxa-", 0, SLACK, SLACK_CLASS, 10, LONG },
  { "xoxb-", 0, SLACK, SLACK_CLASS, 10, LONG },
  { "xoxe-", 0, SLACK, SLACK_CLASS, 10, LONG },
  { "xoxo-", 0, SLACK, SLACK_CLASS, 10, LONG },
  { "xoxp-", 0, SLACK, SLACK_CLASS, 10, LONG },
  { "xoxr-", 0, SLACK, SLACK_CLASS, 10, LONG },
  { "xoxs-", 0, SLACK, SLACK_CLASS, 10, LONG },
};

/* How those begin that are more than a literal and a run. */
static const char *const others[] = { "eyJ", "-----BEGIN ", "://", ":\\/\\/" };

static guint
class_of (guint8 c)
{
  guint class = 0;

  if (g_ascii_isalnum (c))
    class = CLASS_ALNUM | CLASS_KEY | CLASS_USER | CLASS_PASSWORD;
  if (g_ascii_isupper (c) || (c >= '2' && c <= '7'))
    class |= CLASS_UPPER32;
  if ((g_ascii_isalnum (c) && !g_ascii_islower (c)) || c == ' ')
    class |= CLASS_LABEL;
  if (c == '_')
    class |= CLASS_UNDERSCORE;
  if (c == '-')
    class |= CLASS_DASH;
  if (c != '\0' && strchr (" +/=\r\n\t\\:,-", c) != NULL)
    class |= CLASS_KEY;
  if (c > ' ' && c != 0x7f && strchr ("/?#@'\"<>\\`", c) == NULL)
    class |= c == ':' ? CLASS_PASSWORD : CLASS_USER | CLASS_PASSWORD;
  return class;
}

static guint8 classes[256];

static inline gboolean
is_in (guint8 c, guint class)
{
  return (classes[c] & class) != 0;
}

void
redact_shape_init (void)
{
  static gsize made;

  if (!g_once_init_enter (&made))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    classes[i] = (guint8) class_of ((guint8) i);
  g_once_init_leave (&made, 1);
}

/* Up to @max characters of @class at *@at, which then is after them. CUT when more may come. */
static RedactMatch
run (const RedactText *text, gsize *at, guint class, gsize least, gsize max)
{
  gsize n = 0;

  for (; n < max && *at < text->len && is_in (text->data[*at], class); (*at)++)
    n++;
  if (n < max && *at == text->len && !text->ended)
    return REDACT_MATCH_CUT;
  return n >= least ? REDACT_MATCH_FULL : REDACT_MATCH_NONE;
}

static RedactMatch
literal (const RedactText *text, gsize *at, const char *expected)
{
  gsize len = strlen (expected), there = MIN (len, text->len - *at);

  if (memcmp (text->data + *at, expected, there) != 0)
    return REDACT_MATCH_NONE;
  if (there < len)
    return text->ended ? REDACT_MATCH_NONE : REDACT_MATCH_CUT;
  *at += len;
  return REDACT_MATCH_FULL;
}

/* Where something begins whose @skip bytes stand before @anchor; FALSE when it would not fit. */
static gboolean
begin (gsize from, gsize anchor, gsize skip, RedactFound *found)
{
  found->start = found->end = anchor - MIN (skip, anchor);
  return anchor >= from + skip;
}

static RedactMatch
match_token (const RedactText *text, gsize from, gsize anchor, guint which, RedactFound *found)
{
  RedactMatch got;

  if (!begin (from, anchor, tokens[which].anchor, found))
    return REDACT_MATCH_NONE;
  if (found->start > 0 && is_in (text->data[found->start - 1], CLASS_ALNUM))
    return REDACT_MATCH_NONE;
  got = literal (text, &found->end, tokens[which].begin);
  if (got == REDACT_MATCH_FULL)
    got = run (text, &found->end, tokens[which].class, tokens[which].least, tokens[which].most);
  if (got != REDACT_MATCH_FULL || tokens[which].shape != AWS)
    return got;
  if (found->end == text->len)
    return text->ended ? REDACT_MATCH_FULL : REDACT_MATCH_CUT;
  return is_in (text->data[found->end], CLASS_ALNUM) ? REDACT_MATCH_NONE : REDACT_MATCH_FULL;
}

/* RFC 7519: two JSON objects and a signature, in base64url. */
static RedactMatch
match_jwt (const RedactText *text, gsize from, gsize anchor, RedactFound *found)
{
  static const guint class = CLASS_ALNUM | CLASS_UNDERSCORE | CLASS_DASH;
  RedactMatch got = REDACT_MATCH_NONE;

  if (!begin (from, anchor, 1, found))
    return REDACT_MATCH_NONE;
  for (guint part = 0; part < 2; part++)
    if ((got = literal (text, &found->end, "eyJ")) != REDACT_MATCH_FULL
        || (got = run (text, &found->end, class, 5, JWT_PART_MAX_LEN)) != REDACT_MATCH_FULL
        || (got = literal (text, &found->end, ".")) != REDACT_MATCH_FULL)
      return got;
  return run (text, &found->end, class, 0, JWT_PART_MAX_LEN);
}

/* The rest of a block: to its last line, or as far as it looks like one. */
static RedactMatch
match_body (const RedactText *text, gsize *at)
{
  gsize limit = *at + KEY_MAX_LEN;

  for (; *at < limit; (*at)++)
    {
      RedactMatch got = literal (text, at, "-----END ");
      if (got == REDACT_MATCH_CUT)
        return got;
      if (got == REDACT_MATCH_FULL)
        {
          got = run (text, at, CLASS_LABEL, 0, 64);
          return got == REDACT_MATCH_FULL ? run (text, at, CLASS_DASH, 0, 5) : got;
        }
      if (*at == text->len)
        return text->ended ? REDACT_MATCH_FULL : REDACT_MATCH_CUT;
      if (!is_in (text->data[*at], CLASS_KEY))
        return REDACT_MATCH_FULL;
    }
  return REDACT_MATCH_FULL;
}

/* RFC 7468, and what came before it. */
static RedactMatch
match_key (const RedactText *text, gsize from, gsize anchor, RedactFound *found)
{
  RedactMatch got;
  gsize label;

  if (!begin (from, anchor, 4, found))
    return REDACT_MATCH_NONE;
  if ((got = literal (text, &found->end, "-----BEGIN ")) != REDACT_MATCH_FULL)
    return got;
  label = found->end;
  if ((got = run (text, &found->end, CLASS_LABEL, 11, 64)) != REDACT_MATCH_FULL)
    return got;
  if (memmem (text->data + label, found->end - label, "PRIVATE KEY", 11) == NULL)
    return REDACT_MATCH_NONE;
  got = literal (text, &found->end, "-----");
  return got == REDACT_MATCH_FULL ? match_body (text, &found->end) : got;
}

/* RFC 3986 section 3.2.1: the part of the user's name that should not be there. */
static RedactMatch
match_url (const RedactText *text, gsize from, gsize anchor, RedactFound *found)
{
  gsize at = anchor, start;
  RedactMatch got;

  if (!begin (from, anchor, 0, found) || anchor == 0
      || !is_in (text->data[anchor - 1], CLASS_ALNUM))
    return REDACT_MATCH_NONE;
  got = literal (text, &at, "://");
  if (got == REDACT_MATCH_NONE)
    got = literal (text, &at, ":\\/\\/");
  if (got != REDACT_MATCH_FULL
      || (got = run (text, &at, CLASS_USER, 0, NAME_MAX_LEN)) != REDACT_MATCH_FULL
      || (got = literal (text, &at, ":")) != REDACT_MATCH_FULL)
    return got;
  start = at;
  if ((got = run (text, &at, CLASS_PASSWORD, 1, PASSWORD_MAX_LEN)) != REDACT_MATCH_FULL)
    return got;
  found->end = at;
  got = literal (text, &at, "@");
  if (got == REDACT_MATCH_FULL)
    found->start = start;
  return got;
}

const char *
redact_shape_name (guint shape)
{
  return names[shape];
}

RedactMatch
redact_shape_at (const RedactText *text, gsize from, gsize anchor, RedactFound *found, guint *shape)
{
  switch (text->data[anchor])
    {
    case 'y':
      *shape = JWT;
      return match_jwt (text, from, anchor, found);
    case '-':
      *shape = KEY;
      return match_key (text, from, anchor, found);
    case ':':
      *shape = URL;
      return match_url (text, from, anchor, found);
    default:
      break;
    }
  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    if (tokens[i].begin[tokens[i].anchor] == (char) text->data[anchor]
        && tokens[i].begin[tokens[i].anchor + 1] == (char) text->data[anchor + 1])
      {
        RedactMatch got = match_token (text, from, anchor, i, found);
        *shape = tokens[i].shape;
        if (got != REDACT_MATCH_NONE)
          return got;
      }
  return REDACT_MATCH_NONE;
}

static gboolean
begins_with_rest (const RedactText *text, gsize at, const char *whole)
{
  return text->data[at] == (guint8) whole[0] && text->len - at < strlen (whole)
         && memcmp (text->data + at, whole, text->len - at) == 0;
}

gsize
redact_shape_tail (const RedactText *text, gsize from)
{
  gsize at = MAX (from, text->len - MIN (text->len, 11));

  for (; at < text->len; at++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
        if (begins_with_rest (text, at, tokens[i].begin))
          return at;
      for (guint i = 0; i < G_N_ELEMENTS (others); i++)
        if (begins_with_rest (text, at, others[i]))
          return at;
    }
  return at;
}
