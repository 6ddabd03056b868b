/* SPDX-License-Identifier: MIT
 *
 * Records as a listing, one after the other as they are found.
 *
 * MUST
 *  - let nothing in a record act on a terminal, end a line, or be a formula to a spreadsheet
 */
#pragma once

#include <jansson.h>

#include "broker/cli/audit/cli-audit-words.h"
#include "broker/cli/cli-pager.h"

typedef enum
{
  CLI_LISTING_HUMAN = 0,
  CLI_LISTING_JSON,  /* an array */
  CLI_LISTING_LINES, /* JSON, one a line */
  CLI_LISTING_CSV    /* RFC 4180 */
} CliListingFormat;

typedef struct _CliListing CliListing;
CliListing *cli_listing_new (CliListingFormat format, const CliScreen *screen);
/* Records that cli_listing_add() will be given: later ones may name what is in earlier ones. */
void cli_listing_learn (CliListing *listing, const json_t *record);
void cli_listing_add (CliListing *listing, json_t *record);
/* TRUE when uses of one grant that follow each other are one row… */
gboolean cli_listing_has_rows (const CliListing *listing);
/* …so that @times more after @record, the last at @to, need not be added: it stands for them. */
void cli_listing_fold (json_t *record, guint times, const char *to);
/* Uses of one grant that follow each other are one row; this shows what is not shown yet. */
void cli_listing_flush (CliListing *listing);
/* What belongs at the end of it. */
void cli_listing_end (CliListing *listing);
void cli_listing_free (CliListing *listing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliListing, cli_listing_free)

/* "\033[32m" and such for @tone; "" when @screen has no colours. */
const char *cli_tone_begin (const CliScreen *screen, CliTone tone);
const char *cli_tone_end (const CliScreen *screen, CliTone tone);
