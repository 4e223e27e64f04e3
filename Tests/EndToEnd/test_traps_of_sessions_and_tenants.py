"""Known failures of this class of software: groups H (sessions and cookies) and J (tenant isolation) of the catalogue. The
table says where each is tested; what is not in another file is below."""
import contextlib
import http.client
import json
import pathlib
import re
import socket
import threading
import urllib.parse

import pytest

import catalogue
import harness
from scripted import person

HERE = "Tests/EndToEnd/test_traps_of_sessions_and_tenants.py"

TABLE = {
    "H1 session fixation": [
        "Tests/EndToEnd/test_sign_in_attacks.py::test_a_planted_session_cookie_is_replaced_at_sign_in",
        "Tests/EndToEnd/test_sessions.py::test_a_new_sign_in_renews_every_token_and_takes_over_what_was_there"],
    "H2 session of one site on another": ["Tests/EndToEnd/test_sign_in_attacks.py::test_a_session_cookie_counts_on_its_own_host_only"],
    "H3 one session's data in another": [f"{HERE}::test_people_who_come_at_once_never_get_each_others_headers"],
    "H4 cookie tossing": [
        "Tests/EndToEnd/test_sign_in_attacks.py::test_two_session_cookies_count_as_none",
        f"{HERE}::test_a_tossed_cookie_is_none_and_signing_in_still_works"],
    "H5 what was ended stays usable": [
        "Tests/EndToEnd/test_membership.py::test_a_session_ends_with_what_carried_it_and_the_owners_goes_on",
        "Tests/EndToEnd/test_sign_in_attacks.py::test_sign_out_wants_its_token_and_ends_the_sign_in",
        f"{HERE}::test_a_stream_is_cut_when_its_session_ends",
        "Tests/WebTests/HTTP/GatewayCookiesTests.swift::Clearing repeats the attributes"],
    "H6 malformed cookie": [f"{HERE}::test_no_bit_of_the_cookie_can_be_changed"],
    "H7 any token will do": [f"{HERE}::test_what_is_not_the_session_cookie_is_no_session"],
    "H8 changed claims": ["Tests/EndToEnd/test_membership.py::test_roles_follow_the_evidence_at_sign_in_and_the_rules_at_refresh"],
    "H9 idle and absolute limits": [
        "Tests/SignOnTests/Session/SignInLifetimeTests.swift::H9, H14",
        "Tests/EndToEnd/test_sessions.py::test_idle_and_absolute_limits_hold_on_the_pages_of_the_sign_in_host"],
    "H10 step-up and exchange": ["Tests/EndToEnd/test_step_up.py::test_no_exchange_meets_a_demand_that_the_sign_in_did_not"],
    "H11 a cookie for each tab": ["Tests/EndToEnd/test_races.py::test_many_tabs_share_their_cookies_and_each_gets_to_its_page"],
    "H12 nonce reuse": ["Tests/StorageTests/Sealing/SealerTests.swift::@Test"],
    "H13 secrets in addresses": [
        f"{HERE}::test_no_address_holds_a_cookies_value",
        "Tests/EndToEnd/test_sign_in_attacks.py::test_a_hand_off_code_is_worth_nothing_on_another_host_or_in_another_browser"],
    "H14 expiry left to a cleaner": [
        "Tests/StorageTests/Sessions/SessionTests.swift::A session is absent from the instant of its limit on",
        "Tests/SignOnTests/Session/SignInLifetimeTests.swift::H9, H14"],
    "H15 CSRF": [
        "Tests/EndToEnd/test_exchange.py::test_a_form_that_is_not_ours_exchanges_nothing",
        "Tests/EndToEnd/test_exchange.py::test_a_get_and_other_hosts_exchange_nothing",
        "Tests/EndToEnd/test_sessions.py::test_a_form_ends_nothing_of_anybody_else_and_nothing_without_its_token",
        "Tests/EndToEnd/test_sign_in_attacks.py::test_sign_out_wants_its_token_and_ends_the_sign_in"],
    "H16 cache aliasing": [f"{HERE}::test_people_who_come_at_once_never_get_each_others_headers"],
    "J1 another tenant's IdP asserts the address": [f"{HERE}::test_a_hostile_identity_provider_gets_nowhere_but_home"],
    "J2 e-mail as key": [
        "Tests/EndToEnd/test_membership.py::test_at_the_owner", "Tests/EndToEnd/test_membership.py::test_nobody_gets_in_through_a_link"],
    "J3 linking across IdPs": [
        "Tests/EndToEnd/test_membership.py::test_a_second_link_is_made_by_address_only_where_the_organization_owns_both_connections",
        f"{HERE}::test_a_hostile_identity_provider_gets_nowhere_but_home"],
    "J4 identity link through the member API": "there is no management API",
    "J5 transitive sharing": [f"{HERE}::test_sharing_is_not_transitive"],
    "J6 one decision at every entry point": ["Tests/EndToEnd/test_membership.py::test_nobody_gets_in_through_a_link"],
    "J7 exchange": [
        "Tests/EndToEnd/test_exchange.py::test_what_the_rules_refuse_leaves_everything_as_it_was",
        "Tests/EndToEnd/test_exchange.py::test_an_exchange_keeps_sign_in_time_and_limit_and_works_roles_out_afresh"],
    "J8 link removed on the way": [
        "Tests/EndToEnd/test_races.py::test_between_start_and_callback", "Tests/EndToEnd/test_races.py::test_between_callback_and_hand_off",
        "Tests/EndToEnd/test_races.py::test_while_exchanges_run"],
    "J9 confused deputy": [f"{HERE}::test_an_answer_counts_at_its_own_callback_only"],
    "J10 discovery": [
        f"{HERE}::test_discovery_names_no_organization",
        "Tests/EndToEnd/test_discovery.py::test_nothing_to_offer_is_one_page_whatever_the_reason",
        "Tests/EndToEnd/test_discovery.py::test_a_member_and_a_stranger_of_an_open_domain_start_alike",
        "Tests/WebTests/Routes/DiscoveryShapeTests.swift::@Test"],
    "J11 domain claims": "organizations can't claim or verify domains: only the file lists them",
    "J12 JIT through a link": [
        "Tests/EndToEnd/test_membership.py::test_nobody_gets_in_through_a_link",
        "Tests/EndToEnd/test_membership.py::test_a_link_makes_members_at_every_entry_point_that_is_a_step_of_the_person"],
    "J13 the oldest organization": [
        "Tests/TenancyTests/Decision/LandingTests.swift::@Test", f"{HERE}::test_with_nowhere_to_land_there_is_a_page_and_no_loop"],
    "J14 cross-talk at upstreams": [f"{HERE}::test_people_who_come_at_once_never_get_each_others_headers"],
    "J15 foreign ids in admin calls": "there is no management API",
    "J16 SCIM": "there is no SCIM",
    "J17 secrets in answers": ["Tests/EndToEnd/test_sign_in_attacks.py::test_secrets_stay_out_of_the_log_and_the_database"],
    "J18 delegated administrators": "there is no management API",
    "J19 routes without a permission": [f"{HERE}::test_what_is_not_listed_does_not_exist"],
}

