"""Administration by command beside a running gateway: each act is decided by the rules, recorded, and seen by the
gateway; each error is one sentence."""
import json
import sqlite3
import time

import pytest

import harness
import small_world as small

OF_BOB = ("--organization", "globex", "--member", "bob@acme.example")
BY_GLOBEX, BY_ACME = ("--as-administrator-of", "globex"), ("--as-administrator-of", "acme")


def refused(gateway, *arguments):
    """The sentence with which a command refuses."""
    done = gateway.command(*arguments, "--config", str(gateway.configuration))
    assert done.returncode == 1 and done.stdout == "", done
    return done.stderr


def rows(gateway, *arguments):
    return [json.loads(line) for line in gateway.administer(*arguments, "--json").splitlines()]


def last(gateway, kind):
    return [event for event in gateway.audit() if event["kind"] == kind][-1]


def can_sign_in(world, user, organization):
    """Whether a whole new sign-in leads to the application."""
    browser = harness.Browser()
    page = browser.open(world.page(organization), until=world.idp_origin)
    if not isinstance(page, str):
        return False
    return browser.open(world.callback_address(browser, user, world.page(organization))).status == 200


def test_a_link_needs_the_owners_consent_unless_the_operator_makes_it(small_world):
    gateway = small_world.gateway
    gateway.administer("external-connections", "sever", "globex-link")
    assert not can_sign_in(small_world, "bob", "globex")
    request = ("external-connections", "request", "--organization", "globex", "--connection", "acme-idp")
    said = gateway.administer(*request, "--name", "again", "--email-domains", "acme.example", *BY_GLOBEX)
    assert said.startswith("again: pending approval by the owner")
    assert not can_sign_in(small_world, "bob", "globex")
    event = last(gateway, "external_connection")
    assert (event["decision"], event["detail"]["actor"]) == ("link_becomes_pendingApproval", "administrator of globex")
    # The borrower can't approve its own request, and a second one is refused.
    assert "R10: " in refused(gateway, "external-connections", "approve", "again", *BY_GLOBEX)
    assert last(gateway, "external_connection")["decision"] == "refused_actor_not_allowed"
    assert "R10: " in refused(gateway, *request, "--name", "twice", *BY_GLOBEX)
    assert "R10: " in refused(gateway, *request, "--name", "by-stranger", *BY_ACME)
    assert gateway.administer("external-connections", "approve", "again", *BY_ACME) == "again: active\n"
    assert can_sign_in(small_world, "bob", "globex")
    states = {row["name"]: (row["state"], row["file"]) for row in rows(gateway, "external-connections", "list")}
    assert states == {"globex-link": ("severed", "declared"), "again": ("active", "")}
    # The owner ends it; and the operator needs nobody's consent.
    assert gateway.administer("external-connections", "sever", "again", *BY_ACME) == "again: severed\n"
    assert not can_sign_in(small_world, "bob", "globex")
    assert gateway.administer(*request, "--name", "third", "--as", "operator").startswith("third: active")
    assert can_sign_in(small_world, "bob", "globex")


def test_another_issuer_waits_for_each_borrower(small_world):
    """The connection is one that the file does not declare."""
    gateway = small_world.gateway
    assert "declares the connection" in refused(gateway, "connections", "set-issuer", "acme-idp", "https://other.example", *BY_ACME)
    with sqlite3.connect(small_world.folder / "gateway.db") as database:
        database.execute("UPDATE connections SET declared = 'never'")
    assert "may act in that organization alone" in refused(
        gateway, "connections", "set-issuer", "acme-idp", "https://other.example", *BY_GLOBEX)
    assert "speaks OIDC" in refused(gateway, "connections", "set-idp-entity-id", "acme-idp", "https://other.example")
    assert can_sign_in(small_world, "bob", "globex")
    issuer = small_world.idp_origin.replace("127.0.0.1", "localhost")
    said = gateway.administer("connections", "set-issuer", "acme-idp", issuer, *BY_ACME)
    assert "to be confirmed by their borrowers: globex-link" in said
    assert not can_sign_in(small_world, "bob", "globex")
    assert "R10: " in refused(gateway, "external-connections", "confirm", "globex-link", *BY_ACME)
    assert "R10: " in refused(gateway, "external-connections", "enable", "globex-link", *BY_GLOBEX)
    assert gateway.administer("external-connections", "confirm", "globex-link", *BY_GLOBEX) == "globex-link: active\n"
    event = last(gateway, "connection")
    assert event["detail"]["actor"] == "administrator of acme" and "pendingConfirmation" in event["reasons"][0]


def test_members_are_added_linked_suspended_and_given_roles(small_world):
    gateway = small_world.gateway
    assert not can_sign_in(small_world, "alice", "globex")
    assert gateway.administer("members", "add", "--organization", "globex", "--email", "alice@acme.example", *BY_GLOBEX).startswith(
        "alice@acme.example: added")
    assert can_sign_in(small_world, "alice", "globex")
    of_alice = ("--organization", "globex", "--member", "alice@acme.example")
    listed = {row["email"]: row for row in rows(gateway, "members", "list", "--organization", "globex")}
    assert listed["alice@acme.example"]["linked"] == "acme-idp" and listed["bob@acme.example"]["file"] == "declared"
    # An administrator of the borrower, whom an address must not link.
    gateway.administer("members", "unlink", *of_alice, "--connection", "acme-idp")
    gateway.administer("members", "assign-roles", *of_alice, "--roles", "stytch_admin")
    assert not can_sign_in(small_world, "alice", "globex")
    assert last(gateway, "sign_in")["decision"] == "refused_roles_exceed_ceiling"
    subject = last(gateway, "sign_in")["detail"]["subject"]
    gateway.administer("members", "link", *of_alice, "--connection", "acme-idp", "--subject", subject, *BY_GLOBEX)
    assert can_sign_in(small_world, "alice", "globex")
    gateway.administer("members", "delete", *of_alice)
    assert not can_sign_in(small_world, "alice", "globex")
    assert last(gateway, "sign_in")["decision"] == "refused_member_deleted"
    gateway.administer("members", "reactivate", *of_alice)
    assert can_sign_in(small_world, "alice", "globex")


