"""Sign-ins through the real binary at identity providers of other people, and the assertion as a verifier of
other people reads it."""
import json
import re
import threading
import time

import jwt
import pytest

import harness

CLIENT_SECRET = "gateway-secret-0123456789"


def configuration(port, application, connection):
    return f"""
external_url = "http://auth.localhost:{port}"
listen       = ["127.0.0.1:{port}"]
store        = "sqlite:gateway.db"

[fetch]
allow_networks = ["127.0.0.0/8"]

[[role]]
name = "viewer"

[[role]]
name = "editor"

[[organization]]
slug = "acme"
name = "Acme"
email_allowed_domains = ["acme.example"]
sso_jit_provisioning  = "ALL_ALLOWED"

[[organization]]
slug = "globex"
name = "Globex"
members = [{{ email = "bob@acme.example", roles = ["viewer"] }}]

{connection}

[[external_connection]]
name          = "globex-link"
organization  = "globex"
connection    = "acme-idp"
email_domains = ["acme.example"]
role_ceiling  = ["viewer"]

[[route]]
host     = "{{organization}}.wiki.localhost"
upstream = ["http://127.0.0.1:{application.port}"]
public_paths = ["/public/"]

[[route]]
host     = "{{organization}}.tickets.localhost"
upstream = ["http://127.0.0.1:{application.port}"]
"""


OIDC = """
[[connection]]
name         = "acme-idp"
id           = "oidc-connection-test-1"
organization = "acme"
type         = "oidc"
issuer       = "{issuer}"
client_id    = "gateway"
client_secret_file = "client.secret"
email_domains = ["acme.example"]
custom_scopes = ["groups"]
roles        = ["viewer"]
group_roles  = {{ engineering = ["editor"] }}
"""

SAML = """
[[connection]]
name         = "acme-idp"
id           = "saml-connection-test-1"
organization = "acme"
type         = "saml"
metadata_url = "{metadata}"
email_domains = ["acme.example"]
attribute_mapping = {{ email = "mail", full_name = "displayName", groups = "memberOf" }}
roles        = ["viewer"]
group_roles  = {{ engineering = ["editor"] }}
"""


class World:
    def __init__(self, kind, folder, application):
        self.kind, self.application = kind, application
        self.last_token = {}
        port, idp_port = harness.free_port(), harness.free_port()
        self.gateway = harness.Gateway(folder, port)
        connection_id = ("saml" if kind == "pysaml2" else "oidc") + "-connection-test-1"
        self.callback = f"http://auth.localhost:{port}/v1/b2b/sso/callback/{connection_id}"
        self.origin = f"http://127.0.0.1:{idp_port}"
        if kind == "pysaml2":
            connection = SAML.format(metadata=self.origin + "/idp.xml")
            self.idp = harness.start_idp(
                kind, PORT=idp_port, FRESH=1, SP_ENTITY_ID=self.callback, SP_ACS_URL=self.callback)
        else:
            connection = OIDC.format(issuer=self.origin)
            self.idp = harness.start_idp(
                kind, PORT=idp_port, FRESH=1, REDIRECT_URI=self.callback, CLIENT_ID="gateway", CLIENT_SECRET=CLIENT_SECRET)
        self.gateway.write(configuration(port, application, connection), client__secret=CLIENT_SECRET)
        self.gateway.start()

    def stop(self):
        assert self.gateway.stop() == 0
        harness.end(self.idp)

    def page(self, organization, path="/", application="wiki"):
        return f"http://{organization}.{application}.localhost:{self.gateway.port}{path}"

    def sign_in(self, browser, user, url):
        """From a page of an application through the IdP's own pages back to the application."""
        at_idp = browser.open(url, until=self.origin)
        assert isinstance(at_idp, str), harness.text_of(at_idp)
        _, password, _ = harness.rp.USERS[user]
        if self.kind == "canaille":
            # It answers 500 to a second token of one person within one second of its clock.
            while int(time.time()) == self.last_token.get(user):
                threading.Event().wait(0.05)
        accept = ("answer", "accept") if self.kind == "canaille" else None
        got = harness.rp.walk(browser, browser.request("GET", at_idp), self.callback, user, password, accept)
        if got[0] == "form":
            return browser.open(got[1], data=list(got[2].items()))
        page = browser.open(got[1])
        self.last_token[user] = int(time.time())
        return page


