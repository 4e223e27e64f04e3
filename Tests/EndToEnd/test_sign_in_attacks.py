"""What somebody without the right to it may try on the way in. Every refusal has its positive control beside it,
and is judged by what the application saw."""
import concurrent.futures
import http.client
import json
import sqlite3
import urllib.parse

import pytest

import harness


def test_a_callback_in_another_browser_signs_nobody_in(small_world):
    attacker, victim = harness.Browser(), harness.Browser()
    address = small_world.callback_address(attacker, "alice", small_world.page("acme"))
    victim.open(small_world.page("acme"), until=small_world.idp_origin)  # has a flow cookie of its own
    before = len(small_world.application.requests)
    assert victim.open(address).status == 400
    assert harness.Browser().open(address).status == 400
    assert len(small_world.application.requests) == before
    assert not small_world.is_signed_in(victim, "acme")
    small_world.gateway.wait_until_logged("flow_of_another_browser")
    # The attempt has not used the flow up: its own browser still gets in.
    assert attacker.open(address).status == 200
    # Once.
    assert attacker.request("GET", address).status == 400


def test_a_callback_that_is_sent_many_times_at_once_signs_in_once(small_world):
    browser = harness.Browser()
    address = small_world.callback_address(browser, "alice", small_world.page("acme"))
    jar = {host: dict(cookies) for host, cookies in browser.cookies.items()}

    def send():
        copy = harness.Browser()
        copy.cookies = {host: dict(cookies) for host, cookies in jar.items()}
        page = copy.request("GET", address)
        return page.status, copy, page.headers["Location"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = [answer.result() for answer in [pool.submit(send) for _ in range(8)]]
    assert sorted(status for status, _, _ in answers) == [302] + [400] * 7
    with sqlite3.connect(small_world.folder / "gateway.db") as store:
        assert store.execute("SELECT COUNT(*) FROM sign_in_records").fetchone() == (1,)
        assert store.execute("SELECT COUNT(*) FROM one_time_records WHERE purpose = 'flow'").fetchone() == (0,)
    small_world.gateway.wait_until_logged("flow_unknown")
    copy, finish = next((copy, location) for status, copy, location in answers if status == 302)
    assert copy.open(finish).status == 200


def test_a_callback_that_the_provider_refuses_is_used_up(small_world):
    browser = harness.Browser()
    address = small_world.callback_address(browser, "alice", small_world.page("acme"))
    parts = urllib.parse.urlsplit(address)
    query = dict(urllib.parse.parse_qsl(parts.query)) | {"code": "no-code-of-the-provider"}
    forged = parts._replace(query=urllib.parse.urlencode(query)).geturl()
    before = len(small_world.application.requests)
    assert browser.request("GET", forged).status == 400
    # The right code comes too late: a flow is not there to try codes with.
    assert browser.request("GET", address).status == 400
    small_world.gateway.wait_until_logged("flow_unknown")
    assert len(small_world.application.requests) == before
    assert not small_world.is_signed_in(browser, "acme")
    assert browser.open(small_world.callback_address(browser, "alice", small_world.page("acme"))).status == 200


def test_a_hand_off_code_is_worth_nothing_on_another_host_or_in_another_browser(small_world):
    browser = harness.Browser()
    callback = small_world.callback_address(browser, "bob", small_world.page("acme"))
    finish = browser.request("GET", callback).headers["Location"]
    assert finish.startswith(small_world.page("acme", "/.gateway/finish?code="))
    other_host = finish.replace(small_world.host("acme"), small_world.host("globex"))
    assert browser.request("GET", other_host).status == 400
    thief = harness.Browser()
    thief.open(small_world.page("acme"), until=small_world.idp_origin)
    assert thief.request("GET", finish).status == 400
    assert not small_world.is_signed_in(thief, "acme")
    assert browser.open(finish).status == 200
    assert browser.request("GET", finish).status == 400
    assert small_world.is_signed_in(browser, "acme")


def test_a_session_cookie_counts_on_its_own_host_only(small_world):
    browser = small_world.sign_in("bob", "acme")
    token = browser.cookie(small_world.host("acme"), "gateway-session")
    carried = harness.Browser()
    carried.cookies[small_world.host("globex")] = {"gateway-session": token}
    before = len(small_world.application.requests)
    assert not small_world.is_signed_in(carried, "globex")
    assert len(small_world.application.requests) == before
    assert small_world.is_signed_in(browser, "acme")


def test_two_session_cookies_count_as_none(small_world):
    browser = small_world.sign_in("alice", "acme")
    token = browser.cookie(small_world.host("acme"), "gateway-session")
    for cookie, status in [
        (f"gateway-session={token}", 200),
        (f"gateway-session={token}; gateway-session={token}", 401),
        (f"gateway-session={'A' * 43}; gateway-session={token}", 401),
        (f"gateway-session={token[:-1]}", 401),
        (f"Gateway-Session={token}", 401),
    ]:
        page = harness.Browser().request(
            "GET", small_world.page("acme"), headers={"Cookie": cookie, "Accept": "application/json"})
        assert page.status == status, cookie.replace(token, "…")


def test_a_planted_session_cookie_is_replaced_at_sign_in(small_world):
    planted = small_world.sign_in("alice", "acme").cookie(small_world.host("acme"), "gateway-session")
    victim = harness.Browser()
    callback = small_world.callback_address(victim, "bob", small_world.page("acme"))
    victim.cookies.setdefault(small_world.host("acme"), {})["gateway-session"] = planted
    page = victim.open(callback)
    assert page.status == 200
    assert victim.cookie(small_world.host("acme"), "gateway-session") != planted
    attacker = harness.Browser()
    attacker.cookies[small_world.host("acme")] = {"gateway-session": planted}
    assert not small_world.is_signed_in(attacker, "acme"), "the planted session lives on beside the new one"


RETURN_ADDRESSES = [
    "//evil.example/", "/\\evil.example", "https://evil.example/", "http://evil.example/", "javascript:alert(1)",
    "data:text/html,x", "http://{host}.evil.example/", "http://evil.example:{port}/", "http://{host}:{port}@evil.example/",
    "http://evil.example#@{host}:{port}/", "http://{host}:1/", "https://{host}:{port}/", "http://{host}:{port}", "///evil.example",
    "/%09/evil.example", "/ /evil.example", "http:/evil.example", "http:evil.example", "http://{host}\\@evil.example/",
    "http://evil.example\\.{host}/", "http://{host}%2eevil.example/", "\u2215\u2215evil.example", "/\t/evil.example",
    "http://{host}.:{port}/", "http://{upper}:{port}/",
]


@pytest.mark.parametrize("address", RETURN_ADDRESSES)
def test_nobody_is_sent_to_an_address_that_is_not_served(small_world_for_reading, address):
    world = small_world_for_reading
    host = world.host("acme")
    address = address.format(host=host, port=world.gateway.port, upper=host.upper())
    query = "?" + urllib.parse.urlencode({"return_to": address})
    for start in [world.external + "/.gateway/sign-in" + query, world.page("acme", "/.gateway/sign-in" + query)]:
        page = harness.Browser().request("GET", start)
        location = page.headers["Location"] or ""
        if location.startswith(world.idp_origin):
            continue  # the flow has its own, checked address
        assert page.status in (302, 400, 404)
        if page.status == 302:
            assert location.startswith(world.external + "/.gateway/sign-in?") or location.startswith("/.gateway/sign-in")
            nested = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query).get("return_to", [""])[0]
            parts = urllib.parse.urlsplit(nested)
            assert (parts.scheme, parts.netloc) == ("http", f"{host}:{world.gateway.port}"), nested


