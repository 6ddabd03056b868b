/* SPDX-License-Identifier: MIT
 *
 * Names and parameters are those of https://vouch.sh/docs/applications/mcp-broker/; `purpose` and
 * `ttl_seconds` are ours, because a person reads the one and decides about the other.
 */
#include "mcp/tools/mcp-vouch-tools.h"

#include "broker/base/arguments.h"

const char mcp_vouch_instructions[]
    = "Short-lived credentials of the person's own identity. A person countersigns: a call may be "
      "held while they decide. If it returns status \"pending\", tell the user how to answer (the "
      "message says how), then call approval_wait with its request_id. \"denied\" is an answer: do "
      "what `next` says. Give what you get to nothing but the program that needs it.";

#define OWN_FIELDS                                                                                 \
  {                                                                                                \
    "purpose", WIRE_STRING, FALSE, 1, 4096, "What it is for, in words for the person who decides." \
  },                                                                                               \
  {                                                                                                \
    "ttl_seconds", WIRE_INTEGER, FALSE, 1, ARGUMENTS_TTL_MAX,                                      \
        "The longest it is wanted for, in seconds; the person may grant less."                     \
  }

static const WireField aws[] = {
  { "role_arn", WIRE_STRING, TRUE, 20, 2048,
    "The role, such as arn:aws:iam::123456789012:role/deploy." },
  OWN_FIELDS,
};

static const WireField github[] = {
  { "owner", WIRE_STRING, FALSE, 0, 64,
    "The account or organization; empty or left out: that of the installation." },
  { "repositories", WIRE_STRINGS, FALSE, 1, 500,
    "The repositories, by their names without the owner; all there are when left out." },
  OWN_FIELDS,
};

static const WireField ssh[] = {
  { "public_key", WIRE_STRING, TRUE, 1, 8192,
    "Your public key, as the line in id_ed25519.pub; the private key stays with you." },
  OWN_FIELDS,
};

#define FIELDS(table) .fields = table, .n_fields = G_N_ELEMENTS (table)
static const McpVouchTool tools[] = {
  { { "get-aws-credentials",
      "Get AWS credentials",
      "Short-lived credentials of one AWS role: AccessKeyId, SecretAccessKey, SessionToken, "
      "Expiration. A person has to allow it.",
      MCP_GROUP_MINT,
      { .open_world = TRUE } },
    FIELDS (aws) },
  { { "get-github-token",
      "Get a GitHub token",
      "A short-lived GitHub installation token for the repositories you name. A person has to "
      "allow it.",
      MCP_GROUP_MINT,
      { .open_world = TRUE } },
    FIELDS (github) },
  { { "get-ssh-certificate",
      "Get an SSH certificate",
      "Signs your SSH public key for a short time: write the certificate beside the private key as "
      "NAME-cert.pub, and ssh uses both. A person has to allow it.",
      MCP_GROUP_MINT,
      { .open_world = TRUE } },
    FIELDS (ssh) },
};

const McpVouchTool *
mcp_vouch_tools_all (gsize *n)
{
  *n = G_N_ELEMENTS (tools);
  return tools;
}
