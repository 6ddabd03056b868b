# SPDX-License-Identifier: MIT
"""What is tried through countersign-worker-http: to reach what it may not, and to get the credential out of it."""

import base64
import json
import os
import resource
import shutil
import signal
import subprocess
import urllib.parse

import httpsite
import httpworker
import worker
from httpworker import SECRET, ask, output_file, reason
from lines import Refused
from tap import Skip, case, contains, count, equal, lacks

# host, what its service says of the network
UNREACHABLE = (
    ('127.0.0.1', 'public'), ('localhost', 'public'), ('127.1', 'public'), ('2130706433', 'public'),
    ('0x7f000001', 'public'), ('0177.0.0.1', 'public'), ('0x7f.1', 'public'), ('::1', 'public'), ('0:0:0:0:0:0:0:1', 'public'),
    ('::ffff:127.0.0.1', 'public'), ('::ffff:127.0.0.1', 'loopback'), ('::127.0.0.1', 'loopback'), ('64:ff9b::7f00:1', 'public'),
    ('0.0.0.0', 'public'), ('0.0.0.0', 'loopback'), ('0', 'loopback'), ('::', 'loopback'),
    ('169.254.169.254', 'public'), ('169.254.169.254', 'private'), ('169.254.169.254', 'loopback'), ('2852039166', 'public'),
    ('0xa9fea9fe', 'private'), ('::ffff:169.254.169.254', 'private'), ('fd00:ec2::254', 'private'),
    ('100.100.100.200', 'private'), ('192.0.0.192', 'private'), ('168.63.129.16', 'public'),
    ('10.0.0.1', 'public'), ('172.16.0.1', 'public'), ('192.168.0.1', 'public'), ('100.64.0.1', 'public'), ('fd12::1', 'public'),
    ('127.0.0.1', 'private'), ('8.8.8.8', 'private'), ('8.8.8.8', 'loopback'), ('fe80::1', 'private'), ('224.0.0.1', 'public'),
    ('255.255.255.255', 'public'), ('240.0.0.1', 'public'), ('ff02::1', 'public'), ('2002:7f00:1::', 'public'),
)


@case('no address is reached that is not of the network its service names')
def unreachable(world):
    for host, network in UNREACHABLE:
        try:
            world.opened(host=host, network=network)
            raise AssertionError(f'{host} on the {network} network: opened')
        except Refused as refusal:
            equal(refusal.data['reason'], 'refused_address', f'{host} on the {network} network')
    equal(world.site.greeted, 0)


@case('an address in other notations is reached where its service allows the network')
def notations(world):
    for host in ('127.0.0.1', '127.1', '2130706433'):
        site = world.make_site(authority=None)
        ask(world.opened(site=site, host=host), '/x')
        equal(len(site.seen), 1, host)
        equal(site.seen[0].header('Host'), [f'{host}:{site.port}'])


@case('an address of version 6 is one like any other')
def six(world):
    try:
        site = world.make_site(names=('::1',), address='::1')
    except OSError as error:
        raise Skip(f'this machine has no ::1: {error}') from error
    ask(world.opened(site=site, host='::1'), '/x')
    equal(site.seen[0].header('Host'), [f'[::1]:{site.port}'])


