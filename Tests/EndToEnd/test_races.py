"""Things that happen at an awkward moment: a link that goes away under a sign-in, lost cookies, many tabs, double clicks and
the back button. Every decision is made again in the transaction that acts on it."""
import json
import threading
import urllib.parse

import pytest

import harness
from scripted import person

PEOPLE = 'members = [{ email = "alice@acme.example" }, { email = "bob@acme.example" }]'


@pytest.fixture(params=["oidc", "saml"])
def world(request, make_world):
    return make_world(request.param, acme=PEOPLE, globex=PEOPLE)


def location(page):
    return urllib.parse.urljoin(page.url, page.headers["Location"])


def to_hand_off(world, browser, organization, claims):
    """Up to the address of `finish`, which is not opened."""
    url, fields = world.answer(world.begin(browser, world.page(organization)), claims)
    until = world.page(organization, "/.gateway/finish")
    address = browser.open(url, until=until, data=fields)
    assert isinstance(address, str), harness.text_of(address)
    return address


# J8: the link goes away

@pytest.mark.parametrize("entry", ["page", "link"])
def test_between_start_and_callback(world, entry):
    browser, control = harness.Browser(), harness.Browser()
    starts = {"page": world.page("globex"), "link": world.external + "/v1/public/sso/start?connection_id=external-connection-test-1"}
    url, fields = world.answer(world.begin(control, starts[entry]), person("bob"))
    assert control.open(url, data=fields).status == 200
    url, fields = world.answer(world.begin(browser, starts[entry]), person("alice"))
    before = world.counts()
    world.reload(link=None)
    page = browser.open(url, data=fields)
    assert page.status in (403, 404), harness.text_of(page)
    assert world.counts() == before and not world.sees(browser, "globex")
    kind, decision = world.audit()[-1]
    assert kind == "sign_in" and decision in ("refused_connection_not_accepted", "refused_unknown_external_connection",
                                              "refused_external_connection_inactive")
    assert browser.cookie("auth.localhost", "gateway-sign-in") is None


def test_between_callback_and_hand_off(world):
    browser, control = harness.Browser(), harness.Browser()
    assert control.open(to_hand_off(world, control, "globex", person("bob"))).status == 200
    address = to_hand_off(world, browser, "globex", person("alice"))
    world.reload(link=None)
    before = world.counts()
    page = browser.open(address)
    assert page.status == 403
    assert world.counts() == before and not world.sees(browser, "globex")
    assert world.audit()[-1] == ("session_start", "refused_external_connection_inactive")


def test_between_the_two_halves_of_an_exchange(world):
    browser = world.signed_in(person("bob"))
    token = world.token(browser)
    handed = world.exchange(browser, "globex", token, follow=False)
    assert handed.status == 303
    world.reload(link=None)
    before = world.counts()
    page = browser.open(location(handed))
    assert page.status in (403, 400), harness.text_of(page)
    assert world.counts()["sessions"] == before["sessions"] and not world.sees(browser, "globex")
    assert world.sees(browser, "acme")
    assert world.exchange(browser, "globex", token).status == 403


def test_while_exchanges_run(world):
    """Whatever the order, nobody is left with a session that the link carried."""
    browsers = [world.signed_in(person("bob")) for _ in range(4)]
    tokens = [world.token(browser) for browser in browsers]
    assert world.exchange(browsers[0], "globex", tokens[0]).status == 200 and world.sees(browsers[0], "globex")
    begun, statuses = threading.Barrier(len(browsers) + 1), []

    def exchange(browser, token):
        begun.wait(harness.DEADLINE)
        for _ in range(5):
            statuses.append(world.exchange(browser, "globex", token).status)

    workers = [threading.Thread(target=exchange, args=pair, daemon=True) for pair in zip(browsers, tokens)]
    for worker in workers:
        worker.start()
    begun.wait(harness.DEADLINE)
    world.reload(link=None)
    for worker in workers:
        worker.join(harness.DEADLINE)
    assert len(statuses) == 20 and set(statuses) <= {200, 400, 403}
    assert not any(world.sees(browser, "globex") for browser in browsers)
    assert all(world.sees(browser, "acme") for browser in browsers)


