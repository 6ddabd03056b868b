# SPDX-License-Identifier: MIT
"""Who calls over HTTP: local tokens and issuers' tokens, shown by what stands for countersign-mcp-http."""

import base64
import datetime
import json
import os
import sys
import time
import urllib.parse
import urllib.request

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import oidcworld
import tap
from fakegithub import FakeGithub
from fakevouch import FakeVouch
from subjectworld import RESOURCE, CallerWorld, Issuer, Key, digest
from lines import Closed, Refused
from tap import case, contains, equal, lacks


def refused(call, code=4, **data):
    """The call is refused with this code and these data; what it said."""
    try:
        answer = call()
    except Refused as error:
        equal(error.code, code, error)
        for name, value in data.items():
            equal(error.data.get(name), value, error)
        return error.message
    raise AssertionError(f'it was not refused: {answer}')


def invalid(call):
    return refused(call, reason='bearer', error='invalid_token')


def ended(carrier):
    """Waits until the broker has closed the connection."""
    try:
        while True:
            carrier.pump()
    except Closed:
        return


# --- before a token ---

@case('our HTTP program asks for nobody until a token was shown, then for that one only; no other program may show one')
def early(world):
    token = world.local()
    carrier = world.carrier()
    for call in ('list_secrets', 'get_secret', 'explain_access', 'broker_status', 'approval_wait'):
        arguments = {'get_secret': {'name': 'demo', 'purpose': 'x'}, 'explain_access': {'operation': 'get_secret'},
                     'approval_wait': {'request_id': 'x'}}.get(call, {})
        contains(invalid(lambda call=call, arguments=arguments: carrier.call(call, arguments)), 'no token was shown')
    equal(carrier.call('resource')['result'], {'issuers': [], 'local': 1})
    equal(carrier.show(token)['subject'], 'ci')
    refused(lambda: carrier.show(token), code=-32600)
    equal(carrier.call('broker_status')['result']['state'], 'unlocked')


    agent = world.agent()
    for call, arguments in (('bearer', {'token': token, 'resource': RESOURCE}), ('resource', None)):
        contains(refused(lambda call=call, arguments=arguments: agent.call(call, arguments), reason='program'),
                 'only countersign-mcp-http')
    # Nothing is written to a file here, and no program is launched, for who calls over HTTP.
    refused(lambda: carrier.call('read_secrets', {'names': ['demo']}), reason='remote')
    refused(lambda: carrier.call('launch', {'program': '/bin/true', 'argv': ['true'],
                                            'secrets': [{'name': 'demo', 'env': 'X'}], 'work_dir': '/'}), reason='remote')


@case('locked, a token is neither good nor bad')
def locked(world):
    token = world.local()
    world.cli('lock')
    carrier = world.carrier()
    refused(lambda: carrier.show(token), code=3)
    refused(lambda: carrier.call('resource'), code=3)


# --- local tokens ---

@case('a local token is shown once, kept as a digest, and names its holder on card, grant and trail')
def local(world):
    token = world.local('ci', '--for', '1h')
    equal((token[:3], len(token)), ('cs_', 46))
    who = world.carrier().show(token)
    equal({name: who[name] for name in ('subject', 'issuer', 'label', 'scopes', 'local')},
          {'subject': 'ci', 'issuer': 'local', 'label': 'ci (local token)', 'scopes': [], 'local': True})
    carrier = world.carrier(token)
    call = carrier.ask()
    request_id = carrier.held(call)['request_id']
    contains(world.cli('pending', request_id, pin=True).out, 'ci (local token)')
    world.grant(request_id)
    reference = carrier.answer(call)['result']['reference']['id']
    contains(world.cli('grants', pin=True).out, 'ci (local token)')
    records = world.cli('audit', 'show', request_id, pin=True).out
    contains(records, 'local/ci')
    listed = world.cli('caller', 'list', '--json', pin=True).json()
    equal([(one['name'], one['kind']) for one in listed], [('ci', 'local')])
    for name in (world.store, f'{world.store}-wal'):
        with open(name, 'rb') as file:
            data = file.read()
            lacks(data, token.encode())
            lacks(data, digest(token).encode())
    lacks('\n'.join(map(str, world.records())), token)
    assert reference


