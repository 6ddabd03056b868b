/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-denial.h"

#define POLICY "a person, with `countersign policy apply`"
#define PERSON "a person"
#define YOU "you"
#define NOBODY "nobody: it ends by itself"
#define MACHINE "a person, on this machine"
#define SITE "whoever runs the service"

/* A row for one tool comes before the one for all. */
static const McpDenial denials[] = {
  /* Somebody or something said no. */
  { "policy", "resolve_secret", "the accepted policy", POLICY,
    "Use http_request for a web API or run_command for a program: they use the secret for you, and "
    "no value is needed. Do not ask for it in another way." },
  { "policy", NULL, "the accepted policy", POLICY,
    "Tell the user which rule it is, and do not look for another way to the same thing. "
    "explain_access tells what the policy would allow." },
  { "rate", NULL, "the accepted policy: how often this may be asked for", NOBODY,
    "Do without it for now, or tell the user: the error says when there is room again. Asking "
    "sooner changes nothing." },
  { "person", NULL, "a person's answer to this request", "the person who denied it",
    "Do not ask again, and do not look for another way to the same thing. Tell the user that it "
    "was "
    "denied and go on without it." },
  { "denied_for", NULL, "a person's denial, which stands for a time", NOBODY,
    "Tell the user. Ask again only when the time that the error names is over, and the user wants "
    "it." },
  { "cooldown", NULL, "built in: three denials by a person within 30 seconds", NOBODY,
    "Stop asking and talk with the user. What is granted already still works." },
  { "too_many", NULL, "built in: how much may be asked for or kept at once", YOU,
    "Wait for what you have asked, then ask for less at a time; do not repeat it in a loop." },
  { "panic", NULL, "a person's `countersign panic`", "a person, with `countersign unlock`",
    "Stop what needs credentials and tell the user: all access was withdrawn on purpose." },
  { "audit", NULL, "built in: what cannot be recorded is not done", MACHINE,
    "Nothing was done. Tell the user that the audit trail cannot be written: `countersign status` "
    "says why." },
  { "deadline", NULL, "built in: how long a request waits", "a person, with `countersign approve`",
    "Tell the user what you asked for and why. Ask again when they can answer." },
  { "requester_gone", NULL, "built in: a request ends with the program that asked", NOBODY,
    "Start over from the program that is to have it." },
  { "cancelled", NULL, "the withdrawal of the call", YOU, "Ask again if it is still wanted." },
  { "replaced", NULL, "the broker, which was replaced", NOBODY, "Ask again." },
  { "shutdown", NULL, "the broker, which was stopped", MACHINE,
    "Tell the user; broker_status tells when it is back." },
  { "changed", NULL, "built in: what was approved is done exactly, or not at all", YOU,
    "Look again at what there is, and ask again once." },
  { "resume", NULL, "built in: a request is gone on with by who made it, unchanged", YOU,
    "Make the call again from the start, without the state of the old one." },
  { "bearer", NULL, "the token that this client shows", "who issues the token",
    "Tell the user to log in again in this client; nothing else you send changes it." },

  { "caller_removed", NULL, "what a person accepts of who calls over HTTP",
    "a person, with `countersign policy apply` or `countersign caller add`",
    "Tell the user that this client's login is accepted here no longer, or on other terms." },
  { "remote", NULL, "built in: over HTTP nothing is written or started where the broker runs", YOU,
    "Leave output_file out: what is asked comes back in the answer." },

  /* It could not be asked for. */
  { "not_initialised", NULL, "Countersign is not set up", "a person, with `countersign init`",
    "Tell the user to run `countersign init` in a terminal. Do not ask for the secret instead." },
  { "locked", NULL, "Countersign is locked", "a person, with `countersign unlock`",
    "Tell the user to run `countersign unlock` in a terminal, then call this again." },
  { "invalid_arguments", NULL, "the tool's input schema", YOU,
    "Correct the argument that the error names and call again: nobody was asked." },
  { "arguments", NULL, "what a person has set up", YOU,
    "Correct the argument that the error names and call again: nobody was asked." },
  { "busy", NULL, "the room there is in locked memory", NOBODY, "Try again in a few seconds." },
  { "unreachable", NULL, "no broker can be reached", MACHINE,
    "Tell the user what the error says: `countersign doctor` finds out more." },
  { "impostor", NULL, "built in: the broker has to be ours", MACHINE,
    "Pass on nothing. Tell the user at once: something else listens in the broker's place." },
  { "closed", NULL, "the broker, which went away each time", MACHINE,
    "Tell the user; `countersign doctor` finds out more. Do not repeat this call." },
  { "interrupted", NULL, "the broker, which went away meanwhile", YOU,
    "Find out first whether it was done: it must not happen twice." },
  { "not_offered", NULL, "--capabilities of this server", "who set up this client",
    "Use what tools/list names, or tell the user that this server was started without it." },

  /* What it needs is not there, or is something else. */
  { "not_found", "approval_wait", "there is no such request of yours", YOU,
    "Make the original call again: its answer was fetched already, or is too old." },
  { "not_found", "revoke_token", "there is no such token of yours", YOU,
    "Nothing is to be done: a token that has ended is good for nothing." },
  { "not_found", "run_command", "what is stored and set up", "a person, as the error says",
    "Call list_secrets for the exact names, and see that the program is there. Never ask for a "
    "secret's value in the conversation: the user types it into `countersign secret set`." },
  { "not_found", NULL, "what is stored and set up", "a person, as the error says",
    "Call list_secrets for the exact names. If it is not there, start_oauth_flow can log in to a "
    "provider; else the user types it into `countersign secret set`, never into the "
    "conversation." },
  { "not_configured", NULL, "what is set up", "a person, as the error says",
    "Tell the user the command that the error names. Do not ask for client ids, secrets or "
    "tokens." },
  { "exists", "start_oauth_flow", "built in: nothing is overwritten unsaid", YOU,
    "There is such a secret already: use it with http_request or get_secret. Only for another "
    "login choose another secret_name." },
  { "exists", NULL, "built in: nothing is overwritten unsaid", YOU,
    "Use update_secret to replace it, or choose another name." },
  { "reference", NULL, "built in: a reference works for its holder, while it is granted", YOU,
    "Call get_secret for a new one." },
  { "ended", NULL, "the grant, which ended", YOU, "Ask again if it is still needed." },
  { "scope", "http_request", "the service's file, none of whose scopes covers it",
    "a person, in services.d with `countersign policy apply`",
    "Compare method and path with the service's scopes in list_secrets. If none fits, tell the "
    "user what you need." },
  { "scope", "get_secret", "the scopes that the secret's services have",
    "a person, in services.d with `countersign policy apply`",
    "Ask for scopes that list_secrets names, or leave them out." },
  { "scope", NULL, "what a person has set up", "a person, as the error says",
    "Ask for less, within what the error names." },
  { "unbound", NULL, "built in: a secret goes only where a person has bound it",
    "a person, with `countersign service add`",
    "Tell the user the command that the error names; run_command works without it." },
  { "login", NULL, "the login, which has ended", "a person, with `countersign login`",
    "Tell the user to log in again with the command that the error names." },
  { "token", NULL, "the issuer of tokens", MACHINE, "Tell the user what the error says." },

  /* It was allowed, and did not work. */
  { "dns", NULL, "the service's host is not found", SITE, "Try again later, once." },
  { "connect", NULL, "the service does not answer", SITE, "Try again later, once." },
  { "refused_address", NULL, "the network that the service's file names", POLICY,
    "Tell the user: the host's address is not of that network, and nothing was sent." },
  { "tls", NULL, "the certificate of the service", SITE,
    "Tell the user; do not try without TLS. Nothing was sent." },
  { "timeout", NULL, "timeout_seconds, or the provider's patience", YOU,
    "Find out whether it was done before you repeat what changes something." },
  { "protocol", NULL, "the answer, which is none", SITE,
    "Find out whether it was done before you repeat what changes something." },
  { "redirect", NULL, "built in: a credential follows no redirect", YOU,
    "Ask for the address itself, if the service has it." },
  { "too_large", NULL, "max_bytes, or what one answer may hold", YOU,
    "Ask for less, or give output_file." },
  { "output", NULL, "the file for the answer", YOU, "Give another output_file." },
  { "not_executable", NULL, "the file, which is no program", YOU, "Give another command." },
  { "directory", NULL, "work_dir", YOU, "Give a directory that exists." },
  { "path", NULL, "write_paths", YOU,
    "Give paths that exist and that are not the system's or Countersign's own." },
  { "network", NULL, "the one service that a command may reach", YOU,
    "Name the service that the command is to reach; it reaches no other." },
  { "worker", NULL, "the program that carries it out", MACHINE,
    "Tell the user what the error says; `countersign doctor` finds out more." },
  { "store", NULL, "the store", MACHINE,
    "Nothing was changed. Tell the user what the error says." },
  { "failed", NULL, "the broker", MACHINE, "Tell the user what the error says." },
  { "value", NULL, "this program's memory", MACHINE, "Try again once, then tell the user." },

  /* What a provider says. */
  { "answer", NULL, "built in: what was not asked for is not handed on",
    "whoever runs the provider",
    "Tell the user: the provider gave something else than what was approved." },
  { "refused", NULL, "the provider", "a person, at the provider",
    "Tell the user what the error says; asking again changes nothing." },
  { "access_denied", NULL, "a person, at the provider", PERSON,
    "The login was denied. Tell the user, and do not start another one unasked." },
  { "invalid_scope", NULL, "the provider", YOU, "Ask for scopes that the provider has." },
  { "invalid_client", NULL, "the provider", "a person, with `countersign login PROVIDER --setup`",
    "Tell the user that the client which is set up is not known there." },
  { "invalid_grant", NULL, "the provider", "a person, with `countersign login`",
    "Tell the user to log in again." },
  { "expired_token", NULL, "the provider's patience", YOU, "Start the login again." },
  { "expired", NULL, "the provider", "a person, with `countersign login`",
    "Tell the user to log in again." },
  { "clock", NULL, "this machine's clock", MACHINE, "Tell the user that the clock is wrong." },
  { "rate_limited", NULL, "the provider", NOBODY, "Wait as long as the error says." },
  { "slow_down", NULL, "the provider", NOBODY, "Wait a minute, then ask again." },
  { "unavailable", NULL, "the provider", NOBODY, "Try again later, once." },
  { "unsupported", NULL, "the provider", MACHINE, "Tell the user what the error says." },
  { "no_browser", NULL, "built in: a login opens for who approved it", PERSON,
    "Tell the user to approve it in the dialog or with `countersign approve`, then ask again." },
  { "port", NULL, "another program on this machine", MACHINE,
    "Tell the user: the port that the login comes back to is taken." },
};

const McpDenial *
mcp_denial_find (const char *code, const char *tool)
{
  static const McpDenial unknown
      = { NULL, NULL, "the broker", PERSON, "Tell the user what the error says." };

  for (gsize i = 0; i < G_N_ELEMENTS (denials); i++)
    if (g_strcmp0 (denials[i].code, code) == 0
        && (denials[i].tool == NULL || g_strcmp0 (denials[i].tool, tool) == 0))
      return &denials[i];
  return &unknown;
}

void
mcp_denial_explain (json_t *answer, const char *tool)
{
  const char *code = wire_string (answer, "code");

  if (code == NULL)
    return;
  const McpDenial *denial = mcp_denial_find (code, tool);
  if (json_object_get (answer, "rule") == NULL)
    json_object_set_new (answer, "rule", json_string (denial->rule));
  json_object_set_new (answer, "who_can_change", json_string (denial->who));
  json_object_set_new (answer, "next", json_string (denial->next));
}