# Cookies that are not there

def test_a_hand_off_to_a_host_without_a_flow_cookie_goes_back_once(world):
    """Landing chose the host: a start that names the connection's organization, and no page."""
    browser = harness.Browser()
    at_idp = browser.open(world.external + "/v1/public/sso/start?organization_id=globex", until=world.idp.origin)
    url, fields = world.answer(at_idp, person("bob"))
    address = browser.open(url, until=world.page("globex", "/.gateway/finish"), data=fields)
    assert browser.cookie(world.host("globex"), "gateway-flow") is None
    first = browser.request("GET", address)
    assert first.status == 302 and location(first).startswith(world.external + "/.gateway/sign-in")
    assert browser.cookie(world.host("globex"), "gateway-flow") and not browser.cookie(world.host("globex"), "gateway-session")
    assert browser.open(location(first)).status == 200 and world.sees(browser, "globex")
    # The code that had no browser yet is worth nothing any more, to anybody.
    assert browser.request("GET", address).status == 400 and harness.Browser().request("GET", address).status == 400


def test_a_browser_that_keeps_no_cookie_gets_a_page_and_no_loop(world):
    browser = harness.Browser()
    at_idp = browser.open(world.external + "/v1/public/sso/start?organization_id=globex", until=world.idp.origin)
    url, fields = world.answer(at_idp, person("bob"))
    address = browser.open(url, until=world.page("globex", "/.gateway/finish"), data=fields)
    for _ in range(10):
        browser.cookies.pop(world.host("globex"), None)
        page = browser.request("GET", address)
        if page.status != 302:
            break
        address = location(page)
    assert page.status == 400 and "cookie" in harness.text_of(page)
    assert not world.sees(browser, "globex")


# Signing out

@pytest.mark.parametrize("then", ["acme", "globex"])
def test_after_a_sign_out_no_visit_signs_in_silently(world, then):
    """Not on the host of the sign-out, and not on another one, whose cookie knows nothing of it."""
    browser = world.signed_in(person("bob"))
    control = world.signed_in(person("bob"))
    token = json.loads(browser.request("GET", world.page("acme", "/.gateway/session")).body)["csrf_token"]
    signed_out = browser.request("POST", world.page("acme", "/.gateway/sign-out"), [("csrf_token", token)])
    assert browser.open(location(signed_out)).status == 200
    before = world.counts()
    page = browser.open(world.page(then), until=world.idp.origin)
    assert not isinstance(page, str) and "Continue with" in harness.text_of(page)
    assert world.counts() == before
    assert control.open(world.page(then), until=world.idp.origin).status == 200, "the control visits without a step"
    # One step, and the next visit is as silent as before.
    link = page.text.split('href="')[1].split('"')[0].replace("&amp;", "&").replace("&#x3D;", "=")
    url, fields = world.answer(world.begin(browser, world.external + link), person("bob"))
    assert browser.open(url, data=fields).status == 200
    other = "globex" if then == "acme" else "acme"
    assert browser.open(world.page(other), until=world.idp.origin).status == 200


def test_a_link_to_the_page_after_signing_out_signs_nobody_out(world):
    browser = world.signed_in(person("bob"))
    assert browser.request("GET", world.external + "/.gateway/signed-out").status == 200
    assert world.switcher(browser).status == 200
    assert browser.open(world.page("globex"), until=world.idp.origin).status == 200


def test_a_hand_off_that_is_opened_after_the_sign_out_makes_no_session(world):
    browser = harness.Browser()
    address = to_hand_off(world, browser, "acme", person("bob"))
    elsewhere = browser.open(world.page("globex"))
    assert elsewhere.status == 200
    token = json.loads(browser.request("GET", world.page("globex", "/.gateway/session")).body)["csrf_token"]
    browser.request("POST", world.page("globex", "/.gateway/sign-out"), [("csrf_token", token)])
    before = world.counts()
    assert browser.request("GET", address).status == 400
    assert world.counts() == before and not world.sees(browser, "acme")


# Tabs (H11)

