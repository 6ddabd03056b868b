/* SPDX-License-Identifier: MIT
 *
 * What is made of the answers of OAuth 2, and of what is none.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-module.h"
#include "tests/unit/table.h"

#define NOW 1763733600 /* Fri, 21 Nov 2025 14:00:00 GMT */

typedef struct
{
  const char *sentence, *reader;
  long status;
  const char *headers; /* content-type|retry-after|date|cache-control; each may be left out */
  const char *expect;  /* JSON */
  const char *body;
  const char *told; /* of an answer: fields as JSON, then " name=value" of each value; of a refusal:
                     * its code, " +N" of retry_after, and behind ": " a part of the message */
} ReadCase;

/* clang-format off */
static const ReadCase token_cases[] = {
  { "a token", "oauth-token", 200, "application/json", NULL, "{\"access_token\":\"t\",\"token_type\":\"Bearer\"}", "{\"token_type\":\"Bearer\"} access_token=t" },
  { "all there is", "oauth-token", 200, "application/json; charset=utf-8", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":3600,\"refresh_token\":\"r\",\"id_token\":\"a.b.c\",\"scope\":\"a b\",\"more\":{}}", "{\"token_type\":\"Bearer\",\"expires_in\":3600,\"scope\":\"a b\"} access_token=t refresh_token=r id_token=a.b.c" },
  { "a life as text", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":\"3599\"}", "{\"token_type\":\"Bearer\",\"expires_in\":3599} access_token=t" },
  { "github's scopes", "oauth-token", 200, "", "{\"commas\":true}", "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"scope\":\"repo,gist\"}", "{\"token_type\":\"Bearer\",\"scope\":\"repo gist\"} access_token=t" },
  { "a comma in a scope elsewhere", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"scope\":\"a,b\"}", "{\"token_type\":\"Bearer\",\"scope\":\"a,b\"} access_token=t" },
  { "null is left out", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"scope\":null,\"refresh_token\":null,\"expires_in\":null}", "{\"token_type\":\"Bearer\"} access_token=t" },
  { "no token", "oauth-token", 200, "", NULL, "{\"token_type\":\"bearer\"}", "answer: no token in it" },
  { "an empty token", "oauth-token", 200, "", NULL, "{\"access_token\":\"\",\"token_type\":\"bearer\"}", "answer: a token that is none" },
  { "a token that is a number", "oauth-token", 200, "", NULL, "{\"access_token\":1,\"token_type\":\"bearer\"}", "answer: a token that is none" },
  { "a token that ends a header", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\\r\\nX: y\",\"token_type\":\"bearer\"}", "answer: a token that no header could carry" },
  { "a token that is not ASCII", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\\u00e9\",\"token_type\":\"bearer\"}", "answer: a token that no header could carry" },
  { "a refresh token that is a list", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"refresh_token\":[\"r\"]}", "answer: a token that is none" },
  { "no type", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\"}", "answer: no token_type" },
  { "a type that wants more", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"DPoP\"}", "unsupported: only bearer tokens" },
  { "a life that is over", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":0}", "expired: already expired" },
  { "a life below zero", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":-1}", "answer: expires_in is not seconds" },
  { "half a second of life", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":0.5}", "answer: expires_in is not seconds" },
  { "a life over 2^31", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":2147483648}", "answer: expires_in is not seconds" },
  { "a life over 2^63", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":99999999999999999999}", "answer: expires_in is not seconds" },
  { "a life in words", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":\"1h\"}", "answer: expires_in is not seconds" },
  { "a scope that is a list", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"scope\":[\"a\"]}", "answer: scope is not words" },
  { "a scope that acts on a screen", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"scope\":\"a\\u001b[2J\"}", "answer: scope is not words" },
};