def test_sessions_are_listed_and_one_or_all_revoked(small_world):
    gateway = small_world.gateway
    browsers = [small_world.sign_in("bob", "globex") for _ in range(3)]
    listed = rows(gateway, "sessions", "list", *OF_BOB)
    assert len(listed) == 3 and {row["host"] for row in listed} == {small_world.host("globex")}
    assert gateway.administer("sessions", "revoke", *OF_BOB, "--session", listed[0]["id"]).endswith("1 session revoked\n")
    left = sum(small_world.is_signed_in(browser, "globex") for browser in browsers)
    until = time.monotonic() + 1
    while left != 2 and time.monotonic() < until:
        left = sum(small_world.is_signed_in(browser, "globex") for browser in browsers)
    assert left == 2
    assert gateway.administer("sessions", "revoke", *OF_BOB).endswith("2 sessions revoked\n")
    assert last(gateway, "session_revoked")["detail"]["sessions"] == "2"
    assert rows(gateway, "sessions", "list", *OF_BOB) == []


def test_keys_are_rotated_and_the_running_gateway_publishes_the_next_one(small_world):
    gateway = small_world.gateway

    def published():
        page = harness.Browser().request("GET", small_world.external + "/.well-known/jwks.json")
        return {key["kid"] for key in json.loads(page.body)["keys"]}

    before = published()
    assert len(before) == 1
    assert "signs from" in gateway.administer("keys", "rotate")
    until = time.monotonic() + harness.DEADLINE
    while len(published()) != 2 and time.monotonic() < until:
        pass
    assert before < published() and len(published()) == 2
    assert "under way" in gateway.administer("keys", "rotate")


@pytest.mark.parametrize("arguments, sentence", [
    (["connections", "delete", "acme-idp"], "disabling it is the way"),
    (["organizations", "delete", "globex"], "suspending it is the way"),
    (["members", "delete", *OF_BOB], "suspending it is the way"),
    (["members", "assign-roles", *OF_BOB, "--roles", "stytch_admin"], "change it there and reload"),
    (["organizations", "suspend", "acme", *BY_ACME], "may act in that organization alone"),
    (["members", "suspend", *OF_BOB, *BY_ACME], "may act in that organization alone"),
    (["connections", "disable", "acme-idp", *BY_GLOBEX], "may act in that organization alone"),
    (["keys", "rotate", *BY_ACME], "may act in that organization alone"),
    (["connections", "disable", "nothing"], 'There is no connection "nothing".'),
    (["members", "suspend", "--organization", "globex", "--member", "zoe@acme.example"], 'There is no member "zoe@acme.example".'),
    (["members", "add", "--organization", "globex", "--email", "bob@acme.example"], "is the address of the member"),
    (["members", "add", "--organization", "globex", "--email", "zoe@acme.example", "--roles", "king"], 'There is no role "king".'),
    (["members", "unlink", *OF_BOB, "--connection", "acme-idp"], "not linked through that connection"),
    (["sessions", "revoke", *OF_BOB, "--session", "nothing"], 'There is no session "nothing".'),
    (["external-connections", "confirm", "globex-link"], "R10: "),
    (["external-connections", "request", "--organization", "acme", "--connection", "acme-idp", "--name", "own"], "R10: "),
])
def test_what_is_refused_is_one_sentence_and_changes_nothing(small_world_for_refusals, arguments, sentence):
    world = small_world_for_refusals
    before = len(world.gateway.audit())
    said = refused(world.gateway, *arguments)
    assert sentence in said and said.startswith("gateway: ") and said.count("\n") == 1
    # Tried is recorded, where it got as far as a decision; nothing is but the refusal.
    assert all(event["decision"].startswith("refused_") for event in world.gateway.audit()[before:])
    assert can_sign_in(world, "bob", "globex")
    with sqlite3.connect(world.folder / "gateway.db") as database:
        database.execute("DELETE FROM subject_links")  # as it was


@pytest.fixture(scope="module")
def small_world_for_refusals(tmp_path_factory, application):
    folder = tmp_path_factory.mktemp("gateway")
    folder.chmod(0o700)
    running = small.SmallWorld(folder, application)
    yield running
    running.stop()


@pytest.mark.parametrize("command", [
    [], ["audit"], ["explain"], ["external-connections"], ["external-connections", "request"], ["connections"],
    ["connections", "set-issuer"], ["organizations"], ["members"], ["members", "link"], ["sessions"], ["keys"]])
def test_every_command_explains_itself(command, tmp_path):
    done = harness.Gateway(tmp_path, 0).command(*command, "--help")
    assert done.returncode == 0 and "OVERVIEW: " in done.stdout and "USAGE: gateway" in done.stdout
