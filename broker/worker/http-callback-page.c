/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-callback-page.h"

#include <openssl/evp.h>
#include <string.h>

#define STYLE                                                                                      \
  ":root{color-scheme:light dark;--paper:#fff;--ground:#f3f4f6;--ink:#1f2328;--soft:#57606a;"      \
  "--line:#d8dee4}"                                                                                \
  "@media(prefers-color-scheme:dark){:root{--paper:#22262b;--ground:#15181c;--ink:#e8eaed;"        \
  "--soft:#a4abb3;--line:#363c43}}"                                                                \
  "html{background:var(--ground);color:var(--ink);font:1rem/1.55 system-ui,sans-serif}"            \
  "body{margin:0;min-height:100vh;display:grid;place-items:center}"                                \
  "main{box-sizing:border-box;width:min(31rem,100vw - 2rem);margin:2rem 0;padding:2rem 2.25rem;"   \
  "background:var(--paper);border:1px solid var(--line);border-radius:10px}"                       \
  "header{color:var(--soft);font-size:.875rem;font-weight:600}"                                    \
  "h1{margin:.25rem 0 1rem;font-size:1.5rem;line-height:1.25;font-weight:650}"                     \
  "p{margin:.75rem 0 0;overflow-wrap:anywhere}"

typedef struct
{
  const char *status;
  const char *heading, *first, *second; /* %s: the provider, in @first once */
} Page;

static const Page pages[] = {
  [HTTP_CALLBACK_BAD] = { "400 Bad Request", "This was not understood",
                          "What this page was asked with is no answer of %s.", NULL },
  [HTTP_CALLBACK_LARGE]
  = { "431 Request Header Fields Too Large", "This is too long",
      "What this page was asked with is longer than any answer of %s.", NULL },
  [HTTP_CALLBACK_METHOD] = { "405 Method Not Allowed", "This was not understood",
                             "An answer of %s comes in another way.", NULL },
  [HTTP_CALLBACK_HOST] = { "421 Misdirected Request", "There is no such site here",
                           "Countersign waits here for %s, under this machine\xE2\x80\x99s own "
                           "name only.",
                           NULL },
  [HTTP_CALLBACK_PATH]
  = { "404 Not Found", "There is no such page",
      "Countersign waits here for the answer of %s, and for nothing else.", NULL },
  [HTTP_CALLBACK_FOREIGN] = { "400 Bad Request", "This belongs to another login",
                              "It is not the answer that Countersign waits for from %s. Nothing of "
                              "it was taken.",
                              "If you began a login just now, finish it in the window that it "
                              "opened last." },
  [HTTP_CALLBACK_ERROR]
  = { "200 OK", "There was no login",
      "%s has ended the login without giving access. Nothing was stored.", NULL },
  [HTTP_CALLBACK_CODE]
  = { "200 OK", "You can close this window", "%s has answered, and Countersign finishes the login.",
      "Whether it worked is shown where you began it." },
};

/* What a person can do about an error; for others there is nothing to be said here. */
static const struct
{
  const char *word, *text;
} advice[] = {
  { "access_denied", "Access was refused, or the login was broken off." },
  { "invalid_scope", "The provider does not give what was asked for. Look at the scopes." },
  { "unavailable", "The provider cannot do it now. Try again later." },
};

static const char *
second_of (const Page *page, const char *error)
{
  for (gsize i = 0; error != NULL && i < G_N_ELEMENTS (advice); i++)
    if (strcmp (advice[i].word, error) == 0)
      return advice[i].text;
  return page->second != NULL ? page->second : "Where you began it you see what to do next.";
}

static char *
style_hash (void)
{
  guint8 hash[EVP_MAX_MD_SIZE];
  unsigned len = 0;

  EVP_Digest (STYLE, strlen (STYLE), hash, &len, EVP_sha256 (), NULL);
  return g_base64_encode (hash, len);
}

/* @words with @provider in place of its %s. */
static char *
fill_in (const char *words, const char *provider)
{
  g_auto (GStrv) parts = g_strsplit (words, "%s", 2);

  return g_strjoinv (provider, parts);
}

static char *
make_body (HttpCallbackKind kind, const char *error, const char *provider)
{
  const Page *page = &pages[kind];
  g_autofree char *escaped = g_markup_escape_text (provider, -1);
  g_autofree char *first = fill_in (page->first, escaped);
  gboolean over = kind == HTTP_CALLBACK_CODE || kind == HTTP_CALLBACK_ERROR;

  return g_strdup_printf (
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>%s \xC2\xB7 "
      "Countersign</title>"
      "<style>" STYLE "</style></head>\n<body><main><header>Countersign</header><h1>%s</h1>"
      "<p>%s</p><p>%s</p></main></body></html>\n",
      page->heading, page->heading, first,
      over || page->second != NULL ? second_of (page, error)
                                   : "The login goes on; nothing was taken from this request.");
}

char *
http_callback_page (HttpCallbackKind kind, const char *error, const char *provider)
{
  g_autofree char *body = make_body (kind, error, provider);
  g_autofree char *hash = style_hash ();

  return g_strdup_printf (
      "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %" G_GSIZE_FORMAT
      "\r\n%sCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
      "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
      "Content-Security-Policy: default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'\r\nConnection: close\r\n\r\n%s",
      pages[kind].status, strlen (body), kind == HTTP_CALLBACK_METHOD ? "Allow: GET\r\n" : "", hash,
      body);
}
