# SPDX-License-Identifier: MIT
"""The approver's one notification, with daemons that answer, that do not, and with none."""

import os
import socket
import sys

import countersign
import tap
from bus import NOTIFICATIONS, NOTIFICATIONS_PATH, Bus, FakeNotifications
from notices import SENTENCE, Notices
from tap import case, equal


class World(countersign.World):
    def __init__(self):
        countersign.World.__init__(self, init=False)

    def start(self, capabilities='actions body body-markup'):
        bus = Bus(self)
        return FakeNotifications(bus, capabilities), Notices(self, bus.env)


@case('it says how many wait and what is asked, and offers Review and Deny')
def shown(world):
    daemon, notices = world.start()
    notices.show(detail='to list issues', waiting=3)
    asked = daemon.wait_shown(1)
    equal((asked['application'], asked['icon']), ('Countersign', 'org.countersign.Approve'))
    equal(asked['summary'], '3 requests wait for you')
    equal(asked['body'], f'{SENTENCE}\nto list issues')
    equal(asked['actions'], ['default', 'Review', 'review', 'Review', 'deny', 'Deny'])
    equal((asked['hints']['urgency'], asked['hints']['desktop-entry']), (1, 'org.countersign.Approve'))
    equal(asked['timeout'], 0, 'it stays until it is withdrawn')


@case('another takes its place: there is one, however many wait')
def replaced(world):
    daemon, notices = world.start()
    for number in range(1, 4):
        notices.show(waiting=number)
        equal(daemon.wait_shown(number)['replaces'], 0 if number == 1 else 1)
    equal(daemon.closed(), [])


@case('the same again is not shown again')
def same(world):
    daemon, notices = world.start()
    notices.show()
    daemon.wait_shown(1)
    notices.show()
    notices.show(waiting=2)
    equal(daemon.wait_shown(2)['summary'], '2 requests wait for you')


@case('Review, or a press on the notification itself, asks for the window; Deny denies what was shown')
def pressed(world):
    daemon, notices = world.start()
    notices.show(ids=('r1', 'r2'))
    daemon.wait_shown(1)
    for action, event in (('review', ['review']), ('default', ['review']), ('deny', ['deny', 'r1', 'r2'])):
        daemon.press(1, action)
        notices.expect(*event)


@case('where nothing is named that could be denied there is no Deny')
def nothing_to_deny(world):
    daemon, notices = world.start()
    notices.show(ids=())
    equal(daemon.wait_shown(1)['actions'], ['default', 'Review', 'review', 'Review'])
    notices.show(waiting=2)
    equal(daemon.wait_shown(2)['actions'][4:], ['deny', 'Deny'])


@case('nothing else is an answer: no other action, and no press on a notification of somebody else')
def other(world):
    daemon, notices = world.start()
    notices.show()
    daemon.wait_shown(1)
    for number, action in ((1, 'grant'), (1, 'Grant'), (1, 'approve'), (1, ''), (1, 'deny2'), (2, 'deny'), (0, 'review')):
        daemon.press(number, action)
    daemon.press(1, 'deny')
    notices.expect('deny', 'r1')
    notices.tick()


@case('who does not own the name of the daemon presses nothing')
def forged(world):
    daemon, notices = world.start()
    notices.show()
    daemon.wait_shown(1)
    daemon.bus.emit_as_somebody(NOTIFICATIONS_PATH, NOTIFICATIONS, 'ActionInvoked', '(us)', 1, 'deny')
    daemon.press(1, 'review')
    notices.expect('review')
    notices.tick()


@case('what an agent wrote is text to a daemon that takes markup')
def escaped(world):
    daemon, notices = world.start()
    notices.show('<b>node</b> & "co"', "<a href='https://example.org'>see</a> <img src='x'/>")
    equal(daemon.wait_shown(1)['body'],
          '&lt;b&gt;node&lt;/b&gt; &amp; &quot;co&quot;\n'
          '&lt;a href=&apos;https://example.org&apos;&gt;see&lt;/a&gt; &lt;img src=&apos;x&apos;/&gt;')
    equal(daemon.shown()[0]['summary'], '1 request waits for you')


@case('a daemon without buttons is told none, and the text says where to answer')
def no_actions(world):
    daemon, notices = world.start('body')
    notices.show('<b>node</b>')
    asked = daemon.wait_shown(1)
    equal((asked['body'], asked['actions']), ('<b>node</b>\nTo answer: countersign ui', []))


@case('a daemon that shows titles only is told all in the title')
def no_body(world):
    daemon, notices = world.start('actions')
    notices.show(detail='to list issues')
    asked = daemon.wait_shown(1)
    equal((asked['summary'], asked['body']), (f'{SENTENCE} · to list issues', ''))


