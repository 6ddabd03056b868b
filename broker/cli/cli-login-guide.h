/* SPDX-License-Identifier: MIT
 *
 * How Countersign is made known at each provider: what a person does in its console, what is asked
 * of them afterwards, and the file that becomes of the answers.
 */
#pragma once

#include <glib.h>

typedef struct
{
  const char *key;       /* {key} in the lines */
  const char *prompt;    /* "Client ID" */
  const char *variable;  /* of the environment, which answers it; or NULL */
  const char *otherwise; /* what an empty answer stands for; NULL: there must be one, unless @may */
  gboolean may;          /* be left empty: lines with it are left out */
  enum
  {
    CLI_ANSWER_WORD = 0, /* one word of a line */
    CLI_ANSWER_TEXT,     /* words: each a word of the line */
    CLI_ANSWER_SECRET,   /* unseen, for the store; in the lines stands the secret's name */
    CLI_ANSWER_FILE      /* of a file, for the store */
  } kind;
} CliGuideQuestion;

#define CLI_GUIDE_QUESTIONS 6

typedef struct
{
  const char *name;                                /* of the provider that is made */
  const char *what;                                /* it becomes there: "an OAuth app of yours" */
  const char *const *steps;                        /* NULL-terminated */
  CliGuideQuestion questions[CLI_GUIDE_QUESTIONS]; /* up to the first without a key */
  const char *lines;                               /* of the file, below "provider NAME" */
  const char *next;                                /* what can be done then */
} CliGuide;

/* NULL: there is none. "gcp" finds google, which is its other name. */
const CliGuide *cli_login_guide (const char *name);
/* "github, google, …"; g_free(). */
char *cli_login_guide_names (void);
/* The name of the secret that the answer to @question is kept as; g_free(). */
char *cli_login_guide_secret (const CliGuide *guide, const CliGuideQuestion *question);
/* The text of the file, of the answers in the order of the questions: NULL where there is none.
 * g_free(). */
char *cli_login_guide_file (const CliGuide *guide, const char *const *answers);
