# SPDX-License-Identifier: MIT
"""Credentials of AWS, GitHub and Vouch, by fakes that the vendors' clients take: held, narrowed, issued, taken back."""

import base64
import json
import os
import subprocess
import sys
import urllib.parse

import jwt

import countersign
import fakests
import tap
from cloudworld import NAMES, READER, CloudWorld
from fakests import ROLE
from httpservice import facts
from lines import PATIENCE
from tap import case, contains, equal, lacks

OWN = 'arn:aws:iam::123456789012:role/own'


def issued(answer):
    """The result of a call that ended well."""
    equal(answer['status'], 'completed', answer)
    result = dict(answer['result'])
    return {**json.loads(result.pop('value', '{}')), **result}


def failed(answer, code, *says):
    """A call that ended otherwise: its message, which has nothing of what anybody else wrote."""
    equal((answer['status'], answer.get('code')), ('failed', code), answer)
    for part in says:
        contains(answer['message'], part)
    lacks(json.dumps(answer), 'FROM-UPSTREAM')
    return answer


# --- AWS ---

@case('an agent has credentials of AWS for what a person left of what it asked')
def narrowed(world):
    agent = world.agent()
    call = world.aws(agent, scopes=['s3:GetObject arn:aws:s3:::b/*', 's3:PutObject arn:aws:s3:::b/*'], ttl_seconds=1800)
    request_id = agent.held(call)['request_id']
    request = next(r for r in world.human(pin=True).pending() if r['request_id'] == request_id)
    equal(facts(request, 'Role'), [ROLE])
    equal(facts(request, 'Account'), ['123456789012'])
    equal(facts(request, 'Narrowed to'), ['s3:GetObject arn:aws:s3:::b/*', 's3:PutObject arn:aws:s3:::b/*'])
    equal(facts(request, 'Sends to'), [f'{world.sts.url}/'])
    equal(world.sts.seen, [], 'nothing is sent before')
    world.grant(request_id, duration=1200, scopes=['s3:GetObject arn:aws:s3:::b/*'])
    result = issued(agent.answer(call))
    about = world.sts.issued[0]
    equal({name: result[name] for name in NAMES}, about['credential'])
    equal(about['policy'], {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': ['s3:GetObject'],
                                                                    'Resource': 'arn:aws:s3:::b/*'}]})
    equal((about['by'], about['role'], about['action']), ('AKIDEXAMPLE', ROLE, 'AssumeRole'))
    assert 1100 < about['seconds'] <= 1200, about['seconds']
    equal(result['session_name'], about['session'])
    contains(about['session'], request_id)
    lacks(json.dumps(world.sts.seen[0].headers) + world.sts.seen[0].body.decode(), world.sts.keys['AKIDEXAMPLE'])


@case('what AWS issues for longer than was granted says so')
def short(world):
    agent = world.agent()
    result = issued(world.granted(agent, world.aws(agent), duration=60))
    equal(world.sts.issued[0]['seconds'], 900)
    equal(world.sts.issued[0]['policy'], None)
    contains(result['message'], 'no longer than granted')


@case('nothing of what was issued, or of a key, is in the trail or in a log')
def silent(world):
    agent = world.agent()
    result = issued(world.granted(agent, world.aws(agent)))
    token = issued(world.granted(agent, world.token(agent)))['token']
    done = world.events('credential_issued')
    equal(len(done), 2, done)
    equal(done[0]['scopes'], ['role'])
    lacks(json.dumps(done), ROLE)
    contains(world.cli('audit', 'show', done[0]['request_id'], pin=True).out, ROLE)
    contains(world.cli('audit', 'show', done[1]['request_id'], pin=True).out, '"repositories":["site","docs"]')
    world.stop()
    everything = json.dumps(world.records()) + ''.join(text for _, text in world.logs())
    for value in (result['SecretAccessKey'], result['SessionToken'], token, world.sts.keys['AKIDEXAMPLE'], world.github.pem.splitlines()[3]):
        lacks(everything, value)


