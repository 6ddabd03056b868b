# SPDX-License-Identifier: MIT
"""One run of a conformance suite of the Model Context Protocol, and what came of it."""

import json
import os
import re
import subprocess

from lines import PATIENCE
from parties import HERE, node
from tap import equal

PACKAGES = os.path.join(HERE, '..', 'node_modules')
GOOD = ('SUCCESS', 'INFO')
TOOK = re.compile(r'^server-(.*)-\d{4}-\d{2}-\d{2}T[\d-]+Z$')


class Suite:
    """A run in a folder of its own, which is there already."""

    def __init__(self, folder, url, package, arguments):
        self.folder = folder
        self.log = open(os.path.join(folder, 'suite'), 'w', encoding='utf-8')
        self.process = subprocess.Popen([node(), os.path.join(PACKAGES, package, 'dist', 'index.js'), 'server', '--url', url,
                                         *arguments, '-o', os.path.join(folder, 'results')],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=folder)
        self.checks = None

    def results(self):
        """The checks of each scenario that was run."""
        if self.checks is None:
            self.process.wait(PATIENCE * 6)
            if not os.path.isdir(os.path.join(self.folder, 'results')):
                with open(self.log.name, encoding='utf-8') as said:
                    raise AssertionError(f'the suite did not run: {said.read()[-2000:]}')
            self.checks = {}
            for name in os.listdir(os.path.join(self.folder, 'results')):
                with open(os.path.join(self.folder, 'results', name, 'checks.json'), encoding='utf-8') as file:
                    self.checks[TOOK.match(name).group(1)] = json.load(file)
        return self.checks

    def expect(self, scenario, wanted, allowed=None):
        """So many checks of it pass; no other has another status than allowed says: {its id, or '*': the status}."""
        checks = self.results().get(scenario)
        allowed = allowed or {}
        assert checks, 'the suite does not run it any more'
        for check in checks:
            if check['status'] not in (*GOOD, allowed.get(check['id'], allowed.get('*'))):
                raise AssertionError(f'{check["id"]} is {check["status"]}: {check.get("errorMessage")} {check.get("details")}')
        equal(sum(check['status'] == 'SUCCESS' for check in checks), wanted, 'checks that passed')

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()