@pytest.fixture(scope="module", params=["canaille", "oidc-provider-mock", "pysaml2"])
def world(request, tmp_path_factory, application):
    folder = tmp_path_factory.mktemp("gateway")
    folder.chmod(0o700)
    running = World(request.param, folder, application)
    yield running
    running.stop()


def headers_of(page):
    return {name.lower(): value for name, value in json.loads(page.body)["headers"]}


def test_a_person_is_provisioned_and_the_application_sees_a_verifiable_assertion(world):
    browser = harness.Browser()
    page = world.sign_in(browser, "alice", world.page("acme", "/a/page?with=query"))
    assert page.status == 200, harness.text_of(page)
    assert json.loads(page.body)["path"] == "/a/page?with=query"
    seen = headers_of(page)
    assert seen["x-gateway-organization"] == "acme"
    assert seen["x-gateway-email"] == "alice@acme.example"
    assert "gateway" not in seen.get("cookie", "")
    issuer = f"http://auth.localhost:{world.gateway.port}"
    key_set = jwt.PyJWKSet.from_json(harness.Browser().request("GET", issuer + "/.well-known/jwks.json").text)
    token = seen["x-gateway-assertion"]
    key = key_set[jwt.get_unverified_header(token)["kid"]]
    origin = world.page("acme", "")
    claims = jwt.decode(token, key, algorithms=["ES256"], audience=origin, issuer=issuer,
                        options={"require": ["exp", "iat", "nbf", "sub", "aud", "iss"]})
    assert claims["organization"]["slug"] == "acme"
    assert claims["sub"] == seen["x-gateway-member"]
    assert claims["exp"] - claims["iat"] <= 300
    assert claims["connection"]["type"] == ("saml" if world.kind == "pysaml2" else "oidc")
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, key, algorithms=["ES256"], audience=world.page("globex", ""), issuer=issuer)


def test_the_borrower_takes_its_own_member_in_and_nobody_else(world):
    page = world.sign_in(harness.Browser(), "bob", world.page("globex"))
    assert page.status == 200, harness.text_of(page)
    seen = headers_of(page)
    assert (seen["x-gateway-organization"], seen["x-gateway-roles"]) == ("globex", "viewer")
    before = len(world.application.requests)
    page = world.sign_in(harness.Browser(), "alice", world.page("globex"))
    assert page.status == 403
    assert len(world.application.requests) == before, "the application saw a request of somebody who was refused"


def test_an_address_outside_the_domain_list_is_refused(world):
    before = len(world.application.requests)
    page = world.sign_in(harness.Browser(), "carol", world.page("acme"))
    assert page.status == 403
    world.gateway.wait_until_logged(request_id(page))
    world.gateway.wait_until_logged("email_domain_not_allowed")
    assert len(world.application.requests) == before


def request_id(page):
    return re.search(r"<code>([0-9a-f]+)</code>", page.text).group(1)


def test_the_second_application_needs_no_second_sign_in(world):
    browser = harness.Browser()
    first = headers_of(world.sign_in(browser, "bob", world.page("globex")))
    page = browser.open(world.page("globex", application="tickets"), until=world.origin)
    assert not isinstance(page, str), "the second application of the same organization asked for a sign-in"
    second = headers_of(page)
    assert second["x-gateway-member"] == first["x-gateway-member"]
    # An organization that would have to make a member of him first asks: no silent provisioning.
    page = browser.open(world.page("acme"), until=world.origin)
    assert not isinstance(page, str) and "Join Acme" in harness.text_of(page)