static const ReadCase bad_cases[] = {
  { "a page for people", "oauth-token", 200, "text/html", NULL, "<!DOCTYPE html><title>secret-canary</title>", "answer: a page for people" },
  { "a page that calls itself JSON", "oauth-token", 200, "application/json", NULL, " \n<html>", "answer: a page for people" },
  { "half an answer", "oauth-token", 200, "application/json", NULL, "{\"access_token\":\"secret-canary\",\"tok", "answer: ends too early" },
  { "no answer", "oauth-token", 200, "application/json", NULL, "", "answer: ends too early" },
  { "a form for an answer", "oauth-token", 200, "application/x-www-form-urlencoded", NULL, "access_token=secret-canary&token_type=bearer", "answer: is not JSON" },
  { "a list for an answer", "oauth-token", 200, "", NULL, "[{\"access_token\":\"t\",\"token_type\":\"bearer\"}]", "answer: not as documented" },
  { "a text for an answer", "oauth-token", 200, "", NULL, "\"secret-canary\"", "answer: " },
  { "a name twice", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"access_token\":\"secret-canary\",\"token_type\":\"bearer\"}", "answer: is not JSON" },
  { "bad UTF-8", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"x\":\"\xff\"}", "answer: is not JSON" },
  { "a NUL in a text", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\\u0000\",\"token_type\":\"bearer\"}", "answer: is not JSON" },
  { "something behind the end", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\"}{}", "answer: is not JSON" },
  { "a redirection", "oauth-token", 302, "", NULL, "", "answer: status 302" },
  { "nothing at all", "oauth-token", 204, "", NULL, "", "answer: ends too early" },
  { "too often, wait in seconds", "oauth-token", 429, "application/json|120", NULL, "{\"error\":\"secret-canary\"}", "rate_limited +120: ask again in 2m" },
  { "too often, wait until a time", "oauth-token", 429, "|Fri, 21 Nov 2025 14:01:30 GMT|Fri, 21 Nov 2025 14:00:00 GMT", NULL, "", "rate_limited +90: ask again in 1m30s" },
  { "too often, wait until a time of another clock", "oauth-token", 429, "|Fri, 21 Nov 2025 15:01:30 GMT|Fri, 21 Nov 2025 15:00:00 GMT", NULL, "", "rate_limited +90: ask again in 1m30s" },
  { "too often, wait until what was", "oauth-token", 429, "|Fri, 21 Nov 2025 13:00:00 GMT", NULL, "", "rate_limited +1: ask again in 1s" },
  { "too often, and no word how long", "oauth-token", 429, "", NULL, "", "rate_limited: wait some minutes" },
  { "too often, and nonsense how long", "oauth-token", 429, "|soon secret-canary", NULL, "", "rate_limited: wait some minutes" },
  { "too often, and a year to wait", "oauth-token", 429, "|31536000", NULL, "", "rate_limited +86400: ask again in 1d" },
  { "it cannot now", "oauth-token", 503, "", NULL, "", "unavailable: status 503" },
  { "it cannot now, but later", "oauth-token", 503, "|30", NULL, "", "rate_limited +30: " },
  { "it broke", "oauth-token", 500, "text/html", NULL, "<h1>secret-canary</h1>", "unavailable: status 500" },
  { "refused without a word", "oauth-token", 403, "", NULL, "", "refused: status 403" },
  { "refused with a page", "oauth-token", 404, "text/html", NULL, "<h1>secret-canary</h1>", "refused: status 404" },
  { "refused by a clock that is ahead", "oauth-token", 401, "||Fri, 21 Nov 2025 14:10:00 GMT", NULL, "", "clock: this machine is 10m behind" },
  { "refused by a clock that is behind", "oauth-token", 400, "||Fri, 21 Nov 2025 13:50:00 GMT", NULL, "{\"error\":\"secret-canary\"}", "clock: this machine is 10m ahead" },
  { "refused by a clock that is fine", "oauth-token", 400, "||Fri, 21 Nov 2025 14:04:00 GMT", NULL, "{\"error\":\"secret-canary\"}", "refused: status 400" },
  { "granted by a clock that is ahead", "oauth-token", 200, "||Fri, 21 Nov 2025 14:10:00 GMT", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\"}", "{\"token_type\":\"Bearer\"} access_token=t" },
};

