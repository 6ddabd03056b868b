# SPDX-License-Identifier: MIT
"""An approval that goes on in the person's browser: which page the desktop is asked to open, and the window beside it."""

import desktop
from bus import wait_until
from desktop import Pictured
from pictures_of import gtk
from played import Played, timestamp
from tap import Skip, case, equal

URL = ('https://github.com/login/oauth/authorize?response_type=code&client_id=Iv1.8a61f9b3a7aba766&redirect_uri='
       'http%3A%2F%2Flocalhost%3A9876%2Foauth%2Fcallback&scope=repo%20read%3Auser&state=Yk3v0mYQ1cJX9kq0e3sN2w&'
       'code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256')
NEVER = '2100-01-01T12:34:00.000Z'  # pictures have no time of day


class Page(Pictured):
    """The window beside the browser."""

    def __init__(self, world, title='Countersign: Log in to'):
        self.world = world
        self.window = world.screen.wait_window(title)
        application = world.a11y.application('countersign-approve')
        self.root = world.a11y.wait(application, None, lambda told: told.startswith(title))

    def button(self, name):
        return self.world.a11y.wait(self.root, 'button', lambda told: told.startswith(name))

    def says(self, part):
        wait_until(lambda: any(part in text for text in self.texts()), f'{part}, in {self.texts()}')
        return self

    def looks(self, name):
        if gtk() != (4, 8):
            raise Skip(f'the pictures are of GTK 4.8, and this is {gtk()}')
        self.window.wait_focused()
        self.compare(name)


def browse(approver, url=URL, request_id='r1', provider='github', **more):
    approver.tell('browse', request_id=request_id, provider=provider, url=url, expires_at=NEVER, **more)


def over(approver, ok=True, message='', request_id='r1'):
    approver.tell('browse_over', request_id=request_id, ok=ok, message=message)


@case('the desktop is asked to open the page, and the window shows all of its address', init=False)
def opens(world):
    approver = Played(world)
    browse(approver)
    page = Page(world).says('Your browser is asked to open it.').says(URL)
    equal(world.portal.wait_opened(1), [URL])
    page.looks('browse')
    page.button('Open it again').press()
    equal(world.portal.wait_opened(2), [URL, URL])
    over(approver, message='logged in at github; the access token is the secret github-token')
    page.says('github: logged in at github; the access token is the secret github-token').looks('browse-over')
    page.button('Close').press()
    page.window.wait_gone()


@case('the code of the device flow is large, in the dark and in German too', init=False, dark=True)
def code(world):
    approver = Played(world, language='de')
    browse(approver, 'https://github.com/login/device', user_code='WDJB-MJHT')
    page = Page(world, 'Countersign: Anmelden bei').says('WDJB-MJHT').says('Ihr Browser wird gebeten')
    page.looks('browse-code-dark-german')
    over(approver, False, 'der Code ist abgelaufen')
    page.says('github: nicht angemeldet: der Code ist abgelaufen').looks('browse-failed-dark-german')


@case('without a portal it says that the address has to be copied', init=False)
def no_portal(world):
    world.portal.end()
    approver = Played(world)
    browse(approver)
    page = Page(world).says('Nothing here could open it')
    page.button('Copy the address').press()
    page.says('The address is copied.')


@case('an address that is not to be opened is not, and says why', init=False)
def refused(world):
    approver = Played(world)
    for number, (url, why) in enumerate((('http://github.com/login', 'it is not https'), ('javascript:alert(1)', 'it names no host'),
                                         ('https://github.com@evil.example/', 'it names a user'))):
        browse(approver, url, f'r{number}')
        page = Page(world).says(f'the address is not opened: {why}')
        page.button('Close').press()
        page.window.wait_gone()
    browse(approver, request_id='r9')
    equal(world.portal.wait_opened(1), [URL])


@case('a login that fails before there is a page says why', init=False)
def no_page(world):
    approver = Played(world)
    over(approver, False, 'the provider does not answer')
    page = Page(world, 'Countersign: Not logged in').says('the provider does not answer')
    page.button('Close').press()
    page.window.wait_gone()
    equal(world.portal.pages, [])


@case('hostile words of a provider are shown escaped', init=False)
def hostile(world):
    approver = Played(world)
    browse(approver, 'https://login.example/' + 'a' * 4000, provider='<b>bank</b>\u202e', user_code='A\u202eB<b>\x1b[2J</b>\u200b')
    Page(world).says('\\u{202e}').says('a' * 4000).looks('browse-hostile')


@case('the window can be closed while the login goes on, and the same login opens no second one', init=False)
def closed(world):
    approver = Played(world)
    browse(approver)
    page = Page(world)
    page.window.wait_focused()
    world.screen.key('Escape')
    page.window.wait_gone()
    browse(approver)
    over(approver)
    browse(approver, request_id='r2', provider='okta')
    Page(world, 'Countersign: Log in to okta')
    equal(len([window for window in world.screen.windows() if 'Log in' in window.title]), 1)


if __name__ == '__main__':
    desktop.main()