@case('a login at Vouch is exchanged for an identity, and that for credentials of AWS')
def by_vouch(world):
    agent = world.agent()
    assert world.log_in()['ok']
    result = issued(world.granted(agent, agent.start('get_aws_credentials', {'role_arn': READER}), duration=900))
    about = world.sts.issued[0]
    equal((about['action'], about['by'], about['role']), ('AssumeRoleWithWebIdentity', 'ann', READER))
    equal({name: result[name] for name in NAMES}, about['credential'])
    asked, = world.vouch.asked('/v1/credentials/aws/token')
    equal(asked.query, {'role_arn': READER})
    for request in world.sts.seen:
        equal(request.header('Authorization'), [], 'the login goes to Vouch alone')


@case('a token of our own issuer takes a role, and says who asked')
def own(world):
    agent = world.agent()
    world.write('providers.d/id.conf', 'provider id\nkind issuer\nissuer https://id.example.com\n')
    world.provide('aws-own', f'kind aws\nrole {OWN}\nfrom issuer\nendpoint {world.sts.url}\nmax 30m\n')
    world.apply()
    keys = agent.call('token_keys', {})['result']['jwks']['keys']
    world.sts.issuers['https://id.example.com'] = jwt.PyJWK(keys[0]).key
    world.sts.roles[OWN] = 3600
    call = agent.start('get_aws_credentials', {'role_arn': OWN, 'ttl_seconds': 7200})
    request_id = agent.held(call)['request_id']
    request = next(r for r in world.human(pin=True).pending() if r['request_id'] == request_id)
    equal(facts(request, 'Vouched for by'), ['https://id.example.com'])
    world.grant(request_id, duration=1800)
    issued(agent.answer(call))
    about = world.sts.issued[0]
    equal(about['action'], 'AssumeRoleWithWebIdentity')
    assert 900 <= about['seconds'] <= 1800, about
    form = dict(urllib.parse.parse_qsl(world.sts.seen[0].body.decode()))
    claims = jwt.decode(form['WebIdentityToken'], options={'verify_signature': False})
    equal((claims['iss'], claims['aud'], claims['sub']), ('https://id.example.com', 'sts.amazonaws.com', about['by']))
    assert claims['exp'] - claims['iat'] <= 300, claims


@case('an MCP client has credentials of AWS and a token of GitHub as its tools answer', sdk_env=True)
def by_tools(world):
    client = world.official('v2')
    human = world.human(pin=True)
    human.call('subscribe')

    def tool(name, **arguments):
        call = client.start(name, arguments)
        request = human.hear('held')
        human.decide(request, pin=countersign.PIN, duration=60)
        structured = client.answer(call)['result']['structuredContent']
        equal(structured['status'], 'completed', structured)
        return structured['result']

    result = tool('get_aws_credentials', role_arn=ROLE, scopes=['s3:ListBucket'])
    equal({name: result[name] for name in NAMES}, world.sts.issued[0]['credential'])
    equal(result['provider'], 'aws')
    token = tool('get_github_token', provider='app', repositories=['site'])['token']
    equal(world.github.live(), [token])


@case('a program of AWS gets credentials from the command that its configuration names')
def process(world):
    command = subprocess.Popen([world.program('countersign'), 'aws-credentials', '--role', ROLE, '--scope', 's3:ListBucket'],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=world.env, cwd=world.base)
    human = world.human(pin=True)
    human.call('subscribe')
    request, = human.pending() or [human.hear('held')]
    human.decide(request, pin=countersign.PIN, duration=900)
    out, err = command.communicate(timeout=PATIENCE)
    equal(command.returncode, 0, err)
    told = json.loads(out)
    equal(told.pop('Version'), 1)
    equal(told, world.sts.issued[0]['credential'])
    lacks(err.decode(), told['SecretAccessKey'])


@case('of several providers for one role an agent names one, and asks for no longer than it gives')
def several(world):
    agent = world.agent()
    world.provide('other', f'kind aws\nrole {ROLE}\nfrom keys aws-keys\nendpoint {world.sts.url}\nmax 20m\n')
    world.apply()
    answer = agent.call('get_aws_credentials', {'role_arn': ROLE})
    failed(answer, 'arguments', 'aws', 'other', 'name one')
    call = world.aws(agent, provider='other', ttl_seconds=3600)
    request_id = agent.held(call)['request_id']
    request = next(r for r in world.human(pin=True).pending() if r['request_id'] == request_id)
    equal(json.loads(request['card'])['asked_duration'], 1200)
    world.grant(request_id, duration=1200)
    issued(agent.answer(call))
    assert world.sts.issued[0]['seconds'] <= 1200, world.sts.issued


# --- GitHub ---

