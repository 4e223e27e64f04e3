"""Every decision is in the store and in the log, once each, with who, where, why and the request; and nothing in
either is a secret."""
import json
import re
import signal
import subprocess
import threading

import pytest

import harness
import small_world as small


def request_id(page):
    return re.search(r"<code>([0-9a-f]+)</code>", page.text).group(1)


def the_one(events, **wanted):
    """The only event that has these values."""
    found = [event for event in events if all(event.get(key) == value for key, value in wanted.items())]
    assert len(found) == 1, (wanted, events)
    return found[0]


def logged_as(gateway, events):
    """Returns when the log has the same events, each in one line; those of one millisecond in any order."""
    harness.wait_until(lambda: sorted(line["event"] for line in gateway.audit_log()) == sorted(event["id"] for event in events))


def test_a_sign_in_is_recorded_from_the_landing_to_the_sign_out(small_world):
    browser = small_world.sign_in("bob", "globex")
    token = json.loads(browser.request("GET", small_world.page("globex", "/.gateway/session")).body)["csrf_token"]
    browser.request("POST", small_world.page("globex", "/.gateway/sign-out"), [("csrf_token", token)])
    events = small_world.gateway.audit()
    landing = the_one(events, kind="sign_in", decision="admitted_linked")
    assert (landing["organization"], landing["member"], landing["connection"]) == ("globex", "bob@acme.example", "acme-idp")
    assert landing["detail"]["subject"] and landing["request_id"]
    assert any(reason.startswith("linked_by_email ") for reason in landing["reasons"])
    start = the_one(events, kind="session_start", decision="admitted")
    out = the_one(events, kind="sign_out", decision="here")
    assert start["member_id"] == out["member_id"] == landing["member_id"]
    assert the_one(events, kind="configuration", decision="imported")["detail"]["created"] != "0"
    # The log has the same ones, each in one line.
    logged_as(small_world.gateway, events)
    assert the_one(small_world.gateway.audit_log(), event=landing["id"])["request_id"] == landing["request_id"]


def test_what_is_refused_before_the_landing_is_recorded_too(small_world):
    gateway = small_world.gateway
    victim, attacker = harness.Browser(), harness.Browser()
    address = small_world.callback_address(attacker, "alice", small_world.page("acme"))
    before = len(small_world.application.requests)
    other = victim.open(address)
    unknown = victim.request("GET", small_world.external + "/v1/public/sso/start?organization_id=nobody")
    forged = attacker.open(re.sub(r"code=[^&]*", "code=wrong", address))
    assert (other.status, unknown.status, forged.status) == (400, 404, 400)
    assert len(small_world.application.requests) == before
    events = gateway.audit()
    for page, decision, step in [
        (other, "refused_flow_of_another_browser", "oidc-callback"), (unknown, "refused_unknown_organization", "start"),
    ]:
        event = the_one(events, request_id=request_id(page))
        assert (event["kind"], event["decision"], event["detail"]["step"]) == ("sign_in", decision, step)
        assert event["detail"]["client_address"] == "127.0.0.1"
    event = the_one(events, request_id=request_id(forged))
    assert event["decision"].startswith("refused_oidc_token_") and event["connection"] == "acme-idp"
    logged_as(gateway, events)
    # A disabled connection refuses the start, and says which.
    gateway.administer("connections", "disable", "acme-idp")
    page = harness.Browser().open(small_world.external + "/v1/public/sso/start?connection_id=oidc-connection-test-1")
    event = the_one(gateway.audit(), request_id=request_id(page))
    assert (event["decision"], event["connection"]) == ("refused_connection_inactive", "acme-idp")


def test_a_visit_that_is_refused_is_one_line_of_the_log(small_world):
    alice = small_world.sign_in("alice", "acme")
    page = alice.open(small_world.page("globex"))
    assert page.status == 403, harness.text_of(page)
    event = the_one(small_world.gateway.audit(), kind="exchange", decision="refused_not_a_member")
    assert event["request_id"] and event["detail"]["by_click"] == "false"
    lines = [line for line in small_world.gateway.log if event["request_id"] in line]
    assert len(lines) == 1 and json.loads(lines[0])["event"] == event["id"]