@pytest.fixture(scope="module")
def small_world_for_reading(tmp_path_factory, application):
    import small_world as module
    folder = tmp_path_factory.mktemp("gateway")
    folder.chmod(0o700)
    running = module.SmallWorld(folder, application)
    yield running
    running.stop()


def test_headers_of_a_client_never_pass_for_the_gateways(small_world_for_reading):
    world = small_world_for_reading
    browser = world.sign_in("alice", "acme")
    spoofed = {"X-Gateway-Roles": "stytch_admin", "x_gateway_email": "ceo@acme.example", "X-GATEWAY-Extra": "1",
               "Remote-User": "ceo@acme.example", "remote_user": "ceo", "Connection": "close, X-Gateway-Assertion, Remote-User"}
    page = browser.request("GET", world.page("acme", "/x"), headers=spoofed)
    assert page.status == 200
    seen = [(n.lower(), v) for n, v in world.application.requests[-1]["headers"]]
    assert not [v for n, v in seen if v in ("stytch_admin", "ceo@acme.example", "ceo", "1")]
    assert [v for n, v in seen if n == "remote-user"] == ["alice@acme.example"]
    assert len([v for n, v in seen if n == "x-gateway-assertion"]) == 1
    # Without a session, on a public path: absence is provable too.
    page = harness.Browser().request("GET", world.page("acme", "/public/x"), headers=spoofed)
    assert page.status == 200
    seen = [n.lower() for n, v in world.application.requests[-1]["headers"] if n.lower().startswith(("x-gateway", "x_gateway", "remote"))]
    assert seen == ["x-gateway-anonymous"]


