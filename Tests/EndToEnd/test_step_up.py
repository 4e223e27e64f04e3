"""Routes that demand a fresher or stronger sign-in, at an OIDC and a SAML provider."""
import json
import time
import urllib.parse

import pytest

import harness
import scripted
from scripted import person

MFA = "urn:example:mfa"
PASSWORD = "urn:example:password"
PEOPLE = 'members = [{ email = "bob@acme.example" }]'
VAULT = f"""
[[route]]
host         = "vault.acme.localhost"
organization = "acme"
upstream     = ["http://127.0.0.1:{{port}}"]
public_paths = ["/public/"]
acr          = ["{MFA}"]

[[route]]
host         = "vault.globex.localhost"
organization = "globex"
upstream     = ["http://127.0.0.1:{{port}}"]
acr          = ["{MFA}"]

[[route]]
host         = "fresh.acme.localhost"
organization = "acme"
upstream     = ["http://127.0.0.1:{{port}}"]
max_age      = "10m"
"""


@pytest.fixture(params=["oidc", "saml"])
def world(request, make_world, application):
    return make_world(
        request.param, acme=PEOPLE, globex=PEOPLE,
        routes=VAULT.format(port=application.port))


def said(world, context, authenticated_at=None):
    """What the provider states of a sign-in, in its own protocol's words."""
    if isinstance(world.idp, scripted.SAMLProvider):
        return {"context": context, "authenticated_at": authenticated_at}
    return {"acr": context, "auth_time": authenticated_at and int(authenticated_at)}


def vault(world, host, path="/"):
    return f"http://{host}.localhost:{world.gateway.port}{path}"


def complete(world, browser, at_idp, *statement):
    url, fields = world.answer(at_idp, person("bob"), **said(world, *statement))
    return browser.open(url, data=fields)


def asked(world):
    """What the last request to the provider asked for: (a new sign-in, contexts)."""
    request = world.idp.requests[-1]
    if isinstance(world.idp, scripted.SAMLProvider):
        element = request.find(f".//{{{scripted.SAML}assertion}}AuthnContextClassRef")
        return request.get("ForceAuthn") == "true", element.text if element is not None else None
    return request.get("prompt") == "login", request.get("acr_values")


def test_a_stronger_sign_in_is_asked_for_and_leads_back_to_the_page(world):
    bob = harness.Browser()
    assert complete(world, bob, world.begin(bob, world.page("acme")), PASSWORD).status == 200
    before = len(world.application.requests)
    at_idp = world.begin(bob, vault(world, "vault.acme", "/secret?x=1"))
    assert isinstance(at_idp, str), harness.text_of(at_idp)
    assert len(world.application.requests) == before
    page = complete(world, bob, at_idp, MFA)
    assert asked(world) == (True, MFA)
    assert page.status == 200 and page.json()["path"] == "/secret?x=1"
    # Held now: the second page asks nothing.
    assert bob.request("GET", vault(world, "vault.acme", "/more")).status == 200


def test_an_answer_that_does_not_show_it_ends_on_a_page_and_not_in_a_loop(world):
    bob = harness.Browser()
    assert complete(world, bob, world.begin(bob, world.page("acme")), PASSWORD).status == 200
    at_idp = world.begin(bob, vault(world, "vault.acme"))  # with a session on that host, which is not enough
    before = world.counts()
    page = complete(world, bob, at_idp, PASSWORD)
    assert page.status == 403 and "needs a stronger sign-in" in harness.text_of(page)
    assert world.counts() == before
    assert world.audit()[-1] == ("sign_in", "refused_step_up_not_met")
    world.gateway.wait_until_logged("step_up_not_met")
    assert world.sees(bob, "acme"), "the weaker session goes on where it is enough"


def test_no_exchange_meets_a_demand_that_the_sign_in_did_not(world):
    """H10: from an organization that asks for nothing into one that does, silently and by a click."""
    bob = harness.Browser()
    assert complete(world, bob, world.begin(bob, world.page("acme")), PASSWORD).status == 200
    assert world.exchange(bob, "globex").status == 200
    before = len(world.application.requests)
    at_idp = world.begin(bob, vault(world, "vault.globex"))
    assert isinstance(at_idp, str) and len(world.application.requests) == before
    assert complete(world, bob, at_idp, MFA).status == 200
    # The control: what the sign-in did show is carried along.
    assert bob.open(vault(world, "vault.acme"), until=world.idp.origin).status == 200