#define ERROR(word) "{\"error\":\"" word "\",\"error_description\":\"secret-canary\",\"error_uri\":\"https://evil.example/\"}"
static const ReadCase error_cases[] = {
  { "not yet", "oauth-token", 400, "application/json", "{\"provider\":\"google\"}", ERROR ("authorization_pending"), "authorization_pending: provider google: " },
  { "too fast", "oauth-token", 400, "", NULL, ERROR ("slow_down"), "slow_down: " },
  { "too fast, and github says how fast", "oauth-token", 200, "", NULL, "{\"error\":\"slow_down\",\"interval\":10}", "slow_down +10: " },
  { "too fast, and nonsense how fast", "oauth-token", 200, "", NULL, "{\"error\":\"slow_down\",\"interval\":1e9}", "slow_down: " },
  { "the person refused", "oauth-token", 400, "", NULL, ERROR ("access_denied"), "access_denied: " },
  { "the person refused at azure", "oauth-token", 400, "", NULL, ERROR ("authorization_declined"), "access_denied: " },
  { "the code is too old", "oauth-token", 400, "", NULL, ERROR ("expired_token"), "expired_token: begin the login again" },
  { "the code was used", "oauth-token", 400, "", NULL, ERROR ("invalid_grant"), "invalid_grant: log in again" },
  { "the code was used at github, which answers 200", "oauth-token", 200, "application/json; charset=utf-8", "{\"commas\":true,\"provider\":\"github\"}", ERROR ("bad_verification_code"), "invalid_grant: provider github: " },
  { "an error beside a token is an error", "oauth-token", 200, "", NULL, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"error\":\"invalid_grant\"}", "invalid_grant: " },
  { "the client is wrong", "oauth-token", 401, "", NULL, ERROR ("invalid_client"), "invalid_client: set it up again" },
  { "the client is wrong at github, which answers 200", "oauth-token", 200, "", NULL, ERROR ("incorrect_client_credentials"), "invalid_client: " },
  { "the client may not", "oauth-token", 400, "", NULL, ERROR ("unauthorized_client"), "invalid_client: " },
  { "the scope is wrong", "oauth-token", 400, "", NULL, ERROR ("invalid_scope"), "invalid_scope: ask for others" },
  { "the way is not offered", "oauth-token", 400, "", NULL, ERROR ("unsupported_grant_type"), "unsupported: " },
  { "the device flow is off", "oauth-device", 200, "", NULL, ERROR ("device_flow_disabled"), "unsupported: switched off" },
  { "the callback is not registered", "oauth-token", 200, "", NULL, ERROR ("redirect_uri_mismatch"), "refused: callback URL" },
  { "google counts", "oauth-device", 403, "", NULL, "{\"error_code\":\"rate_limit_exceeded\"}", "rate_limited: " },
  { "a clock that is ahead changes no word that is known", "oauth-token", 400, "||Fri, 21 Nov 2025 14:10:00 GMT", NULL, ERROR ("invalid_grant"), "invalid_grant: " },
  { "a word that is not known, and 200", "oauth-token", 200, "", NULL, ERROR ("secret-canary"), "refused: did not say why" },
  { "a word that is not known, and 400", "oauth-token", 400, "", NULL, ERROR ("secret-canary"), "refused: status 400" },
  { "an error that is an object", "oauth-token", 401, "", NULL, "{\"error\":{\"message\":\"secret-canary\"}}", "refused: status 401" },
  { "a word that breaks with 500", "oauth-token", 500, "", NULL, ERROR ("invalid_grant"), "unavailable: " },
};