def live_token(world, agent, **more):
    """A token that is still good, under a grant of ten minutes."""
    token = issued(world.granted(agent, world.token(agent, **more), duration=600))['token']
    equal(world.github.live(), [token])
    return token


def revoked(world, count=1):
    """Waits until so many have been taken back."""
    world.github.wait_seen(1 + count)
    seen = world.github.asked('/installation/token')
    equal([request.method for request in seen], ['DELETE'] * count)
    equal(world.github.live(), [])


@case('an agent has a token of GitHub for the repositories and permissions that a person left of what it asked')
def app(world):
    agent = world.agent()
    call = world.token(agent, owner='ann', repositories=['site', 'docs'], permissions={'contents': 'read'})
    request_id = agent.held(call)['request_id']
    request = next(r for r in world.human(pin=True).pending() if r['request_id'] == request_id)
    equal((facts(request, 'Repositories'), facts(request, 'Permissions'), facts(request, 'Owner')), (['site, docs'], ['contents:read'], ['ann']))
    world.grant(request_id, duration=600, scopes=['repo/docs', 'contents:read'])
    result = issued(agent.answer(call))
    about = world.github.tokens[result['token']]
    equal((about['repositories'], about['permissions']), (['docs'], {'contents': 'read', 'metadata': 'read'}))
    equal((result['repositories'], result['permissions']), (['docs'], about['permissions']))
    request, = world.github.seen
    equal(json.loads(request.body), {'repositories': ['docs'], 'permissions': {'contents': 'read'}})
    head = request.header('Authorization')[0].split()[1].split('.')[0]
    equal(json.loads(base64.urlsafe_b64decode(head + '=='))['alg'], 'RS256')
    lacks(request.raw.decode(), world.github.pem.splitlines()[3])


@case('a token without a repository or a permission left is not asked for')
def none_left(world):
    agent = world.agent()
    for scopes, says in ((['contents:read'], 'no repository is left'), (['repo/site'], 'no permission is left')):
        call = world.token(agent, repositories=['site'], permissions={'contents': 'read'})
        failed(world.granted(agent, call, scopes=scopes), 'scope', says)
    equal(world.github.seen, [])


@case('a token is taken back at GitHub when a person ends its grant')
def ended(world):
    live_token(world, world.agent())
    grant, = world.human(pin=True).pages('grants')
    world.cli('revoke', grant['id'])
    revoked(world)


@case('a token is taken back at GitHub when the time of its grant is over')
def over(world):
    agent = world.agent()
    issued(world.granted(agent, world.token(agent), duration=1))
    revoked(world)


@case('a token is taken back at GitHub when its holder exits')
def exited(world):
    agent = world.agent()
    live_token(world, agent)
    agent.kill()
    revoked(world)


@case('a token is taken back at GitHub on panic')
def panic(world):
    live_token(world, world.agent())
    world.cli('panic')
    revoked(world)


@case('a token is taken back at GitHub by the broker that follows one that was killed')
def killed(world):
    live_token(world, world.agent())
    world.kill_broker()
    equal(len(world.github.live()), 1)
    world.unlock()
    revoked(world)
    world.recorded('credential_revoked')


def under_way(world, agent):
    """A token that GitHub has issued, and not told of yet."""
    world.github.go.clear()
    call = world.token(agent)
    world.grant(agent.held(call)['request_id'], duration=600)
    world.github.wait_seen(1)
    return call


@case('a token whose requester exits while it is issued is taken back')
def abandoned(world):
    agent = world.agent()
    under_way(world, agent)
    agent.kill()
    # Its place is free again: the broker knows.
    while world.human(pin=True).pages('grants'):
        pass
    world.github.go.set()
    revoked(world)
    world.recorded('credential_revoked')


@case('a token whose issue cannot be recorded is not released, and is taken back')
def unrecorded(world):
    agent = world.agent()
    call = under_way(world, agent)
    for name in os.listdir(world.audit):
        if not name.endswith('key'):
            os.unlink(os.path.join(world.audit, name))
    world.github.go.set()
    answer = agent.answer(call)
    equal((answer['status'], answer['code']), ('failed', 'audit'))
    assert 'result' not in answer, answer
    revoked(world)


@case('a token that is issued while all is locked by panic is taken back')
def abandoned_locked(world):
    under_way(world, world.agent())
    world.cli('panic')
    world.github.go.set()
    revoked(world)