def exchange(world, browser, organization):
    token = next(v for form in browser.request("GET", world.external + "/.gateway/sessions").forms
                 for n, v, _ in form["fields"] if n == "csrf_token")
    return browser.request(
        "POST", world.external + "/.gateway/exchange", [("organization_id", organization), ("csrf_token", token)],
        headers={"Origin": world.external})


def test_an_organization_without_a_page_admits_nobody_whatever_the_rules_say(small_world):
    gateway = small_world.gateway
    only_acme = small_world.configuration().replace('"{organization}.wiki.localhost"', '"acme.wiki.localhost"\norganization = "acme"')
    small_world.write(only_acme)
    gateway.signal(signal.SIGHUP)
    gateway.wait_for("configuration reloaded")
    bob = small_world.sign_in("bob", "acme")
    page = exchange(small_world, bob, "globex")
    assert page.status == 403 and "does not lead there" in harness.text_of(page)
    event, = [event for event in gateway.audit("--organization", "globex") if event["kind"] == "exchange"]
    assert event["decision"] == "refused_no_route" and event["request_id"] == request_id(page)
    assert "member" not in event and event["reasons"][-1] == "refused no_route"
    # What the rules had found is in it: the link, and that the address is a member's.
    assert [reason.split()[0] for reason in event["reasons"][:-1]] == ["accepted", "linked_by_email"]
    assert the_one(gateway.audit_log(), event=event["id"])["decision"] == "refused_no_route"
    # The control: the same click, when there is a page.
    small_world.write()
    gateway.signal(signal.SIGHUP)
    gateway.wait_for("configuration reloaded")
    assert bob.open(exchange(small_world, bob, "globex").headers["Location"]).status == 200
    admitted = the_one(gateway.audit("--organization", "globex"), kind="exchange", decision="admitted_linked")
    assert admitted["member"] == "bob@acme.example"


def test_a_landing_without_a_page_is_one_refusal(small_world):
    gateway = small_world.gateway
    start = small_world.external + "/v1/public/sso/start?organization_id=globex"
    address = small_world.callback_address(browser := harness.Browser(), "bob", start)
    small_world.write(small_world.configuration().replace(
        '"{organization}.wiki.localhost"', '"acme.wiki.localhost"\norganization = "acme"'))
    gateway.signal(signal.SIGHUP)
    gateway.wait_for("configuration reloaded")
    page = browser.open(address)
    assert page.status == 403
    event, = [event for event in gateway.audit() if event["kind"] == "sign_in"]
    assert (event["decision"], event["request_id"]) == ("refused_no_route", request_id(page))


def test_strangers_cannot_fill_the_disk_with_refusals(small_world):
    address = small_world.external + "/v1/b2b/sso/callback/oidc-connection-test-1?state=" + "A" * 43
    for _ in range(60):
        assert harness.Browser().request("GET", address).status == 400
    stored = [event for event in small_world.gateway.audit() if event["decision"] == "refused_flow_unknown"]
    assert 20 <= len(stored) <= 25, "20 a minute for one address, and what the minute's refilling adds"
    logged = [line for line in small_world.gateway.log if "flow_unknown" in line]
    assert len(logged) == len(stored)


def test_a_reload_is_recorded_whether_it_was_taken_or_not(small_world):
    gateway = small_world.gateway
    small_world.write(small_world.configuration(link=""))
    gateway.signal(signal.SIGHUP)
    gateway.wait_for("configuration reloaded")
    assert the_one(gateway.audit(), kind="configuration", decision="reloaded")["detail"]["disabled"] == "1"
    small_world.write(small_world.configuration() + "\nunknown_key = 1\n")
    gateway.signal(signal.SIGHUP)
    gateway.wait_for("audit")
    small_world.write()  # the command reads the file too
    event = the_one(gateway.audit(), kind="configuration", decision="refused")
    assert "unknown_key" in event["detail"]["problems"]
    small_world.write(small_world.configuration().replace("gateway.db", "other.db"))
    gateway.signal(signal.SIGHUP)
    gateway.wait_for("configuration not reloaded")
    small_world.write()
    refused = [e for e in gateway.audit() if e["kind"] == "configuration" and e["decision"] == "refused"]
    assert len(refused) == 2 and "restart" in refused[1]["detail"]["problems"]