#define DEVICE(more) "{\"device_code\":\"d\",\"user_code\":\"WDJB-MJHT\",\"verification_uri\":\"https://i.example/device\",\"expires_in\":900" more "}"
static const ReadCase device_cases[] = {
  { "a code for another device", "oauth-device", 200, "", NULL, DEVICE (",\"interval\":7,\"verification_uri_complete\":\"https://i.example/device?user_code=WDJB-MJHT\""), "{\"user_code\":\"WDJB-MJHT\",\"interval\":7,\"verification_uri\":\"https://i.example/device\",\"verification_uri_complete\":\"https://i.example/device?user_code=WDJB-MJHT\",\"expires_in\":900} device_code=d" },
  { "five seconds when nothing is said", "oauth-device", 200, "", NULL, DEVICE (""), "{\"user_code\":\"WDJB-MJHT\",\"interval\":5,\"verification_uri\":\"https://i.example/device\",\"expires_in\":900} device_code=d" },
  { "never without a pause", "oauth-device", 200, "", NULL, DEVICE (",\"interval\":0"), "{\"user_code\":\"WDJB-MJHT\",\"interval\":1,\"verification_uri\":\"https://i.example/device\",\"expires_in\":900} device_code=d" },
  { "google's name for the address", "oauth-device", 200, "", NULL, "{\"device_code\":\"d\",\"user_code\":\"A-B\",\"verification_url\":\"https://www.google.com/device\",\"expires_in\":1800,\"interval\":5}", "{\"user_code\":\"A-B\",\"interval\":5,\"verification_uri\":\"https://www.google.com/device\",\"expires_in\":1800} device_code=d" },
  { "an address on this machine", "oauth-device", 200, "", NULL, "{\"device_code\":\"d\",\"user_code\":\"A\",\"verification_uri\":\"http://127.0.0.1:3000/device\",\"expires_in\":9}", "{\"user_code\":\"A\",\"interval\":5,\"verification_uri\":\"http://127.0.0.1:3000/device\",\"expires_in\":9} device_code=d" },
  { "an address without TLS", "oauth-device", 200, "", NULL, "{\"device_code\":\"d\",\"user_code\":\"A\",\"verification_uri\":\"http://i.example/\",\"expires_in\":9}", "answer: no browser should be sent to" },
  { "an address that runs a script", "oauth-device", 200, "", NULL, "{\"device_code\":\"d\",\"user_code\":\"A\",\"verification_uri\":\"javascript:alert(1)\",\"expires_in\":9}", "answer: no browser should be sent to" },
  { "an address of a file", "oauth-device", 200, "", NULL, DEVICE (",\"verification_uri_complete\":\"file:///etc/passwd\""), "answer: no browser should be sent to" },
  { "no address", "oauth-device", 200, "", NULL, "{\"device_code\":\"d\",\"user_code\":\"A\",\"expires_in\":9}", "answer: no verification_uri" },
  { "a code that cannot be typed", "oauth-device", 200, "", NULL, "{\"device_code\":\"d\",\"user_code\":\"A\\u202eB\",\"verification_uri\":\"https://i.example/\",\"expires_in\":9}", "answer: cannot be typed" },
  { "no code to type", "oauth-device", 200, "", NULL, "{\"device_code\":\"d\",\"verification_uri\":\"https://i.example/\",\"expires_in\":9}", "answer: no user_code" },
  { "no code", "oauth-device", 200, "", NULL, "{\"user_code\":\"A\",\"verification_uri\":\"https://i.example/\",\"expires_in\":9}", "answer: no token in it" },
  { "no end", "oauth-device", 200, "", NULL, "{\"device_code\":\"d\",\"user_code\":\"A\",\"verification_uri\":\"https://i.example/\"}", "answer: no expires_in" },
  { "a pause of a day", "oauth-device", 200, "", NULL, DEVICE (",\"interval\":86400"), "answer: interval is not seconds" },
};