@case('a local token that was removed is good for nobody, and what its holder had has ended')
def removed(world):
    token, other = world.local('ci'), world.local('cd')
    carrier, bystander = world.carrier(token), world.carrier(other)
    call = carrier.ask()
    world.grant(carrier.held(call)['request_id'])
    reference = carrier.answer(call)['result']['reference']['id']
    held = carrier.start('delete_secret', {'name': 'demo'})
    request_id = carrier.held(held)['request_id']
    equal(len(world.cli('grants', '--json', pin=True).json()), 1)
    world.cli('caller', 'rm', 'ci')
    equal(carrier.answer(held)['status'], 'denied')
    ended(carrier)
    equal(world.cli('grants', '--json', pin=True).json(), [])
    contains(invalid(lambda: world.carrier().show(token)), 'no local token')
    again = world.carrier(world.local('ci'))
    refused(lambda: again.call('approval_wait', {'request_id': request_id}), code=5)
    equal(again.call('resolve_secret', {'reference_id': reference})['status'], 'denied')
    equal(bystander.call('broker_status')['result']['state'], 'unlocked')


@case('what was minted under the grants of a local token ends with it')
def minted(world):
    world.write('providers.d/tokens.conf', 'provider tokens\nkind issuer\nissuer https://tokens.example\n')
    world.cli('policy', 'apply', pin=True)
    carrier, other = world.carrier(world.local()), world.carrier(world.local('other'))
    ids = []
    for one in (carrier, other):
        call = one.start('mint_token', {'provider': 'github', 'scopes': ['read']})
        world.grant(one.held(call)['request_id'])
        ids.append(one.answer(call)['result']['token']['tokenId'])
    world.cli('caller', 'rm', 'ci')
    told = world.human(pin=True).call('token_list')['tokens']
    equal({one['token_id']: one['state'] for one in told}, {ids[0]: 'revoked', ids[1]: 'active'})


@case('names of local tokens are checked, and one that is taken is not given again')
def names(world):
    world.local('ci')
    for name, part in (('ci', 'there is a local token ci'), ('no/slash', 'name'), ('', 'name')):
        result = world.cli('caller', 'add', name, pin=True, status=None)
        assert result.status != 0, name
        contains(result.err, part)
    world.cli('caller', 'add', 'long', '--for', '400d', pin=True, status=2)
    world.cli('caller', 'add', 'none', status=1, stdin=b'')
    world.cli('caller', 'rm', 'nobody', status=1)
    trust = ('caller', 'trust', 'http://127.0.0.1:9', '--network', 'loopback', '--name', 'here')
    world.cli(*trust, status=1)
    assert not os.path.exists(os.path.join(world.config, 'callers.d/here.conf'))
    contains(world.cli(*trust, pin=True).out, 'accepted: its tokens say who calls')
    contains(world.cli(*trust, pin=True).out, 'already')
    contains(world.cli(*trust, '--audience', 'none', pin=True, status=1).err, 'says something else')
    world.cli('caller', 'trust', 'http://example.com', pin=True, status=2)
    contains(world.cli('caller', 'trust', 'http://127.0.0.1:9', status=2).err, '(here: --network loopback)')
    contains(world.cli('caller', 'trust', 'https://example.com', '--network', 'home', status=2).err, 'public, private or loopback')
    equal([(one['name'], one['kind']) for one in world.cli('caller', 'list', '--json', pin=True).json()],
          [('here', 'issuer'), ('ci', 'local')])
    contains(world.cli('caller', 'rm', 'here', status=1).err, 'is an issuer')


# --- one subject, whichever connection ---

@case('what one connection of a subject asked, another of the same may fetch, and no other subject')
def fetched(world):
    token, other = world.local('ci'), world.local('cd')
    first, second, stranger = world.carrier(token), world.carrier(token), world.carrier(other)
    call = first.start('get_secret', {'name': 'demo', 'purpose': 'x', 'hold_seconds': 0})
    request_id = first.answer(call)['request_id']
    first.close()
    refused(lambda: stranger.call('approval_wait', {'request_id': request_id}), code=5)
    refused(lambda: world.agent().call('approval_wait', {'request_id': request_id}), code=5)
    wait = second.start('approval_wait', {'request_id': request_id})
    second.held(wait)
    world.grant(request_id)
    reference = second.answer(wait)['result']['reference']['id']
    equal(world.carrier(token).call('get_secret', {'name': 'demo', 'purpose': 'x'})['result']['reference']['id'], reference)
    for who in (stranger, world.agent()):
        answer = who.start('get_secret', {'name': 'demo', 'purpose': 'x'})
        who.hear('held', id=answer)  # nobody else is covered


