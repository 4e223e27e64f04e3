"""R8 in a running gateway: whatever ends a right ends it within a second, for the next request, for what is in
flight, and for the silent exchange; and nobody else notices. Through a reload, and through the store from a second
process."""
import contextlib
import http.client
import json
import signal
import socket
import threading
import time

import pytest

import harness
import small_world as small

LIMIT = 1.0  # seconds, from the contract (R8)

EDIT_ROUTE = """
[[role]]
name = "editor"

[[route]]
host     = "{{organization}}.edit.localhost"
upstream = ["http://127.0.0.1:{port}"]
require_roles = ["editor"]
"""

ORGANIZATIONS = """
[[organization]]
slug = "acme"
name = "Acme"
members = [{ email = "alice@acme.example", roles = ["editor"] }]

[[organization]]
slug = "globex"
name = "Globex"
members = [{ email = "bob@acme.example" }]
"""

LINK = small.LINK + 'roles = ["editor"]\n'


class World(small.SmallWorld):
    """Alice is in Acme, which owns the connection; Bob is in Globex, which borrows it."""

    def configuration(self, organizations=ORGANIZATIONS, link=LINK, more=""):
        return super().configuration(organizations, link, EDIT_ROUTE.format(port=self.application.port) + more)


@pytest.fixture
def world(tmp_path, application):
    tmp_path.chmod(0o700)
    running = World(tmp_path, application)
    running.streams = []
    yield running
    for stream in running.streams:  # a stop would wait for the responses that go on
        stream.hang_up()
    running.stop()


class Stream(threading.Thread):
    """A response that goes on for ever, and when it was cut."""

    def __init__(self, world, browser, host):
        super().__init__(daemon=True)
        cookie = "; ".join(f"{k}={v}" for k, v in browser.cookies[host].items())
        self.connection = socket.create_connection(("127.0.0.1", world.gateway.port))
        self.connection.sendall(
            f"GET /stream HTTP/1.1\r\nHost: {host}:{world.gateway.port}\r\nCookie: {cookie}\r\n\r\n".encode())
        self.connection.settimeout(harness.DEADLINE)
        self.received = self.connection.recv(65536)
        while self.received.count(b"chunk") < 3:
            self.received += self.connection.recv(65536)
        assert self.received.startswith(b"HTTP/1.1 200 "), self.received[:200]
        self.cut_at = None
        world.streams.append(self)
        self.start()

    def hang_up(self):
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def run(self):
        last = b""
        try:
            while data := self.connection.recv(65536):
                last = data
        except ConnectionResetError:
            pass
        self.cut_at = time.monotonic()
        self.ended_as_if_complete = last.endswith(b"0\r\n\r\n")


CUT = 0


def status(world, browser, host, path="/probe"):
    """What a script is answered; `CUT` when its own answer was in flight as the right to it ended."""
    address = f"http://{host}:{world.gateway.port}{path}"
    try:
        return browser.request("GET", address, headers={"Accept": "application/json"}).status
    except (http.client.HTTPException, ConnectionError):
        return CUT


def form_token(world, browser):
    """Of the forms on the host of external_url."""
    page = browser.request("GET", world.external + "/.gateway/sessions")
    return next(value for form in page.forms for name, value, _ in form["fields"] if name == "csrf_token")


def reload_with(**changes):
    def act(world):
        world.write(world.configuration(**changes))
        world.gateway.signal(signal.SIGHUP)
        world.gateway.wait_for("configuration reloaded")
    return act


def command(*arguments):
    return lambda world: world.gateway.administer(*arguments)


OF_BOB = ("--organization", "globex", "--member", "bob@acme.example")
WITHOUT_GLOBEX = ORGANIZATIONS[:ORGANIZATIONS.rindex("[[organization]]")]

