/* SPDX-License-Identifier: MIT */
#include "broker/sink/sink-private.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>

#define HANDSHAKE_SECONDS 30

struct _SinkTlsSetup
{
  SSL_CTX *context;
  gboolean told; /* that this server closes without a word */
};

/* What OpenSSL says of the last failure; its queue is then empty. */
static const char *
why (void)
{
  unsigned long code = ERR_peek_last_error ();
  const char *words = code == 0 ? NULL : ERR_reason_error_string (code);

  ERR_clear_error ();
  return words != NULL ? words : errno != 0 ? g_strerror (errno) : "closed";
}

void
sink_tls_free (SinkTlsSetup *setup)
{
  SSL_CTX_free (setup->context);
  g_free (setup);
}

static gboolean
refuse (const char *path, GError **error)
{
  g_set_error (error, SINK_ERROR, SINK_ERROR_PLACE, "%s: %s", path, why ());
  return FALSE;
}

static gboolean
set_up (SSL_CTX *context, const SinkTls *tls, GError **error)
{
  SSL_CTX_set_verify (context, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_min_proto_version (context, TLS1_2_VERSION);
  SSL_CTX_set_mode (context, SSL_MODE_AUTO_RETRY);
  if (tls->ca == NULL ? SSL_CTX_set_default_verify_paths (context) != 1
                      : SSL_CTX_load_verify_file (context, tls->ca) != 1)
    return refuse (tls->ca != NULL ? tls->ca : "the system's authorities", error);
  if (tls->certificate != NULL
      && SSL_CTX_use_certificate_chain_file (context, tls->certificate) != 1)
    return refuse (tls->certificate, error);
  if (tls->key != NULL
      && (SSL_CTX_use_PrivateKey_file (context, tls->key, SSL_FILETYPE_PEM) != 1
          || SSL_CTX_check_private_key (context) != 1))
    return refuse (tls->key, error);
  return TRUE;
}

SinkTlsSetup *
sink_tls_new (const SinkTls *tls, GError **error)
{
  g_autoptr (SinkTlsSetup) self = g_new0 (SinkTlsSetup, 1);

  errno = 0;
  self->context = SSL_CTX_new (TLS_client_method ());
  if (self->context == NULL)
    refuse ("TLS", error);
  return self->context != NULL && set_up (self->context, tls, error) ? g_steal_pointer (&self)
                                                                     : NULL;
}

/* 0: for as long as it takes. */
static void
limit (SSL *ssl, time_t seconds)
{
  const struct timeval most = { .tv_sec = seconds };

  setsockopt (SSL_get_fd (ssl), SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
}

/* The certificate is to name the host that the person named, by name or address. */
static gboolean
shake_hands (SSL *ssl, const SinkPlace *place, GError **error)
{
  X509_VERIFY_PARAM *checked = SSL_get0_param (ssl);
  gboolean address = X509_VERIFY_PARAM_set1_ip_asc (checked, place->host) == 1;

  ERR_clear_error ();
  if (!address
      && (SSL_set1_host (ssl, place->host) != 1
          || SSL_set_tlsext_host_name (ssl, place->host) != 1))
    return sink_fail_words (place, why (), error);
  errno = 0;
  limit (ssl, HANDSHAKE_SECONDS);
  int done = SSL_connect (ssl);
  limit (ssl, 0);
  if (done == 1)
    return TRUE;
  long verdict = SSL_get_verify_result (ssl);
  if (verdict == X509_V_OK)
    return sink_fail_words (place, why (), error);
  g_autofree char *words
      = g_strdup_printf ("its certificate: %s", X509_verify_cert_error_string (verdict));
  ERR_clear_error ();
  return sink_fail_words (place, words, error);
}

static gboolean
write_all (SSL *ssl, const SinkPlace *place, const GString *data, GError **error)
{
  gsize written;

  errno = 0;
  return SSL_write_ex (ssl, data->str, data->len, &written) == 1
         || sink_fail_words (place, why (), error);
}

/* Not every server answers our end with its own, as RFC 5425 wants it to. */
static void
on_silent_end (SinkTlsSetup *setup, const SinkPlace *place)
{
  if (!setup->told)
    fprintf (stderr,
             "%s closes without a word under its key: that it has read everything is taken on the "
             "network's word\n",
             place->text);
  setup->told = TRUE;
}

/* We say that nothing more comes; the receiver, having read as far as that, says the same. Who
 * sits between the two can close the connection, and cannot say that. */
static gboolean
say_end (SinkTlsSetup *setup, SSL *ssl, const SinkPlace *place, GError **error)
{
  char unused[512];
  gsize n;

  errno = 0;
  if (SSL_shutdown (ssl) < 0 || shutdown (SSL_get_fd (ssl), SHUT_WR) != 0)
    return sink_fail_words (place, why (), error);
  while (SSL_read_ex (ssl, unused, sizeof unused, &n) == 1)
    ;
  int ended = SSL_get_error (ssl, 0);
  if (ended == SSL_ERROR_SSL
      && ERR_GET_REASON (ERR_peek_last_error ()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    on_silent_end (setup, place);
  /* By TLS 1.3 that our certificate is refused is said here, not when hands are shaken. */
  else if (ended != SSL_ERROR_ZERO_RETURN)
    return sink_fail_words (place, why (), error);
  ERR_clear_error ();
  return TRUE;
}

gboolean
sink_tls_carry (SinkTlsSetup *setup, int fd, const SinkPlace *place, const GString *data,
                GError **error)
{
  SSL *ssl = SSL_new (setup->context);
  gboolean taken = ssl != NULL && SSL_set_fd (ssl, fd) == 1 && shake_hands (ssl, place, error)
                   && write_all (ssl, place, data, error) && say_end (setup, ssl, place, error)
                   && sink_stream_finish (fd, place, error);

  if (error != NULL && *error == NULL && !taken)
    sink_fail_words (place, why (), error);
  SSL_free (ssl);
  return taken;
}