# --- issuers ---

@case('a token of an accepted issuer says who asks: card, policy, grants, trail and minted tokens have it', issuer=Issuer,
      lines='audience resource\nrequire-scope use\n')
def accepted(world):
    issuer = world.issuer
    ann = issuer.token(scope='use more', hardware_verified=True)
    who = world.carrier().show(ann)
    refused(lambda: world.carrier().show(issuer.token(scope='useful')), reason='bearer', error='insufficient_scope', scope='use')
    equal([(one['event'], one['count']) for one in world.records() if one['event'] == 'bearer_refused'], [('bearer_refused', 1)])
    equal({name: who[name] for name in ('subject', 'issuer', 'label', 'scopes', 'local')},
          {'subject': 'ann@example.com', 'issuer': 'work', 'label': 'ann@example.com, hardware-verified', 'scopes': ['use', 'more'],
           'local': False})
    equal(world.carrier().call('resource')['result'],
          {'issuers': [{'name': 'work', 'issuer': issuer.url, 'scopes': ['use']}], 'local': 0})
    carrier = world.carrier(ann)
    call = carrier.ask()
    request_id = carrier.held(call)['request_id']
    card = world.cli('pending', request_id, pin=True).out
    for part in ('ann@example.com, hardware-verified', issuer.url, 'MCP over HTTP', 'u1'):
        contains(card, part)
    world.grant(request_id)
    carrier.answer(call)
    contains(world.cli('grants', pin=True).out, 'ann@example.com, hardware-verified (work)')
    trail = world.cli('audit', 'show', request_id, pin=True).out
    for part in ('work/ann@example.com', issuer.url, 'u1'):
        contains(trail, part)
    lacks(json.dumps(world.records()), 'ann@example.com')  # sealed
    world.policy('deny reveal', 'allow mint_token caller work/ann@*')
    world.write('providers.d/tokens.conf', 'provider tokens\nkind issuer\nissuer https://tokens.example\n')
    world.cli('policy', 'apply', pin=True)
    minted = carrier.call('mint_token', {'provider': 'github', 'scopes': ['read']})['result']
    claims = json.loads(base64.urlsafe_b64decode(minted['value'].split('.')[1] + '=='))
    equal(claims['sub'], 'work/ann@example.com')
    bob = world.carrier(issuer.token(sub='u2', email='bob@example.com', scope='use'))
    bob.hear('held', id=bob.start('mint_token', {'provider': 'github', 'scopes': ['read']}))  # no rule is about Bob
    token_id = minted['token']['tokenId']
    refused(lambda: bob.call('revoke_token', {'token_id': token_id}), code=5)
    world.carrier(ann).call('revoke_token', {'token_id': token_id})


@case('keys are fetched once, and again for one that is not known: an issuer may change them while all runs', issuer=Issuer)
def rotation(world):
    issuer = world.issuer
    equal(world.carrier().show(issuer.token())['subject'], 'ann@example.com')
    world.carrier(issuer.token())
    equal(issuer.count(), 1)
    old = issuer.token()
    issuer.keys = [Key('k2'), Key('k3', 'EdDSA'), Key('k4', 'RS256')]
    equal(world.carrier().show(issuer.token())['subject'], 'ann@example.com')
    equal(issuer.count(), 2)
    contains(invalid(lambda: world.carrier().show(old)), 'none of its issuer\'s keys')
    for kid in ('nobody', '../../etc/passwd', ''):
        invalid(lambda kid=kid: world.carrier().show(issuer.token({'kid': kid})))
    equal(issuer.count(), 2)  # not once more for each stranger
    contains(invalid(lambda: world.carrier().show(issuer.token(key=issuer.keys[1]))), '(alg)')
    equal(world.carrier().show(issuer.token(key=issuer.keys[2]))['subject'], 'ann@example.com')


