"""The switcher, the exchange and visits without a visible step (R5), through the real binary. Refusals are judged by
what they leave behind: nothing at the application, no session, no member, and a reason in the audit trail."""
import base64
import json

import pytest

import harness
import scripted
from scripted import person

MEMBERS = 'members = [{ email = "alice@acme.example" }, { email = "bob@acme.example" }]'
GLOBEX = 'members = [{ email = "bob@acme.example", roles = ["editor"] }]'
JOINABLE = 'sso_jit_provisioning = "ALL_ALLOWED"'


@pytest.fixture
def world(make_world):
    return make_world(acme=MEMBERS, globex=GLOBEX, main='email_domains = ["acme.example"]\nroles = ["viewer"]')


def claims_of(seen):
    payload = seen["x-gateway-assertion"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def test_the_switcher_shows_what_the_sign_in_reaches_and_nothing_else(world):
    bob = world.signed_in(person("bob"))
    text = harness.text_of(world.switcher(bob))
    assert "bob@acme.example" in text and "You are here Acme" in text and "Go to Globex" in text
    assert "Umbrella" not in text and "Join" not in text
    alice = world.signed_in(person("alice"))
    text = harness.text_of(world.switcher(alice))
    assert "no other organization" in text and "Globex" not in text and "Umbrella" not in text
    stranger = harness.Browser().request("GET", world.external + "/.gateway/organizations")
    assert (stranger.status, stranger.headers["Location"]) == (302, "/.gateway/sign-in")


def test_an_exchange_keeps_sign_in_time_and_limit_and_works_roles_out_afresh(world):
    bob = world.signed_in(person("bob"))
    first = world.sees(bob, "acme")
    page = world.exchange(bob, "globex")
    assert page.status == 200, harness.text_of(page)
    second = world.sees(bob, "globex")
    assert (first["x-gateway-roles"], second["x-gateway-roles"]) == ("viewer", "editor")
    assert claims_of(first)["auth_time"] == claims_of(second)["auth_time"]
    rows = world.query("SELECT host, evidence, expires_at, sign_in_hash FROM sessions ORDER BY host")
    assert [row[0] for row in rows] == [world.host("acme"), world.host("globex")]
    assert rows[0][1:] == rows[1][1:], "evidence, absolute limit or sign-in differ"
    assert world.sees(bob, "acme"), "the first session goes on"
    assert ("exchange", "admitted_linked") in world.audit()
    # The record's place follows, and the way back is one click too.
    assert "You are here Globex" in harness.text_of(world.switcher(bob))
    acme_id, = world.query("SELECT id FROM organizations WHERE slug = 'acme'")[0]
    assert world.exchange(bob, acme_id).status == 200, "by id"


def test_joining_takes_one_click_and_makes_one_member(make_world):
    world = make_world(acme=MEMBERS, globex=JOINABLE, link="jit = true")
    alice = world.signed_in(person("alice"))
    assert "Join Globex" in harness.text_of(world.switcher(alice))
    before = world.counts()
    assert before["members"] == 2
    assert world.exchange(alice, "globex").status == 200
    assert world.sees(alice, "globex")["x-gateway-email"] == "alice@acme.example"
    after = world.counts()
    assert (after["members"], after["sessions"]) == (3, before["sessions"] + 1)
    assert ("exchange", "admitted_provisioned") in world.audit()


def rule_refusals(world):
    """(organization, what happens first, label in the audit trail, sentence of the page)"""
    nowhere = "does not lead there"

    def suspend():
        world.change("UPDATE members SET status = 'suspended' WHERE email = 'bob@acme.example' AND organization_id ="
                     " (SELECT id FROM organizations WHERE slug = 'globex')")

    return [
        ("nobody", lambda: None, "unknown_organization", nowhere),
        ("umbrella", lambda: None, "connection_not_accepted", nowhere),
        ("globex", suspend, "member_suspended", "not allowed into this organization"),
        ("globex", lambda: world.reload(link=None), "external_connection_inactive", nowhere),
    ]


@pytest.mark.parametrize("row", range(4))
def test_what_the_rules_refuse_leaves_everything_as_it_was(world, row):
    organization, prepare, label, sentence = rule_refusals(world)[row]
    bob = world.signed_in(person("bob"))
    token = world.token(bob)
    prepare()
    before = world.counts()
    page = world.exchange(bob, organization, token)
    assert page.status == 403 and sentence in harness.text_of(page), harness.text_of(page)
    assert world.counts() == before
    assert world.audit()[-1] == ("exchange", "refused_" + label)
    world.gateway.wait_until_logged(label)
    # The control: the sign-in itself goes on, and back into its own organization.
    assert world.exchange(bob, "acme", token).status == 200


def test_an_organization_that_does_not_exist_looks_like_one_that_is_closed(world):
    bob = world.signed_in(person("bob"))

    def shape(organization):
        page = world.exchange(bob, organization)
        return page.status, harness.text_of(page).split("If you ask for help")[0]

    assert shape("umbrella") == shape("nobody") == shape("x" * 4000) == shape("nul\0l") == shape("ümläut")


FORGERIES = {
    "without a token": dict(token=" "),
    "with a made-up token": dict(token="A" * 43),
    "from another site": dict(headers={"Origin": "http://evil.example"}),
    "from a page without an origin": dict(headers={"Origin": "null"}),
    "from a tenant's page": dict(headers={"Origin": "tenant"}),
    "with the token of a tenant's session": dict(token="session"),
    "with another person's token": dict(token="other"),
    "without the sign-in cookie": dict(cookie=None),
    "with somebody's session cookie for the sign-in cookie": dict(cookie="session"),
    "without an organization": dict(organization=""),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_form_that_is_not_ours_exchanges_nothing(world, forgery):
    change = dict(FORGERIES[forgery])
    bob = world.signed_in(person("bob"))
    token = change.pop("token", None) or world.token(bob)
    if token == "session":
        token = json.loads(bob.request("GET", world.page("acme", "/.gateway/session")).body)["csrf_token"]
    if token == "other":
        token = world.token(world.signed_in(person("alice")))
    headers = change.pop("headers", {})
    if headers.get("Origin") == "tenant":
        headers = {"Origin": world.page("acme", "")}
    if "cookie" in change:
        jar = bob.cookies["auth.localhost"]
        session = bob.cookie(world.host("acme"), "gateway-session")
        jar["gateway-sign-in"] = session if change["cookie"] else "x"
    before = world.counts()
    page = world.exchange(bob, change.get("organization", "globex"), token, headers=headers)
    assert page.status in (400, 403), page.status
    assert world.counts() == before
    assert not world.sees(bob, "globex")


def test_a_get_and_other_hosts_exchange_nothing(world):
    bob = world.signed_in(person("bob"))
    token = world.token(bob)
    before = world.counts()
    query = f"?organization_id=globex&csrf_token={token}"
    page = bob.request("GET", world.external + "/.gateway/exchange" + query)
    assert (page.status, page.headers["Location"]) == (302, "/.gateway/organizations")
    for path in ["/.gateway/organizations", "/.gateway/exchange", "/.gateway/sessions"]:
        elsewhere = bob.request("GET", world.page("acme", path + query))
        assert (elsewhere.status, elsewhere.headers["Location"]) == (302, world.external + path + query)
        posted = bob.request("POST", world.page("acme", path), [("organization_id", "globex"), ("csrf_token", token)])
        assert posted.status == 404
    assert world.counts() == before
    assert world.exchange(bob, "globex").status == 200


def test_a_visit_goes_through_without_a_visible_step_where_the_person_is_a_member(world):
    bob = world.signed_in(person("bob"))
    page = bob.open(world.page("globex", "/a?b=c"), until=(world.idp.origin, world.other_idp.origin))
    assert not isinstance(page, str) and page.status == 200
    assert page.json()["path"] == "/a?b=c"
    assert world.sees(bob, "globex")["x-gateway-organization"] == "globex"
    assert ("exchange", "admitted_linked") in world.audit()


def test_a_visit_that_would_make_a_member_asks_for_a_click_and_keeps_the_page(make_world):
    world = make_world(acme=MEMBERS, globex=JOINABLE, link="jit = true")
    alice = world.signed_in(person("alice"))
    before = world.counts()
    page = alice.open(world.page("globex", "/a?b=c"), until=world.idp.origin)
    assert not isinstance(page, str) and page.status == 200 and "Join this organization?" in harness.text_of(page)
    assert world.counts() == before
    assert world.audit()[-1] == ("exchange", "refused_provisioning_needs_click")
    form, = page.forms
    joined = alice.submit(page, form, button=form["buttons"][0])
    assert joined.status == 303
    landed = alice.open(joined.headers["Location"])
    assert landed.status == 200 and landed.json()["path"] == "/a?b=c"
    assert world.counts()["members"] == before["members"] + 1
    # Without the click nothing would have happened, however often the page is opened.
    again = alice.open(world.page("globex", "/a?b=c"))
    assert again.status == 200 and world.counts()["members"] == before["members"] + 1


def test_a_visit_that_this_sign_in_does_not_reach_says_so_and_offers_another(make_world):
    world = make_world(
        acme=MEMBERS, umbrella='members = [{ email = "uma@umbrella.example" }]', umbrella_own='display_name = "Umbrella staff"')
    alice = world.signed_in(person("alice"))
    before = world.counts()
    for _ in range(2):  # a page, not a loop
        page = alice.open(world.page("umbrella", "/x"), until=(world.idp.origin, world.other_idp.origin))
        assert not isinstance(page, str) and page.status == 403
    text = harness.text_of(page)
    assert "This needs another sign-in" in text and "alice@acme.example" in text and "Continue with Umbrella staff" in text
    assert world.counts() == before and world.audit()[-1] == ("exchange", "refused_connection_not_accepted")
    link = page.text.split('href="')[1].split('"')[0].replace("&amp;", "&").replace("&#x3D;", "=")
    at_idp = world.begin(alice, world.external + link)
    assert at_idp.startswith(world.other_idp.origin)
    url, fields = world.answer(at_idp, person("uma", "uma@umbrella.example"))
    landed = alice.open(url, data=fields)
    assert landed.status == 200 and landed.json()["path"] == "/x"
    # One sign-in a browser: the other organization's session goes on, and ends with it.
    assert world.sees(alice, "acme") and world.sees(alice, "umbrella")
    token = json.loads(alice.request("GET", world.page("umbrella", "/.gateway/session")).body)["csrf_token"]
    assert alice.request("POST", world.page("umbrella", "/.gateway/sign-out"), [("csrf_token", token)]).status == 303
    assert not world.sees(alice, "acme") and not world.sees(alice, "umbrella")


def test_a_member_whom_only_another_sign_in_lets_in_is_told_so(make_world):
    world = make_world(acme=MEMBERS, globex=GLOBEX)
    other = world.other_idp.connection("globex-own", "globex")
    world.reload(more=other)
    bob = world.signed_in(person("bob"))
    assert world.exchange(bob, "globex").status == 200  # known there by subject from now on
    assert world.exchange(bob, "acme").status == 200
    world.reload(link=None)
    text = harness.text_of(world.switcher(bob))
    assert "Sign in for Globex" in text and "Go to" not in text
    # To somebody who only has the address of a member there, the organization does not exist.
    alice = world.signed_in(person("alice"))
    world.change("UPDATE members SET email = 'alice@acme.example' WHERE organization_id ="
                 " (SELECT id FROM organizations WHERE slug = 'globex')")
    assert "Globex" not in harness.text_of(world.switcher(alice))
    link = [part.split('"')[0] for part in world.switcher(bob).text.split('href="') if "Sign in for" in part][0]
    page = bob.open(world.external + link.replace("&amp;", "&").replace("&#x3D;", "="), until=world.other_idp.origin)
    assert not isinstance(page, str) and "Continue with globex-own" in harness.text_of(page)