PEOPLE = 'members = [{ email = "alice@acme.example" }, { email = "bob@acme.example" }]'


@pytest.mark.parametrize("row", TABLE)
def test_every_row_has_its_test_or_its_reason(row):
    catalogue.check(TABLE[row])


@pytest.fixture
def world(make_world):
    return make_world(acme=PEOPLE, globex=PEOPLE)


def test_people_who_come_at_once_never_get_each_others_headers(make_world):
    """Eight people in two organizations, on connections and upstream connections that are used again and again."""
    names = [f"p{number}" for number in range(8)]
    members = "members = [" + ", ".join(f'{{ email = "{name}@acme.example" }}' for name in names) + "]"
    world = make_world(acme=members, globex=members)
    people = {name: world.signed_in(person(name)) for name in names}
    for browser in people.values():
        assert world.exchange(browser, "globex").status == 200
    wrong, asked = [], []

    def ask(name, organization):
        jar = people[name].cookies[world.host(organization)]
        connection = http.client.HTTPConnection("127.0.0.1", world.gateway.port, timeout=harness.DEADLINE)
        for number in range(60):
            canary = f"/{name}/{organization}/{number}"
            connection.request("GET", canary, headers={
                "Host": f"{world.host(organization)}:{world.gateway.port}", "Cookie": f"gateway-session={jar['gateway-session']}"})
            response = connection.getresponse()
            answer = json.loads(response.read())
            seen = {n.lower(): v for n, v in answer["headers"]}
            asked.append(canary)
            if (answer["path"], seen["x-gateway-email"], seen["x-gateway-organization"]) != (canary, name + "@acme.example", organization):
                wrong.append(canary)
        connection.close()

    workers = [threading.Thread(target=ask, args=(n, o), daemon=True) for n in names for o in ("acme", "globex")]
    for worker in workers:
        worker.start()
    world.reload(main='roles = ["viewer"]')  # everything that is cached goes, in the middle of it
    for worker in workers:
        worker.join(harness.DEADLINE * 2)
    assert wrong == [] and len(asked) == 16 * 60