def test_roles_that_change_between_two_refreshes_are_recorded(small_world):
    gateway = small_world.gateway
    role = '\n[[role]]\nname = "editor"\n'
    small_world.write(small_world.configuration(link=small.LINK + 'roles = ["editor"]\n', more=role))
    gateway.signal(signal.SIGHUP)
    gateway.wait_for("configuration reloaded")
    browser = small_world.sign_in("bob", "globex")
    small_world.write(small_world.configuration(more=role))
    gateway.signal(signal.SIGHUP)
    gateway.wait_for("configuration reloaded")
    page = browser.request("GET", small_world.page("globex"))
    assert page.status == 200
    while gateway.wait_for("audit")["kind"] != "roles_changed":
        pass
    event = the_one(gateway.audit(), kind="roles_changed")
    assert event["request_id"] == dict(page.json()["headers"])["X-Request-Id"]
    assert (event["member"], event["organization"], event["reasons"]) == ("bob@acme.example", "globex", ["lost editor"])
    # Once for each change, not once a request.
    assert small_world.is_signed_in(browser, "globex")
    the_one(gateway.audit(), kind="roles_changed")


def test_the_command_filters_resolves_names_and_says_what_is_wrong(small_world):
    gateway = small_world.gateway
    small_world.sign_in("alice", "acme")
    small_world.sign_in("bob", "globex")
    refused = small_world.callback_address(harness.Browser(), "bob", small_world.page("acme"))
    assert refused
    everything = gateway.audit()
    assert {e.get("organization") for e in gateway.audit("--organization", "globex")} == {"globex"}
    of_alice = gateway.audit("--member", "alice@acme.example")
    assert of_alice and all("alice@acme.example" in (e.get("member"), e["detail"].get("email")) for e in of_alice)
    assert gateway.audit("--member", of_alice[0]["member_id"])[0]["member"] == "alice@acme.example"
    assert gateway.audit("--since", "1h") == everything
    assert gateway.audit("--since", "2100-01-01T00:00:00Z") == []
    text = gateway.administer("audit", "--organization", "globex")
    assert "sign_in  admitted_linked  bob@acme.example  in globex  through acme-idp" in text
    assert "accepted globex external globex-link" in text and "owner" not in text.splitlines()[0].split("(")[0]
    for arguments, message in [
        (["--organization", "nobody"], 'There is no organization "nobody".'), (["--since", "yesterday"], "--since takes an age")]:
        done = gateway.command("audit", "--config", str(gateway.configuration), *arguments)
        assert done.returncode != 0 and message in done.stderr and done.stdout == ""
    small_world.write(small_world.configuration().replace("gateway.db", "missing.db"))
    done = gateway.command("audit", "--config", str(gateway.configuration))
    assert done.returncode == 1 and "There is no store at" in done.stderr
    assert not (small_world.folder / "missing.db").exists(), "a look made a store"


@pytest.mark.parametrize("ending", ["signal", "closed pipe"])
def test_following_keeps_up_with_a_running_gateway_and_ends_cleanly(small_world, ending):
    gateway = small_world.gateway
    follower = subprocess.Popen(
        [harness.BINARY, "audit", "--follow", "--since", "1h", "--json", "--config", str(gateway.configuration)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = harness.queue.Queue()
    threading.Thread(target=lambda: [lines.put(line) for line in iter(follower.stdout.readline, "")], daemon=True).start()

    def next_of(kind):
        while True:
            event = json.loads(lines.get(timeout=harness.DEADLINE))
            if event["kind"] == kind:
                return event

    assert next_of("configuration")["decision"] == "imported"
    small_world.sign_in("alice", "acme")
    assert next_of("session_start")["member"] == "alice@acme.example"
    small_world.sign_in("bob", "globex")
    assert next_of("session_start")["member"] == "bob@acme.example"
    if ending == "signal":
        follower.send_signal(signal.SIGINT)
        assert follower.wait(harness.DEADLINE) == 0
        assert lines.empty(), "an event came twice"
    else:
        pipe = subprocess.run(
            ["bash", "-c", '"$0" audit --follow --since 1h --config "$1" | head -n 1; exit "${PIPESTATUS[0]}"', harness.BINARY,
             str(gateway.configuration)], capture_output=True, text=True, timeout=harness.DEADLINE)
        assert pipe.returncode == 0 and pipe.stdout.count("\n") == 1 and pipe.stderr == ""
        follower.send_signal(signal.SIGTERM)
        assert follower.wait(harness.DEADLINE) == 0
    assert follower.stderr.read() == ""