#define ISSUER "{\"issuer\":\"https://i.example\"}"
#define ENDPOINTS "\"token_endpoint\":\"https://i.example/t\""
static const ReadCase metadata_cases[] = {
  { "what is needed", "oauth-metadata", 200, "", ISSUER, "{\"issuer\":\"https://i.example\"," ENDPOINTS "}", "{\"issuer\":\"https://i.example\",\"token_endpoint\":\"https://i.example/t\",\"client_auth\":[],\"authorization_response_iss_parameter_supported\":false}" },
  { "all there is", "oauth-metadata", 200, "", ISSUER, "{\"issuer\":\"https://i.example\",\"authorization_endpoint\":\"https://i.example/a\"," ENDPOINTS ",\"device_authorization_endpoint\":\"https://i.example/d\",\"revocation_endpoint\":\"https://i.example/r\",\"jwks_uri\":\"https://i.example/k\",\"code_challenge_methods_supported\":[\"plain\",\"S256\"],\"authorization_response_iss_parameter_supported\":true,\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\",\"none\",\"client_secret_basic\"],\"more\":1}", "{\"issuer\":\"https://i.example\",\"authorization_endpoint\":\"https://i.example/a\",\"token_endpoint\":\"https://i.example/t\",\"device_authorization_endpoint\":\"https://i.example/d\",\"revocation_endpoint\":\"https://i.example/r\",\"jwks_uri\":\"https://i.example/k\",\"client_auth\":[\"basic\",\"none\"],\"authorization_response_iss_parameter_supported\":true}" },
  { "another issuer", "oauth-metadata", 200, "", ISSUER, "{\"issuer\":\"https://evil.example\"," ENDPOINTS "}", "answer: another issuer's" },
  { "an issuer with a slash more", "oauth-metadata", 200, "", ISSUER, "{\"issuer\":\"https://i.example/\"," ENDPOINTS "}", "answer: another issuer's" },
  { "no issuer", "oauth-metadata", 200, "", ISSUER, "{" ENDPOINTS "}", "answer: no issuer" },
  { "nobody said which issuer", "oauth-metadata", 200, "", NULL, "{\"issuer\":\"https://i.example\"," ENDPOINTS "}", "answer: another issuer's" },
  { "no token endpoint", "oauth-metadata", 200, "", ISSUER, "{\"issuer\":\"https://i.example\"}", "answer: no token_endpoint" },
  { "a token endpoint without TLS", "oauth-metadata", 200, "", ISSUER, "{\"issuer\":\"https://i.example\",\"token_endpoint\":\"http://i.example/t\"}", "answer: a secret could not be sent to" },
  { "a token endpoint that is a list", "oauth-metadata", 200, "", ISSUER, "{\"issuer\":\"https://i.example\",\"token_endpoint\":[]}", "answer: a secret could not be sent to" },
  { "a token endpoint with a user", "oauth-metadata", 200, "", ISSUER, "{\"issuer\":\"https://i.example\",\"token_endpoint\":\"https://i.example@evil.example/t\"}", "answer: a secret could not be sent to" },
  { "no PKCE", "oauth-metadata", 200, "", ISSUER, "{\"issuer\":\"https://i.example\"," ENDPOINTS ",\"code_challenge_methods_supported\":[\"plain\"]}", "unsupported: PKCE" },
  { "not there", "oauth-metadata", 404, "text/html", ISSUER, "<h1>secret-canary</h1>", "refused: status 404" },
  { "a page", "oauth-metadata", 200, "text/html", ISSUER, "<h1>secret-canary</h1>", "answer: a page for people" },
};

