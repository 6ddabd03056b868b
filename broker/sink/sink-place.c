/* SPDX-License-Identifier: MIT */
#include "broker/sink/sink-place.h"

#include <string.h>
#include <sys/un.h>

#define JOURNAL "/run/systemd/journal/socket"
#define LOG "/dev/log"
#define NAME_MAX_LEN 64
#define PATH_MAX_LEN (sizeof ((struct sockaddr_un *) NULL)->sun_path - 1)

G_DEFINE_QUARK (countersign_sink_error, sink_error)

static const struct
{
  const char *word, *port;
  SinkKind kind;
} transports[] = {
  { "udp:", "514", SINK_SYSLOG_UDP },
  { "tcp:", "514", SINK_SYSLOG_TCP },
  { "tls:", "6514", SINK_SYSLOG_TLS },
};

void
sink_place_clear (SinkPlace *place)
{
  g_clear_pointer (&place->path, g_free);
  g_clear_pointer (&place->host, g_free);
  g_clear_pointer (&place->port, g_free);
  g_clear_pointer (&place->text, g_free);
}

static gboolean
refuse (const char *text, const char *why, GError **error)
{
  g_set_error (error, SINK_ERROR, SINK_ERROR_PLACE, "“%s”: %s", text, why);
  return FALSE;
}

static gboolean
take_path (SinkPlace *place, const char *text, const char *path, GError **error)
{
  if (*path != '/')
    return refuse (text, "the path of a socket begins with /", error);
  if (strlen (path) > PATH_MAX_LEN)
    return refuse (text, "the path of a socket is at most 107 bytes long", error);
  place->path = g_strdup (path);
  return TRUE;
}

/* A number: a name would depend on a file of the machine's. */
static gboolean
is_port (const char *text)
{
  guint64 port;

  return g_ascii_string_to_unsigned (text, 10, 1, 65535, &port, NULL);
}

/* HOST[:PORT], [HOST][:PORT]. What is not an address has no colon in it. */
static gboolean
take_host (SinkPlace *place, const char *text, const char *address, const char *port,
           GError **error)
{
  gboolean quoted = *address == '[';
  const char *host = quoted ? address + 1 : address;
  const char *end = quoted ? strchr (host, ']') : host + strcspn (host, ":");
  const char *rest = end == NULL ? NULL : quoted ? end + 1 : end;

  if (!quoted && rest != NULL && strchr (rest, ':') != strrchr (rest, ':'))
    return refuse (text, "an IPv6 address stands in brackets: [2001:db8::1]:514", error);
  if (rest == NULL || end == host || (*rest != '\0' && *rest != ':'))
    return refuse (text, "expects HOST or HOST:PORT", error);
  for (const char *at = host; at < end; at++)
    if (!g_ascii_isalnum (*at) && strchr (quoted ? ".:%-_" : ".-_", *at) == NULL)
      return refuse (text, "has a character that no host's name has", error);
  if (*rest == ':' && !is_port (rest + 1))
    return refuse (text, "a port is a number from 1 to 65535", error);
  place->host = g_strndup (host, (gsize) (end - host));
  place->port = g_strdup (*rest == ':' ? rest + 1 : port);
  return TRUE;
}

static gboolean
take_syslog (SinkPlace *place, const char *text, const char *address, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (transports); i++)
    if (g_str_has_prefix (address, transports[i].word))
      {
        place->kind = transports[i].kind;
        return take_host (place, text, address + strlen (transports[i].word), transports[i].port,
                          error);
      }
  place->kind = SINK_SYSLOG_UNIX;
  if (*address != '/')
    return refuse (text, "after syslog: expects /PATH, udp:HOST, tcp:HOST or tls:HOST", error);
  return take_path (place, text, address, error);
}

static gboolean
take (SinkPlace *place, const char *text, GError **error)
{
  if (strcmp (text, "journald") == 0)
    return take_path (place, text, JOURNAL, error);
  if (strcmp (text, "syslog") == 0)
    return take_syslog (place, text, LOG, error);
  if (g_str_has_prefix (text, "journald:"))
    return take_path (place, text, text + strlen ("journald:"), error);
  if (g_str_has_prefix (text, "syslog:"))
    return take_syslog (place, text, text + strlen ("syslog:"), error);
  return refuse (text, "is neither journald nor syslog", error);
}

static const char *
kind_of (const SinkPlace *place)
{
  return place->kind == SINK_JOURNALD ? "journald" : "syslog";
}

static char *
spell (const SinkPlace *place)
{
  const char *transport = "";

  for (gsize i = 0; i < G_N_ELEMENTS (transports); i++)
    if (transports[i].kind == place->kind)
      transport = transports[i].word;
  if (place->path != NULL)
    return g_strdup_printf ("%s:%s", kind_of (place), place->path);
  return strchr (place->host, ':') != NULL
             ? g_strdup_printf ("syslog:%s[%s]:%s", transport, place->host, place->port)
             : g_strdup_printf ("syslog:%s%s:%s", transport, place->host, place->port);
}

gboolean
sink_place_parse (const char *text, SinkPlace *place, GError **error)
{
  *place = (SinkPlace){ .kind = SINK_JOURNALD };
  if (!take (place, text, error))
    {
      sink_place_clear (place);
      return FALSE;
    }
  place->text = spell (place);
  return TRUE;
}

/* What no name has becomes "-", once where there are several in a row. Two places that get the same
 * name are told apart by what the cursor says of its own. */
char *
sink_place_name (const SinkPlace *place)
{
  GString *name = g_string_new (NULL);

  if (g_strcmp0 (place->path, JOURNAL) == 0 || g_strcmp0 (place->path, LOG) == 0)
    return g_string_free (g_string_assign (name, kind_of (place)), FALSE);
  for (const char *at = place->text; *at != '\0' && name->len < NAME_MAX_LEN; at++)
    if (g_ascii_isalnum (*at))
      g_string_append_c (name, g_ascii_tolower (*at));
    else if (name->len > 0 && name->str[name->len - 1] != '-')
      g_string_append_c (name, '-');
  return g_string_free (name, FALSE);
}

gboolean
sink_place_check_name (const char *name, GError **error)
{
  gsize len = strlen (name);
  gboolean fits = len >= 1 && len <= NAME_MAX_LEN && *name != '-';

  for (gsize i = 0; fits && i < len; i++)
    fits = g_ascii_islower (name[i]) || g_ascii_isdigit (name[i]) || name[i] == '-';
  if (!fits)
    g_set_error (error, SINK_ERROR, SINK_ERROR_PLACE,
                 "“%s” is no name for a sink: 1 to 64 of a-z, 0-9 and “-”, not beginning with “-”",
                 name);
  return fits;
}
