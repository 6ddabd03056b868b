# SPDX-License-Identifier: MIT
"""A call that waits for a person, over HTTP: what a client that goes away ends, and what stays. The broker is played by the case."""

import socket
import sys

import double
import tap
from callerworld import LEGACY, Caller, Reply
from called import GET
from httpserve import Server
from mcpwire import TASKS
from modern import TIMES, pending
from tap import case, contains, equal

ISSUERS = {'issuers': [{'name': 'work', 'issuer': 'https://login.example', 'scopes': ['read']}], 'local': 0}
ANN = {'subject': 'ann@example.com', 'issuer': 'work', 'label': 'ann@example.com', 'scopes': ['read'],
       'expires_at': '2099-01-01T00:00:00Z', 'local': False}


class World(double.World):
    """Its server is there, and ann has been let in: `ann` and `link`, her connection to the broker."""

    def serve(self, era, *arguments):
        self.played = self.broker()
        process = Server.begin(self, *arguments)
        own = self.played.accept()
        own.complete(own.take('resource'), ISSUERS)
        self.ann = Caller(process.ready(), 'token', era)
        first = self.ann.begin_handshake() if era == LEGACY else self.ann.begin('tools/list')
        self.link = self.let_in(self.played)
        reply = Reply(first.getresponse())
        if era == LEGACY:
            self.ann.session = reply.headers['mcp-session-id']
            equal(self.ann.post('notifications/initialized').status, 202)
        return self.ann, self.link

    @staticmethod
    def let_in(broker, instance='first'):
        link = broker.accept(instance)
        link.complete(link.take('bearer'), ANN)
        return link


def held(ann, link, **more):
    """A call that the broker holds: its connection, and as the broker got it."""
    call = ann.start('get_secret', GET, **more)
    asked = link.take('get_secret')
    link.hold(asked)
    return call, asked


def gone(connection):
    """The client ends its connection at once."""
    connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()


@case('each round of a call is a request of its own, and names what it goes on with')
def rounds(world):
    ann, link = world.serve('2026-07-28')
    call, asked = held(ann, link)
    pending(link, asked, state=None)
    found = Reply(call.getresponse()).result()
    equal((found['resultType'], found['requestState']), ('input_required', 'r1.1'))
    call = ann.begin('tools/call', {'name': 'get_secret', 'arguments': GET, 'requestState': 'r1.1'})
    asked = link.take('get_secret')
    equal(asked['params'], {**GET, 'hold_seconds': 45, 'resume': 'r1'})
    link.complete(asked, {'message': 'm'}, request_id='r1', **TIMES)
    equal(Reply(call.getresponse()).tool()['status'], 'completed')


@case('2026-07-28: who goes away has cancelled, in a later round for good')
def modern_gone(world):
    ann, link = world.serve('2026-07-28')
    call, asked = held(ann, link)
    gone(call)
    equal(link.take('cancel')['params'], {'id': asked['id']})
    call = ann.begin('tools/call', {'name': 'get_secret', 'arguments': GET, 'requestState': 'r1.1'})
    asked = link.take('get_secret')
    gone(call)
    equal(link.take('cancel')['params'], {'id': asked['id'], 'withdraw': True})


@case('handshake era: who goes away has cancelled nothing, until it says so')
def legacy_gone(world):
    ann, link = world.serve(LEGACY)
    call, asked = held(ann, link)
    gone(call)
    other = ann.start('broker_status')
    status = link.take()
    equal(status['method'], 'broker_status', 'nothing was said of the call that nobody hears')
    link.complete(status, {'state': 'unlocked'})
    equal(Reply(other.getresponse()).tool()['status'], 'completed')
    equal(ann.post('notifications/cancelled', {'requestId': 3}).status, 202)
    equal(link.take('cancel')['params'], {'id': asked['id']})


@case('a task is looked after by one request after the other')
def tasks(world):
    ann, link = world.serve('2026-07-28')
    call, asked = held(ann, link, capabilities=TASKS)
    pending(link, asked, state=None)
    made = Reply(call.getresponse()).result()
    equal((made['resultType'], made['taskId'], made['status']), ('task', 'r1', 'working'))
    call = ann.begin('tasks/get', {'taskId': 'r1'}, capabilities=TASKS, Mcp_Name='r1')
    asked = link.take('approval_wait')
    gone(call)
    equal(link.take('cancel')['params'], {'id': asked['id']}, 'who stops looking ends nothing')
    call = ann.begin('tasks/get', {'taskId': 'r1'}, capabilities=TASKS, Mcp_Name='r1')
    link.complete(link.take('approval_wait'), {'message': 'm'}, request_id='r1', **TIMES)
    equal(Reply(call.getresponse()).result()['status'], 'completed')
    reply = ann.post('tasks/get', {'taskId': 'r1'}, Mcp_Name='r1')
    equal((reply.status, reply.messages[0]['error']['code']), (400, -32021))


@case('progress comes at once as an event, and the answer behind it')
def progress(world):
    ann, link = world.serve(LEGACY)
    call = ann.begin('tools/call', {'name': 'get_secret', 'arguments': GET, '_meta': {'progressToken': 't'}})
    asked = link.take('get_secret')
    link.hold(asked, message='run `countersign approve`')
    response = call.getresponse()  # the headers are there, while it is held
    equal(response.headers['X-Accel-Buffering'], 'no')
    link.complete(asked, {'message': 'm'}, request_id='r1', **TIMES)
    reply = Reply(response)
    first, last = [message for message in reply.messages if message]
    contains(first['params']['message'], '`countersign approve`')
    equal(last['result']['structuredContent']['status'], 'completed')


@case('another broker is shown the token before it is asked anything again')
def replaced(world):
    ann, link = world.serve(LEGACY)
    call, asked = held(ann, link)
    world.played.stop()
    second = world.broker()
    link = world.let_in(second, 'second')
    asked = link.take('get_secret')
    equal(asked['params']['name'], GET['name'])
    link.complete(asked, {'message': 'm'}, request_id='r2', **TIMES)
    equal(Reply(call.getresponse()).tool()['request_id'], 'r2')


@case('nothing is written where the caller is not')
def no_file(world):
    ann, _ = world.serve('2026-07-28')
    found = ann.call('http_request', {'service': 'github', 'method': 'GET', 'path': '/', 'purpose': 'a test', 'output_file': '/tmp/x'}).tool()
    equal(found['code'], 'invalid_arguments')
    contains(found['error'], 'output_file: over HTTP')


sys.exit(tap.run(World))
