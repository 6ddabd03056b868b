/* SPDX-License-Identifier: MIT */
#include "card-case.h"

#include <string.h>

const char card_case_good[]
    = "{'version':1,'request_id':'r1','operation':'get_secret','resource':'github-token','purpose':"
      "'because',"
      "'risk':'read','facts':[{'label':'Value','value':'12 "
      "bytes'}],'scopes':['use'],'asked_duration':3600,"
      "'max_duration':1800,'default_duration':300,'max_uses':5,'default_uses':5,'confirm':'pin',"
      "'rule':'ask "
      "any','received_at':'2026-11-21T09:30:00.123Z','deadline':'2026-11-21T09:35:00.123Z',"
      "'requester':{'name':'node','pid':7,'exe':'/usr/bin/node','verified':true,'argv':['node',''],"
      "'argv_cut':true,'cwd':'/home','unit':'a.scope','via':'countersign-mcp',"
      "'claim':{'name':'claude','version':'2'},'chain':[{'pid':7,'name':'node'},{'pid':6,'name':'"
      "zsh'}]},"
      "'holders':[{'id':'p7','label':'node alone'},{'id':'s5','label':'make and all below'}]}";

char *
card_case_json (const char *text)
{
  return g_strdelimit (g_strdup (text), "'", '"');
}

static void
replace (GString *text, const char *from, const char *to)
{
  g_assert_nonnull (strstr (text->str, from));
  g_string_replace (text, from, to, 1);
}

char *
card_case_changed (const char *from, const char *to)
{
  GString *text = g_string_new (card_case_good);
  char *result;

  replace (text, from, to);
  result = card_case_json (text->str);
  g_string_free (text, TRUE);
  return result;
}

Card *
card_case_new (const char *from, ...)
{
  GString *text = g_string_new (card_case_good);
  g_autoptr (GError) error = NULL;
  va_list list;

  va_start (list, from);
  for (; from != NULL; from = va_arg (list, const char *))
    replace (text, from, va_arg (list, const char *));
  va_end (list);
  g_autofree char *json = card_case_json (text->str);
  Card *card = card_parse (json, strlen (json), &error);
  g_assert_no_error (error);
  g_string_free (text, TRUE);
  return card;
}