@case('it is withdrawn when told, and a press that comes after that is none')
def withdrawn(world):
    daemon, notices = world.start()
    notices.show()
    daemon.wait_shown(1)
    notices.tell('withdraw')
    equal(daemon.wait_closed(1), 1)
    daemon.press(1, 'deny')
    notices.show(ids=('r2',))
    equal(daemon.wait_shown(2)['replaces'], 0)
    daemon.press(2, 'deny')
    notices.expect('deny', 'r2')


@case('it is withdrawn when the approver leaves')
def leaves(world):
    daemon, notices = world.start()
    notices.show()
    daemon.wait_shown(1)
    notices.leave()
    equal(daemon.wait_closed(1), 1)


@case('what the person closed stays closed until there is something new')
def dismissed(world):
    daemon, notices = world.start()
    notices.show()
    daemon.wait_shown(1)
    daemon.dismiss(1)
    notices.show()
    notices.show(waiting=2)
    # It is shown again either way: as another, or in place of what the daemon may not have told us is closed.
    equal(daemon.wait_shown(2)['summary'], '2 requests wait for you')


@case('a daemon that was started anew is told again, and of no number of the old one')
def restarted(world):
    daemon, notices = world.start()
    daemon.method('Notify', 'susssasa{sv}i', 'u', 'ret = dbus.UInt32(7)')
    notices.show()
    daemon.wait_shown(1)
    daemon.end()
    anew = FakeNotifications(daemon.bus)
    equal(anew.wait_shown(1)['replaces'], 0)
    anew.press(7, 'deny')
    anew.press(1, 'deny')
    notices.expect('deny', 'r1')
    notices.tell('withdraw')
    equal(anew.wait_closed(1), 1)
    notices.tick()


@case('a daemon that comes later is told what waits then')
def later(world):
    bus = Bus(world)
    notices = Notices(world, bus.env)
    notices.show()
    notices.show(waiting=2)
    notices.tick()
    daemon = FakeNotifications(bus)
    equal(daemon.wait_shown(1)['summary'], '2 requests wait for you')


@case('a Deny that was pressed while another took its place is about what was shown when it was pressed')
def crossed(world):
    daemon, notices = world.start()
    notices.show()
    daemon.wait_shown(1)
    daemon.method('Notify', 'susssasa{sv}i', 'u', """
self.EmitSignal('', 'ActionInvoked', 'us', [args[1], 'deny'])
ret = args[1]
""")
    notices.show('node wants another thing', ids=('r2',))
    notices.expect('deny', 'r1')
    notices.show('node wants a third thing', ids=('r3',))
    notices.expect('deny', 'r2')


@case('a daemon that answers nothing holds up neither the main loop nor the end')
def mute(world):
    daemon, notices = world.start()
    daemon.daemon.stop()
    notices.show()
    notices.tick()
    notices.tell('withdraw')
    notices.tick()
    notices.leave()


@case('a daemon that was slow shows what is to be seen then')
def slow(world):
    daemon, notices = world.start()
    notices.show()
    daemon.wait_shown(1)
    daemon.daemon.stop()
    for number in range(2, 20):
        notices.show(waiting=number)
    notices.tick()
    daemon.daemon.go_on()
    daemon.wait_shown(2)
    last = daemon.wait_until_shown(lambda asked: asked['summary'] == '19 requests wait for you')
    equal(last['replaces'], 1)


@case('without a daemon nothing is shown, and nothing waits')
def no_daemon(world):
    notices = Notices(world, Bus(world).env)
    notices.show()
    notices.tick()
    notices.leave()


@case('without a session bus none is started')
def no_bus(world):
    folder = world.folder('bin')
    for name in ('dbus-launch', 'dbus-daemon'):
        with open(os.path.join(folder, name), 'w') as file:
            file.write(f'#!/bin/sh\necho started >{world.base}/launched\n')
        os.chmod(os.path.join(folder, name), 0o700)
    notices = Notices(world, {**world.env, 'PATH': folder, 'DISPLAY': ':99'})
    notices.show()
    notices.tick()
    notices.leave()
    equal(os.path.exists(os.path.join(world.base, 'launched')), False)


@case('a session bus that is not there, or that answers nothing, changes nothing else')
def bad_bus(world):
    path = os.path.join(world.base, 'mute')
    with socket.socket(socket.AF_UNIX) as mute_bus:
        mute_bus.bind(path)
        mute_bus.listen()
        for address in (f'unix:path={path}', f'unix:path={world.base}/none', 'nonsense'):
            notices = Notices(world, {**world.env, 'DBUS_SESSION_BUS_ADDRESS': address})
            notices.show()
            notices.tick()
            notices.leave()


@case('when the session bus ends the approver goes on')
def bus_ends(world):
    daemon, notices = world.start()
    notices.show()
    daemon.wait_shown(1)
    daemon.bus.daemon.end()
    notices.show(waiting=2)
    notices.tick()
    notices.leave()


sys.exit(tap.run(World))