@case('an issuer that is slow, fails or lies keeps nobody else waiting, and lets nobody in', issuer=Issuer)
def broken(world):
    issuer, local = world.issuer, world.local()
    issuer.gate.clear()
    first, second, third = (world.carrier() for _ in range(3))
    waiting = [one.start('bearer', {'token': issuer.token(), 'resource': RESOURCE}) for one in (first, second, third)]
    issuer.wait_asked('/.well-known/openid-configuration')
    equal(world.carrier().show(local)['subject'], 'ci')
    third.close()
    issuer.gate.set()
    for one, call in zip((first, second), waiting):
        equal(one.answer(call)['result']['subject'], 'ann@example.com')
    equal(issuer.count(), 1)
    text = f'issuer {issuer.url}\naudience resource\nnetwork loopback\n'
    for number, answer in enumerate(((500, {}), (200, {'keys': []}), (200, b'<html>'), (200, {'keys': [{**issuer.keys[0].jwk, 'd': 'AA'}]}),
                                     (302, {}))):
        issuer.broken['/keys'] = answer
        world.accept('work', f'{text}# {number}\n')
        contains(refused(lambda: world.carrier().show(issuer.token()), code=6, reason='issuer'), 'keys of issuer work')
        asked = len(issuer.asked)
        refused(lambda: world.carrier().show(issuer.token()), code=6, reason='issuer')
        equal(len(issuer.asked), asked)  # it is not asked again at once
    issuer.broken = {'/.well-known/openid-configuration': (200, {'issuer': 'https://other.example', 'jwks_uri': f'{issuer.url}/keys'})}
    world.accept('work', f'{text}# other\n')
    refused(lambda: world.carrier().show(issuer.token()), code=6, reason='issuer')
    issuer.broken = {'/.well-known/openid-configuration': (404, {}), '/oauth/jwks': (200, {'keys': [issuer.keys[0].jwk]})}
    world.accept('work', f'{text}# as Vouch has it\n')
    equal(world.carrier().show(issuer.token())['subject'], 'ann@example.com')


@case('what waits for keys hears of a lock, and of an issuer that is gone', issuer=Issuer)
def waiting(world):
    issuer = world.issuer
    issuer.gate.clear()
    carrier = world.carrier()
    call = carrier.start('bearer', {'token': issuer.token(), 'resource': RESOURCE})
    issuer.wait_asked('/.well-known/openid-configuration')
    world.accept('work', None)
    contains(invalid(lambda: carrier.answer(call)), 'changed')
    world.accept('work', f'issuer {issuer.url}\naudience resource\nnetwork loopback\n')
    carrier = world.carrier()
    call = carrier.start('bearer', {'token': issuer.token(), 'resource': RESOURCE})
    issuer.wait_asked('/.well-known/openid-configuration', 2)
    world.cli('lock')
    refused(lambda: carrier.answer(call), code=3)


@case('a rule about all of an issuer\'s is also about whom that calls by a name with slashes', issuer=Issuer)
def slashes(world):
    world.policy('deny get_secret caller work/*', 'allow http_request caller work/spiffe://example.org/*')
    for name in ('spiffe://example.org/ci/7', 'a/b@example.com', '/', 'x//y/..'):
        carrier = world.carrier(world.issuer.token(email=None, sub=name))
        equal(carrier.call('get_secret', {'name': 'demo', 'purpose': 'x'})['status'], 'denied', name)
        equal(carrier.call('explain_access', {'operation': 'get_secret', 'name': 'demo'})['result']['verdict'], 'deny', name)
        equal(carrier.call('explain_access', {'operation': 'http_request', 'name': 'x'})['result']['verdict'],
              'allow' if name.startswith('spiffe://example.org/') else 'ask', name)


