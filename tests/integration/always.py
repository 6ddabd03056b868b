# SPDX-License-Identifier: MIT
"""\"Always\" for http_request: offered on the card, made with the PIN, and what it then answers, and what not."""

import json

import countersign
import httpservice
import parties
import tap
from lines import Refused
from tap import case, contains, equal

PIN = countersign.PIN


class Program(parties.Program):
    def ask(self, method='GET', path='/me', service='local', **more):
        return self.begin('http_request', service=service, method=method, path=path, **more)

    def result(self, call):
        return self.answer(call)['structuredContent']


def make_rule(world, human, method='GET', path='/me', **more):
    """Asks once, and grants it for always; the rule's words."""
    program = Program(world)
    call = program.ask(method, path, **more)
    request = human.hear('held')
    rule = json.loads(request['card'])['always']
    human.decide(request, always=True, pin=PIN)
    equal(program.result(call)['status'], 'completed')
    return rule


def asked(world, human, *arguments, **more):
    """That a person is asked; the card. It is denied then."""
    program = Program(world)
    call = program.ask(*arguments, **more)
    request = human.hear('held')
    human.call('decide', {'request_id': request['request_id'], 'verdict': 'deny'})
    equal(program.result(call)['status'], 'denied')
    return request


def opened(world):
    human = world.human(pin=True)
    human.call('subscribe')
    return human


@case('what is granted for always is answered the next time, to another process of the same program, unasked')
def answers(world):
    human = opened(world)
    rule = make_rule(world, human)
    equal(rule, f'allow http_request of local/read from {parties.STEADY} max 1h')
    for path in ('/me', '/other'):
        program = Program(world)
        equal(program.result(program.ask(path=path))['result']['status'], 200)
    equal([seen.header('Authorization') for seen in world.site.seen], [[f'Bearer {httpservice.VALUE}']] * 3)
    standing, = human.call('rules')['rules']
    equal((standing['rule'], standing['scopes']), (rule, ['read']))


@case('without the PIN no rule is made, and nothing is granted')
def no_pin(world):
    human = opened(world)
    program = Program(world)
    program.ask()
    request = human.hear('held')
    try:
        world.human().decide(request, always=True)
        raise AssertionError('a rule without a PIN')
    except Refused as error:
        equal(error.data.get('reason'), 'pin_needed')
    equal(human.call('rules')['rules'], [])
    equal(world.site.greeted, 0)


@case('a rule for what reads answers nothing that writes')
def scope(world):
    human = opened(world)
    make_rule(world, human)
    asked(world, human, 'POST', '/things', body='{}')
    equal([seen.method for seen in world.site.seen], ['GET'])


@case('a rule for one service answers nothing for another')
def service(world):
    human = opened(world)
    make_rule(world, human)
    other = world.make_site()
    world.write('services.d/other.pem', world.authority.pem)
    world.write('services.d/other.conf', httpservice.SERVICE.format(name='other', port=other.port, place='bearer'))
    world.apply()
    asked(world, human, service='other')
    equal(other.greeted, 0)


@case('a deny of the service, or of the scope, beats the rule')
def denied(world):
    human = opened(world)
    make_rule(world, human)
    for deny in ('local', 'local/read'):
        world.write('policy.conf', f'deny http_request of {deny}\nask any max 1h\n')
        world.apply()
        program = Program(world)
        answer = program.result(program.ask())
        equal((answer['status'], answer['result']['code'] if 'result' in answer else answer.get('code')), ('denied', 'policy'))
    world.write('policy.conf', 'deny http_request of local/write\nask any max 1h\n')
    world.apply()
    program = Program(world)
    equal(program.result(program.ask())['status'], 'completed')
    equal(len(world.site.seen), 2)


@case('a rule that is taken back answers no more, and one is offered again')
def removed(world):
    human = opened(world)
    make_rule(world, human)
    world.cli('rules', 'rm', human.call('rules')['rules'][0]['id'])
    contains(asked(world, human)['card'], '"always"')
    equal(len(world.site.seen), 1)


@case('an interpreter is offered none')
def interpreter(world):
    human = opened(world)
    agent = world.agent()
    world.ask(agent)
    equal('always' in json.loads(human.hear('held')['card']), False)


raise SystemExit(tap.run(httpservice.ServiceWorld))
