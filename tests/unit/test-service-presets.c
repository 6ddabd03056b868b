/* SPDX-License-Identifier: MIT
 *
 * The presets that are installed, against requests as their APIs know them. argv[1]: the folder
 * they are in.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/service/service.h"
#include "tests/unit/table.h"

static const char *folder;

static Services *
load (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_strconcat (name, ".conf", NULL);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *named = g_strconcat ("services.d/", file, NULL);
  g_autofree char *text = NULL;
  gsize len;
  g_file_get_contents (path, &text, &len, &error);
  g_assert_no_error (error);
  PolicySource source = { named, text, len };
  Services *services = services_parse (&source, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (services_count (services), ==, 1);
  return services;
}

static json_t *
object (const char *text)
{
  g_autoptr (GError) error = NULL;
  json_t *value = text == NULL ? NULL : wire_parse (text, strlen (text), FALSE, &error);
  g_assert_no_error (error);
  return value;
}

typedef struct
{
  const char *sentence, *service, *method, *path;
  const char *scopes; /* "": no scope covers it */
  const char *body, *headers, *query;
} PresetCase;

static void
test_request (gconstpointer data)
{
  const PresetCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services = load (row->service);
  g_autoptr (json_t) query = object (row->query), headers = object (row->headers);
  g_autoptr (ServiceRequest) request
      = service_request_new (services_nth (services, 0), row->method, row->path, query, headers,
                             row->body, row->body == NULL ? 0 : strlen (row->body), &error);
  if (*row->scopes == '\0')
    {
      g_assert_error (error, SERVICE_ERROR, SERVICE_ERROR_SCOPE);
      return;
    }
  g_assert_no_error (error);
  g_autofree char *scopes = g_strjoinv (" ", request->scopes);
  g_assert_cmpstr (scopes, ==, row->scopes);
}

#define FORM "{\"Content-Type\":\"application/x-www-form-urlencoded\"}"
#define TARGET(name) "{\"X-Amz-Target\":\"" name "\"}"
#define NONE ""