@case('a token without a sensible end is good, for a year at most', issuer=Issuer)
def endless(world):
    now = int(time.time())
    for end in (now * 1000, 2 ** 53, 9.0e15):
        carrier = world.carrier()
        until = datetime.datetime.fromisoformat(carrier.show(world.issuer.token(exp=end))['expires_at'].replace('Z', '+00:00'))
        contains(range(364, 366), (until.timestamp() - now) // 86400)
        equal(carrier.call('broker_status')['result']['state'], 'unlocked')
    for end in (2 ** 63, 2 ** 64, -1, '1', None, 1e400):
        invalid(lambda end=end: world.carrier().show(world.issuer.token(exp=end)))


@case('a token that expires ends its connection; another of the same subject goes on with what was asked', issuer=Issuer)
def expired(world):
    issuer = world.issuer
    now = issuer.claims()['iat']
    short, long = world.carrier(issuer.token(exp=now + 4)), world.carrier(issuer.token())
    call = short.start('get_secret', {'name': 'demo', 'purpose': 'x', 'hold_seconds': 0})
    request_id = short.answer(call)['request_id']
    held = short.start('delete_secret', {'name': 'demo'})
    short.held(held)
    contains(invalid(lambda: short.answer(held)), 'over')
    ended(short)
    wait = long.start('approval_wait', {'request_id': request_id})
    long.held(wait)
    world.grant(request_id)
    equal(long.answer(wait)['status'], 'completed')
    equal([one['operation'] for one in world.human(pin=True).pending()], [])  # nobody waits for the other


@case('an issuer whose file is another takes along what its subjects have', issuer=Issuer)
def changed(world):
    issuer = world.issuer
    other = Issuer(Key('o'))
    world.issuers.append(other)
    world.accept('home', f'issuer {other.url}\naudience resource\nnetwork loopback\n')
    ann, same = world.carrier(issuer.token()), world.carrier(other.token())
    for carrier in (ann, same):
        call = carrier.ask()
        world.grant(carrier.held(call)['request_id'])
        carrier.answer(call)
    equal(len(world.cli('grants', '--json', pin=True).json()), 2)  # the same sub and address, of two issuers: two subjects
    world.accept('work', f'issuer {issuer.url}\naudience resource\nnetwork loopback\nrequire hardware_verified true\n')
    ended(ann)
    equal(len(world.cli('grants', '--json', pin=True).json()), 1)
    equal(same.call('get_secret', {'name': 'demo', 'purpose': 'a test'})['status'], 'completed')
    contains(invalid(lambda: world.carrier().show(issuer.token())), 'hardware_verified')
    world.accept('home', None)
    ended(same)
    contains(invalid(lambda: world.carrier().show(other.token())), 'no issuer that a person has accepted')


@case('a subject that was denied thrice is cooled down, and no other', issuer=Issuer)
def cooled(world):
    issuer = world.issuer
    ann, bob = world.carrier(issuer.token()), world.carrier(issuer.token(sub='u2', email='bob@example.com'))
    for number in range(3):
        call = ann.start('store_secret', {'name': f's{number}', 'value': 'x'})
        world.human().call('decide', {'request_id': ann.held(call)['request_id'], 'verdict': 'deny'})
        equal(ann.answer(call)['status'], 'denied')
    equal(world.carrier(issuer.token()).call('store_secret', {'name': 's9', 'value': 'x'})['code'], 'cooldown')
    bob.held(bob.ask())


@case('what was granted to who used a hardware key is not for their token without, also behind a lock', issuer=Issuer)
def hardware(world):
    strong, weak = (world.issuer.token(**claims) for claims in ({'hardware_verified': True}, {}))
    ann = world.carrier(strong)
    call = ann.ask()
    request_id = ann.held(call)['request_id']
    refused(lambda: world.carrier(weak).call('approval_wait', {'request_id': request_id}), code=5)
    world.grant(request_id)
    reference = ann.answer(call)['result']['reference']['id']
    world.cli('lock')
    world.unlock()
    equal(world.carrier(strong).call('get_secret', {'name': 'demo', 'purpose': 'x'})['result']['reference']['id'], reference)
    for token in (weak, world.issuer.token(hardware_verified=False), world.issuer.token(hardware_verified='true')):
        other = world.carrier(token)
        equal(other.call('own_grants')['result']['grants'], [])
        other.held(other.ask(purpose='with no key'))
    for name in ('ann@example.com, hardware-verified', 'Ann, Hardware-Verified', 'ci (local token)'):
        contains(invalid(lambda name=name: world.carrier().show(world.issuer.token(email=name))), 'can be shown')


@case('grants of a subject outlive a lock')
def outlive(world):
    token = world.local()
    carrier = world.carrier(token)
    call = carrier.ask()
    world.grant(carrier.held(call)['request_id'])
    reference = carrier.answer(call)['result']['reference']['id']
    world.cli('lock')
    world.unlock()
    equal(world.carrier(token).call('get_secret', {'name': 'demo', 'purpose': 'x'})['result']['reference']['id'], reference)


# --- a real authorization server ---

def id_token(world, provider):
    """Somebody logs in, and their client is given this."""
    redirect = 'http://127.0.0.1:9876/oauth/callback'
    url, state, verifier = provider.authorize(redirect, scope='openid')
    back = urllib.parse.parse_qs(urllib.parse.urlsplit(oidcworld.Person().log_in(url)).query)
    equal(back['state'], [state])
    form = {'grant_type': 'authorization_code', 'code': back['code'][0], 'redirect_uri': redirect, 'client_id': 'countersign',
            'code_verifier': verifier}
    with urllib.request.urlopen(f'{provider.issuer}/token', urllib.parse.urlencode(form).encode(), 60) as answer:
        return json.load(answer)['id_token']


@case('whom a real provider has signed for is let in, and its tokens for others are not')
def real(world):
    provider = oidcworld.Provider(world)
    token = id_token(world, provider)
    for audience, good in (('countersign', True), ('resource', False)):
        world.accept('id', f'issuer {provider.issuer}\naudience {audience}\ntype JWT\nnetwork loopback\n')
        if good:
            equal(world.carrier().show(token)['subject'], 'ann')
        else:
            contains(invalid(lambda: world.carrier().show(token)), '(aud)')


# --- back to the issuer ---

def vouched(world):
    """A Vouch whose callers' own tokens go back to it, for their own credentials; the fake, and a public key."""
    github = FakeGithub(world.base)
    vouch = FakeVouch(world.base, github)
    world.issuers += [vouch, github]
    world.write('providers.d/vouch.conf', f'provider vouch\nkind vouch\nclient countersign\nissuer {vouch.url}\ngithub-api {github.url}\n'
                                          'network loopback\n')
    world.accept('work', f'issuer {vouch.url}\naudience none\nnetwork loopback\nrelay vouch\n')
    return vouch, github, Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def granted(world, carrier, call):
    world.grant(carrier.held(call)['request_id'])
    return carrier.answer(call)


@case("a caller's own token is used at the issuer that signed it, and nowhere else")
def relayed(world):
    vouch, github, key = vouched(world)
    token = vouch.access(sub='bob')
    bob = world.carrier(token)
    call = bob.start('get_ssh_certificate', {'public_key': key})
    request_id = bob.held(call)['request_id']
    contains(world.cli('pending', request_id, pin=True).out, 'bob, hardware-verified')
    world.grant(request_id)
    equal(bob.answer(call)['status'], 'completed')
    asked, = vouch.asked('/v1/credentials/ssh')
    equal(asked.header('Authorization'), [f'Bearer {token}'])
    equal(granted(world, bob, bob.start('get_github_token', {'repositories': ['site']}))['status'], 'completed')
    for site in (vouch, github):
        for request in site.seen:
            if not request.path.startswith('/v1/credentials/'):
                lacks(request.raw.decode('latin-1'), token)
    # Nobody has logged in here: who has no such token has nothing of Vouch's.
    for other in (world.agent(), world.carrier(world.local())):
        equal(other.call('get_ssh_certificate', {'public_key': key})['code'], 'login')
    world.stop()
    lacks(json.dumps(world.records()) + ''.join(text for _, text in world.logs()), token)


@case("what was asked with a token is done with that of whoever of the same comes for it")
def relayed_late(world):
    vouch, _, key = vouched(world)
    first = world.carrier(vouch.access(sub='bob'))
    call = first.start('get_ssh_certificate', {'public_key': key, 'hold_seconds': 0})
    request_id = first.answer(call)['request_id']
    first.close()
    world.grant(request_id)
    fresh = vouch.access(sub='bob', jti='fresh')
    second = world.carrier(fresh)
    equal(second.call('approval_wait', {'request_id': request_id})['status'], 'completed')
    asked, = vouch.asked('/v1/credentials/ssh')
    equal(asked.header('Authorization'), [f'Bearer {fresh}'])  # that of who is there now


@case("what was asked with a token is not done with one of the same person's that is good for more")
def relayed_more(world):
    vouch, _, key = vouched(world)
    # They are shown first, and last longer: nothing but what they are good for speaks against them.
    stronger = [world.carrier(vouch.access(sub='bob', **claims))
                for claims in ({'scope': 'openid admin'}, {'hardware_verified': True}, {'hardware_verified': False, 'scope': 'admin'})]
    weak = vouch.access(sub='bob', hardware_verified=False, exp=int(time.time()) + 120)
    carrier = world.carrier(weak)
    equal(granted(world, carrier, carrier.start('get_ssh_certificate', {'public_key': key}))['status'], 'completed')
    asked, = vouch.asked('/v1/credentials/ssh')
    equal(asked.header('Authorization'), [f'Bearer {weak}'])
    call = carrier.start('get_github_token', {'repositories': ['site'], 'hold_seconds': 0})
    request_id = carrier.answer(call)['request_id']
    carrier.close()
    world.grant(request_id)
    equal(stronger[2].call('approval_wait', {'request_id': request_id})['code'], 'login')


if __name__ == '__main__':
    sys.exit(tap.run(CallerWorld))
