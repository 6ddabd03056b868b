# SPDX-License-Identifier: MIT
"""countersign-mcp as a client of 2026-07-28 speaks to it, by hand: each request says for itself what it is."""

import parties
from called import GET
from lines import Refused
from mcpwire import META, claim
from tap import equal


class Modern(parties.Mcp):
    """`can`: the client's capabilities."""

    def __init__(self, world, can=None, **options):
        super().__init__(world, initialize=False, **options)
        self.can = can or {}

    def begin(self, method, params=None, token=None, can=None):
        """Starts a request; its id."""
        meta = claim(capabilities=self.can if can is None else can, **({} if token is None else {'progressToken': token}))
        return self.start(method, {**(params or {}), '_meta': {**meta, META + 'clientInfo': {'name': 'by-hand', 'version': '1'}}})

    def begin_tool(self, name, arguments=None, state=None, **more):
        return self.begin('tools/call', {'name': name, 'arguments': arguments or {},
                                         **({} if state is None else {'requestState': state})}, **more)

    def tool(self, name, arguments=None, state=None, **more):
        return self.answer(self.begin_tool(name, arguments, state, **more))

    def task(self, verb, task_id, **more):
        """tasks/VERB."""
        return self.answer(self.begin(f'tasks/{verb}', {'taskId': task_id, **more}))


def asked_again(result):
    """The requestState of a result that asks for another call, and for nothing else."""
    equal((result['resultType'], set(result) - {'_meta'}), ('input_required', {'resultType', 'requestState'}))
    return result['requestState']


def envelope(result):
    equal(result['resultType'], 'complete')
    return result['structuredContent']


def refused(ask, code):
    """Runs @ask and expects an error of the protocol."""
    try:
        found = ask()
    except Refused as error:
        equal(error.code, code)
        return str(error)
    raise AssertionError(f'answered {found!r}')


# --- and what the broker that a case plays says to it ---

REFERENCE = {'id': 'x', 'name': 'demo', 'purpose': 'a test', 'expiresAt': 1, 'expiresIn': 60}
TIMES = {'asked_at': '2030-01-01T00:00:00.000Z', 'changed_at': '2030-01-01T00:00:05.000Z'}
RUN = {'command': ['/bin/true'], 'purpose': 'a test'}


def pending(link, asked, request_id='r1', state='held'):
    """The broker says that nobody has answered yet; of what runs, nothing before."""
    if state:
        link.hold(asked, request_id, state)
    link.answer(asked, {'status': 'pending', 'request_id': request_id, 'expires_at': '2030-01-01T00:05:00.000Z',
                        'poll_after_ms': 2000, 'message': 'm', **TIMES})


def completed(link, asked, request_id='r1'):
    link.complete(asked, {'reference': REFERENCE, 'message': 'm'}, request_id=request_id, **TIMES)


def start(world, tool='get_secret', arguments=None, can=None, **more):
    """A client, its call, and the broker's side of both."""
    mcp = Modern(world, can)
    broker = world.broker()
    call = mcp.begin_tool(tool, GET if arguments is None else arguments, **more)
    link = broker.accept()
    return mcp, broker, link, call, link.take(tool)
