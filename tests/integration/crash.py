# SPDX-License-Identifier: MIT
"""kill -9 under load: the trail verifies, and nothing that was released is missing from it."""

import json
import random
import shutil

import countersign
from lines import Closed
from oldtrail import begin_with, files
from tap import case, count, equal, note

SECRETS = 40
CLOSE_EACH = 6


def drain(party):
    """Receives all that was sent before the end."""
    try:
        while True:
            party.pump()
    except Closed:
        pass


def round_of_load(world, number, names, kill_after):
    """Requests, grants and secrets being set at once, and files of the trail closed; the broker is killed in the middle.
    Returns the references that agents hold, and the secrets whose setting was confirmed."""
    human = world.human(pin=True)
    human.call('subscribe')
    agents = [world.agent() for _ in range(4)]
    calls = [(agent, agent.ask(name, f'round {number}')) for agent in agents for name in names]
    sets = {}
    answered = 0
    try:
        while answered < kill_after:
            message = human.pump()
            if message.get('method') == 'held':
                params = message['params']
                human.start('decide', {'request_id': params['request_id'], 'verdict': 'grant', 'uses': 3,
                                       'card_digest': digest(params['card']), 'pin': countersign.PIN})
                name = f'round-{number}-{len(sets)}'
                sets[human.start('secret_set', {'name': name, 'value': name, 'mode': 'new',
                                                'pin': countersign.PIN})] = name
                if len(sets) % CLOSE_EACH == 0:
                    human.start('audit_close')
            elif 'id' in message:
                answered += 1
    except Closed:
        raise AssertionError('the broker ended by itself') from None
    world.kill_broker()
    for party in (human, *agents):
        drain(party)
    references = [agent.answers[call][0]['result']['result']['reference']['id'] for agent, call in calls
                  if call in agent.answers and agent.answers[call][0]['result']['status'] == 'completed']
    kept = [name for call, name in sets.items() if call in human.answers and 'result' in human.answers[call][0]]
    for party in (human, *agents):
        world.parties.remove(party)
        party.close()
    return references, kept


def digest(card):
    return countersign.parties.hashlib.sha256(card.encode()).hexdigest()


@case('kill -9 in a loop under load loses nothing that was released', secrets=())
def loop(world):
    names = [f's{i}' for i in range(SECRETS)]
    human = world.human(pin=True)
    for name in names:
        human.call('secret_set', {'name': name, 'value': name, 'mode': 'new', 'pin': countersign.PIN})
    references, kept = [], []
    seed = random.randrange(1 << 30)
    note(f'seed {seed}')
    dice = random.Random(seed)
    for number in range(count(6, 500)):
        more, set_now = round_of_load(world, number, names, dice.randrange(5, SECRETS * 5))
        references += more
        kept += set_now
        world.unlock()
        world.cli('audit', 'verify', passphrase=True)
    assert references, 'nothing was released: the load never got anywhere'
    text = '\n'.join(json.dumps(record) for record in world.records())
    missing = [reference for reference in references if reference not in text]
    equal(missing, [], 'released but not recorded')
    there = {s['name'] for s in world.human(pin=True).pages('secret_list')}
    equal([name for name in kept if name not in there], [], 'confirmed but not stored')
    closed = [record for record in world.records() if record['event'] == 'closed']
    assert closed, 'no file was closed: the load never got anywhere'
    note(f'{len(references)} references released, {len(kept)} secrets set, {len(closed)} files closed')


def leave_old_trail(world):
    for folder in (world.data, world.audit):
        shutil.rmtree(folder, ignore_errors=True)
    begin_with(world, 'old-trail')
    return files(world)


@case('kill -9 while old files of the trail go leaves a trail that holds, and says what went', init=False)
def removal(world):
    dice = random.Random(seed := random.randrange(1 << 30))
    note(f'seed {seed}')
    missing = 0
    rounds = count(6, 100)
    for number in range(rounds):
        old = leave_old_trail(world)
        world.unlock()
        human = world.human(pin=True)
        call = human.start('audit_retain', {'days': 9, 'pin': countersign.PIN})
        for _ in range(dice.randrange(6)):
            human.call('status')
        if number + 1 < rounds:
            world.kill_broker()
        else:
            human.answer(call)
            world.stop()  # comes to its end: in this round all of them go
        world.parties.remove(human)
        human.close()
        gone = [name for name in old if name not in files(world)]
        removed = [record for record in world.records() if record['event'] == 'segments_removed']
        assert all(int(name[:6]) <= removed[-1]['last'] for name in gone), (gone, removed)
        missing += len(gone)
        world.unlock()
        world.cli('audit', 'verify', passphrase=True)
        world.stop()
    note(f'{missing} files were removed')
    assert missing, 'nothing was removed: the broker never got there'


@case('after kill -9 references are refused until asked for again')
def references(world):
    agent = world.agent()
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'])
    reference = agent.answer(call)['result']['reference']['id']
    world.kill_broker()
    world.unlock()
    equal(world.status()['grants'], 0)
    fresh = world.agent()
    answer = fresh.call('resolve_secret', {'reference_id': reference})
    assert answer['status'] != 'completed', answer


countersign.main()
