# SPDX-License-Identifier: MIT
"""Tokens: held and granted, verified by others from the published keys, revoked, and what a restart makes of them."""

import base64
import json
import os
import sys
import time

import pexpect

import countersign
import parties
import tap
from lines import Refused
from tap import case, contains, equal, lacks
from tokenworld import CLIENT, ISSUER, SECRET, ThisProcess, TokenWorld, ask
from verifying import by_jose, by_python

PIN = countersign.PIN
LIVES = {'github': 28800, 'aws': 43200, 'gcp': 43200, 'azure': 43200, 'okta': 43200, 'oauth2': 86400}


def refused(call, code):
    try:
        found = call()
    except Refused as error:
        equal(error.code, code)
        return error
    raise AssertionError(f'answered {found!r}')


def card_of(human):
    return json.loads(human.pending()[0]['card'])


@case('a token is held like a secret, and is what was granted')
def granted(world):
    agent, human = world.agent(), world.human(pin=True)
    before = int(time.time())
    call = ask(agent, 'github', ['repo:read', 'repo:write'], resource='https://api.example', ttl_seconds=3600)
    agent.held(call)
    request, = human.pending()
    card = json.loads(request['card'])
    equal((card['operation'], card['resource'], card['risk']), ('mint_token', 'github', 'write'))
    equal(card['scopes'], ['repo:read', 'repo:write'])
    equal((card['asked_duration'], card['default_duration']), (3600, 300))
    facts = {fact['label']: fact['value'] for fact in card['facts']}
    equal((facts['Audience'], facts['Issuer']), ('https://api.example', ISSUER))
    human.decide(request, scopes=['repo:read'], pin=PIN)
    result = agent.answer(call)['result']
    token = result['token']
    equal((token['provider'], token['scopes'], token['resource'], token['expiresIn']),
          ('github', ['repo:read'], 'https://api.example', 300))
    claims = by_python(result['value'], world.published(), 'https://api.example')
    equal((claims['iss'], claims['aud'], claims['scope'], claims['provider']),
          (ISSUER, 'https://api.example', 'repo:read', 'github'))
    equal(claims['jti'], token['tokenId'])
    equal(claims['exp'] * 1000, token['expiresAt'])
    equal(claims['exp'] - claims['iat'], 300)
    equal(claims['nbf'], claims['iat'])
    assert before <= claims['iat'] <= time.time(), claims
    contains(claims['sub'], str(agent.pid))
    equal(sorted(claims), ['aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'provider', 'scope', 'sub'])


@case('without an issuer of the person\'s it is named by the store, and the audience is the provider',
      issuer=None)
def unnamed(world):
    agent = world.agent()
    result = world.mint(agent, provider='okta')
    published = world.published()
    assert published['issuer'].startswith('urn:countersign:'), published
    claims = by_python(result['value'], published, 'okta')
    equal(claims['iss'], published['issuer'])
    assert 'resource' not in result['token'], result


@case('others verify it from the published keys, before and after a new key signs')
def others(world):
    agent = world.agent()
    first, before = world.mint(agent)['value'], world.published()
    equal([key['kty'] for key in before['jwks']['keys']], ['EC'])
    equal(sorted(before['jwks']['keys'][0]), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    for verify in (by_jose, by_python):
        equal(verify(first, before, 'github')['scope'], 'read write')
        assert not isinstance(verify(first, before, 'aws'), dict), 'another audience'
    contains(world.cli('token', 'rotate', pin=True).out, 'verifies')
    second, after = world.mint(world.agent())['value'], world.published()
    equal(len(after['jwks']['keys']), 2)
    for verify in (by_jose, by_python):
        equal(verify(first, after, 'github')['scope'], 'read write')
        equal(verify(second, after, 'github')['scope'], 'read write')
        assert not isinstance(verify(second, before, 'github'), dict), 'the old keys verify the new token'
    equal([world.introspect(token)['active'] for token in (first, second)], [True, True])


@case('what others refuse of a token that was changed is refused here')
def changed(world):
    token = world.mint(world.agent())['value']
    head, body, signature = token.split('.')
    claims = json.loads(base64.urlsafe_b64decode(body + '=='))
    claims['scope'] = 'admin'
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip('=')
    for wrong in (f'{head}.{forged}.{signature}', f'{none}.{body}.', f'{head}.{body}.', f'{head}.{body}', 'x'):
        equal(world.introspect(wrong), {'active': False})
        equal(by_jose(wrong, world.published(), 'github').startswith('ERR_'), True)
    equal(world.introspect(token)['active'], True)


@case('an RSA key signs where the issuer\'s file says so, and the one before it verifies on')
def rsa(world):
    agent = world.agent()
    first = world.mint(agent)['value']
    world.configure(algorithm='RS256')
    second = world.mint(agent, provider='aws')['value']
    published = world.published()
    equal(sorted(published['algorithms']), ['ES256', 'RS256'])
    for verify in (by_jose, by_python):
        equal(verify(first, published, 'github')['scope'], 'read write')
        equal(verify(second, published, 'aws')['scope'], 'read write')
    world.kill_broker()
    world.unlock()
    equal([world.introspect(token)['active'] for token in (first, second)], [True, True])


# ---- how long ----

@case('a life beyond the table is an error that names both numbers')
def too_long(world):
    agent = world.agent()
    for provider, most in LIVES.items():
        error = refused(lambda p=provider, m=most: agent.call('mint_token', {
            'provider': p, 'scopes': ['read'], 'ttl_seconds': m + 1}), -32602)
        contains(str(error), f'{most + 1} is more than the {most} seconds')
        call = ask(agent, provider, ['read'], ttl_seconds=most)
        agent.held(call)


@case('a life that is no number of seconds is an error, never a default')
def no_number(world):
    agent = world.agent()
    for life in (0, -1, 1.5, '60', 2 ** 31, 2 ** 63 - 1, True, None, [60]):
        error = refused(lambda l=life: agent.call('mint_token', {
            'provider': 'github', 'scopes': ['read'], 'ttl_seconds': l}), -32602)
        equal(error.data.get('field'), 'ttl_seconds')
    equal(world.human(pin=True).pending(), [])


@case('providers, scopes and audience are as the table says')
def arguments(world):
    agent = world.agent()
    for wrong, field in (({'provider': 'google'}, 'provider'), ({'provider': 'GitHub'}, 'provider'), ({'provider': ''}, 'provider'),
                         ({'scopes': []}, 'scopes'), ({'scopes': [f's{i}' for i in range(65)]}, 'scopes'),
                         ({'scopes': ['read', 'read']}, 'scopes'), ({'scopes': ['read admin']}, 'scopes'),
                         ({'scopes': ['re"ad']}, 'scopes'), ({'scopes': ['r\u202eead']}, 'scopes'),
                         ({'resource': ''}, 'resource'), ({'resource': 'x' * 513}, 'resource'),
                         ({'colour': 'red'}, 'colour')):
        error = refused(lambda w=wrong: agent.call('mint_token', {'provider': 'github', 'scopes': ['read'], **w}), -32602)
        equal(error.data.get('field'), field, f'{wrong}: {error}')


@case('a repeat under a live grant is not asked again, and ends with it')
def repeated(world):
    agent = world.agent()
    first = world.mint(agent, {'duration': 60}, ttl_seconds=3600)
    answer = agent.answer(ask(agent, ttl_seconds=3600))
    equal(answer['status'], 'completed')
    token = answer['result']['token']
    assert token['expiresIn'] <= 60 and token['tokenId'] != first['token']['tokenId'], token
    # Fewer scopes are covered; more, or another audience, are not.
    equal(agent.answer(ask(agent, scopes=['read'], ttl_seconds=3600))['result']['token']['scopes'], ['read'])
    agent.held(ask(agent, scopes=['read', 'admin'], ttl_seconds=3600))
    agent.held(ask(agent, resource='https://other.example', ttl_seconds=3600))
    agent.held(ask(agent, provider='aws', ttl_seconds=3600))


@case('a grant for one use mints one token, which it does not take with it')
def once(world):
    agent = world.agent()
    token = world.mint(agent, {'duration': 60, 'uses': 1})
    agent.held(ask(agent))
    equal(world.human(pin=True).pages('grants'), [])
    equal(world.introspect(token['value'])['active'], True)


# ---- the end ----

@case('a revoked token is refused at once, after a restart, and after lock and unlock')
def revoked(world):
    agent = world.agent()
    result, other = world.mint(agent), world.mint(agent, provider='aws')
    token, token_id = result['value'], result['token']['tokenId']
    equal(world.introspect(token)['active'], True)
    equal(agent.call('get_broker_stats')['result']['stats']['activeTokens'], 2)
    contains(agent.call('revoke_token', {'token_id': token_id})['result']['message'], 'revoked')
    equal(agent.call('get_broker_stats')['result']['stats']['activeTokens'], 1)
    for restart in (lambda: None, world.kill_broker, lambda: world.cli('lock'), world.kill_broker):
        restart()
        if restart is not None:
            world.unlock()
        equal(world.introspect(token), {'active': False})
        equal(world.introspect(other['value'])['active'], True)
    # Who looks at the signature alone cannot know.
    equal(by_python(token, world.published(), 'github')['jti'], token_id)
    event, = [record for record in world.records() if record['event'] == 'token_revoked']
    equal(event['jti'], token_id)


@case('another\'s token cannot be revoked, nor told apart from none')
def not_own(world):
    agent, other = world.agent(), world.agent()
    token = world.mint(agent)
    first = refused(lambda: other.call('revoke_token', {'token_id': token['token']['tokenId']}), 5)
    second = refused(lambda: other.call('revoke_token', {'token_id': 'tok-' + '0' * 26}), 5)
    equal(str(first), str(second))
    equal(world.introspect(token['value'])['active'], True)


@case('a person lists, verifies and revokes, also what was minted before a restart')
def person(world):
    agent = world.agent()
    result = world.mint(agent, resource='https://api.example')
    gone = world.mint(agent, provider='aws')
    world.kill_broker()
    world.unlock()
    listed = {row['id']: row for row in world.cli('token', 'list', '--json', pin=True).json()}
    row = listed[result['token']['tokenId']]
    equal((row['provider'], row['scopes'], row['audience'], row['state']),
          ('github', ['read', 'write'], 'https://api.example', 'active'))
    contains(row['holder'], str(agent.pid))
    contains(world.cli('token', 'revoke', gone['token']['tokenId']).out, 'grant lives')
    contains(world.cli('token', 'revoke', 'tok-typo', status=1).err, 'countersign token list')
    equal(listed[gone['token']['tokenId']]['audience'], 'aws')
    table = world.cli('token', 'list', pin=True).out
    contains(table, gone['token']['tokenId'])
    contains(table, 'revoked')
    shown = world.cli('token', 'verify', stdin=result['value'].encode() + b'\n', pin=True).out
    contains(shown, 'good')
    contains(shown, result['token']['tokenId'])
    contains(world.cli('token', 'verify', stdin=gone['value'].encode(), pin=True, status=1).out, 'it was revoked')
    told = world.cli('token', 'verify', '--json', stdin=b'no token', pin=True, status=1).json()
    equal((told['active'], told['reason']), (False, 'malformed'))
    refusal = world.cli('token', 'verify', result['value'], status=2).err
    contains(refusal, 'standard input or --file')
    lacks(refusal, result['value'])


@case('at a terminal the token is asked for unseen')
def asked_for(world):
    token = world.mint(world.agent())['value']
    child = world.terminal('token', 'verify')
    for prompt, answer in (('PIN', PIN), ('Token: ', token)):
        child.expect(prompt)
        child.waitnoecho()
        child.sendline(answer)
    child.expect('Verdict +good')
    child.expect(pexpect.EOF)
    lacks(child.before, token[:40])
    child.wait()
    equal(child.exitstatus, 0)


@case('whose it was it still is when the broker was restarted')
def holder(world):
    agent = ThisProcess(world)
    token = world.mint(agent)
    agent.close()
    world.kill_broker()
    world.unlock()
    token_id = token['token']['tokenId']
    refused(lambda: world.agent().call('revoke_token', {'token_id': token_id}), 5)
    contains(ThisProcess(world).call('revoke_token', {'token_id': token_id})['result']['message'], 'revoked')
    equal(world.introspect(token['value']), {'active': False})


@case('when a person ends the grant, what was minted under it ends too')
def grant_ended(world):
    agent = world.agent()
    token = world.mint(agent)['value']
    grant, = world.human(pin=True).pages('grants')
    world.human().call('revoke', {'grant_id': grant['id']})
    equal(world.introspect(token), {'active': False})


@case('after a panic no token is good, also one from before a restart')
def panic(world):
    agent = world.agent()
    early, before = world.mint(agent)['value'], world.published()
    world.kill_broker()
    world.unlock()
    late = world.mint(world.agent())['value']
    world.cli('panic')
    world.unlock()
    after = world.published()
    for token in (early, late):
        equal(world.introspect(token), {'active': False})
        equal(by_jose(token, after, 'github'), 'ERR_JWKS_NO_MATCHING_KEY')
        equal(by_python(token, after, 'github'), 'no such key')
    assert not {key['kid'] for key in after['jwks']['keys']} & {key['kid'] for key in before['jwks']['keys']}
    equal(world.cli('token', 'list', '--json', pin=True).json(), [])
    equal(world.agent().call('get_broker_stats')['result']['stats']['activeTokens'], 0)
    equal(world.introspect(world.mint(world.agent())['value'])['active'], True)


@case('who has a token may end it, and one that is no good needs no ending')
def ended(world):
    token = world.mint(world.agent())['value']
    other = world.agent()
    equal(other.call('token_end', {'token': 'x.y.z'})['result'], {})
    equal(world.introspect(token)['active'], True)
    equal(other.call('token_end', {'token': token})['result'], {})
    equal(world.introspect(token), {'active': False})
    equal(other.call('token_end', {'token': token})['result'], {})


# ---- who asks about a token ----

@case('introspection answers only a verifier that the issuer\'s file names')
def verifier(world):
    token = world.mint(world.agent())['value']
    told = world.introspect(token)
    equal((told['active'], told['scope'], told['token_type'], told['iss']), (True, 'read write', 'Bearer', ISSUER))
    for client, secret in ((CLIENT, SECRET + 'x'), (CLIENT, SECRET[:-1]), (CLIENT, ''), ('other', SECRET), ('', '')):
        error = refused(lambda c=client, s=secret: world.introspect(token, client=c, secret=s), 4)
        equal(error.data['reason'], 'client')
    equal(world.introspect(token)['active'], True)


@case('a right question is not looked at before the wrong ones that came first have been answered')
def guesses(world):
    token = world.mint(world.agent())['value']
    agent = world.agent()
    calls = [agent.start('token_introspect', {'token': token, 'client_id': CLIENT, 'client_secret': f'guess {i}'})
             for i in range(300)]
    right = agent.start('token_introspect', {'token': token, 'client_id': CLIENT, 'client_secret': SECRET})
    # Another connection is not kept waiting, and what one connection waits for ends with it.
    leaving = world.agent()
    for i in range(300):
        leaving.start('token_introspect', {'token': token, 'client_id': CLIENT, 'client_secret': f'guess {i}'})
    leaving.kill()
    equal(world.introspect(token)['active'], True)
    equal([call for call in (*calls, right) if call in agent.answers], [])
    equal(agent.answer(right)['result']['active'], True)
    assert any(call in agent.answers for call in calls[:256])
    for call in calls:
        refused(lambda c=call: agent.answer(c), 4)


@case('nobody is a verifier where the issuer\'s file names none', issuer=None)
def no_verifier(world):
    token = world.mint(world.agent())['value']
    refused(lambda: world.introspect(token), 4)


@case('a locked broker tells nothing of tokens')
def locked(world):
    result = world.mint(world.agent())
    world.cli('lock')
    agent = world.agent()
    for call in (lambda: agent.call('token_keys'), lambda: world.introspect(result['value'], agent),
                 lambda: agent.call('token_end', {'token': result['value']}),
                 lambda: agent.call('revoke_token', {'token_id': result['token']['tokenId']})):
        refused(call, 3)
    contains(world.cli('token', 'revoke', result['token']['tokenId'], status=4).err, 'countersign panic')


# ---- the trail ----

@case('the trail says what was minted before it is out, and none of the token')
def trail(world):
    result = world.mint(world.agent())
    record, = [record for record in world.records() if record['event'] == 'token_minted']
    equal((record['jti'], record['provider'], record['scopes']), (result['token']['tokenId'], 'github', ['read', 'write']))
    equal(record['exp'] * 1000, result['token']['expiresAt'])
    contains(world.cli('audit', 'list', '--event', 'token_minted', pin=True).out, result['token']['tokenId'])
    text = json.dumps(world.records())
    for part in result['value'].split('.')[1:]:
        assert part not in text, 'a part of the token is in the trail'
    made = [record for record in world.records() if record['event'] == 'token_key_made']
    equal([row['kid'] for row in made], [key['kid'] for key in world.published()['jwks']['keys']])


@case('the keys are no secrets that anybody can name or count')
def nameless(world):
    equal([row['name'] for row in world.cli('secret', 'list', '--json', pin=True).json()], ['demo', 'verifier-secret'])
    kid = world.published()['jwks']['keys'][0]['kid']
    contains(world.cli('secret', 'show', '--reveal', f'key:jwt/{kid}', pin=True, status=None).err, 'character')
    call = world.agent().ask(f'key:jwt/{kid}')
    equal(call > 0, True)


# ---- without asking ----

@case('a policy that allows it mints without a person, each time for as long as was asked',
      policy=f'allow mint_token of github from {os.path.realpath(sys.executable)} max 10m\nask get_secret\n')
def allowed(world):
    agent = world.agent()
    for _ in range(3):
        call = ask(agent, ttl_seconds=600)
        token = agent.answer(call)['result']['token']
        assert 300 <= token['expiresIn'] <= 600, token
    equal(agent.answer(ask(agent, ttl_seconds=7200))['result']['token']['expiresIn'], 600, 'at most what the rule says')
    agent.held(ask(agent, provider='aws'))


@case('what is granted for always is minted the next time unasked, for the same audience and no more scopes')
def always(world):
    human = world.human(pin=True)
    human.call('subscribe')
    program = parties.Program(world)
    call = program.begin('mint_token', provider='github', scopes=['read', 'write'], resource='https://api.example', ttl_seconds=600)
    request = human.hear('held')
    rule = json.loads(request['card'])['always']
    equal(rule, f'allow mint_token of github from {parties.STEADY} max 10m')
    human.decide(request, always=True, duration=60, pin=PIN)
    equal(program.answer(call)['structuredContent']['status'], 'completed')

    def asks(**more):
        other = parties.Program(world)
        call = other.begin('mint_token', **{'provider': 'github', 'scopes': ['read'], 'resource': 'https://api.example',
                                            'ttl_seconds': 600, **more})
        return other, call

    other, call = asks()
    content = other.answer(call)['structuredContent']
    equal(content['status'], 'completed')
    token = content['result']['token']
    equal((token['scopes'], token['expiresIn'] > 300), (['read'], True))
    equal(by_python(token['token'], world.published(), 'https://api.example')['scope'], 'read')
    for more in ({'resource': 'https://other.example'}, {'scopes': ['admin']}, {'provider': 'aws'}):
        asks(**more)
        request = human.hear('held')
        human.call('decide', {'request_id': request['request_id'], 'verdict': 'deny'})


sys.exit(tap.run(TokenWorld))
