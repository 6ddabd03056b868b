# SPDX-License-Identifier: MIT
"""The conformance suites of the Model Context Protocol, run against conformance-fixture over HTTP.

Each suite has a fixture of its own, and all run at the same time: they mostly wait. A case is one scenario of one suite, and
holds when it is still there, when as many checks pass as is known of it, and when nothing else came of any.
"""

import json
import os
import re
import signal
import subprocess
import tempfile

import tap
from expected import SKIPS, SUITES
from lines import PATIENCE
from parties import node
from tap import case, equal

# Each of its scenarios is in one of the others: it is worth its time when there is time.
SUITES = {name: suite for name, suite in SUITES.items() if tap.LONG or name != 'all'}
HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = os.path.join(HERE, '..', 'node_modules')
GOOD = ('SUCCESS', 'INFO')
TOOK = re.compile(r'^server-(.*)-\d{4}-\d{2}-\d{2}T[\d-]+Z$')


class Suite:
    """One run of one suite, and the fixture that it runs against."""

    def __init__(self, folder, package, arguments):
        self.folder = folder
        self.log = open(os.path.join(folder, 'fixture'), 'w+', encoding='utf-8')
        self.fixture = subprocess.Popen([os.path.join(HERE, 'conformance-fixture'), '--http', '127.0.0.1:0'],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True)
        url = self.fixture.stdout.readline().strip()
        self.story = open(os.path.join(folder, 'suite'), 'w+', encoding='utf-8')
        self.process = subprocess.Popen([node(), os.path.join(PACKAGES, package, 'dist', 'index.js'), 'server', '--url', url,
                                         *arguments, '-o', os.path.join(folder, 'results')],
                                        stdin=subprocess.DEVNULL, stdout=self.story, stderr=self.story, cwd=folder)
        self.checks = None

    def results(self):
        """The checks of each scenario that was run."""
        if self.checks is None:
            self.process.wait(PATIENCE * 6)
            self.checks = {}
            for name in os.listdir(os.path.join(self.folder, 'results')):
                with open(os.path.join(self.folder, 'results', name, 'checks.json'), encoding='utf-8') as file:
                    self.checks[TOOK.match(name).group(1)] = json.load(file)
        return self.checks

    def end(self):
        """Ends the fixture; returns its exit status and what it complained of."""
        if self.fixture.poll() is None:
            self.fixture.send_signal(signal.SIGTERM)
        status = self.fixture.wait(PATIENCE)
        self.log.seek(0)
        return status, self.log.read()

    def close(self):
        for process in (self.process, self.fixture):
            if process.poll() is None:
                process.kill()
            process.wait()


class World:
    """Begins all suites when the first case comes; ends them after the last."""

    base = None
    suites = {}

    def __init__(self, **_):
        if World.base is None:
            node()  # or all is skipped
            World.base = tempfile.TemporaryDirectory(prefix='conformance-', dir='/var/tmp')
            for name, (package, arguments, _) in SUITES.items():
                folder = os.path.join(World.base.name, name.replace(' ', '-'))
                os.mkdir(folder)
                World.suites[name] = Suite(folder, package, arguments)

    @staticmethod
    def check():
        pass

    @staticmethod
    def story():
        return ''

    @staticmethod
    def close():
        pass


def run_scenario(suite, scenario, wanted):
    checks = World.suites[suite].results().get(scenario)
    assert checks, 'the suite does not run it any more'
    good = (*GOOD, 'SKIPPED') if scenario in SKIPS else GOOD
    for check in checks:
        if check['status'] not in good:
            raise AssertionError(f'{check["id"]} is {check["status"]}: {check.get("errorMessage")} {check.get("details")}')
    equal(sum(check['status'] == 'SUCCESS' for check in checks), wanted, 'checks that passed')


for _suite, (_, _, _scenarios) in SUITES.items():
    for _scenario, _wanted in _scenarios.items():
        case(f'{_suite}: {_scenario}')(lambda _, name=_suite, scenario=_scenario, wanted=_wanted: run_scenario(name, scenario, wanted))


@case('no suite has a scenario that is not known here')
def all_known(_):
    for name, (_, _, scenarios) in SUITES.items():
        equal(sorted(World.suites[name].results()), sorted(scenarios), name)


@case('the fixture ends when it is told, and no sanitizer complains of it')
def ends(_):
    for name, suite in World.suites.items():
        status, complained = suite.end()
        equal((status, complained), (0, ''), name)


status = tap.run(World)
for _suite in World.suites.values():
    _suite.close()
if World.base is not None:
    World.base.cleanup()
raise SystemExit(status)