/* clang-format off */
static const PresetCase preset_cases[] = {
  { "an issue is read", "github", "GET", "/repos/o/r/issues/1", "read" },
  { "an issue is opened", "github", "POST", "/repos/o/r/issues", "write", "{\"title\":\"a\"}" },
  { "an issue is closed", "github", "PATCH", "/repos/o/r/issues/1", "write", "{}" },
  { "a comment is removed", "github", "DELETE", "/repos/o/r/issues/comments/1", "write" },
  { "issues are searched", "github", "GET", "/search/issues", "read", .query = "{\"q\":\"is:open\"}" },
  { "a pull request is merged", "github", "PUT", "/repos/o/r/pulls/1/merge", "write", "{}" },
  { "a review is sent", "github", "POST", "/repos/o/r/pulls/1/reviews", "write", "{}" },
  { "a file is written", "github", "PUT", "/repos/o/r/contents/a/b.c", "write", "{}" },
  { "a branch with a slash is made", "github", "PATCH", "/repos/o/r/git/refs/heads/a/b", "write", "{}" },
  { "a workflow is started", "github", "POST", "/repos/o/r/actions/workflows/ci.yml/dispatches", "write", "{}" },
  { "a run is started again", "github", "POST", "/repos/o/r/actions/runs/1/rerun", "write", NULL },
  { "a release is made", "github", "POST", "/repos/o/r/releases", "write", "{}" },
  { "a pull request is answered", "github", "POST", "/repos/o/r/pulls/1/comments/2/replies", "write", "{}" },
  { "a machine is rented", "github", "POST", "/repos/o/r/pulls/1/codespaces", NONE, "{}" },
  { "a gist is made", "github", "POST", "/gists", "write", "{}" },
  { "a gist is removed", "github", "DELETE", "/gists/1", NONE },
  { "Markdown is drawn", "github", "POST", "/markdown", "read", "{\"text\":\"a\"}" },
  { "a repository is removed", "github", "DELETE", "/repos/o/r", NONE },
  { "a repository is made public", "github", "PATCH", "/repos/o/r", NONE, "{}" },
  { "a repository is made", "github", "POST", "/user/repos", NONE, "{}" },
  { "a deploy key is added", "github", "POST", "/repos/o/r/keys", NONE, "{}" },
  { "a key of the user is added", "github", "POST", "/user/keys", NONE, "{}" },
  { "a hook is added", "github", "POST", "/repos/o/r/hooks", NONE, "{}" },
  { "a collaborator is added", "github", "PUT", "/repos/o/r/collaborators/u", NONE, "{}" },
  { "protection is removed", "github", "DELETE", "/repos/o/r/branches/main/protection", NONE },
  { "a secret of Actions is set", "github", "PUT", "/repos/o/r/actions/secrets/A", NONE, "{}" },
  { "a runner's token is made", "github", "POST", "/repos/o/r/actions/runners/registration-token", NONE },
  { "an app's token is made", "github", "POST", "/app/installations/1/access_tokens", NONE },
  { "a member of an organization is removed", "github", "DELETE", "/orgs/o/members/u", NONE },
  { "GitHub is queried", "github", "POST", "/graphql", "read", "{\"query\":\"{ viewer { login } }\"}" },
  { "GitHub is changed by GraphQL", "github", "POST", "/graphql", "mutate", "{\"query\":\"mutation { addStar(input:{starrableId:\\\"a\\\"}) { clientMutationId } }\"}" },
  { "GitHub is queried and changed at once", "github", "POST", "/graphql", NONE, "{\"query\":\"query A { a } mutation B { b }\"}" },

  { "issues of a project by its path", "gitlab", "GET", "/projects/g%2Fp/issues", "read" },
  { "an issue is opened", "gitlab", "POST", "/projects/g%2Fp/issues", "write", "{}" },
  { "a note is added", "gitlab", "POST", "/projects/1/issues/2/notes", "write", "{}" },
  { "a merge request is merged", "gitlab", "PUT", "/projects/1/merge_requests/2/merge", "write", "{}" },
  { "a merge request is approved", "gitlab", "POST", "/projects/1/merge_requests/2/approve", "write" },
  { "a merge request is answered", "gitlab", "POST", "/projects/1/merge_requests/2/discussions/a/notes", "write", "{}" },
  { "an issue is removed", "gitlab", "DELETE", "/projects/1/issues/2", NONE },
  { "a note is removed", "gitlab", "DELETE", "/projects/1/issues/2/notes/3", "write" },
  { "who has to approve is changed", "gitlab", "POST", "/projects/1/merge_requests/2/approval_rules", NONE, "{}" },
  { "a file in a folder is read", "gitlab", "GET", "/projects/1/repository/files/a%2Fb.c/raw", "read", .query = "{\"ref\":\"main\"}" },
  { "a file in a folder is written", "gitlab", "PUT", "/projects/1/repository/files/a%2Fb.c", "write", "{}" },
  { "a commit is made", "gitlab", "POST", "/projects/1/repository/commits", "write", "{}" },
  { "a pipeline is started", "gitlab", "POST", "/projects/1/pipeline", "write", "{}" },
  { "a pipeline is checked", "gitlab", "POST", "/projects/1/ci/lint", "read", "{}" },
  { "a project is removed", "gitlab", "DELETE", "/projects/1", NONE },
  { "a project's settings are changed", "gitlab", "PUT", "/projects/1", NONE, "{}" },
  { "variables are read", "gitlab", "GET", "/projects/1/variables", NONE },
  { "variables of a pipeline are read", "gitlab", "GET", "/projects/1/pipelines/2/variables", NONE },
  { "triggers are read", "gitlab", "GET", "/projects/1/triggers", NONE },
  { "jobs of a pipeline are read", "gitlab", "GET", "/projects/1/pipelines/2/jobs", "read" },
  { "what a job wrote is read", "gitlab", "GET", "/projects/1/jobs/2/trace", "read" },
  { "projects are listed", "gitlab", "GET", "/projects", "read", .query = "{\"membership\":true}" },
  { "projects of a group are listed", "gitlab", "GET", "/groups/g%2Fs/projects", "read" },
  { "a comparison is read", "gitlab", "GET", "/projects/1/repository/compare", "read", .query = "{\"from\":\"a\",\"to\":\"b\"}" },
  { "a variable is set", "gitlab", "POST", "/projects/1/variables", NONE, "{}" },
  { "a member is added", "gitlab", "POST", "/projects/1/members", NONE, "{}" },
  { "a token is made", "gitlab", "POST", "/projects/1/access_tokens", NONE, "{}" },
  { "a token of the user is made", "gitlab", "POST", "/user/personal_access_tokens", NONE, "{}" },
  { "a hook is added", "gitlab", "POST", "/projects/1/hooks", NONE, "{}" },
  { "a branch is protected", "gitlab", "POST", "/projects/1/protected_branches", NONE, "{}" },

  { "channels are listed", "slack", "GET", "/conversations.list", "read" },
  { "channels are listed by POST", "slack", "POST", "/conversations.list", "read", "limit=2", FORM },
  { "messages are read", "slack", "GET", "/conversations.history", "read", .query = "{\"channel\":\"C1\"}" },
  { "a message is sent", "slack", "POST", "/chat.postMessage", "write", "{\"channel\":\"C1\",\"text\":\"a\"}" },
  { "a message is sent by GET", "slack", "GET", "/chat.postMessage", NONE, .query = "{\"channel\":\"C1\",\"text\":\"a\"}" },
  { "a channel ends", "slack", "POST", "/conversations.archive", NONE, "{}" },
  { "a channel ends by GET", "slack", "GET", "/conversations.archive", NONE },
  { "somebody is put out", "slack", "POST", "/conversations.kick", NONE, "{}" },
  { "the token ends", "slack", "GET", "/auth.revoke", NONE },
  { "the app ends", "slack", "GET", "/apps.uninstall", NONE },
  { "the workspace is administrated", "slack", "POST", "/admin.users.invite", NONE, "{}" },
  { "a file is laid open", "slack", "POST", "/files.sharedPublicURL", NONE, "{}" },

  { "issues are read", "linear", "POST", "/graphql", "read", "{\"query\":\"query Q { issues { nodes { id } } }\",\"operationName\":\"Q\"}" },
  { "an issue is made", "linear", "POST", "/graphql", "write", "{\"query\":\"mutation M($t:String!){ issueCreate(input:{title:$t,teamId:\\\"a\\\"}) { success } }\",\"variables\":{\"t\":\"b\"}}" },
  { "a query by GET", "linear", "GET", "/graphql", NONE, .query = "{\"query\":\"{ viewer { id } }\"}" },
  { "something else", "linear", "POST", "/oauth/token", NONE, "{}" },

  { "an issue is read", "jira", "GET", "/rest/api/3/issue/A-1", "read" },
  { "issues are searched", "jira", "POST", "/rest/api/3/search/jql", "read", "{\"jql\":\"a=b\"}" },
  { "the issues of a board are read", "jira", "GET", "/rest/software/1.0/board/1/issue", "read" },
  { "a board is read", "jira", "GET", "/rest/agile/1.0/board/1/sprint", "read" },
  { "an issue is made", "jira", "POST", "/rest/api/3/issue", "write", "{}" },
  { "an issue is moved on", "jira", "POST", "/rest/api/3/issue/A-1/transitions", "write", "{}" },
  { "a comment is added", "jira", "POST", "/rest/api/3/issue/A-1/comment", "write", "{}" },
  { "a comment is removed", "jira", "DELETE", "/rest/api/3/issue/A-1/comment/2", "write" },
  { "an issue is removed", "jira", "DELETE", "/rest/api/3/issue/A-1", NONE },
  { "a project is removed", "jira", "DELETE", "/rest/api/3/project/A", NONE },
  { "a user is made", "jira", "POST", "/rest/api/3/user", NONE, "{}" },
  { "a hook is added", "jira", "POST", "/rest/api/3/webhook", NONE, "{}" },

  { "a page is read", "notion", "GET", "/pages/a", "read" },
  { "all is searched", "notion", "POST", "/search", "read", "{}" },
  { "a database is queried", "notion", "POST", "/databases/a/query", "read", "{}" },
  { "a data source is queried", "notion", "POST", "/data_sources/a/query", "read", "{}" },
  { "a page is made", "notion", "POST", "/pages", "write", "{}" },
  { "blocks are added", "notion", "PATCH", "/blocks/a/children", "write", "{}" },
  { "a page is moved", "notion", "POST", "/pages/a/move", "write", "{}" },
  { "an agent is asked", "notion", "POST", "/agents/a/chat", NONE, "{}" },
  { "a block is removed", "notion", "DELETE", "/blocks/a", "write" },
  { "a token is taken back", "notion", "POST", "/oauth/revoke", NONE, "{}" },

  { "charges are read", "stripe", "GET", "/v1/charges", "read" },
  { "a customer is read", "stripe", "GET", "/v1/customers/a", "read" },
  { "a checkout's lines are read", "stripe", "GET", "/v1/checkout/sessions/a/line_items", "read" },
  { "the balance is read", "stripe", "GET", "/v1/balance", "read" },
  { "the number of a card is read", "stripe", "GET", "/v1/issuing/cards/a", NONE, .query = "{\"expand[]\":\"number\"}" },
  { "an app's secret is read", "stripe", "GET", "/v1/apps/secrets/find", NONE },
  { "an invoice is looked at before it is made", "stripe", "POST", "/v1/invoices/create_preview", "read money", "customer=a", FORM },
  { "a customer is made", "stripe", "POST", "/v1/customers", "write", "email=a", FORM },
  { "a product is removed", "stripe", "DELETE", "/v1/products/a", "write" },
  { "money is paid back", "stripe", "POST", "/v1/refunds", "money", "charge=a", FORM },
  { "money is paid out", "stripe", "POST", "/v1/payouts", "money", "amount=1", FORM },
  { "a subscription ends", "stripe", "DELETE", "/v1/subscriptions/a", "money" },
  { "an invoice is made", "stripe", "POST", "/v1/invoices", "money", "customer=a", FORM },
  { "a customer is removed", "stripe", "DELETE", "/v1/customers/a", NONE },
  { "an account is removed", "stripe", "DELETE", "/v1/accounts/a", NONE },
  { "a hook is added", "stripe", "POST", "/v1/webhook_endpoints", NONE, "url=a", FORM },
  { "a key is made", "stripe", "POST", "/v1/ephemeral_keys", NONE, "customer=a", FORM },

  { "models are listed", "openai", "GET", "/models", "read" },
  { "a model is asked", "openai", "POST", "/responses", "generate", "{}" },
  { "a model is asked in the older way", "openai", "POST", "/chat/completions", "generate", "{}" },
  { "tokens are counted", "openai", "POST", "/responses/input_tokens", "read", "{}" },
  { "a store is searched", "openai", "POST", "/vector_stores/a/search", "read", "{}" },
  { "a file is removed", "openai", "DELETE", "/files/a", "write" },
  { "a model is trained", "openai", "POST", "/fine_tuning/jobs", "write", "{}" },
  { "a model is removed", "openai", "DELETE", "/models/a", NONE },
  { "an administrator's keys are read", "openai", "GET", "/organization/admin_api_keys", NONE },
  { "an administrator's key is made", "openai", "POST", "/organization/admin_api_keys", NONE, "{}" },
  { "a secret for a browser is made", "openai", "POST", "/realtime/client_secrets", NONE, "{}" },

  { "models are listed", "anthropic", "GET", "/models", "read" },
  { "tokens are counted", "anthropic", "POST", "/messages/count_tokens", "read", "{}" },
  { "a model is asked", "anthropic", "POST", "/messages", "generate", "{}" },
  { "a batch is stopped", "anthropic", "POST", "/messages/batches/a/cancel", "write", "{}" },
  { "a file is removed", "anthropic", "DELETE", "/files/a", "write" },
  { "keys are read", "anthropic", "GET", "/organizations/api_keys", NONE },

  { "a file is read", "google-drive", "GET", "/drive/v3/files/a", "read", .query = "{\"alt\":\"media\"}" },
  { "a file is changed", "google-drive", "PATCH", "/drive/v3/files/a", "write", "{}" },
  { "a file is sent", "google-drive", "POST", "/upload/drive/v3/files", "write", "{}", .query = "{\"uploadType\":\"media\"}" },
  { "a file is shared", "google-drive", "POST", "/drive/v3/files/a/permissions", "share", "{}" },
  { "a file is removed for good", "google-drive", "DELETE", "/drive/v3/files/a", NONE },
  { "the bin is emptied", "google-drive", "DELETE", "/drive/v3/files/trash", NONE },
  { "several calls at once", "google-drive", "POST", "/batch/drive/v3", NONE, "{}" },
  { "another API of the same host", "google-drive", "GET", "/oauth2/v2/userinfo", NONE },

  { "events are read", "google-calendar", "GET", "/calendars/primary/events", "read" },
  { "events of a shared calendar", "google-calendar", "GET", "/calendars/a@group.calendar.google.com/events", "read" },
  { "who has time", "google-calendar", "POST", "/freeBusy", "read", "{}" },
  { "an event is made", "google-calendar", "POST", "/calendars/primary/events", "write", "{}" },
  { "an event is removed", "google-calendar", "DELETE", "/calendars/primary/events/a", "write" },
  { "a calendar is shared", "google-calendar", "POST", "/calendars/primary/acl", NONE, "{}" },
  { "a calendar is removed", "google-calendar", "DELETE", "/calendars/a", NONE },
  { "a calendar is emptied", "google-calendar", "POST", "/calendars/primary/clear", NONE },
  { "a hook is added", "google-calendar", "POST", "/calendars/primary/events/watch", NONE, "{}" },

  { "mail is read", "google-gmail", "GET", "/users/me/messages", "read", .query = "{\"q\":\"from:a\"}" },
  { "a draft is written", "google-gmail", "POST", "/users/me/drafts", "write", "{}" },
  { "mail is labelled", "google-gmail", "POST", "/users/me/messages/a/modify", "write", "{}" },
  { "mail is put into the bin", "google-gmail", "POST", "/users/me/messages/a/trash", "write" },
  { "mail is sent", "google-gmail", "POST", "/users/me/messages/send", "send", "{}" },
  { "a draft is sent", "google-gmail", "POST", "/users/me/drafts/send", "send", "{}" },
  { "mail is removed for good", "google-gmail", "DELETE", "/users/me/messages/a", NONE },
  { "much mail is removed for good", "google-gmail", "POST", "/users/me/messages/batchDelete", NONE, "{}" },
  { "mail is forwarded", "google-gmail", "POST", "/users/me/settings/forwardingAddresses", NONE, "{}" },
  { "a filter is made", "google-gmail", "POST", "/users/me/settings/filters", NONE, "{}" },

  { "cells are read", "google-sheets", "GET", "/spreadsheets/a/values/Sheet1!A1:B2", "read" },
  { "several cells are read", "google-sheets", "GET", "/spreadsheets/a/values:batchGet", "read", .query = "{\"ranges\":[\"A1\",\"B2\"]}" },
  { "cells are read by their marks", "google-sheets", "POST", "/spreadsheets/a:getByDataFilter", "read", "{}" },
  { "cells are written", "google-sheets", "PUT", "/spreadsheets/a/values/A1", "write", "{}" },
  { "rows are added", "google-sheets", "POST", "/spreadsheets/a/values/A1:append", "write", "{}" },
  { "a sheet is changed", "google-sheets", "POST", "/spreadsheets/a:batchUpdate", "write", "{}" },

  { "buckets are listed", "aws-s3", "GET", "/", "read" },
  { "a bucket is listed", "aws-s3", "GET", "/b", "read", .query = "{\"list-type\":2}" },
  { "an object is read", "aws-s3", "GET", "/b/a/b.txt", "read" },
  { "an object is written", "aws-s3", "PUT", "/b/a/b.txt", "write", "a", "{\"Content-Type\":\"text/plain\"}" },
  { "a part of an object is written", "aws-s3", "PUT", "/b/a", "write", "a", "{\"Content-Type\":\"text/plain\"}", "{\"partNumber\":1,\"uploadId\":\"a\"}" },
  { "an upload in parts begins", "aws-s3", "POST", "/b/a", "write", .query = "{\"uploads\":\"\"}" },
  { "an object with words about it is written", "aws-s3", "PUT", "/b/a", "write", "a", "{\"Content-Type\":\"text/plain\",\"x-amz-meta-a\":\"b\"}" },
  { "an object is removed", "aws-s3", "DELETE", "/b/a", "write" },
  { "an object is laid open", "aws-s3", "PUT", "/b/a", NONE, "a", "{\"Content-Type\":\"text/plain\",\"x-amz-acl\":\"public-read\"}" },
  { "who may read an object is changed", "aws-s3", "PUT", "/b/a", NONE, .query = "{\"acl\":\"\"}" },
  { "an old version is removed for good", "aws-s3", "DELETE", "/b/a", NONE, .query = "{\"versionId\":\"a\"}" },
  { "a bucket is made", "aws-s3", "PUT", "/b", NONE },
  { "a bucket is removed", "aws-s3", "DELETE", "/b", NONE },
  { "who may read a bucket is changed", "aws-s3", "PUT", "/b", NONE, "{}", .query = "{\"policy\":\"\"}" },
  { "many objects are removed", "aws-s3", "POST", "/b", NONE, "{}", .query = "{\"delete\":\"\"}" },

  { "functions are listed", "aws-lambda", "GET", "/2015-03-31/functions/", "read" },
  { "a function is run", "aws-lambda", "POST", "/2015-03-31/functions/f/invocations", "invoke", "{}" },
  { "a function by its ARN is run", "aws-lambda", "POST", "/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations", "invoke", "{}" },
  { "a function's code is changed", "aws-lambda", "PUT", "/2015-03-31/functions/f/code", "write", "{}" },
  { "a function is made", "aws-lambda", "POST", "/2015-03-31/functions", NONE, "{}" },
  { "a function is removed", "aws-lambda", "DELETE", "/2015-03-31/functions/f", NONE },
  { "a function is opened to others", "aws-lambda", "POST", "/2015-03-31/functions/f/policy", NONE, "{}" },

  { "an item is read", "aws-dynamodb", "POST", "/", "read", "{}", TARGET ("DynamoDB_20120810.GetItem") },
  { "a table is described", "aws-dynamodb", "POST", "/", "read", "{}", TARGET ("DynamoDB_20120810.DescribeTable") },
  { "an item is written", "aws-dynamodb", "POST", "/", "write", "{}", TARGET ("DynamoDB_20120810.PutItem") },
  { "a table is removed", "aws-dynamodb", "POST", "/", NONE, "{}", TARGET ("DynamoDB_20120810.DeleteTable") },
  { "a statement of PartiQL", "aws-dynamodb", "POST", "/", NONE, "{}", TARGET ("DynamoDB_20120810.ExecuteStatement") },
  { "nothing is named", "aws-dynamodb", "POST", "/", NONE, "{}" },

  { "lines are searched", "aws-logs", "POST", "/", "read", "{}", TARGET ("Logs_20140328.FilterLogEvents") },
  { "lines are added", "aws-logs", "POST", "/", "write", "{}", TARGET ("Logs_20140328.PutLogEvents") },
  { "a group is removed", "aws-logs", "POST", "/", NONE, "{}", TARGET ("Logs_20140328.DeleteLogGroup") },
  { "lines are sent elsewhere", "aws-logs", "POST", "/", NONE, "{}", TARGET ("Logs_20140328.PutSubscriptionFilter") },
};
/* clang-format on */