def test_a_tossed_cookie_is_none_and_signing_in_still_works(world):
    bob = world.signed_in(person("bob"))
    for name in ("gateway-session", "gateway-flow", "gateway-sign-in"):
        for host in (world.host("acme"), "auth.localhost"):
            value = bob.cookie(host, name)
            if value is None:
                continue
            cookie = f"{name}={'A' * 43}; " + "; ".join(f"{n}={v}" for n, v in bob.cookies[host].items())
            page = harness.Browser().request(
                "GET", f"http://{host}:{world.gateway.port}/.gateway/" + ("session" if host == world.host("acme") else "organizations"),
                headers={"Cookie": cookie})
            if name == "gateway-flow":
                assert page.status == 200
            else:
                assert page.status in (302, 401), (host, name)
    fresh = harness.Browser()
    assert world.signed_in(person("bob"), browser=fresh) and world.sees(fresh, "acme")


def test_no_bit_of_the_cookie_can_be_changed(world):
    bob = world.signed_in(person("bob"))
    token = bob.cookie(world.host("acme"), "gateway-session")
    before = len(world.application.requests)

    def status(value):
        return harness.Browser().request(
            "GET", world.page("acme"), headers={"Cookie": "gateway-session=" + value, "Accept": "application/json"}).status

    for index in range(len(token)):
        for bit in (1, 2, 4, 32):
            changed = token[:index] + chr(ord(token[index]) ^ bit) + token[index + 1:]
            if re.fullmatch(r"[!-~]+", changed) and ";" not in changed:
                assert status(changed) in (400, 401), (index, bit)
    for value in ["", token + "=", token + "A", token[:-1], token.upper(), '"' + token + '"', "%41" + token[1:], token * 2]:
        assert status(value) in (400, 401)
    assert len(world.application.requests) == before
    assert status(token) == 200


def test_what_is_not_the_session_cookie_is_no_session(world):
    bob = world.signed_in(person("bob"))
    session, sign_in = bob.cookie(world.host("acme"), "gateway-session"), bob.cookie("auth.localhost", "gateway-sign-in")
    flow = bob.cookie(world.host("acme"), "gateway-flow")
    assertion = world.sees(bob, "acme")["x-gateway-assertion"]
    before = len(world.application.requests)
    for headers in [
        {"Authorization": "Bearer " + session}, {"Authorization": "Bearer " + assertion}, {"X-Gateway-Assertion": assertion},
        {"Cookie": "gateway-session=" + sign_in}, {"Cookie": "gateway-session=" + flow}, {"Cookie": "gateway-sign-in=" + session},
        {"Cookie": "__Host-gateway-session=" + session}, {"Cookie": "gateway_session=" + session}]:
        page = harness.Browser().request("GET", world.page("acme"), headers={**headers, "Accept": "application/json"})
        assert page.status == 401, list(headers)
    assert len(world.application.requests) == before and world.sees(bob, "acme")


class Streaming(harness.Application):
    """An upstream that sends a line again and again until nobody listens."""

    def __init__(self):
        super().__init__()
        self.ended = threading.Event()
        application = self

        class Handler(self.server.RequestHandlerClass):
            def do_GET(self):
                if self.path != "/events":
                    return self.answer()
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                with contextlib.suppress(OSError):
                    while not application.ended.wait(0.02):
                        self.wfile.write(b"data: x\n\n")
                application.ended.set()

        self.server.RequestHandlerClass = Handler


@pytest.mark.parametrize("cause", ["sign-out", "suspended", "link", "other browser"])
def test_a_stream_is_cut_when_its_session_ends(make_world, cause):
    streaming = Streaming()
    world = make_world(acme=PEOPLE, globex=PEOPLE)
    world.application = streaming
    world.reload()
    bob = world.signed_in(person("bob"))
    assert world.exchange(bob, "globex").status == 200
    cookie = "gateway-session=" + bob.cookie(world.host("globex"), "gateway-session")
    with socket.create_connection(("127.0.0.1", world.gateway.port), timeout=harness.DEADLINE) as connection:
        connection.sendall((f"GET /events HTTP/1.1\r\nHost: {world.host('globex')}:{world.gateway.port}\r\n"
                            f"Cookie: {cookie}\r\n\r\n").encode())
        received = b""
        while received.count(b"data: x") < 3:
            received += connection.recv(4096)
        if cause == "sign-out":
            token = json.loads(bob.request("GET", world.page("globex", "/.gateway/session")).body)["csrf_token"]
            assert bob.request("POST", world.page("globex", "/.gateway/sign-out"), [("csrf_token", token)]).status == 303
        elif cause == "suspended":
            world.change("UPDATE members SET status = 'suspended' WHERE email = 'bob@acme.example'")
        elif cause == "link":
            world.reload(link=None)
        else:
            other = world.signed_in(person("bob"))
            form = other.request("GET", world.external + "/.gateway/sessions").forms[-1]
            fields = [(n, v) for n, v, _ in form["fields"]] + [("others", "1")]
            assert other.request("POST", world.external + "/.gateway/sessions", fields).status == 303
        with contextlib.suppress(ConnectionError):
            while connection.recv(65536):
                pass
    assert streaming.ended.wait(harness.DEADLINE), "the application still sends"
    streaming.stop()


