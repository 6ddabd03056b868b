# SPDX-License-Identifier: MIT
"""countersign mcp --http as it is, before the conformance suites: what they ask of any server, whatever its tools.

They have no option for a token: a proxy adds it.
"""

import json
import os

import tap
from callerworld import CallerWorld
from conformance import Suite
from parties import HERE, Child, node
from tap import case, equal

# What passes of each scenario. What is left out wants tools, prompts or resources of the suites' own.
PASSES = {
    '2025-11-25': {
        'completion-complete': 2, 'dns-rebinding-protection': 2, 'ping': 2, 'prompts-list': 2, 'resources-list': 2,
        'server-initialize': 3, 'server-session-lifecycle': 3, 'server-sse-multiple-streams': 1, 'tools-list': 3,
    },
    '2026-07-28': {
        'caching': 8, 'completion-complete': 2, 'dns-rebinding-protection': 2, 'http-header-validation': 14,
        'input-required-result-unsupported-methods': 2, 'input-required-result-validate-input': 3, 'prompts-list': 2,
        'resources-list': 2, 'sep-2164-resource-not-found': 4, 'server-sse-multiple-streams': 1, 'server-stateless': 24,
        'tasks-capability-negotiation': 3, 'tasks-dispatch-and-envelope': 4, 'tools-list': 4,
    },
}
# Checks within these that call a tool of the suites' own, or are about lists that change; ours do not.
WANTS_MORE = {
    'server-stateless': {
        'sep-2575-server-rejects-undeclared-capability': 'FAILURE',
        'sep-2575-missing-capability-http-400': 'FAILURE',
        'sep-2575-http-server-no-independent-requests-on-stream': 'FAILURE',
        'sep-2575-server-no-log-without-loglevel': 'FAILURE',
        'sep-2575-server-sends-prompts-list-changed-on-subscription': 'SKIPPED',
        'sep-2575-server-sends-tools-list-changed-on-subscription': 'SKIPPED',
    },
    'tasks-capability-negotiation': {
        'sep-2663-server-rejects-undeclared-client': 'FAILURE',
        'tasks-per-request-meta-opt-in': 'FAILURE',
    },
    'tasks-dispatch-and-envelope': {
        'tasks-server-directed-creation-no-hint': 'FAILURE',
        'sep-2663-legacy-task-param-ignored': 'FAILURE',
        'tasks-immediate-result-shortcut': 'FAILURE',
        'tasks-result-type-complete-on-non-task-responses': 'FAILURE',
        'sep-2663-durable-create-strong-consistency': 'FAILURE',
    },
}


class World:
    """One broker, one server and one proxy, for all cases."""

    real = None
    suites = {}

    def __init__(self, **_):
        if World.real is None:
            node()  # or all is skipped
            World.real = CallerWorld()
            World.begin(World.real)

    @staticmethod
    def begin(real):
        token = real.local()
        server = real.serve()
        proxy = Child(real, [node(), os.path.join(HERE, 'bearerproxy.mjs'), server.url], 'proxy')
        proxy.process.stdin.write(f'{token}\n'.encode())
        port = json.loads(proxy.process.stdout.readline())['port']
        for revision in PASSES:
            folder = os.path.join(real.base, revision)
            os.mkdir(folder)
            World.suites[revision] = Suite(folder, f'http://127.0.0.1:{port}/mcp', 'conformance-next', ['--requirements', revision])

    @staticmethod
    def end():
        for suite in World.suites.values():
            suite.close()
        if World.real is not None:
            World.real.close()

    def check(self):
        pass

    def story(self):
        return World.real.story()

    def close(self):
        pass


def register(revision, scenario, wanted):
    case(f'{revision}: {scenario}')(lambda world: world.suites[revision].expect(scenario, wanted, WANTS_MORE.get(scenario)))


for _revision, _scenarios in PASSES.items():
    for _scenario, _wanted in _scenarios.items():
        register(_revision, _scenario, _wanted)


@case('whatever it is asked, all that it says is of the schema of its version')
def schema(world):
    validated = 0
    for revision, suite in world.suites.items():
        for scenario, checks in suite.results().items():
            for check in checks:
                if check['id'] == 'wire-schema-valid':
                    equal(check['status'], 'SUCCESS', f'{revision}, {scenario}: {check.get("errorMessage")}')
                    validated += check['details']['messagesValidated']
    assert validated > 200, validated


@case('no program complains of it afterwards')
def quiet(world):
    World.real.check()


status = tap.run(World)
World.end()
raise SystemExit(status)