/* --- What holds for each of them --- */

static gboolean
has_text (json_t *array, const char *text)
{
  gsize i;
  json_t *item;
  json_array_foreach (array, i, item) if (strcmp (json_string_value (item), text) == 0) return TRUE;
  return FALSE;
}

static void
check_reading (json_t *scope)
{
  static const char *const changing[] = { "PUT", "PATCH", "DELETE" };
  gsize i;
  json_t *rule;
  json_array_foreach (json_object_get (scope, "rules"), i,
                      rule) for (gsize j = 0; j < G_N_ELEMENTS (changing); j++)
      g_assert_false (has_text (json_object_get (rule, "methods"), changing[j]));
}

static void
check_scopes (json_t *scopes)
{
  gsize i;
  json_t *scope;
  gboolean reads = FALSE, writes = FALSE;
  json_array_foreach (scopes, i, scope)
  {
    const char *name = wire_string (scope, "name");
    reads |= strcmp (name, "read") == 0;
    writes |= strcmp (name, "write") == 0;
    if (strcmp (name, "read") == 0)
      check_reading (scope);
  }
  g_assert_true (reads && writes);
}

/* What is tested with a credential must not change anything. */
static void
check_test (const Service *service)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ServiceRequest) request = service_test_request (service, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (request->scopes), ==, 1);
  g_assert_cmpstr (request->scopes[0], ==, "read");
}