def test_no_address_holds_a_cookies_value(world):
    """Every address of a sign-in, an exchange and a sign-out: none has a token that a cookie has."""
    addresses = []

    class Watching(harness.Browser):
        def request(self, method, url, data=None, headers=None, jsonbody=None):
            addresses.append(url)
            page = super().request(method, url, data, headers, jsonbody)
            addresses.append(page.headers.get("Location") or "")
            return page

    bob = world.signed_in(person("bob"), browser=Watching())
    values = {value for jar in bob.cookies.values() for value in jar.values()}
    assert world.exchange(bob, "globex").status == 200
    values |= {value for jar in bob.cookies.values() for value in jar.values()}
    bob.request("GET", world.external + "/.gateway/sessions")
    assert len(values) >= 5 and len(addresses) > 20
    text = urllib.parse.unquote("\n".join(addresses))
    assert not [value for value in values if value.lstrip("~") in text]
    assert world.token(bob) not in text


def test_a_hostile_identity_provider_gets_nowhere_but_home(make_world):
    """Umbrella's administrator runs its IdP, and has it assert the addresses of people elsewhere."""
    world = make_world(acme=PEOPLE, globex=PEOPLE, umbrella='sso_jit_provisioning = "ALL_ALLOWED"')
    victim = world.signed_in(person("bob"))
    rows = "SELECT id, email, name, roles, status FROM members WHERE email = 'bob@acme.example' AND organization_id <> " \
           "(SELECT id FROM organizations WHERE slug = 'umbrella') ORDER BY id"
    before, links = world.query(rows), world.query("SELECT * FROM subject_links ORDER BY member_id")
    for claims in [person("bob"), {**person("bob"), "email_verified": True}, {**person("bob"), "iss": world.idp.origin}]:
        attacker = harness.Browser()
        at_idp = world.begin(attacker, world.page("umbrella"))
        assert at_idp.startswith(world.other_idp.origin)
        url, _ = world.answer(at_idp, claims)
        page = attacker.open(url)
        assert page.status == 200, "at home it may say what it likes"
        text = harness.text_of(world.switcher(attacker))
        assert "Acme" not in text and "Globex" not in text
        for organization in ("acme", "globex"):
            assert world.exchange(attacker, organization).status == 403
            visit = world.begin(attacker, world.page(organization))
            assert not isinstance(visit, str) and visit.status == 403
            assert world.sees(attacker, organization) is None
    assert world.query(rows) == before, "a member record elsewhere was changed"
    kept = world.query("SELECT * FROM subject_links WHERE organization_id <> (SELECT id FROM organizations WHERE slug = 'umbrella')"
                       " ORDER BY member_id")
    assert kept == links
    assert world.sees(victim, "acme")


def test_sharing_is_not_transitive(make_world):
    """Globex borrows Acme's connection, Umbrella borrows one of Globex's own: nothing leads from Acme to Umbrella."""
    world = make_world(acme=PEOPLE, globex=PEOPLE, umbrella=PEOPLE)
    own = world.other_idp.connection("globex-own", "globex")
    link = '[[external_connection]]\nname = "second"\norganization = "umbrella"\nconnection = "globex-own"\nemail_domains = ["acme.example"]\n'
    world.reload(more=own + link)
    bob = world.signed_in(person("bob"))
    assert world.exchange(bob, "globex").status == 200
    assert "Umbrella" not in harness.text_of(world.switcher(bob))
    before = world.counts()
    assert world.exchange(bob, "umbrella").status == 403
    visit = world.begin(bob, world.page("umbrella"))
    assert not isinstance(visit, str) and visit.status == 403
    assert world.counts() == before
    # Until Umbrella itself accepts Acme's connection.
    world.reload(more=own + link + link.replace('"second"', '"third"').replace("globex-own", "main"))
    assert world.exchange(bob, "umbrella").status == 200 and world.sees(bob, "umbrella")
    # A link to a link can't be declared.
    world.write(more=own + link.replace("globex-own", "link"))
    checked = world.gateway.command("check", "--config", str(world.gateway.configuration))
    assert checked.returncode == 1 and "external" in checked.stdout