def test_a_page_load_is_redirected_and_everything_else_gets_401(small_world_for_reading):
    world = small_world_for_reading
    navigation = {"Accept": "text/html"}
    for method, headers, status in [
        ("GET", navigation, 302), ("HEAD", navigation, 302), ("POST", navigation, 401), ("GET", {"Accept": "*/*"}, 401),
        ("GET", {**navigation, "Sec-Fetch-Mode": "navigate"}, 302), ("GET", {**navigation, "Sec-Fetch-Mode": "cors"}, 401),
    ]:
        before = len(world.application.requests)
        page = harness.Browser().request(method, world.page("acme", "/x"), headers=headers)
        assert page.status == status, (method, headers)
        assert len(world.application.requests) == before
        if status == 401 and method != "HEAD":
            assert json.loads(page.body)["sign_in_url"].startswith(world.page("acme", "/.gateway/sign-in"))


def test_sign_out_wants_its_token_and_ends_the_sign_in(small_world_for_reading):
    world = small_world_for_reading
    browser = world.sign_in("alice", "acme")
    host = world.host("acme")
    page = browser.request("POST", world.page("acme", "/.gateway/sign-out"), [("csrf_token", "wrong")])
    assert page.status == 400 and world.is_signed_in(browser, "acme")
    token = json.loads(browser.request("GET", world.page("acme", "/.gateway/session")).body)["csrf_token"]
    foreign = browser.request("POST", world.page("acme", "/.gateway/sign-out"), [("csrf_token", token)],
                              headers={"Origin": "http://evil.example"})
    assert foreign.status == 400 and world.is_signed_in(browser, "acme")
    session = browser.cookie(host, "gateway-session")
    page = browser.request("POST", world.page("acme", "/.gateway/sign-out"), [("csrf_token", token)])
    assert page.status == 303
    assert browser.cookie(host, "gateway-session") is None
    kept = harness.Browser()
    kept.cookies[host] = {"gateway-session": session}
    assert not world.is_signed_in(kept, "acme"), "the cookie outlived its session"
    # The next visit asks before it goes to the IdP, which would sign in without a question.
    page = browser.open(world.page("acme"), until=world.idp_origin)
    assert not isinstance(page, str) and "Continue with" in harness.text_of(page)


def test_secrets_stay_out_of_the_log_and_the_database(small_world):
    browser = harness.Browser()
    callback = small_world.callback_address(browser, "alice", small_world.page("acme"))
    finish = browser.request("GET", callback).headers["Location"]
    assert browser.open(finish).status == 200
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(callback).query)
    secrets = {value for jar in browser.cookies.values() for name, value in jar.items() if name.startswith("gateway-")}
    secrets |= {query["code"][0], query["state"][0], finish.split("code=")[1], "gateway-secret-0123456789"}
    assert len(secrets) >= 6
    browser.request("GET", callback)  # failure paths log too
    browser.request("GET", finish)
    small_world.gateway.stop()
    log = "\n".join(small_world.gateway.log)
    stored = b"".join((small_world.folder / name).read_bytes() for name in ["gateway.db"])
    assert "oidc-callback" in log
    for secret in secrets:
        assert secret not in log
        assert secret.encode() not in stored