@case('a token that GitHub does not take back at once is taken back later')
def again(world):
    live_token(world, world.agent())
    world.github.forced = (500, [], 'FROM-UPSTREAM')
    world.kill_broker()
    world.unlock()
    world.github.wait_seen(2)
    equal(len(world.github.live()), 1)
    world.github.forced = None
    world.github.wait_seen(3, 30)
    equal(world.github.live(), [])


@case('a token that Vouch hands out is taken back at GitHub, by itself and not by the login')
def vouch_token(world):
    agent = world.agent()
    assert world.log_in()['ok']
    call = agent.start('get_github_token', {'provider': 'vouch', 'repositories': ['site']})
    token = issued(world.granted(agent, call, duration=600))['token']
    login = world.vouch.asked('/v1/credentials/github/token')[0].header('Authorization')[0]
    equal(world.github.live(), [token])
    world.cli('panic')
    world.github.wait_seen(1)
    equal(world.github.seen[0].header('Authorization'), [f'Bearer {token}'])
    lacks(world.github.seen[0].raw.decode(), login)


# --- SSH by Vouch ---

@case("Vouch signs an agent's key, with a serial of 64 bits")
def certificate(world):
    agent = world.agent()
    assert world.log_in()['ok']
    place = os.path.join(world.base, 'id')
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'a comment', '-f', place], check=True)
    with open(f'{place}.pub', encoding='utf-8') as file:
        key = file.read().strip()
    result = issued(world.granted(agent, agent.start('get_ssh_certificate', {'provider': 'vouch', 'public_key': key})))
    equal((result['principals'], result['serial']), (['ann'], str(2 ** 64 - 2)))
    equal(result['certificate'].split(), world.vouch.certificates[0].split()[:2])
    equal(json.loads(world.vouch.asked('/v1/credentials/ssh')[0].body), {'public_key': ' '.join(key.split()[:2])})
    world.vouch.sign_with = subprocess.run(['ssh-keygen', '-y', '-f', os.path.join(world.fakes, 'vouch-ca')], check=True,
                                           capture_output=True).stdout.decode().strip()
    agent = world.agent()
    call = agent.start('get_ssh_certificate', {'provider': 'vouch', 'public_key': key})
    failed(world.granted(agent, call), 'answer', 'for the key that was sent')


# --- What is bad comes to something that an agent can act on ---

HTML = (200, [('Content-Type', 'text/html')], '<!DOCTYPE html><html>FROM-UPSTREAM</html>')
XXE = (200, [('Content-Type', 'text/xml')], '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><AssumeRoleResponse><AssumeRoleResult><Credentials>'
       '<AccessKeyId>&b;</AccessKeyId></Credentials></AssumeRoleResult></AssumeRoleResponse>')
CUT = (200, [('Content-Type', 'text/xml')], '<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>FROM-UPSTREAM</AccessKeyId>')
BAD = (('a page', HTML, 'answer', 'region and endpoint'), ('entities', XXE, 'answer', 'region and endpoint'), ('half an answer', CUT, 'answer', 'whole'),
       ('too often', (429, [('Retry-After', '90')], 'FROM-UPSTREAM'), 'rate_limited', '1m30s'),
       ('not now', (503, [], 'FROM-UPSTREAM'), 'unavailable', 'ask again later'),
       ('elsewhere', (307, [('Location', 'http://127.0.0.1:1/')], ''), 'answer', 'not followed'),
       ('ten million bytes', 'big?mib=10', 'answer', 'no answer of a provider is that long'), ('no HTTP', 'garbage', 'protocol', ''), ('half a body', 'half', 'protocol', ''))


@case('whatever AWS answers is told in our own words, and recorded')
def bad(world):
    for sentence, forced, code, says in BAD:
        agent, world.sts.forced = world.agent(), forced
        answer = world.granted(agent, world.aws(agent, purpose=sentence))
        failed(answer, code, says)
    equal([record['failed'] for record in world.events('provider_failed')], [code for _, _, code, _ in BAD])
    lacks(json.dumps(world.records()), 'FROM-UPSTREAM')
    equal(world.sts.issued, [])


@case('an answer that does not come is given up')
def slow(world):
    agent = world.agent()
    world.sts.forced = 'silent'
    failed(world.granted(agent, world.aws(agent)), 'timeout')