@pytest.mark.parametrize("tabs", [2, 10])
def test_many_tabs_share_their_cookies_and_each_gets_to_its_page(world, tabs):
    browser = harness.Browser()
    at_idp = [world.begin(browser, world.page("acme", f"/{tab}")) for tab in range(tabs)]
    answers = [world.answer(address, person("bob")) for address in at_idp]
    for tab in [*range(1, tabs), 0]:  # the oldest last
        url, fields = answers[tab]
        page = browser.open(url, data=fields)
        assert page.status == 200 and page.json()["path"] == f"/{tab}"
    for host, jar in browser.cookies.items():
        own = {name: value for name, value in jar.items() if name.startswith("gateway-")}
        assert len(own) <= 2 and all(len(value) <= 64 for value in own.values()), host
    assert {name for jar in browser.cookies.values() for name in jar} == {"gateway-flow", "gateway-session", "gateway-sign-in"}
    assert world.query("SELECT COUNT(*) FROM sessions") == [(1,)], "one session a host, whatever the number of tabs"


def test_tabs_at_once(world):
    """Ten visits of a signed-in browser to another organization, all at the same time."""
    browser = world.signed_in(person("bob"))
    pages, begun = [], threading.Barrier(10)

    def visit():
        tab = harness.Browser()
        tab.cookies = {host: dict(jar) for host, jar in browser.cookies.items()}
        begun.wait(harness.DEADLINE)
        pages.append(tab.open(world.page("globex"), until=world.idp.origin))

    workers = [threading.Thread(target=visit, daemon=True) for _ in range(10)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(harness.DEADLINE)
    assert len(pages) == 10 and all(not isinstance(page, str) and page.status == 200 for page in pages)
    assert world.query("SELECT COUNT(*) FROM members") == [(4,)]


# Twice

def test_a_double_clicked_callback_signs_in_once(world):
    browser = harness.Browser()
    url, fields = world.answer(world.begin(browser, world.page("acme", "/x")), person("bob"))
    pages, begun = [], threading.Barrier(2)

    def click():
        tab = harness.Browser()
        tab.cookies = {host: dict(jar) for host, jar in browser.cookies.items()}
        begun.wait(harness.DEADLINE)
        pages.append((tab.open(url, data=fields), tab))

    workers = [threading.Thread(target=click, daemon=True) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(harness.DEADLINE)
    statuses = sorted(page.status for page, _ in pages)
    assert statuses == [200, 400]
    assert world.query("SELECT COUNT(*) FROM sessions") == [(1,)] and world.query("SELECT COUNT(*) FROM sign_in_records") == [(1,)]
    late = next(page for page, _ in pages if page.status == 400)
    assert "Please start again" in harness.text_of(late)


def test_a_double_clicked_exchange_makes_one_member(make_world):
    world = make_world(acme=PEOPLE, globex='sso_jit_provisioning = "ALL_ALLOWED"', link="jit = true")
    browser = world.signed_in(person("alice"))
    token, pages, begun = world.token(browser), [], threading.Barrier(2)

    def click():
        begun.wait(harness.DEADLINE)
        pages.append(world.exchange(browser, "globex", token, follow=False))

    workers = [threading.Thread(target=click, daemon=True) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(harness.DEADLINE)
    assert [page.status for page in pages] == [303, 303]
    assert world.query("SELECT COUNT(*) FROM members") == [(3,)]
    assert all(browser.open(location(page)).status == 200 for page in pages)


def test_the_back_button_does_no_harm(world):
    browser = harness.Browser()
    url, fields = world.answer(world.begin(browser, world.page("acme", "/x")), person("bob"))
    callback = browser.open(url, until=world.page("acme", "/.gateway/finish"), data=fields)
    assert browser.open(callback).status == 200
    before = world.counts()
    for address, data in [(url, fields), (callback, None)]:
        page = browser.open(address, data=data)
        assert page.status == 400 and "Please start again" in harness.text_of(page)
    assert world.counts() == before
    assert world.sees(browser, "acme"), "the session goes on"
    # Back to the switcher after an exchange: the form is still good, and leads to the same place.
    token = world.token(browser)
    assert world.exchange(browser, "globex", token).status == 200
    assert world.exchange(browser, "globex", token).status == 200