@pytest.mark.parametrize("kind", ["oidc", "saml"])
def test_an_answer_counts_at_its_own_callback_only(make_world, kind):
    world = make_world(kind, acme=PEOPLE, globex=PEOPLE)
    urls = world.gateway.urls
    mine = urls["main"].get("redirect_url") or urls["main"]["acs_url"]
    other = urls["umbrella-own"]["redirect_url"]
    browser = harness.Browser()
    url, fields = world.answer(world.begin(browser, world.page("acme")), person("bob"))
    assert url.startswith(mine)
    before = world.counts()
    assert browser.open(url.replace(mine, other), data=fields).status == 400
    # The state of a flow with another connection.
    elsewhere = urllib.parse.parse_qs(urllib.parse.urlsplit(world.begin(browser, world.page("umbrella"))).query)["state"][0]
    if kind == "oidc":
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        assert browser.open(mine + "?" + urllib.parse.urlencode({**query, "state": elsewhere})).status == 400
        url, _ = world.answer(world.begin(browser, world.page("acme")), person("bob"))  # that one is used up
        assert browser.open(url + "&organization_id=globex&connection_id=x").status == 200, "unknown parameters change nothing"
        assert world.sees(browser, "acme") and not world.sees(browser, "globex")
        return
    assert browser.open(mine, data=[fields[0], ("RelayState", elsewhere)]).status == 400
    assert world.counts() == before
    assert browser.open(mine, data=fields + [("organization_id", "globex")]).status == 200
    assert world.sees(browser, "acme") and not world.sees(browser, "globex")


def test_discovery_names_no_organization(make_world):
    world = make_world(
        acme=PEOPLE, globex=PEOPLE, main='display_name = "Staff"', umbrella='members = [{ email = "bob@acme.example" }]',
        umbrella_own='display_name = "Partners"')

    def discover(email):
        return harness.Browser().request("POST", world.external + "/.gateway/sign-in", [("email", email)])

    page = discover("bob@acme.example")
    text = harness.text_of(page)
    assert page.status == 200 and "Continue with Staff" in text and "Continue with Partners" in text
    for organization in ("Acme", "Globex", "Umbrella", "globex", "umbrella"):
        assert organization not in text.replace("acme.example", "")
    unknown = discover("nobody@acme.example")
    assert unknown.status == 200 and "no sign-in for this address" in harness.text_of(unknown)


def test_with_nowhere_to_land_there_is_a_page_and_no_loop(make_world):
    world = make_world(acme="members = []", globex=PEOPLE)
    root = next(row for row in world.query("SELECT id FROM connections WHERE name = 'main'"))[0]
    browser = harness.Browser()
    at_idp = browser.open(world.external + "/v1/public/sso/start?connection_id=" + root, until=world.idp.origin)
    url, _ = world.answer(at_idp, person("eve"))
    before = world.counts()
    page = browser.open(url)
    assert page.status == 403 and world.counts() == before
    assert world.audit()[-1] == ("sign_in", "refused_not_a_member")
    # The owner does not know bob; the borrower does.
    at_idp = browser.open(world.external + "/v1/public/sso/start?connection_id=" + root, until=world.idp.origin)
    url, _ = world.answer(at_idp, person("bob"))
    assert browser.open(url).status == 200 and world.sees(browser, "globex")


def test_what_is_not_listed_does_not_exist(world):
    bob = world.signed_in(person("bob"))
    before = len(world.application.requests)
    for path in ["/.gateway/", "/.gateway/admin", "/.gateway/organizations/1", "/.gateway/sessions/", "/.gateway/exchange/x",
                 "/.gateway/SESSIONS", "/v1/b2b/organizations", "/v1/b2b/sso/callback/", "/sdk/v1/b2b/sessions"]:
        for origin in (world.external, world.page("acme", "")):
            if origin != world.external and not path.startswith("/.gateway/"):
                continue  # that is the application's
            page = bob.request("GET", origin + path)
            assert page.status == 404, (origin, path)
    for path in ["/.gateway/organizations", "/.gateway/exchange", "/.gateway/sessions"]:
        for method in ("PUT", "DELETE", "OPTIONS"):
            assert bob.request(method, world.external + path).status == 405
    assert len(world.application.requests) == before