def _renamed(hosts):
    """What to put before a command so that it reads this file as /etc/hosts; skips where nothing can be mounted."""
    if shutil.which('unshare') is None:
        raise Skip('there is no unshare')
    wrap = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', 'mount --bind "$1" /etc/hosts && shift && exec "$@"', 'sh',
            hosts]
    tried = subprocess.run([*wrap, 'true'], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise Skip(f'no namespace to mount in: {tried.stderr.strip()}')
    return wrap


@case('a name that is given another address later still means the first')
def rebinding(world):
    hosts = os.path.join(world.base, 'hosts')
    first = world.make_site(names=('site.test',))

    def say(*addresses):
        with open(hosts, 'w', encoding='ascii') as file:
            file.writelines(f'{address} site.test\n' for address in addresses)
    say('127.0.0.1')
    os.chmod(world.base, 0o755)
    started = world.worker('countersign-worker-http', before=_renamed(hosts))
    started.attach('credential', SECRET)
    started.call('open', {'service': world.service(first, host='site.test'), 'credential': 'demo'})
    equal(ask(started, '/one')['status'], 200)
    second = world.make_site(names=('site.test',), address='127.0.0.2', port=first.port)
    say('127.0.0.2')
    first.drop()
    equal(ask(started, '/two')['status'], 200)
    equal([request.path for request in first.seen], ['/one', '/two'])
    equal(second.greeted, 0)
    first.close()
    equal(reason(started, '/three')[0], 'connect')
    equal(second.greeted, 0)
    # One that is asked now is told of the second, and of one that it may not reach.
    say('10.255.255.1', '127.0.0.2')
    started = world.worker('countersign-worker-http', before=_renamed(hosts))
    started.attach('credential', SECRET)
    started.call('open', {'service': world.service(first, host='site.test'), 'credential': 'demo'})
    equal(ask(started, '/four')['status'], 200)
    equal([request.path for request in second.seen], ['/four'])


@case('a look-up that hangs does not keep the worker from ending')
def hanging(world):
    hosts = os.path.join(world.base, 'hosts')
    os.mkfifo(hosts)
    os.chmod(world.base, 0o755)
    started = world.worker('countersign-worker-http', before=_renamed(hosts))
    started.attach('credential', SECRET)
    started.start('open', {'service': world.service(host='site.test'), 'credential': 'demo'})
    with open(hosts, 'wb'):  # opens when the worker reads it
        equal(started.end(), 0)


RAW = {
    'another protocol, switched to': b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nwhat now',
    'a status that is none': b'HTTP/1.1 000 x\r\n\r\n',
    'a status of four digits': b'HTTP/1.1 2000 x\r\n\r\n',
    'a version that is none': b'HTTP/7.3 200 OK\r\n\r\n',
    'an answer without a head': b'just a text\n',
    'a length below nothing': b'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello',
    'a length beyond all numbers': b'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nhello',
    'a length that is no number': b'HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello',
    'a chunk whose length is no number': b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello',
    'a chunk beyond all numbers': b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello',
    'a chunk that ends too early': b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nhello',
    'an encoding in seven layers': b'HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip, gzip, gzip, gzip, gzip, gzip\r\n\r\nhello',
    'a header with a NUL': b'HTTP/1.1 200 OK\r\nX-A: b\0c\r\n\r\nhello',
    'a header without a name': b'HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 2\r\n\r\nok',
    'a header that is none': b'HTTP/1.1 200 OK\r\nnothing of the kind\r\nContent-Length: 2\r\n\r\nok',
    'a header that goes on': b'HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 2\r\n\r\nok',
    'bytes that are no text in a header': b'HTTP/1.1 200 OK\r\nX-A: \xff\xfe\x1b[31m\r\nContent-Length: 2\r\n\r\nok',
    'a header line without end': b'HTTP/1.1 200 OK\r\nX-A: ' + b'a' * 300000,
    'interim answers without end': b'HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n' * 20000,
    'trailers without end': b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n' + b'X-A: bbbbbbbbbbbbbbbbbbbbbb\r\n' * 20000,
    'two answers': b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
}


@case('whatever a site answers, it is an answer or an error, and the next request is served')
def raw(world):
    def mode(_, connection, request):
        connection.sendall(RAW[urllib.parse.unquote(request.path.split('/')[2])])
        connection.close()
    site = world.make_site(modes={'raw': mode})
    started = world.opened(site=site)
    for sentence in RAW:
        try:
            result = ask(started, f'/raw/{urllib.parse.quote(sentence)}', timeout_ms=10000)
            lacks(result.get('body', ''), 'evil')
        except Refused as refusal:
            if refusal.data['reason'] not in ('protocol', 'too_large'):
                raise AssertionError(f'{sentence}: {refusal}') from refusal
        equal(ask(started, '/x')['body'], '{"ok":true}', sentence)


@case('wherever a redirect leads, the credential does not go there')
def redirects(world):
    other = world.make_site()
    plain = world.make_site(authority=None)
    started = world.opened()
    targets = [f'https://localhost:{other.port}/x', f'http://localhost:{plain.port}/x', f'https://127.0.0.1:{world.site.port}/x',
               f'//localhost:{other.port}/x', '/same', 'same', f'https://a@localhost:{other.port}/', 'file:///etc/passwd',
               'javascript:x', f'https://localhost:{world.site.port}/same']
    for status in (301, 302, 303, 307, 308, 300, 305):
        for target in targets:
            result = ask(started, f'/redirect?status={status}&to={urllib.parse.quote(target, safe="")}', 'POST', body='b')
            equal(result['status'], status)
            equal(dict(result['headers'])['Location'], target)
    equal([other.greeted, plain.greeted], [0, 0])
    equal(len(world.site.seen), 7 * len(targets))
    result = ask(started, f'/redirect?to={urllib.parse.quote(base64.b64encode(SECRET.encode()))}')
    lacks(json.dumps(result), SECRET)
    lacks(json.dumps(result), base64.b64encode(SECRET.encode()).decode())


def forms(secret):
    """In which a secret must not come back."""
    data = secret.encode()
    return [secret, secret[::-1], data.hex(), data.hex().upper(), urllib.parse.quote(secret, safe=''),
            *(base64.b64encode(b'x' * shift + data).decode()[4 * (shift > 0):-4] for shift in range(3))]


PLACES = (({'kind': 'bearer'}, SECRET), ({'kind': 'basic', 'user': 'me'}, SECRET), ({'kind': 'basic'}, f'me:{SECRET}'),
          ({'kind': 'header', 'name': 'X-Key', 'prefix': 'k='}, SECRET), ({'kind': 'query', 'name': 'key'}, SECRET),
          ({'kind': 'aws-sigv4', 'region': 'r', 'service': 's'}, f'AKIDEXAMPLE:{SECRET}:tt-{SECRET[::-1]}-tt'))


@case('a site that echoes what it was sent gives the credential to nobody')
def echoes(world):
    for place, secret in PLACES:
        started = world.opened(place=place, secret=secret)
        for encoding in httpsite.ENCODE:
            for more in ('', '&gzip=1', '&split=1', '&split=7', '&gzip=1&split=3'):
                result = json.dumps(ask(started, f'/echo?as={encoding}{more}'))
                for form in forms(SECRET):
                    lacks(result, form)
                contains(result, '"redacted": {"demo": ')


@case('nor in headers, their names, cookies or a file')
def echoed_headers(world):
    for place, secret in PLACES:
        if place['kind'] == 'query':
            continue
        started = world.opened(place=place, secret=secret)
        for encoding in ('plain', 'base64', 'hex', 'url', 'reversed'):
            result = json.dumps(ask(started, f'/echo-header?as={encoding}'))
            for form in forms(SECRET):
                lacks(result, form)
    started = world.opened()
    for number, encoding in enumerate(httpsite.ENCODE):
        fd, path = output_file(world, f'output-{number}')
        ask(started, f'/echo?as={encoding}&split=5', output=fd)
        os.close(fd)
        with open(path, encoding='utf-8') as file:
            text = file.read()
        for form in forms(SECRET):
            lacks(text, form)


SIGNED = ({'kind': 'aws-sigv4', 'region': 'r', 'service': 's'},
          {'kind': 'hmac', 'hash': 'sha256', 'header': 'X-Sign', 'prefix': 'v1=', 'encoding': 'hex', 'over': '{target}{timestamp}'},
          {'kind': 'hmac', 'hash': 'sha512', 'header': 'X-Sign', 'encoding': 'base64', 'over': '{target}{timestamp}'})


@case('nor a signature, with which the very request could be made again')
def signatures(world):
    for place in SIGNED:
        started = world.opened(place=place, secret=f'AKIDEXAMPLE:{SECRET}')
        for encoding in httpsite.ENCODE:
            result = json.dumps(ask(started, f'/echo?as={encoding}&split=5'))
            header = world.site.seen[-1].header('X-Sign' if place['kind'] == 'hmac' else 'Authorization')[0]
            signature = header.rpartition('=' if header.startswith(('AWS4', 'v1')) else ' ')[2]
            equal(len(signature) > 60, True)
            for form in forms(signature):
                lacks(result, form)
            contains(result, '"demo": ')


@case('a credential is put into nothing that the caller writes')
def placeholders(world):
    started = world.opened()
    ask(started, '/{credential}?a={credential}', 'POST', body='{credential} ${demo} secret://demo', headers=[['X-A', '{credential}']])
    seen = world.site.seen[0]
    equal(seen.count(SECRET), 1)
    equal(seen.header('Authorization'), [f'Bearer {SECRET}'])


@case('a parameter that is there already does not make two')
def twice(world):
    started = world.opened(place={'kind': 'query', 'name': 'api_key'})
    for query in ('api_key=x', 'a=b&api_key', '%61pi_key=x', 'a;api_key=x', 'api%5Fkey=', '&api_key=x'):
        equal(reason(started, f'/x?{query}')[0], 'protocol', query)
    ask(started, '/x?my_api_key=1&API_KEY=2')
    started = world.opened(place={'kind': 'form', 'name': 'token'})
    for body in ('token=x', 'a=b&token=', '%74oken=x'):
        equal(reason(started, '/x', 'POST', body=body)[0], 'protocol', body)
    equal(reason(started, '/x', 'POST', body='{}', headers=[['Content-Type', 'application/json']])[0], 'protocol')
    equal(reason(started, '/x', 'GET')[0], 'protocol')
    equal(len(world.site.seen), 1)


@case('an AWS key is not sent, only what it signs')
def aws(world):
    key = 'wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY'
    started = world.opened(place={'kind': 'aws-sigv4', 'region': 'eu-west-1', 'service': 'execute-api'},
                           secret=f'AKIDEXAMPLE:{key}:session-token-7x')
    ask(started, '/a%20b?b=2&a=1', 'POST', body='{}', headers=[['Content-Type', 'application/json'], ['X-Amz-Target', 't']])
    seen = world.site.seen[0]
    for form in forms(key):
        equal(seen.count(form), 0, form)
    equal(seen.count('session-token-7x'), 1)
    contains(seen.header('Authorization')[0],
             'SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target, ')


@case('nothing in the environment sends it elsewhere, and no key is logged')
def environment(world):
    proxy = world.make_site(authority=None)
    home = os.path.join(world.base, 'home')
    os.mkdir(home)
    keys = os.path.join(home, 'keys')
    for name, text in (('.netrc', 'machine localhost login evil password evil\n'), ('.curlrc', f'proxy = localhost:{proxy.port}\n')):
        with open(os.path.join(home, name), 'w', encoding='ascii') as file:
            file.write(text)
    names = ('http_proxy', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY')
    env = {**{name: f'http://127.0.0.1:{proxy.port}' for name in names}, 'HOME': home, 'CURL_HOME': home,
           'SSLKEYLOGFILE': keys, 'SSL_CERT_FILE': '/dev/null', 'CURL_CA_BUNDLE': '/dev/null', 'OPENSSL_CONF': '/dev/null',
           'RES_OPTIONS': 'ndots:9', 'LOCALDOMAIN': 'evil.example', 'HOSTALIASES': os.path.join(home, 'aliases')}
    started = world.opened(env=env)
    ask(started, '/x')
    equal(proxy.greeted, 0)
    equal(os.path.exists(keys), False)
    equal(world.site.seen[0].header('Authorization'), [f'Bearer {SECRET}'])


@case('a site that does not prove who it is gets not one byte')
def impostors(world):
    stranger = httpsite.Authority('Another authority')
    rows = {'another authority': (world.make_site(authority=stranger), {}),
            'another name': (world.make_site(names=('elsewhere.test',)), {}),
            'a certificate that has ended': (world.make_site(days=(-30, -1)), {}),
            'one that has not begun': (world.make_site(days=(1, 30)), {}),
            'its own authority under the system\'s alone': (world.site, {'ca': None}),
            'no TLS at all': (world.make_site(authority=None), {'scheme': 'https', 'ca': world.authority.pem})}
    # That one waits for an end of what it cannot read.
    wanted = {'no TLS at all': 'timeout'}
    for sentence, (site, more) in rows.items():
        service = {**world.service(site), **more}
        started = world.worker('countersign-worker-http')
        started.attach('credential', SECRET)
        started.call('open', {'service': {k: v for k, v in service.items() if v is not None}, 'credential': 'demo'})
        why, words = reason(started, '/x', timeout_ms=3000)
        equal(why, wanted.get(sentence, 'tls'), sentence)
        lacks(words, SECRET)
        equal([request.raw for request in site.seen], [], sentence)


def peak(started):
    """The most memory that it has had, in MiB. Anybody may read that."""
    with open(f'/proc/{started.process.pid}/status', encoding='ascii') as file:
        return int(next(line for line in file if line.startswith('VmHWM')).split()[1]) >> 10


@case('gigabytes, bombs and headers without end leave its memory flat')
def flat(world):
    started = world.opened(env={'ASAN_OPTIONS': 'quarantine_size_mb=1'})
    ask(started, '/big?mib=2')
    before = peak(started)
    mib = count(128, 1030)
    for target in (f'/big?mib={mib}', f'/bomb?mib={mib}'):
        fd, path = output_file(world, f'output-{target[1:4]}')
        result = ask(started, target, output=fd, timeout_ms=600000)
        os.close(fd)
        equal(result['written'], min(mib << 20, 1 << 30), target)
        equal(result['truncated'], mib > 1024, target)
        os.unlink(path)
    for _ in range(count(20, 1000)):
        equal(reason(started, '/headers?kib=90')[0], 'too_large')
        equal(ask(started, '/bomb?mib=8')['truncated'], True)
    if peak(started) > before + 24:
        raise AssertionError(f'{before} MiB before, {peak(started)} MiB at most after')


@case('it leaves no core file when somebody makes it crash')
def core(world):
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    if most == 0:
        raise Skip('no program may leave a core file here')
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # a shell's background jobs ignore it, and so would the worker
    started = world.opened()
    ask(started, '/x')
    os.kill(started.process.pid, signal.SIGQUIT)
    _, status = os.waitpid(started.process.pid, 0)
    world.workers.remove(started)
    started.process.returncode = 0
    started.close()
    equal((os.WIFSIGNALED(status), os.WCOREDUMP(status)), (True, False))


@case('it has given up what it does not need')
def given_up(world):
    started = world.opened()
    with open(f'/proc/{started.process.pid}/status', encoding='ascii') as file:
        status = dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)
    equal(status['Seccomp'], '2')
    equal(status['NoNewPrivs'], '1')
    for name in ('mem', 'environ', 'maps', 'fd'):
        try:
            path = f'/proc/{started.process.pid}/{name}'
            if name == 'fd':
                os.listdir(path)
            else:
                with open(path, 'rb') as file:
                    file.read(1)
            raise AssertionError(f'{name} can be read')
        except PermissionError:
            pass


worker.main(httpworker.HttpWorld)
