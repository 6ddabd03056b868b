# SPDX-License-Identifier: MIT
"""AWS's own client, which asks countersign for credentials (credential_process), while a person answers."""

import datetime
import json
import os
import subprocess

import parties
import tap
from cloudworld import CloudWorld
from fakests import ROLE
from lines import PATIENCE
from tap import case, contains, equal


class Tool:
    """Node with @aws-sdk/client-sts, and a profile whose credentials come from countersign."""

    def __init__(self, world, *options):
        config, home = world.folder('aws'), os.path.dirname(os.path.abspath(parties.__file__))
        command = ' '.join([world.program('countersign'), 'aws-credentials', '--role', ROLE, *options])
        path = os.path.join(config, 'config')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'[profile deploy]\nregion = eu-west-1\ncredential_process = {command}\n')
        env = {**world.env, 'PATH': '/usr/bin:/bin', 'AWS_PROFILE': 'deploy', 'AWS_CONFIG_FILE': path,
               'AWS_SHARED_CREDENTIALS_FILE': os.path.join(config, 'none'), 'AWS_EC2_METADATA_DISABLED': 'true'}
        self.human = world.human(pin=True)
        self.human.call('subscribe')
        self.process = subprocess.Popen([parties.node(), os.path.join(home, 'awsprofile.mjs')], env=env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, cwd=world.base)

    def request(self):
        """What came before the person, whole."""
        return self.human.hear('held')

    def told(self):
        return json.loads(self.process.communicate(timeout=PATIENCE)[0])


@case('AWS\'s own client has the credentials that a person granted, and knows when they end')
def granted(world):
    tool = Tool(world, '--provider', 'aws', '--scope', '"s3:GetObject arn:aws:s3:::b/*"', '--duration', '20m', '--purpose', 'deploy')
    request = tool.request()
    card = json.loads(request['card'])
    equal((card['operation'], card['scopes'], card['purpose']), ('aws_credentials', ['s3:GetObject arn:aws:s3:::b/*'], 'deploy'))
    equal(card['requester']['via'], 'countersign')
    world.grant(request['request_id'], duration=1200)
    told = tool.told()
    about, = world.sts.issued
    given = about['credential']
    equal((told['accessKeyId'], told['secretAccessKey'], told['sessionToken']),
          (given['AccessKeyId'], given['SecretAccessKey'], given['SessionToken']), told)
    equal(datetime.datetime.fromisoformat(told['expiration'].replace('Z', '+00:00')),
          datetime.datetime.fromisoformat(given['Expiration'].replace('Z', '+00:00')))
    equal(about['policy']['Statement'][0]['Action'], ['s3:GetObject'])


@case('a denial is an error of the client, which asks in a second way before it gives up; nothing is issued')
def denied(world):
    tool = Tool(world, '--provider', 'aws')
    for _ in range(2):
        world.human(pin=True).decide(tool.request(), 'deny', reason='not today')
    contains(tool.told()['error'], 'CredentialsProviderError')
    equal((world.sts.issued, world.human(pin=True).pending()), ([], []))


raise SystemExit(tap.run(CloudWorld))