static void
test_each (gconstpointer data)
{
  g_autoptr (Services) services = load (data);
  const Service *service = services_nth (services, 0);
  g_autoptr (json_t) about = service_describe (service);
  g_autoptr (json_t) worker = service_worker_json (service);
  g_assert_cmpstr (service_name (service), ==, data);
  g_assert_nonnull (service_credential (service));
  g_assert_nonnull (service_place_words (service));
  g_assert_true (g_str_has_prefix (wire_string (about, "base"), "https://"));
  g_assert_cmpstr (wire_string (worker, "network"), ==, "public");
  check_scopes (json_object_get (about, "scopes"));
  check_test (service);
}

static void
add_each (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *file;
  guint n = 0;
  g_assert_no_error (error);
  while ((file = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (file, ".conf"))
      {
        char *name = g_strndup (file, strlen (file) - strlen (".conf"));
        g_autofree char *path = g_strdup_printf ("/service/preset/%s/is whole", name);
        g_test_add_data_func_full (path, name, test_each, g_free);
        n++;
      }
  g_assert_cmpuint (n, >=, 11);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  folder = argv[1];
  add_each ();
  for (gsize i = 0; i < G_N_ELEMENTS (preset_cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/service/preset/%s/%s", preset_cases[i].service,
                                               preset_cases[i].sentence);
      g_test_add_data_func (path, &preset_cases[i], test_request);
    }
  return g_test_run ();
}
