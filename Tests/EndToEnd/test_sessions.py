"""A person's own sign-ins: the list, ending one, the others or all, and what a form may not end."""
import json

import pytest

import harness
from scripted import person

MEMBERS = 'members = [{ email = "alice@acme.example" }, { email = "bob@acme.example" }]'


@pytest.fixture
def world(make_world):
    return make_world(acme=MEMBERS, globex='members = [{ email = "bob@acme.example" }]')


def page_of(world, browser):
    page = browser.request("GET", world.external + "/.gateway/sessions")
    assert page.status == 200, harness.text_of(page)
    return page


def forms_of(page):
    return [form for form in page.forms if form["action"] == "/.gateway/sessions"]


def end(world, browser, form, button, headers=None, **over):
    data = [(n, over.get(n, v)) for n, v, _ in form["fields"]] + [button]
    return browser.request("POST", world.external + "/.gateway/sessions", data, headers={"Origin": world.external, **(headers or {})})


def test_the_list_groups_sessions_by_browser_and_shows_nobody_elses(world):
    here, there, other = world.signed_in(person("bob")), world.signed_in(person("bob")), world.signed_in(person("alice"))
    assert world.exchange(here, "globex").status == 200
    text = harness.text_of(page_of(world, here))
    assert text.count("This browser") == 1 and text.count("Another browser") == 1
    mine = text.split("This browser")[1].split("Another browser")[0]
    assert "Acme acme.wiki.localhost" in mine and "Globex globex.wiki.localhost" in mine and "just now" in mine
    assert "Globex" not in text.split("Another browser")[1]
    assert "alice" not in text and "bob" not in harness.text_of(page_of(world, other))
    assert harness.text_of(page_of(world, there)).count("This browser") == 1


def test_ending_another_browser_ends_its_sessions_and_its_sign_in(world):
    here, there = world.signed_in(person("bob")), world.signed_in(person("bob"))
    page = page_of(world, here)
    form = forms_of(page)[1]
    assert form["buttons"][0][0] == "device"
    assert end(world, here, form, form["buttons"][0]).status == 303
    assert world.sees(here, "acme") and not world.sees(there, "acme")
    # With the sign-in alive the next visit would be silent.
    assert isinstance(world.begin(there, world.page("acme")), str)
    assert world.audit()[-1] == ("sessions_ended", "device")


def test_ending_all_others_leaves_this_one(world):
    here, *others = [world.signed_in(person("bob")) for _ in range(4)]
    form = forms_of(page_of(world, here))[-1]
    assert [button[0] for button in form["buttons"]] == ["others", "everywhere"]
    assert end(world, here, form, ("others", "1")).headers["Location"] == world.external + "/.gateway/sessions"
    assert world.sees(here, "acme") and not any(world.sees(other, "acme") for other in others)
    text = harness.text_of(page_of(world, here))
    assert "Another browser" not in text and "everywhere else" not in text
    assert world.audit()[-1] == ("sessions_ended", "others")


def test_ending_everywhere_ends_this_one_too_and_the_next_visit_asks(world):
    here, there, alice = world.signed_in(person("bob")), world.signed_in(person("bob")), world.signed_in(person("alice"))
    form = forms_of(page_of(world, here))[-1]
    ended = end(world, here, form, ("everywhere", "1"))
    assert ended.headers["Location"] == world.external + "/.gateway/signed-out"
    assert here.open(ended.headers["Location"]).status == 200
    assert here.cookie("auth.localhost", "gateway-sign-in") is None
    assert not world.sees(here, "acme") and not world.sees(there, "acme") and world.sees(alice, "acme")
    page = here.open(world.page("globex"), until=world.idp.origin)
    assert not isinstance(page, str) and "Continue with" in harness.text_of(page), "no silent sign-in after a sign-out"


def test_a_form_ends_nothing_of_anybody_else_and_nothing_without_its_token(world):
    alice, bob = world.signed_in(person("alice")), world.signed_in(person("bob"))
    forms = forms_of(page_of(world, alice))
    foreign = forms_of(page_of(world, bob))[0]["buttons"][0]
    assert foreign[0] == "device"
    assert end(world, alice, forms[0], foreign).status == 303  # as if there were no such device
    for form, button, change in [
        (forms[-1], ("everywhere", "1"), {"csrf_token": "A" * 43}),
        (forms[-1], ("everywhere", "1"), {"headers": {"Origin": "http://evil.example"}}),
        (forms_of(page_of(world, bob))[-1], ("everywhere", "1"), {}),
        (forms[-1], ("nothing", "1"), {}),
    ]:
        assert end(world, alice, form, button, **change).status == 400
    both = [(n, v) for n, v, _ in forms[-1]["fields"]] + [("others", "1"), ("everywhere", "1")]
    assert alice.request("POST", world.external + "/.gateway/sessions", both).status == 400
    assert world.sees(alice, "acme") and world.sees(bob, "acme")
    assert end(world, alice, forms[-1], ("everywhere", "1")).status == 303
    assert not world.sees(alice, "acme") and world.sees(bob, "acme")


def test_a_new_sign_in_renews_every_token_and_takes_over_what_was_there(world):
    bob = world.signed_in(person("bob"))
    before = (bob.cookie("auth.localhost", "gateway-sign-in"), bob.cookie(world.host("acme"), "gateway-session"))
    at_idp = bob.open(world.external + "/v1/public/sso/start?organization_id=acme", until=world.idp.origin)
    url, fields = world.answer(at_idp, person("bob"))
    assert bob.open(url, data=fields).status == 200
    after = (bob.cookie("auth.localhost", "gateway-sign-in"), bob.cookie(world.host("acme"), "gateway-session"))
    assert None not in before + after and not set(before) & set(after)
    stale = harness.Browser()
    stale.cookies = {"auth.localhost": {"gateway-sign-in": before[0]}, world.host("acme"): {"gateway-session": before[1]}}
    assert not world.sees(stale, "acme")
    assert stale.request("GET", world.external + "/.gateway/sessions").status == 302
    assert harness.text_of(page_of(world, bob)).count("browser") == 1


def test_idle_and_absolute_limits_hold_on_the_pages_of_the_sign_in_host(make_world):
    world = make_world(acme=MEMBERS, session='[session]\nidle_timeout = "10m"\nlifetime = "1h"\n')
    for column, minutes in [("last_seen_at", 11), ("expires_at", 61)]:
        bob = world.signed_in(person("bob"))
        token = world.token(bob)
        world.gateway.stop()  # writes the uses that it has noted, and forgets what it has cached
        for table in ["sign_in_records", "sessions"]:
            world.change(f"UPDATE {table} SET {column} = {column} - {minutes} * 60000")
        world.gateway.start()
        for path in ["/.gateway/organizations", "/.gateway/sessions"]:
            assert bob.request("GET", world.external + path).status == 302, (column, path)
        page = world.exchange(bob, "acme", token)
        assert page.status == 400
        assert not world.sees(bob, "acme")
        at_idp = world.begin(bob, world.page("acme"))
        assert isinstance(at_idp, str), harness.text_of(at_idp)


def test_the_session_page_says_this_session_and_nothing_else(world):
    bob = world.signed_in(person("bob"))
    assert world.exchange(bob, "globex").status == 200
    info = json.loads(bob.request("GET", world.page("acme", "/.gateway/session")).body)
    assert info["organization"]["slug"] == "acme" and "globex" not in json.dumps(info).lower()