static const ReadCase other_cases[] = {
  { "keys", "jwks", 200, "", NULL, "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"1\",\"x\":\"a\",\"y\":\"b\",\"alg\":\"ES256\"},{\"kty\":\"RSA\",\"use\":\"sig\",\"n\":\"c\",\"e\":\"AQAB\"}]}", "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"1\",\"alg\":\"ES256\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\"},{\"kty\":\"RSA\",\"use\":\"sig\",\"n\":\"c\",\"e\":\"AQAB\"}]}" },
  { "a private key, with which anybody signs", "jwks", 200, "", NULL, "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\",\"d\":\"secret-canary\"}]}", "answer: no key that signs" },
  { "a key that is not for verifying", "jwks", 200, "", NULL, "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\",\"key_ops\":[\"sign\"]}]}", "answer: no key that signs" },
  { "keys for five minutes", "jwks", 200, "application/json|||public, max-age=300", NULL, "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\"}]}", "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\"}],\"max_age\":300}" },
  { "keys for no time", "jwks", 200, "application/json|||max-age=300, No-Store", NULL, "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\"}]}", "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\"}],\"max_age\":0}" },
  { "keys for a time that is none", "jwks", 200, "application/json|||max-age=soon", NULL, "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\"}]}", "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\"}],\"max_age\":0}" },
  { "keys for a time below zero", "jwks", 200, "application/json|||max-age=-1", NULL, "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\"}]}", "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\"}],\"max_age\":0}" },
  { "where an issuer's keys are", "oauth-issuer", 200, "", ISSUER, "{\"issuer\":\"https://i.example\",\"jwks_uri\":\"https://i.example/k\",\"code_challenge_methods_supported\":[]}", "{\"issuer\":\"https://i.example\",\"jwks_uri\":\"https://i.example/k\"}" },
  { "another issuer's keys", "oauth-issuer", 200, "", ISSUER, "{\"issuer\":\"https://i.example/\",\"jwks_uri\":\"https://i.example/k\"}", "answer: another issuer's" },
  { "an issuer without keys", "oauth-issuer", 200, "", ISSUER, "{\"issuer\":\"https://i.example\"}", "answer: no jwks_uri" },
  { "an issuer with keys that anybody may change", "oauth-issuer", 200, "", ISSUER, "{\"issuer\":\"https://i.example\",\"jwks_uri\":\"http://i.example/k\"}", "answer: an endpoint" },
  { "keys of other kinds are left out", "jwks", 200, "", NULL, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"secret-canary\"},{\"kty\":\"EC\",\"use\":\"enc\"},7,{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"a\"}]}", "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"a\"}]}" },
  { "no keys", "jwks", 200, "", NULL, "{\"keys\":[]}", "answer: no key that signs" },
  { "keys that are no list", "jwks", 200, "", NULL, "{\"keys\":{\"kty\":\"EC\"}}", "answer: no keys" },
  { "taken back", "oauth-revoked", 200, "", NULL, "", "{}" },
  { "taken back, with a page", "oauth-revoked", 200, "text/html", NULL, "<h1>ok</h1>", "{}" },
  { "taken back before", "oauth-revoked", 400, "", NULL, ERROR ("invalid_token"), "{}" },
  { "taken back at github", "oauth-revoked", 204, "", "{\"gone\":true}", "", "{}" },
  { "taken back at github before", "oauth-revoked", 404, "", "{\"gone\":true}", "{\"message\":\"Not Found\"}", "{}" },
  { "an address that is not there", "oauth-revoked", 404, "", NULL, "", "refused: status 404" },
  { "not taken back", "oauth-revoked", 401, "", NULL, ERROR ("invalid_client"), "invalid_client: " },
  { "not taken back, with 200", "oauth-revoked", 200, "", NULL, ERROR ("invalid_client"), "invalid_client: " },
  { "tokens of this kind are not taken back", "oauth-revoked", 400, "", NULL, ERROR ("unsupported_token_type"), "unsupported: " },
  { "taken back later", "oauth-revoked", 503, "|60", NULL, "", "rate_limited +60: " },
};
/* clang-format on */

static ProviderRead *
read_case (const ReadCase *row)
{
  g_auto (GStrv) headers = g_strsplit (row->headers, "|", -1);
  const char *header[4] = { NULL };
  for (guint i = 0; headers[i] != NULL && i < G_N_ELEMENTS (header); i++)
    header[i] = *headers[i] == '\0' ? NULL : headers[i];
  g_autoptr (json_t) expect = row->expect == NULL ? NULL : json_loads (row->expect, 0, NULL);
  /* Behind the body there is nothing that may be read. */
  gsize len = strlen (row->body);
  g_autofree char *body = g_memdup2 (row->body, len);
  ProviderReply reply = { .status = row->status,
                          .content_type = header[0],
                          .retry_after = header[1],
                          .date = header[2],
                          .cache_control = header[3],
                          .body = len == 0 ? "" : body,
                          .len = len,
                          .now = NOW,
                          .expect = expect };
  return provider_read (row->reader, &reply);
}

