# SPDX-License-Identifier: MIT
"""start_oauth_flow: what an agent asks, what a person lets it have, and what becomes of the tokens."""

import json

import countersign
import oidcworld
import tap
from httpservice import facts
from loginworld import LoginWorld, until
from tap import case, contains, equal, lacks

SCOPES = ['openid', 'read', 'write']
ASKED = {'provider': 'oauth2', 'scopes': SCOPES, 'secret_name': 'work/prod/oauth', 'purpose': 'to read the things'}


def follow(world):
    """A person who follows the queue."""
    human = world.human(pin=True)
    human.call('subscribe')
    return human


def approve(human, agent, call, **more):
    """The request, once it is approved by whoever follows the queue."""
    request = human.hear('held', request_id=agent.held(call)['request_id'])
    human.decide(request, pin=countersign.PIN, **more)
    return request


def press(human, request):
    """Logs in there."""
    browse = human.hear('browse', request_id=request['request_id'])
    oidcworld.visit(oidcworld.Person().log_in(browse['url']))
    return browse


@case('it is held, its scopes are narrowed, the browser opens, and the agent hears that it is done')
def whole(world):
    agent, human = world.agent(), follow(world)
    call = agent.start('start_oauth_flow', ASKED)
    request = human.hear('held', request_id=agent.held(call)['request_id'])
    card = json.loads(request['card'])
    equal((card['operation'], card['resource'], card['risk'], card['scopes'], card['max_duration']),
          ('oauth_login', 'oauth2', 'write', SCOPES, 0))
    equal((facts(request, 'Logs in at'), facts(request, 'Access token'), facts(request, 'Refresh token')),
          (['127.0.0.1'], ['work/prod/oauth'], ['work/prod/oauth_refresh']))
    equal(world.events('login_started'), [], 'before anybody approved it')
    human.decide(request, pin=countersign.PIN, scopes=['openid', 'read'])
    browse = press(human, request)
    contains(browse['url'], 'scope=openid%20read&')
    answer = agent.answer(call)
    equal(answer['status'], 'completed', answer)
    result = answer['result']
    equal((result['tokenType'], result['scope'], result['expiresIn'], result['hasRefreshToken']), ('Bearer', 'openid read', 600, True))
    lacks(json.dumps(answer), world.reveal('work/prod/oauth'))
    over = human.hear('browse_over', request_id=request['request_id'])
    equal(over['ok'], True)
    started, = world.events('login_started')
    equal((started['request_id'], world.events('login_done')[0]['request_id']), (request['request_id'],) * 2)


@case('with the login comes a reference for whoever asked, as the card says, and for nobody else')
def then_used(world):
    agent, other, human = world.agent(), world.agent(), follow(world)
    call = agent.start('start_oauth_flow', ASKED)
    request = human.hear('held', request_id=agent.held(call)['request_id'])
    equal(facts(request, 'Afterwards'), ['this program may use it for 5m, without its value'])
    human.decide(request, pin=countersign.PIN)
    press(human, request)
    told = agent.answer(call)['result']['reference']
    equal((told['name'], 0 < told['expiresIn'] <= 300), ('work/prod/oauth', True))
    answer = agent.answer(agent.ask('work/prod/oauth'))
    equal((answer['status'], answer['result']['reference']['id']), ('completed', told['id']))
    other.held(other.ask('work/prod/oauth'))
    made = world.events('grant_made')[-1]
    equal((made['operation'], made['duration']), ('get_secret', 300))
    agent.held(agent.start('resolve_secret', {'reference_id': told['id']}))  # its value is another question


NOT_USED = {
    'what the policy keeps from it': 'ask any\ndeny get_secret of work/**\n',
    'what wants more proof than the login': 'ask any\nask get_secret confirm key\n',
}


@case('what a person could not grant so does not come with a login')
def not_then_used(world):
    for sentence, policy in NOT_USED.items():
        world.files['policy.conf'] = policy
        world.apply()
        agent, human = world.agent(), follow(world)
        call = agent.start('start_oauth_flow', {**ASKED, 'secret_name': f'work/{len(sentence)}/oauth'})
        request = human.hear('held', request_id=agent.held(call)['request_id'])
        equal(facts(request, 'Afterwards'), [], sentence)
        human.decide(request, pin=countersign.PIN)
        press(human, request)
        equal('reference' in agent.answer(call)['result'], False, sentence)
        agent.kill()


