# SPDX-License-Identifier: MIT
"""run.py [--list] SOURCE BUILD [NAME…]: runs meson's tests and counts their cases."""

import fnmatch
import json
import os
import re
import subprocess
import sys

import stage

RESULT = re.compile(r'^(ok|not ok)\b\s*\d*\s*(?:- )?(.*?)(?:\s+#\s*(SKIP|TODO)\b\S*\s*(.*))?$', re.IGNORECASE)
PLAN = re.compile(r'^1\.\.(\d+)(?:\s*#\s*SKIP\S*\s*(.*))?$', re.IGNORECASE)


def select(build, patterns):
    """Names of the tests whose name, or one of whose suites, fits one of the patterns."""
    with open(os.path.join(build, 'meson-info', 'intro-tests.json')) as file:
        tests = json.load(file)
    names = []
    for test in tests:
        words = [test['name'], *(suite.split(':')[-1] for suite in test['suite'])]
        if not patterns or any(fnmatch.fnmatch(word, p) for word in words for p in patterns):
            names.append(test['name'])
    return names


def cases(test):
    """(verdict, sentence, reason) for each case that a test told of."""
    output = test.get('stdout') or ''
    planned, told = None, []
    for line in output.splitlines():
        plan, result = PLAN.match(line), RESULT.match(line)
        if plan:
            planned = int(plan.group(1))
            if planned == 0:
                told.append(('skipped', 'all of it', plan.group(2) or 'no reason given'))
        elif result:
            directive = (result.group(3) or '').upper()
            verdict = 'failed' if result.group(1) == 'not ok' else \
                'skipped' if directive == 'SKIP' else 'passed'
            told.append((verdict, result.group(2).strip(), result.group(4) or ''))
    ended_well = test['result'] in ('OK', 'SKIP')
    if planned is None:
        return [('passed' if ended_well else 'failed', 'ends well', test['result'])]
    if not ended_well and not any(verdict == 'failed' for verdict, _, _ in told):
        # Killed, timed out, or fewer cases than were announced: what it did not say counts as failed.
        told.append(('failed', 'ends well', f'{test["result"]}, status {test["returncode"]}'))
    return told


def report(log):
    """Prints failures with their output, and each skip with its reason; returns the counts."""
    counts = {'passed': 0, 'failed': 0, 'skipped': 0}
    for test in log:
        found = cases(test)
        for verdict, sentence, reason in found:
            counts[verdict] += 1
            if verdict != 'passed':
                print(f'{verdict.upper()}: {test["name"]}: {sentence}{": " if reason else ""}{reason}')
        if any(verdict == 'failed' for verdict, _, _ in found):
            for stream in ('stdout', 'stderr'):
                for line in (test.get(stream) or '').splitlines():
                    print(f'    {line}')
    return counts


def main():
    arguments = sys.argv[1:]
    listing = '--list' in arguments
    source, build, *patterns = [a for a in arguments if a != '--list']
    names = select(build, patterns)
    if listing:
        print('\n'.join(names))
        return 0
    if not names:
        print(f'no test is called {" or ".join(patterns) or "anything"}', file=sys.stderr)
        return 2
    staged = stage.update(source, build)
    stage.npm(source, staged)
    log_path = os.path.join(build, 'meson-logs', 'testlog.json')
    if os.path.exists(log_path):
        os.unlink(log_path)
    # Two for each core: half of what they do is wait, for a person, a clock or an answer. So each may take twice its time;
    # with full counts they take as long as they take.
    at_once = str(2 * len(os.sched_getaffinity(0)))
    patience = '20' if os.environ.get('COUNTERSIGN_LONG') else '2'
    subprocess.run(['meson', 'test', '-C', build, '--no-rebuild', '--num-processes', at_once, '--timeout-multiplier', patience,
                    *names], check=False, stdin=subprocess.DEVNULL)
    with open(log_path) as file:
        counts = report([json.loads(line) for line in file if line.strip()])
    print(f'{counts["passed"]} passed, {counts["failed"]} failed, {counts["skipped"]} skipped', flush=True)
    return 0 if counts['failed'] == 0 and counts['passed'] > 0 else 1


sys.exit(main())