static char *
told_of (const ProviderRead *read)
{
  char *fields = json_dumps (read->fields, JSON_COMPACT);
  GString *told = g_string_new (fields);
  g_free (fields);
  for (guint i = 0; i < read->values->len; i++)
    {
      const ProviderValue *value = g_ptr_array_index (read->values, i);
      g_assert_cmpuint (strlen (value->bytes), ==, value->len);
      g_string_append_printf (told, " %s=%s", value->name, value->bytes);
    }
  return g_string_free (told, FALSE);
}

static void
check_refusal (const ReadCase *row, const ProviderRead *read)
{
  const char *part = strstr (row->told, ": ");
  g_assert_nonnull (part);
  GString *code = g_string_new (read->code);
  if (read->retry_after != 0)
    g_string_append_printf (code, " +%" G_GINT64_FORMAT, read->retry_after);
  g_autofree char *wanted = g_strndup (row->told, part - row->told);
  g_assert_cmpstr (code->str, ==, wanted);
  g_string_free (code, TRUE);
  if (strstr (read->message, part + 2) == NULL)
    g_error ("\"%s\" is not in \"%s\"", part + 2, read->message);
  g_assert_null (strstr (read->message, "secret-canary"));
  g_assert_null (strstr (read->message, "evil"));
  g_assert_cmpuint (json_object_size (read->fields), ==, 0);
  g_assert_cmpuint (read->values->len, ==, 0);
}

static void
test_read (gconstpointer data)
{
  const ReadCase *row = data;
  g_autoptr (ProviderRead) read = read_case (row);
  g_autofree char *told = told_of (read);
  g_assert_true (read->ok == (row->told[0] == '{'));
  if (!read->ok)
    check_refusal (row, read);
  else
    g_assert_cmpstr (told, ==, row->told);
}

/* --- What would not fit in a table --- */

static void
test_large (void)
{
  gsize len = 10 * 1024 * 1024;
  g_autofree char *body = g_malloc (len);
  memset (body, ' ', len);
  memcpy (body, "{}", 2);
  ProviderReply reply = { .status = 200, .body = body, .len = len, .now = NOW };
  g_autoptr (ProviderRead) read = provider_read ("oauth-token", &reply);
  g_assert_false (read->ok);
  g_assert_cmpstr (read->code, ==, "answer");
  g_assert_nonnull (strstr (read->message, "too large"));
}

static void
test_deep (void)
{
  GString *body = g_string_new ("{\"access_token\":\"t\",\"token_type\":\"bearer\",\"x\":");
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (body, '[');
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (body, ']');
  g_string_append_c (body, '}');
  ProviderReply reply = { .status = 200, .body = body->str, .len = body->len, .now = NOW };
  g_autoptr (ProviderRead) read = provider_read ("oauth-token", &reply);
  g_assert_false (read->ok);
  g_assert_cmpstr (read->code, ==, "answer");
  g_string_free (body, TRUE);
}

static void
test_readers (void)
{
  g_assert_true (provider_reader_exists ("oauth-token"));
  g_assert_false (provider_reader_exists ("oauth"));
  g_assert_false (provider_reader_exists (""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/provider-read/tokens: ", token_cases, test_read);
  ADD_TABLE ("/provider-read/bad answers: ", bad_cases, test_read);
  ADD_TABLE ("/provider-read/errors: ", error_cases, test_read);
  ADD_TABLE ("/provider-read/device: ", device_cases, test_read);
  ADD_TABLE ("/provider-read/metadata: ", metadata_cases, test_read);
  ADD_TABLE ("/provider-read/others: ", other_cases, test_read);
  g_test_add_func ("/provider-read/ten megabytes are too large", test_large);
  g_test_add_func ("/provider-read/100000 brackets are not JSON", test_deep);
  g_test_add_func ("/provider-read/a reader has its name", test_readers);
  return g_test_run ();
}