# What ends it, who does it, whether the owner's own people are in it too, what the gateway answers then.
ENDINGS = {
    "link leaves the file": (reload_with(link=""), False, 401),
    "member leaves the file": (
        reload_with(organizations=ORGANIZATIONS.replace('members = [{ email = "bob@acme.example" }]', "")), False, 401),
    "role rule leaves the file": (reload_with(link=small.LINK), False, 403),
    "link severed": (command("external-connections", "sever", "globex-link"), False, 401),
    "link severed by the owner": (
        command("external-connections", "sever", "globex-link", "--as-administrator-of", "acme"), False, 401),
    "link disabled": (command("external-connections", "disable", "globex-link"), False, 401),
    "connection disabled": (command("connections", "disable", "acme-idp"), True, 401),
    "borrower suspended": (command("organizations", "suspend", "globex"), False, 401),
    "owner suspended": (command("organizations", "suspend", "acme"), True, 401),
    "member suspended": (command("members", "suspend", *OF_BOB), False, 401),
    "member unlinked": (command("members", "unlink", *OF_BOB, "--connection", "acme-idp"), False, 401),
    "sessions revoked": (command("sessions", "revoke", *OF_BOB), False, 401),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ending_reaches_everything_within_a_second_and_nobody_else(world, ending):
    act, reaches_the_owner, refused = ENDINGS[ending]
    application = "edit" if refused == 403 else "wiki"
    his, hers = f"globex.{application}.localhost", f"acme.{application}.localhost"
    bob = world.sign_in("bob", "globex")
    alice = world.sign_in("alice", "acme")
    for browser, host in [(bob, his), (alice, hers)]:
        assert browser.open(f"http://{host}:{world.gateway.port}/").status == 200  # by the silent exchange, where it is new
        assert status(world, browser, host) == 200
    streams = {host: Stream(world, browser, host) for browser, host in [(bob, his), (alice, hers)]}

    token = form_token(world, bob)

    act(world)
    changed = time.monotonic()

    while status(world, bob, his) == 200:
        assert time.monotonic() < changed + harness.DEADLINE, "the next request is still served"
    assert time.monotonic() - changed <= LIMIT
    before = len(world.application.requests)
    assert status(world, bob, his, "/after") == refused
    # By its path: a probe whose answer was cut may still be on its way through the application.
    assert not [r for r in world.application.requests[before:] if r["path"] == "/after"]

    streams[his].join(harness.DEADLINE)
    assert streams[his].cut_at is not None, "the stream goes on"
    assert streams[his].cut_at - changed <= LIMIT
    assert not streams[his].ended_as_if_complete, "a cut response must not look like a whole one"

    # Alice notices nothing, unless it is hers too.
    if reaches_the_owner:
        assert status(world, alice, hers) == 401
        streams[hers].join(harness.DEADLINE)
        assert streams[hers].cut_at - changed <= LIMIT
    else:
        assert status(world, alice, hers) == 200
        assert streams[hers].is_alive(), "the stream of somebody else was cut"

    # A visit exchanges nothing: it asks for a new sign-in, or says no. (Who was only unlinked is linked again, R2.)
    if ending == "member unlinked":
        return
    if refused == 401:
        form = [("organization_id", "globex"), ("csrf_token", token)]
        page = bob.request("POST", world.external + "/.gateway/exchange", form, headers={"Origin": world.external})
        assert page.status >= 400 or "/.gateway/sign-in" in page.headers["Location"], page.headers["Location"]
    page = bob.open(f"http://{his}:{world.gateway.port}/visit", until=world.idp_origin)
    assert isinstance(page, str) or page.status >= 400
    assert not [r for r in world.application.requests[before:] if r["path"] == "/visit"]


@pytest.mark.parametrize("everywhere", [False, True])
def test_a_sign_out_ends_what_it_says(world, everywhere):
    here, there = world.sign_in("bob", "globex"), world.sign_in("bob", "globex")
    alice = world.sign_in("alice", "acme")
    host = world.host("globex")
    streams = [Stream(world, here, host), Stream(world, there, host), Stream(world, alice, world.host("acme"))]
    token = json.loads(here.request("GET", world.page("globex", "/.gateway/session")).body)["csrf_token"]
    kept = harness.Browser()
    kept.cookies[host] = dict(here.cookies[host])
    form = [("csrf_token", token)] + ([("everywhere", "1")] if everywhere else [])
    assert here.request("POST", world.page("globex", "/.gateway/sign-out"), form).status == 303
    changed = time.monotonic()
    assert status(world, kept, host) == 401
    assert status(world, there, host) == (401 if everywhere else 200)
    assert status(world, alice, world.host("acme")) == 200
    for stream, is_cut in zip(streams, [True, everywhere, False]):
        if is_cut:
            stream.join(harness.DEADLINE)
            assert stream.cut_at - changed <= LIMIT
        else:
            assert stream.is_alive()


def test_what_was_ended_by_a_rule_is_recorded_with_the_rule(world):
    bob = world.sign_in("bob", "globex")
    assert status(world, bob, world.host("globex")) == 200
    world.gateway.administer("external-connections", "sever", "globex-link")
    while status(world, bob, world.host("globex")) == 200:
        pass
    while world.gateway.wait_for("audit")["kind"] != "session_end":
        pass
    ended = [event for event in world.gateway.audit() if event["kind"] == "session_end"]
    assert [(e["decision"], e["member"]) for e in ended] == [("refused_external_connection_inactive", "bob@acme.example")]


def test_what_comes_back_lets_in_again_and_what_was_severed_does_not(world):
    gateway = world.gateway
    for off, on in [
        (("external-connections", "disable", "globex-link"), ("external-connections", "enable", "globex-link")),
        (("connections", "disable", "acme-idp"), ("connections", "enable", "acme-idp")),
        (("organizations", "suspend", "globex"), ("organizations", "reactivate", "globex")),
        (("members", "suspend", *OF_BOB), ("members", "reactivate", *OF_BOB)),
    ]:
        bob = world.sign_in("bob", "globex")
        gateway.administer(*off)
        until = time.monotonic() + LIMIT
        while status(world, bob, world.host("globex")) == 200:
            assert time.monotonic() < until
        gateway.administer(*on)
        world.sign_in("bob", "globex")
    gateway.administer("external-connections", "sever", "globex-link")
    # Run-time state survives a reload and a restart.
    reload_with(more="# read again\n")(world)
    assert gateway.stop() == 0
    gateway.start()
    page = harness.Browser().open(world.page("globex"), until=world.idp_origin)
    assert not isinstance(page, str) and page.status == 403
    done = gateway.command("external-connections", "enable", "globex-link", "--config", str(gateway.configuration))
    assert done.returncode == 1 and "R10: " in done.stderr
