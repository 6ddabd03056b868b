# SPDX-License-Identifier: MIT
"""The conformance suites of the Model Context Protocol, run against conformance-fixture over HTTP.

Each suite has a fixture of its own, and all run at the same time: they mostly wait. A case is one scenario of one suite, and
holds when it is still there, when as many checks pass as is known of it, and when nothing else came of any.
"""

import os
import signal
import subprocess
import tempfile

import tap
from conformance import Suite
from expected import SKIPS, SUITES
from lines import PATIENCE
from parties import node
from tap import case, equal

# Each of its scenarios is in one of the others: it is worth its time when there is time.
SUITES = {name: suite for name, suite in SUITES.items() if tap.LONG or name != 'all'}
HERE = os.path.dirname(os.path.abspath(__file__))


class Fixture:
    """A fixture, and the suite that asks it."""

    def __init__(self, folder, package, arguments):
        self.log = open(os.path.join(folder, 'fixture'), 'w+', encoding='utf-8')
        self.process = subprocess.Popen([os.path.join(HERE, 'conformance-fixture'), '--http', '127.0.0.1:0'],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.suite = Suite(folder, self.process.stdout.readline().strip(), package, arguments)

    def end(self):
        """Its exit status, and what it complained of."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE)
        self.log.seek(0)
        return status, self.log.read()

    def close(self):
        self.suite.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


class World:
    """Begins all suites when the first case comes."""

    base = None
    fixtures = {}

    def __init__(self, **_):
        if World.base is None:
            node()  # or all is skipped
            World.base = tempfile.TemporaryDirectory(prefix='conformance-', dir='/var/tmp')
            for name, (package, arguments, _) in SUITES.items():
                folder = os.path.join(World.base.name, name)
                os.mkdir(folder)
                World.fixtures[name] = Fixture(folder, package, arguments)

    @staticmethod
    def suite(name):
        return World.fixtures[name].suite

    @staticmethod
    def end():
        for fixture in World.fixtures.values():
            fixture.close()
        if World.base is not None:
            World.base.cleanup()

    def check(self):
        pass

    def story(self):
        return ''

    def close(self):
        pass


def register(suite, scenario, wanted):
    skips = {'*': 'SKIPPED'} if scenario in SKIPS else {}
    case(f'{suite}: {scenario}')(lambda world: world.suite(suite).expect(scenario, wanted, skips))


for _name, (_, _, _scenarios) in SUITES.items():
    for _scenario, _wanted in _scenarios.items():
        register(_name, _scenario, _wanted)


@case('no suite has a scenario that is not known here')
def all_known(world):
    for name, (_, _, scenarios) in SUITES.items():
        equal(sorted(world.suite(name).results()), sorted(scenarios), name)


@case('the fixture ends when it is told, and no sanitizer complains of it')
def ends(_):
    for name, fixture in World.fixtures.items():
        equal(fixture.end(), (0, ''), name)


status = tap.run(World)
World.end()
raise SystemExit(status)
