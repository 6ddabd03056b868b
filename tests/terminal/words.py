# SPDX-License-Identifier: MIT
"""What the command takes is what its help, its manual page and its completions say."""

import os
import re
import shutil
import subprocess
import tempfile

import pexpect

import scripted_broker
import tap
from scripted_broker import PATIENCE
from tap import Skip, case, contains, equal

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'data')
COMPLETIONS = {shell: os.path.join(DATA, 'completions', name)
               for shell, name in (('bash', 'countersign.bash'), ('zsh', '_countersign'), ('fish', 'countersign.fish'))}


class World:
    def check(self):
        pass

    def story(self):
        return ''

    def close(self):
        pass


def run(*argv, **options):
    return subprocess.run(argv, text=True, capture_output=True, timeout=PATIENCE, check=False,
                          stdin=subprocess.DEVNULL, **options)


def countersign(*arguments):
    return run(scripted_broker.PROGRAM, *arguments)


def commands():
    """The commands' names, from the help."""
    text = countersign('--help').stdout
    listed = text[text.index('Commands:'):text.index('Options of every')]
    return re.findall(r'^  ([a-z][a-z-]*(?: [a-z-]+)?)  +\S', listed, re.MULTILINE)


def options(command):
    """All options of a command, from its help."""
    result = countersign(*command.split(), '--help')
    equal((result.returncode, result.stderr), (0, ''), command)
    return set(re.findall(r'(--[a-z][a-z-]*)', result.stdout))