@case('a policy that bounds the use bounds what comes with a login')
def bounded(world):
    world.files['policy.conf'] = 'ask any\nask get_secret max 1m uses 2\n'
    world.apply()
    agent, human = world.agent(), follow(world)
    call = agent.start('start_oauth_flow', ASKED)
    request = human.hear('held', request_id=agent.held(call)['request_id'])
    equal(facts(request, 'Afterwards'), ['this program may use it for 1m, without its value'])
    human.decide(request, pin=countersign.PIN)
    press(human, request)
    agent.answer(call)
    grant, = [grant for grant in agent.call('own_grants')['result']['grants'] if grant['operation'] == 'get_secret']
    equal((grant['uses_left'], grant['expires_in'] <= 60), (2, True))


@case('the browser opens for whoever approved it, and for nobody else who follows the queue')
def who_browses(world):
    agent, human, other = world.agent(), follow(world), follow(world)
    request = approve(human, agent, agent.start('start_oauth_flow', ASKED))
    human.hear('browse', request_id=request['request_id'])
    other.call('status')  # what was sent before this has come
    equal([message for message in other.heard if message['method'] == 'browse'], [])


@case('where nobody can open it, the agent is told who could')
def nobody_browses(world):
    agent = world.agent()
    call = agent.start('start_oauth_flow', ASKED)
    world.grant(agent.held(call)['request_id'])
    answer = agent.answer(call)
    equal((answer['status'], answer['code']), ('failed', 'no_browser'))
    contains(answer['message'], 'countersign approve')


@case('a person who denies it is not asked to log in')
def denied(world):
    agent, human = world.agent(), follow(world)
    call = agent.start('start_oauth_flow', ASKED)
    human.decide(human.hear('held', request_id=agent.held(call)['request_id']), 'deny')
    equal((agent.answer(call)['status'], world.events('login_started')), ('denied', []))


@case('it ends with the agent, and with what the agent cancels')
def cancelled(world):
    for how in ('cancel', 'end'):
        agent, human = world.agent(), follow(world)
        call = agent.start('start_oauth_flow', {**ASKED, 'secret_name': how})
        request = approve(human, agent, call)
        human.hear('browse', request_id=request['request_id'])
        if how == 'cancel':
            agent.notify('cancel', {'id': call})
        else:
            agent.kill()
        equal(human.hear('browse_over', request_id=request['request_id'])['ok'], False)
    equal([record['failed'] for record in world.events('login_done')], ['cancelled'] * 2)
    equal(world.logins(), [])


@case('it ends with a lock, of which the agent and whoever had the page open hear')
def locked(world):
    agent, human = world.agent(), follow(world)
    call = agent.start('start_oauth_flow', ASKED)
    request = approve(human, agent, call)
    human.hear('browse', request_id=request['request_id'])
    world.human().call('lock')
    answer = agent.answer(call)
    equal((answer['status'], answer['code']), ('failed', 'locked'))
    equal(human.hear('browse_over', request_id=request['request_id'])['ok'], False)


@case('an agent that was told "pending" fetches the outcome later')
def pending(world):
    agent, human = world.agent(), follow(world)
    call = agent.start('start_oauth_flow', {**ASKED, 'hold_seconds': 0})
    answer = agent.answer(call)
    equal(answer['status'], 'pending')
    request = human.hear('held', request_id=answer['request_id'])
    wait = agent.start('approval_wait', {'request_id': answer['request_id']})
    human.decide(request, pin=countersign.PIN)
    press(human, request)
    equal(agent.answer(wait)['status'], 'completed')


@case('what it is not: configured, allowed, free, or where the person said')
def refused(world):
    world.secret('taken', 'value')
    world.set_up('okta', world.provider.issuer, more='scope openid\n')
    agent = world.agent()
    for change, code, parts in (
            ({'provider': 'github'}, 'not_configured', ['not configured', 'GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET']),
            ({'provider': 'gcp'}, 'not_configured', ['not configured', 'GCP_CLIENT_ID', 'GCP_CLIENT_SECRET']),
            ({'provider': 'okta'}, 'scope', ['read']),
            ({'secret_name': 'taken'}, 'exists', ['taken']),
            ({'secret_name': 'x' * 60}, 'arguments', ['_refresh']),
            ({'token_endpoint': 'https://evil.example/token'}, 'arguments', ['token_endpoint', '127.0.0.1', 'leave it out']),
            ({'authorization_endpoint': f'{world.provider.issuer}/auth'}, 'arguments', ['authorization_endpoint'])):
        answer = agent.answer(agent.start('start_oauth_flow', {**ASKED, **change}))
        equal((answer['status'], answer.get('code')), ('failed', code), answer)
        for part in parts:
            contains(answer['message'], part)
    equal(world.human().call('status')['held'], 0)


