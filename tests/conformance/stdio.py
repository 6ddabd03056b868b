# SPDX-License-Identifier: MIT
"""conformance-fixture on standard input and output: what our server does there that countersign-mcp has no use for."""

import json
import os
import subprocess
import tempfile

import tap
from lines import PATIENCE, Lines
from tap import case, contains, equal

HERE = os.path.dirname(os.path.abspath(__file__))
PREFIX = 'io.modelcontextprotocol/'


class Talk:
    """The fixture, and a client that says what the case says."""

    def __init__(self, **_):
        self.log = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen([os.path.join(HERE, 'conformance-fixture')], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.log)
        self.lines = Lines(self.process.stdout.fileno(), self.process.stdin.fileno())
        self.last = 0
        self.told = []
        self.meta = None

    def say(self, message):
        self.lines.send({'jsonrpc': '2.0', **message} if isinstance(message, dict) else message)

    def hear(self):
        return self.lines.receive()

    def handshake(self, version='2025-11-25', **capabilities):
        answer = self.call('initialize', protocolVersion=version, capabilities=capabilities,
                           clientInfo={'name': 'by-hand', 'version': '1'})
        equal(answer['protocolVersion'], version)
        self.say({'method': 'notifications/initialized'})
        return answer

    def modern(self, **capabilities):
        self.meta = {PREFIX + 'protocolVersion': '2026-07-28', PREFIX + 'clientCapabilities': capabilities}
        return self

    def begin(self, method, **params):
        self.last += 1
        if self.meta is not None:
            params['_meta'] = {**self.meta, **params.get('_meta', {})}
        self.say({'id': self.last, 'method': method, 'params': params})
        return self.last

    def until(self, number):
        """The answer to this request; what is told before it is kept in told."""
        while True:
            message = self.hear()
            if message.get('id') == number and 'method' not in message:
                return message
            self.told.append(message)

    def call(self, method, **params):
        answer = self.until(self.begin(method, **params))
        assert 'result' in answer, answer
        return answer['result']

    def refused(self, method, **params):
        return self.until(self.begin(method, **params))['error']

    def tool(self, name, _more=None, **arguments):
        return self.call('tools/call', name=name, arguments=arguments, **(_more or {}))

    def methods(self):
        return [message.get('method') for message in self.told]

    def check(self):
        self.process.stdin.close()
        status = self.process.wait(PATIENCE)
        self.log.seek(0)
        equal((status, self.log.read()), (0, ''), 'status and complaints')

    def story(self):
        return f'told: {self.told}'

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()


def text(result):
    return result['content'][0]['text']


@case('a tool asks the client while it runs, and goes on with the answer')
def asks(talk):
    talk.handshake(elicitation={})
    call = talk.begin('tools/call', name='test_elicitation', arguments={'message': 'Who?'})
    asked = talk.hear()
    equal((asked['method'], asked['params']['message']), ('elicitation/create', 'Who?'))
    talk.say({'id': asked['id'], 'result': {'action': 'decline'}})
    contains(text(talk.until(call)['result']), 'decline')


@case('a client that cannot be asked is not asked')
def not_asked(talk):
    talk.handshake()
    equal(talk.tool('test_sampling', prompt='p')['isError'], True)
    equal(talk.told, [])


@case('the client says from which level on it hears the log')
def levels(talk):
    talk.handshake()
    talk.call('logging/setLevel', level='info')
    talk.tool('test_tool_with_logging')
    equal(talk.methods(), ['notifications/message'] * 3)
    equal(talk.call('logging/setLevel', level='warning'), {})
    talk.tool('test_tool_with_logging')
    equal(len(talk.told), 3)


@case('2026-07-28: each request says for itself what it hears of the log')
def level_of_request(talk):
    talk.modern().tool('test_logging_tool')
    equal(talk.told, [])
    talk.tool('test_logging_tool', {'_meta': {PREFIX + 'logLevel': 'debug'}})
    equal(talk.methods(), ['notifications/message'] * 3)


@case('who subscribed to a resource hears of it until it unsubscribes')
def subscribed(talk):
    talk.handshake()
    for method, heard in (('resources/subscribe', 1), ('resources/unsubscribe', 1)):
        equal(talk.call(method, uri='test://watched-resource'), {})
        talk.tool('test_trigger_resource_change')
        equal(talk.methods(), ['notifications/resources/updated'] * heard)
    equal(talk.told[0]['params']['uri'], 'test://watched-resource')


@case('2026-07-28: who listens hears what it listens for, by the id of its request, until it cancels')
def listens(talk):
    listen = talk.modern().begin('subscriptions/listen', notifications={
        'promptsListChanged': True, 'resourceSubscriptions': ['test://watched-resource']})
    for tool in ('test_trigger_tool_change', 'test_trigger_prompt_change', 'test_trigger_resource_change'):
        talk.tool(tool)
    equal(talk.methods(), ['notifications/subscriptions/acknowledged', 'notifications/prompts/list_changed',
                           'notifications/resources/updated'])
    for message in talk.told:
        equal(str(message['params']['_meta'][PREFIX + 'subscriptionId']), str(listen))
    talk.say({'method': 'notifications/cancelled', 'params': {'requestId': listen}})
    talk.tool('test_trigger_prompt_change')
    equal(len(talk.told), 3)


@case('2025-03-26: several requests in one array are answered in one')
def batch(talk):
    talk.handshake('2025-03-26')
    talk.say([{'jsonrpc': '2.0', 'id': name, 'method': 'ping'} for name in ('a', 'b')])
    equal([answer['id'] for answer in talk.hear()], ['a', 'b'])


@case('answers come when they are there, not in the order of the requests')
def out_of_order(talk):
    talk.handshake()
    slow = talk.begin('tools/call', name='test_tool_with_progress', arguments={})
    contains(text(talk.tool('test_simple_text')), 'simple text')
    assert 'result' in talk.until(slow)


@case('a cancelled call is never answered')
def cancelled(talk):
    talk.modern()
    call = talk.begin('tools/call', name='test_never', arguments={}, _meta={'progressToken': 't'})
    equal(talk.hear()['method'], 'notifications/progress')
    talk.say({'method': 'notifications/cancelled', 'params': {'requestId': call}})
    talk.call('server/discover')
    equal(talk.told, [])


@case('a state that the client made up is refused')
def made_up(talk):
    talk.modern(elicitation={})
    wanted = talk.tool('test_input_required_result_request_state')
    equal(wanted['resultType'], 'input_required')
    answers = {'confirm': {'action': 'accept', 'content': {'ok': True}}}
    for state in (wanted['requestState'] + 'x', 'x', ''):
        equal(talk.refused('tools/call', name='test_input_required_result_request_state', arguments={},
                           inputResponses=answers, requestState=state)['code'], -32602)
    contains(text(talk.tool('test_input_required_result_request_state',
                            {'inputResponses': answers, 'requestState': wanted['requestState']})), 'state-ok')


@case('a client that did not say it can be asked is told what it lacks')
def lacks_capability(talk):
    fault = talk.modern().refused('tools/call', name='test_input_required_result_elicitation', arguments={})
    equal((fault['code'], list(fault['data']['requiredCapabilities'])), (-32021, ['elicitation']))


@case('when its input ends the server goes at once, whatever still runs')
def ends(talk):
    talk.handshake()
    talk.begin('tools/call', name='test_never', arguments={})
    talk.begin('tools/call', name='test_tool_with_progress', arguments={})
    talk.check()
    talk.check = lambda: None


raise SystemExit(tap.run(Talk))
