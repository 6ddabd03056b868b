/* SPDX-License-Identifier: MIT
 *
 * What countersign-mcp is told on its command line.
 */
#pragma once

#include "mcp/tools/mcp-broker.h"

typedef struct
{
  McpBrokerOptions broker;
  McpOffered *offered;
  const char *tools, *capabilities; /* or NULL */
  const char *client;               /* --print-config: whose file is to be written for; or NULL */
  const char *url;                  /* and the address that is to stand in it; NULL: this program */
  GPtrArray *passed;                /* what else was given, for that file; NULL-terminated */
} McpOptions;

/* -1: go on; else the exit status. */
int mcp_options_parse (McpOptions *options, int argc, char **argv);
void mcp_options_clear (McpOptions *options);

/* Whether @argv is for the program that serves HTTP. */
gboolean mcp_options_want_http (char **argv);

/* --print-config: the text on standard output, what the person does with it on standard error.
 * Returns the exit status. */
int mcp_options_print_config (const McpOptions *options);
