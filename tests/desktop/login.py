# SPDX-License-Identifier: MIT
"""An agent's login, approved in the dialog: the desktop opens the provider's page, and a real one says that it is over."""

import desktop
import oidcworld
from bus import wait_until
from desktop import Dialog
from loginworld import LoginWorld
from tap import case, equal

ASK = {'provider': 'oauth2', 'scopes': ['openid', 'read'], 'secret_name': 'agents-token', 'purpose': 'read the list'}


class World(LoginWorld, desktop.World):
    """A desktop on this machine, and a provider."""

    def apply(self):
        self.files['policy.conf'] = 'ask any max 1h confirm click\n'
        LoginWorld.apply(self)


def says(root, part):
    wait_until(lambda: any(part in text for text in root.texts()), f'{part}, in {root.texts()}')


@case('what was approved in the dialog opens by the portal, and the window beside it tells the end')
def approved(world):
    agent = world.agent()
    call = agent.start('start_oauth_flow', ASK)
    agent.held(call)
    dialog = Dialog(world)
    says(dialog, 'wants you to log in at oauth2')
    dialog.wait_armed()
    read = world.a11y.wait(dialog.root, 'checkbox', lambda told: told == 'read')
    dialog.window.click(read)
    wait_until(lambda: 'checked' not in read.states, 'the scope to be taken away')
    dialog.button('Grant').press()
    url, = world.portal.wait_opened(1)
    window = world.screen.wait_window('Countersign: Log in to oauth2')
    oidcworld.visit(oidcworld.Person().log_in(url))
    answer = agent.answer(call)
    equal((answer['status'], answer['result']['scope']), ('completed', 'openid'), answer)
    page = world.a11y.wait(world.a11y.application('countersign-approve'), None, lambda told: told.startswith('Countersign: Log in'))
    says(page, 'agents-token')
    world.a11y.wait(page, 'button', lambda told: told.startswith('Close')).press()
    window.wait_gone()


if __name__ == '__main__':
    desktop.World = World
    desktop.main()
