# SPDX-License-Identifier: MIT
"""Logins at a real OpenID provider: how they come to be, how they stay fresh, how they end."""

import tap
import oidcworld
from loginworld import LoginWorld
from tap import case, contains, equal

@case('a person logs in with a browser, and the tokens are secrets')
def logs_in(world):
    done, (status, _, page) = world.log_in()
    equal((done['ok'], done['secret'], done['refreshes'], done['expires_in']), (True, 'oauth2-token', True, 600))
    equal(status, 200)
    contains(page, 'You can close')
    login, = world.logins()
    equal((login['provider'], login['secret'], login['refreshes']), ('oauth2', 'oauth2-token', True))
    equal(world.provider.introspect(world.reveal('oauth2-token'))['active'], True)
    equal(world.provider.introspect(world.reveal('oauth2-token_refresh'))['active'], True)
    equal([record['provider'] for record in world.events('login_started') + world.events('login_done')], ['oauth2', 'oauth2'])


raise SystemExit(tap.run(LoginWorld))
