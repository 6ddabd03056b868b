# SPDX-License-Identifier: MIT
"""Over HTTP: who has a good token of its own, and would like to be somebody else of the same issuer."""

import callerworld
import countersign
from callerworld import LEGACY, META, Caller
from tap import case, equal, lacks

POLICY = '''deny reveal
ask { list_secrets get_secret } max 1h
'''
ASK = {'name': 'demo', 'purpose': 'a test', 'ttl_seconds': 300}
TASKS = {'extensions': {META + 'tasks': {}}}


def two(world):
    """Ann and Eve, whose address the issuer took from Eve without a look."""
    world.files['policy.conf'] = POLICY
    issuer, human = world.issuer(), world.human(pin=True)
    human.call('subscribe')
    server = world.serve()
    audience = f'{server.url}/mcp'
    return server, human, issuer.token(audience), issuer.token(audience, sub='u-eve')


@case('who has the address of another is not who it is: no grant, no session and no waiting call is shared')
def same_address(world):
    server, human, hers, eves = two(world)
    ann, eve = Caller(server, hers), Caller(server, eves)
    connection = ann.start('get_secret', ASK)
    human.decide(human.hear('held'), pin=countersign.PIN, duration=300)
    equal(callerworld.Reply(connection.getresponse()).tool()['status'], 'completed')
    equal(ann.call('get_secret', ASK).tool()['status'], 'completed', 'what was granted is hers')
    connection = eve.start('get_secret', ASK)
    held = human.hear('held')
    human.decide(held, 'deny')
    equal(callerworld.Reply(connection.getresponse()).tool()['status'], 'denied', 'and not of Eve')
    lacks(eve.post('resources/read', {'uri': 'countersign://grants'}).body, 'get_secret')

    session = Caller(server, hers, LEGACY)
    session.initialize()
    stolen = Caller(server, eves, LEGACY)
    stolen.session = session.session
    equal(stolen.post('tools/list').status, 404)
    equal(session.post('tools/list').status, 200)


@case('a task is its caller\'s alone: another is told of none, and ends none')
def task(world):
    server, human, hers, eves = two(world)
    ann, eve = Caller(server, hers), Caller(server, eves)
    task_id = ann.call('get_secret', {**ASK, 'purpose': 'a task'}, capabilities=TASKS).result()['taskId']
    held = human.hear('held')
    for method in ('tasks/get', 'tasks/cancel'):
        equal(eve.post(method, {'taskId': task_id}, capabilities=TASKS, Mcp_Name=task_id).messages[-1]['error']['code'], -32602, method)
    human.decide(held, pin=countersign.PIN, duration=60)
    equal(ann.post('tasks/get', {'taskId': task_id}, capabilities=TASKS, Mcp_Name=task_id).result()['status'], 'completed')


callerworld.main()
