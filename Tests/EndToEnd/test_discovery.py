"""R3 through the real binary: what the sign-in page answers to an address says which connections there are for it, and
nothing else. When an answer goes out is the unit tests' (WebTests): a clock of this machine shows nothing."""
import urllib.parse

import pytest

import harness

STAFF = 'members = [{ email = "alice@acme.example" }, { email = "sue@acme.example" }]'
OPEN = '\nemail_allowed_domains = ["acme.example"]\nsso_jit_provisioning = "ALL_ALLOWED"'
CLOSED = """email_allowed_domains = ["umbrella.example"]
members = [{ email = "uma@umbrella.example" }, { email = "usha@umbrella.example" }, { email = "both@several.example" }]"""

NOTHING = {
    "suspended, where strangers of the domain are offered a way in": "sue@acme.example",
    "suspended, where they are not": "usha@umbrella.example",
    "deleted": "dora@umbrella.example",
    "unknown, of a subdomain of one that is listed": "nobody@sub.acme.example",
    "unknown, of a domain that is listed by an organization that makes no members": "nobody@umbrella.example",
    "unknown, of a domain that nobody lists": "nobody@nowhere.example",
}


@pytest.fixture
def world(make_world):
    world = make_world(
        acme=STAFF + OPEN, umbrella=CLOSED, main='display_name = "Staff"\nemail_domains = ["acme.example"]',
        globex='members = [{ email = "both@several.example" }]', umbrella_own='display_name = "Partners"')
    gateway = world.gateway
    gateway.administer("members", "add", "--organization", "umbrella", "--email", "dora@umbrella.example")
    for status, organization, email in [
        ("suspend", "acme", "sue@acme.example"), ("suspend", "umbrella", "usha@umbrella.example"),
        ("delete", "umbrella", "dora@umbrella.example")]:
        gateway.administer("members", status, "--organization", organization, "--member", email)
    return world


def discover(world, email):
    return harness.Browser().request(
        "POST", world.external + "/.gateway/sign-in", [("email", email)], headers={"Origin": world.external})


def fields(page, *random):
    """Every field in its order; of those that have random values the length."""
    return [(name, len(value) if name in random else value) for name, value in page.headers.items()]


def test_nothing_to_offer_is_one_page_whatever_the_reason(world):
    before = world.counts()
    events = world.audit()
    pages = {reason: discover(world, email) for reason, email in NOTHING.items()}
    shapes = {(page.status, tuple(fields(page, "X-Request-Id")), page.body) for page in pages.values()}
    assert len(shapes) == 1, {reason: (page.status, fields(page)) for reason, page in pages.items()}
    page = pages.popitem()[1]
    assert page.status == 200 and "no sign-in for this address" in harness.text_of(page) and "Set-Cookie" not in page.headers
    assert world.counts() == before and world.audit() == events
    # It is a choice with nothing on it: the same fields as one that has something.
    choice = discover(world, "both@several.example")
    assert choice.status == 200 and "Continue with Staff" in choice.text and "Continue with Partners" in choice.text
    lengths = {"X-Request-Id", "Content-Length"}
    assert [(n, v) for n, v in choice.headers.items() if n not in lengths] == [
        (n, v) for n, v in page.headers.items() if n not in lengths]
    assert [n for n, _ in choice.headers.items()] == [n for n, _ in page.headers.items()]


def test_a_member_and_a_stranger_of_an_open_domain_start_alike(world):
    # Of one length: the address is handed on to the identity provider.
    member, stranger = discover(world, "alice@acme.example"), discover(world, "nobod@acme.example")
    random = ("X-Request-Id", "Location", "Set-Cookie")
    assert member.status == stranger.status == 303 and member.body == stranger.body == b""
    assert fields(member, *random) == fields(stranger, *random)

    def start(page):
        parts = urllib.parse.urlsplit(page.headers["Location"])
        query = urllib.parse.parse_qsl(parts.query)
        assert parts._replace(query="").geturl() == world.idp.origin + "/authorize"
        return [(n, len(v) if n in ("state", "nonce", "code_challenge", "login_hint") else v) for n, v in query]

    assert start(member) == start(stranger)
    # What is kept is a flow each, alike too.
    kept = world.query("SELECT purpose, LENGTH(payload) FROM one_time_records")
    assert len(kept) == 2 and kept[0] == kept[1]