@case('a rule for a provider or for one of its scopes denies the login, and nobody is asked')
def by_policy(world):
    for rule, scopes, wanted in (('deny oauth_login of oauth2/write', SCOPES, 'denied'), ('deny oauth_login of oauth2/write', ['read'], None),
                                 ('deny oauth_login of oauth2', ['read'], 'denied'),
                                 ('allow oauth_login of oauth2', ['read'], None)):
        world.files['policy.conf'] = f'{rule}\n'
        world.apply()
        agent = world.agent()
        call = agent.start('start_oauth_flow', {**ASKED, 'scopes': scopes})
        if wanted is None:
            agent.held(call)  # an allow too: in user mode anybody may be who asks
        else:
            equal((agent.answer(call)['status'], agent.answer(call)['code']), (wanted, 'policy'), rule)
        agent.kill()


@case('endpoints that are those of the file may be named')
def endpoints(world):
    issuer = world.provider.issuer
    world.files['providers.d/oauth2.conf'] = (f'provider oauth2\nkind oauth2\nclient countersign\nauthorize {issuer}/auth\n'
                                              f'token {issuer}/token\nnetwork loopback\ncallback-port any\n')
    world.apply()
    agent, human = world.agent(), follow(world)
    call = agent.start('start_oauth_flow', {**ASKED, 'authorization_endpoint': f'{issuer}/auth', 'token_endpoint': f'{issuer}/token'})
    press(human, approve(human, agent, call))
    equal(agent.answer(call)['status'], 'completed')


@case('requests go out with the token, and with the next one when it has ended')
def requests(world):
    site = world.serve()
    before = world.short_lived()
    agent = world.agent()
    send = {'service': 'local', 'method': 'GET', 'path': '/me', 'purpose': 'a test'}
    call = agent.start('http_request', send)
    world.grant(agent.held(call)['request_id'], duration=60)
    equal(agent.answer(call)['status'], 'completed')
    first = world.reveal('oauth2-token')
    equal(site.seen[0].header('Authorization'), [f'Bearer {first}'])
    equal((first != before, world.provider.introspect(first)['active']), (True, True))
    equal(agent.answer(agent.start('http_request', send))['status'], 'completed')
    equal((site.seen[1].header('Authorization'), world.renewals()), ([f'Bearer {first}'], 1))


@case('a worker that has a token which ends is replaced under the same grant')
def replaced(world):
    site = world.serve()
    world.provider.set(access_ttl=2)
    world.log_in()
    agent = world.agent()
    send = {'service': 'local', 'method': 'GET', 'path': '/me', 'purpose': 'a test'}
    call = agent.start('http_request', send)
    world.grant(agent.held(call)['request_id'], duration=600)
    equal(agent.answer(call)['status'], 'completed')
    used = site.seen[0].header('Authorization')[0].removeprefix('Bearer ')
    world.provider.set(access_ttl=600)
    until(lambda: not world.provider.introspect(used)['active'])
    equal(agent.answer(agent.start('http_request', send))['status'], 'completed')
    after = site.seen[-1].header('Authorization')[0].removeprefix('Bearer ')
    equal((after != used, world.provider.introspect(after)['active']), (True, True))


@case('a token that has ended and cannot be refreshed is no request, and the error says who can do what')
def ended(world):
    site = world.serve()
    world.short_lived()
    world.provider.close()
    agent = world.agent()
    call = agent.start('http_request', {'service': 'local', 'method': 'GET', 'path': '/me', 'purpose': 'a test'})
    world.grant(agent.held(call)['request_id'], duration=60)
    answer = agent.answer(call)
    equal((answer['status'], answer['code'], site.seen), ('failed', 'login', []))
    contains(answer['message'], 'countersign login oauth2')


@case('a program that is started with the token has one that is good')
def launched(world):
    before = world.short_lived()
    agent = world.agent()
    call = agent.start('run_command', {'command': ['/usr/bin/sha256sum'], 'secrets': [{'name': 'oauth2-token', 'stdin': True}],
                                       'purpose': 'a test', 'work_dir': '/'})
    world.grant(agent.held(call)['request_id'])
    equal(agent.answer(call)['status'], 'completed')
    equal((world.reveal('oauth2-token') != before, world.renewals()), (True, 1))


raise SystemExit(tap.run(LoginWorld))