def text_of(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def common():
    return {'--json', '--socket', '--state-dir', '--pin-fd', '--passphrase-fd', '--help', '--version'}


def everything():
    """Each command with its own options. mcp is another program, with a page of its own."""
    return [(command, sorted(options(command) - common())) for command in commands() if command != 'mcp']


@case('each command has a line in the help, and a help of its own')
def helps(world):
    assert len(commands()) >= 22, commands()
    for command in commands():
        if command != 'mcp':
            assert common() <= options(command), command


@case('the manual page has each command and each option')
def manual(world):
    page = re.sub(r'\\-', '-', text_of(os.path.join(DATA, 'man', 'countersign.1')))
    flags = set(re.findall(r'Fl -?([a-z][a-z-]*)', page))
    for command, own in everything():
        words = command.split()
        assert re.search(rf'Cm (?:\w+ \| )*(?:{words[0]} )?(?:\w+ \| )*{words[-1]}\b', page), command
        for option in own:
            assert option[2:] in flags, f'{command} {option}'
    for option in common():
        assert option[2:] in flags, option


@case('the manual page has no command and no option that is none')
def manual_only(world):
    page = text_of(os.path.join(DATA, 'man', 'countersign.1'))
    known = {option[2:] for _, own in everything() for option in own} | {option[2:] for option in common()} | {'h', 'i', 'n', 'o'}
    equal(set(re.findall(r'Fl -?([a-z][a-z-]*)', page)) - known, set())


@case('each completion has each command and each option')
def completions(world):
    for shell, path in COMPLETIONS.items():
        text = text_of(path)
        for command, own in everything():
            for word in command.split():
                assert re.search(rf'\b{word}\b', text), (shell, command)
            for option in own:
                form = rf'-l {option[2:]}\b' if shell == 'fish' else rf'{option}\b'
                assert re.search(form, text), (shell, command, option)


def bash(line, **options):
    """What bash offers for the last word of @line."""
    words = line.split(' ')
    script = f'''source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _countersign; printf '%s\\n' "${{COMPREPLY[@]}}"'''
    result = run('bash', '-c', script, 'bash', COMPLETIONS['bash'], *words, **options)
    equal(result.stderr, '')
    return result.stdout.split()


@case('bash completes commands, groups, options and files')
def in_bash(world):
    equal(bash('countersign se'), ['serve', 'secret', 'service'])
    equal(bash('countersign --json --state-dir /tmp sec'), ['secret'])
    equal(bash('countersign rules '), ['rm'])
    equal(sorted(bash('countersign secret ')), ['generate', 'list', 'mv', 'rm', 'set', 'show'])
    equal(bash('countersign secret generate --ch'), ['--characters'])
    equal(bash('countersign secret generate --characters h'), ['hex'])
    equal(bash('countersign secret set NAME --fi'), ['--file'])
    equal(bash('countersign secret set --file /etc/hostn'), ['/etc/hostname'])
    equal(bash('countersign approve --s'), ['--scope', '--socket', '--state-dir'])
    equal(bash('countersign policy check /etc/hostn'), ['/etc/hostname'])
    equal(bash('countersign service add --'), ['--credential', '--base', '--network', '--as', '--json', '--socket', '--state-dir', '--pin-fd',
                                               '--passphrase-fd', '--help', '--version'])
    equal(bash('countersign run --env-file /etc/hostn'), ['/etc/hostname'])
    contains(bash('countersign run --secret x prin'), 'printf')
    contains(bash('countersign run -- prin'), 'printf')
    equal(bash('countersign run -- cat /etc/hostn'), ['/etc/hostname'])
    equal(bash('countersign run -- ls --js'), [])
    equal(bash('countersign lock '), [])
    equal(bash('countersign deny --pin'), ['--pin-fd'])


def presets(folder):
    """An environment in which countersign is the one that is tried, and has two presets."""
    os.makedirs(os.path.join(folder, 'services'))
    for name in ('github', 'gitlab'):
        with open(os.path.join(folder, 'services', f'{name}.conf'), 'w', encoding='utf-8') as file:
            file.write(f'service {name}\nbase https://{name}.example\nplace none\nscope read GET /**\n')
    os.symlink(scripted_broker.PROGRAM, os.path.join(folder, 'countersign'))
    return {'HOME': folder, 'TEST_DATA': folder, 'PATH': f'{folder}:{os.environ["PATH"]}', 'LANG': 'C.UTF-8'}


@case('the names of presets are completed')
def preset_names(world):
    with tempfile.TemporaryDirectory() as folder:
        env = presets(folder)
        equal(bash('countersign service add git', env=env), ['github', 'gitlab'])
        if shutil.which('fish') is not None:
            result = run('fish', '--no-config', '-c', 'source $argv[1]; complete -C "$argv[2]"', COMPLETIONS['fish'],
                         'countersign service add git', env=env)
            equal([offer.split('\t')[0] for offer in result.stdout.splitlines()], ['github', 'gitlab'])


@case('bash completes all that the help lists')
def all_in_bash(world):
    for command, own in everything():
        *group, last = command.split()
        contains(bash(' '.join(['countersign', *group, ''])), last)
        for option in own:
            contains(bash(f'countersign {command} {option}'), option)


def need(shell):
    if shutil.which(shell) is None:
        raise Skip(f'no {shell}')


@case('fish completes all that the help lists')
def all_in_fish(world):
    need('fish')
    with tempfile.TemporaryDirectory() as home:
        def fish(line):
            result = run('fish', '--no-config', '-c', 'source $argv[1]; complete -C "$argv[2]"', COMPLETIONS['fish'], line,
                         env={'HOME': home, 'PATH': os.environ['PATH']})
            equal(result.stderr, '')
            return [offer.split('\t')[0] for offer in result.stdout.splitlines()]
        for command, own in everything():
            *group, last = command.split()
            contains(fish(' '.join(['countersign', *group, ''])), last)
            for option in own:
                contains(fish(f'countersign {command} {option}'), option)


@case('zsh completes commands, groups and options')
def in_zsh(world):
    need('zsh')
    with tempfile.TemporaryDirectory() as home:
        child = pexpect.spawn('zsh', ['-f', '-i'], encoding='utf-8', timeout=PATIENCE, dimensions=(50, 200),
                              env={**presets(home), 'TERM': 'dumb', 'ZDOTDIR': home})
        child.sendline(f'PS1="zsh% "; fpath=({os.path.dirname(COMPLETIONS["zsh"])} $fpath); autoload -Uz compinit; '
                       'compinit -u -D; echo re""ady')
        child.expect_exact('ready')
        # Typed, completed, and printed instead of run.
        for typed, whole in (('sec', 'secret'), ('secret gen', 'secret generate'), ('approve --sco', 'approve --scope'),
                             ('--json policy app', '--json policy apply'), ('service li', 'service list'), ('service add githu', 'service add github'), ('secret generate --characters=h',
                                                                            'secret generate --characters=hex')):
            child.send(f'countersign {typed}\t')
            child.expect_exact(f'countersign {typed}')
            child.send('\x01echo "<\x05>"\n')
            child.expect(r'<countersign ([^>\r\n]*)>[ \r]*\n')
            while '"' in child.match.group(0) or 'echo' in child.match.group(0):
                child.expect(r'<countersign ([^>\r\n]*)>[ \r]*\n')
            equal(child.match.group(1).strip(), whole, typed)
        child.close(force=True)


if __name__ == '__main__':
    scripted_broker.World = World
    scripted_broker.main()