@case('a clock that is ten minutes off is named, and which way')
def skew(world):
    for ahead, way in ((600, 'behind'), (-600, 'ahead of')):
        world.sts.ahead = world.github.ahead = ahead
        agent = world.agent()
        failed(world.granted(agent, world.aws(agent)), 'clock', '10m', way)
        failed(world.granted(agent, world.token(agent)), 'clock', '10m', way)


@case('an identity that had expired, or is not for AWS, goes no further')
def identity(world):
    assert world.log_in()['ok']
    for claims, code, says in (({'exp': 1}, 'expired', 'ask again'), ({'aud': 'other'}, 'answer', 'not for AWS'),
                               ({'iss': 'https://us.vouch.sh'}, 'answer', 'another issuer')):
        agent, world.vouch.identity = world.agent(), claims
        call = agent.start('get_aws_credentials', {'role_arn': READER})
        failed(world.granted(agent, call), code, says)
    equal(world.sts.seen, [])


@case('without a login at Vouch the error says what a person does')
def no_login(world):
    agent = world.agent()
    answer = agent.first(agent.start('get_aws_credentials', {'role_arn': READER}))
    assert answer is not None, 'a person is asked for what cannot be had'
    equal(answer['status'], 'failed')
    contains(answer['message'], 'countersign login')
    equal(world.vouch.seen, [])


# --- What an agent may not ---

@case('a role that nobody set up is refused before anybody is asked')
def other_role(world):
    agent = world.agent()
    for arguments, says in (({'role_arn': 'arn:aws:iam::123456789012:role/admin'}, 'not among those'), ({'role_arn': 'deploy' * 5}, 'whole ARN'),
                            ({'role_arn': ROLE, 'provider': 'mine'}, 'none named mine'), ({'role_arn': ROLE, 'provider': 'app'}, 'none named app'),
                            ({'role_arn': ROLE, 'scopes': ['*']}, 'begins with an action')):
        answer = agent.call('get_aws_credentials', arguments)
        equal(answer['status'], 'failed', arguments)
        contains(answer['message'], says)
    equal((world.sts.seen, world.human(pin=True).pending()), ([], []))


@case('an agent names no address that a credential is sent to or comes from')
def endpoints(world):
    agent = world.agent()
    for more in ({'endpoint': 'http://127.0.0.1:1'}, {'region': 'eu-west-1'}, {'api': 'https://evil.example'}, {'policy': '{}'}):
        try:
            answer = agent.call('get_aws_credentials', {'role_arn': ROLE, **more})
        except countersign.Refused as error:
            contains(str(error), next(iter(more)))
        else:
            raise AssertionError(answer)
    equal(world.sts.seen, [])


@case('a file that an agent writes is no provider before a person accepts it')
def unaccepted(world):
    agent = world.agent()
    world.provide('aws', f'kind aws\nrole {fakests.ROLE}\nrole arn:aws:iam::123456789012:role/admin\nfrom keys aws-keys\nendpoint http://127.0.0.1:1\n')
    answer = agent.call('get_aws_credentials', {'role_arn': 'arn:aws:iam::123456789012:role/admin'})
    contains(answer['message'], 'not among those')
    issued(world.granted(agent, world.aws(agent)))
    equal(len(world.sts.issued), 1)


@case('a provider that is changed while a call waits is not the one that was shown')
def changed(world):
    agent = world.agent()
    call = world.aws(agent)
    request_id = agent.held(call)['request_id']
    world.provide('aws', f'kind aws\nrole {ROLE}\nfrom keys aws-keys\nendpoint {world.github.url}\nca github.pem\n')
    world.apply()
    try:
        world.grant(request_id, duration=60)
    except countersign.Refused:
        pass
    answer = agent.answer(call)
    assert answer['status'] != 'completed', answer
    equal((world.sts.seen, world.github.seen), ([], []))


@case('a login that another issuer signed goes nowhere')
def foreign(world):
    agent = world.agent()
    world.vouch.iss = 'https://us.vouch.sh'
    world.log_in()
    call = agent.start('get_aws_credentials', {'role_arn': READER})
    answer = agent.answer(call) if agent.first(call) is not None else world.granted(agent, call)
    failed(answer, 'login', 'issuer', 'countersign login vouch')
    equal(world.vouch.asked('/v1/credentials/aws/token'), [])


sys.exit(tap.run(CloudWorld))