def test_an_old_sign_in_is_renewed_for_a_page_that_wants_a_fresh_one(world):
    bob = harness.Browser()
    hour_ago = time.time() - 3600
    assert complete(world, bob, world.begin(bob, world.page("acme")), PASSWORD, hour_ago).status == 200
    at_idp = world.begin(bob, vault(world, "fresh.acme", "/now"))
    assert isinstance(at_idp, str), "the sign-in is an hour old"
    page = complete(world, bob, at_idp, PASSWORD, hour_ago)
    assert page.status in (400, 403), "an old sign-in was taken for a new one"
    assert asked(world)[0]
    at_idp = world.begin(bob, vault(world, "fresh.acme", "/now"))
    page = complete(world, bob, at_idp, PASSWORD, time.time())
    assert page.status == 200 and page.json()["path"] == "/now"


def test_a_provider_that_does_not_say_when_is_not_believed_to_have_asked_just_now(make_world, application):
    world = make_world("oidc", acme=PEOPLE, routes=VAULT.format(port=application.port))
    bob = harness.Browser()
    url, _ = world.answer(world.begin(bob, world.page("acme")), person("bob"))
    assert bob.open(url).status == 200
    at_idp = world.begin(bob, vault(world, "fresh.acme"))
    assert isinstance(at_idp, str)
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(at_idp).query)
    assert (query["prompt"], query["max_age"], query["login_hint"]) == (["login"], ["0"], ["bob@acme.example"])
    url, _ = world.answer(at_idp, person("bob"), auth_time=None)
    assert bob.open(url).status == 400


def test_what_is_no_page_load_gets_401_with_the_way_to_step_up(world):
    bob = harness.Browser()
    assert complete(world, bob, world.begin(bob, world.page("acme")), PASSWORD).status == 200
    assert complete(world, bob, world.begin(bob, vault(world, "vault.acme")), MFA).status == 200
    fresh = harness.Browser()
    fresh.cookies = {"vault.acme.localhost": dict(bob.cookies["vault.acme.localhost"])}
    world.change("UPDATE sessions SET evidence = replace(evidence, ?, ?)", MFA, PASSWORD)
    world.gateway.stop()
    world.gateway.start()
    for method, headers in [("GET", {"Accept": "application/json"}), ("POST", {}), ("GET", {"Sec-Fetch-Mode": "cors"})]:
        before = len(world.application.requests)
        page = fresh.request(method, vault(world, "vault.acme", "/api"), headers=headers)
        assert page.status == 401 and len(world.application.requests) == before
        body = json.loads(page.body)
        assert body["error_type"] == "step_up_required"
        assert body["sign_in_url"].startswith(vault(world, "vault.acme", "/.gateway/sign-in?acr="))
    page = fresh.request("GET", vault(world, "vault.acme", "/api"))
    assert page.status == 302, "a page load is sent on"
    # On a public path nobody needs anything; whoever lacks it is treated as anybody else.
    seen = {n.lower() for n, _ in fresh.request("GET", vault(world, "vault.acme", "/public/x")).json()["headers"]}
    assert "x-gateway-anonymous" in seen and "x-gateway-assertion" not in seen
    # The address in the answer leads there.
    at_idp = world.begin(fresh, body["sign_in_url"])
    assert isinstance(at_idp, str)
    assert complete(world, fresh, at_idp, MFA).status == 200


def test_a_made_up_demand_in_an_address_weakens_nothing(world):
    bob = harness.Browser()
    assert complete(world, bob, world.begin(bob, world.page("acme")), PASSWORD).status == 200
    weak = vault(world, "vault.acme", "/.gateway/sign-in?return_to=/secret")
    page = bob.request("GET", bob.request("GET", weak).headers["Location"])
    finish = bob.request("GET", page.headers["Location"])  # a hand-off with the sign-in that there is
    before = len(world.application.requests)
    again = world.begin(bob, urllib.parse.urljoin(page.headers["Location"], finish.headers["Location"]))
    assert isinstance(again, str) and len(world.application.requests) == before
    for query in ["max_age=x", "max_age=-1", "acr=" + "a" * 300, "max_age=60&max_age=61"]:
        assert harness.Browser().request("GET", vault(world, "vault.acme", "/.gateway/sign-in?" + query)).status == 400
