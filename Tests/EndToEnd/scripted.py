"""Identity providers whose every statement a test writes: what they assert, how it was authenticated, and when. They
answer at once, without pages; signatures are real."""
import base64
import datetime
import hashlib
import http.server
import json
import secrets
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ET
import zlib

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

import harness

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def person(name, email=None, **more):
    """What an IdP says of somebody; `more` are other claims or attributes."""
    return {"sub": "sub-" + name, "email": email or f"{name}@acme.example", "name": name.title(), **more}


class OIDCProvider:
    """An OpenID provider; its address for browsers is never opened, `answer` takes its place."""

    def __init__(self):
        self.requests = []  # queries of authorization requests, in order
        self._codes = {}
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.reply(provider.document(self.path, self.headers.get("Authorization", "")))

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.reply(provider.tokens(form["code"][0]) if self.path == "/token" else None)

            def reply(self, document):
                body = json.dumps(document or {"error": "invalid_grant"}).encode()
                self.send_response(200 if document else 400)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def document(self, path, authorization):
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.origin, "authorization_endpoint": self.origin + "/authorize",
                "token_endpoint": self.origin + "/token", "jwks_uri": self.origin + "/jwks",
                "userinfo_endpoint": self.origin + "/userinfo", "response_types_supported": ["code"],
                "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"]}
        if path == "/jwks":
            return {"keys": [{**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "1", "alg": "RS256", "use": "sig"}]}
        if path == "/userinfo":
            return json.loads(base64.urlsafe_b64decode(authorization.removeprefix("Bearer ")))
        return None

    def answer(self, url, claims, **changes):
        """The callback address, and no form: what a browser is sent to after the sign-in. `changes`: claims of the
        ID token alone; a value of None leaves the claim out."""
        query = {k: v[0] for k, v in urllib.parse.parse_qs(urllib.parse.urlsplit(url).query).items()}
        self.requests.append(query)
        now = int(time.time())
        token = {**claims, "iss": self.origin, "aud": query["client_id"], "nonce": query["nonce"], "iat": now, "exp": now + 300}
        if "max_age" in query or query.get("prompt") == "login":
            token["auth_time"] = now  # OpenID Connect Core §2: required when max_age was asked for
        token.update(changes)
        code = secrets.token_urlsafe(16)
        self._codes[code] = ({k: v for k, v in token.items() if v is not None}, claims)
        return query["redirect_uri"] + "?" + urllib.parse.urlencode({"code": code, "state": query["state"]}), None

    def tokens(self, code):
        if code not in self._codes:
            return None
        token, claims = self._codes.pop(code)
        return {
            "id_token": jwt.encode(token, KEY, "RS256", headers={"kid": "1"}), "token_type": "Bearer",
            "access_token": base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()}

    def connection(self, name, organization, more=""):
        return f"""
[[connection]]
name         = "{name}"
organization = "{organization}"
type         = "oidc"
issuer       = "{self.origin}"
client_id    = "gateway"
client_secret_file = "client.secret"
{more}
"""


SAML = "urn:oasis:names:tc:SAML:2.0:"
DS = "http://www.w3.org/2000/09/xmldsig#"
PERSISTENT = SAML + "nameid-format:persistent"


class SAMLProvider:
    """A SAML identity provider without a server: it has no metadata address, and `answer` makes the POST that a
    browser would bring. Documents are written in canonical form, so that what is digested is the text itself."""
    origin = "http://127.0.0.1:9/saml-idp"

    def __init__(self):
        self.requests = []  # AuthnRequest elements, in order
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "scripted")])
        now = datetime.datetime.now(datetime.timezone.utc)
        certificate = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key()).serial_number(
            1).not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30)).sign(
            KEY, hashes.SHA256())
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM).decode()

    def stop(self):
        pass

    def answer(self, url, claims, name_id_format=PERSISTENT, authenticated_at=None, context=None, relay_state=None):
        query = {k: v[0] for k, v in urllib.parse.parse_qs(urllib.parse.urlsplit(url).query).items()}
        request = ET.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"]), -15))
        self.requests.append(request)
        asked = request.find(f".//{{{SAML}assertion}}AuthnContextClassRef")
        context = context or (asked.text if asked is not None else SAML + "ac:classes:Password")
        acs = request.get("AssertionConsumerServiceURL")
        now = time.time()
        text = self._response(request.get("ID"), acs, claims, name_id_format, now, authenticated_at or now, context)
        fields = [("SAMLResponse", base64.b64encode(text.encode()).decode()), ("RelayState", relay_state or query["RelayState"])]
        return acs, fields

    def _response(self, request_id, acs, claims, name_id_format, now, authenticated_at, context):
        def at(seconds):
            return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))

        def attribute(name, values):
            values = values if isinstance(values, list) else [values]
            return (f'<saml:Attribute Name="{name}">' + "".join(
                f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values) + "</saml:Attribute>")

        attributes = "".join(attribute(n, v) for n, v in claims.items() if n != "sub" and v not in (None, []))
        assertion_id = "_" + secrets.token_hex(16)
        issuer = f"<saml:Issuer>{self.origin}</saml:Issuer>"
        head = f'<saml:Assertion xmlns:saml="{SAML}assertion" ID="{assertion_id}" IssueInstant="{at(now)}" Version="2.0">{issuer}'
        body = (
            f'<saml:Subject><saml:NameID Format="{name_id_format}">{claims["sub"]}</saml:NameID>'
            f'<saml:SubjectConfirmation Method="{SAML}cm:bearer"><saml:SubjectConfirmationData InResponseTo="{request_id}" '
            f'NotOnOrAfter="{at(now + 300)}" Recipient="{acs}"></saml:SubjectConfirmationData></saml:SubjectConfirmation>'
            f'</saml:Subject><saml:Conditions NotBefore="{at(now - 60)}" NotOnOrAfter="{at(now + 300)}"><saml:AudienceRestriction>'
            f"<saml:Audience>{acs}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{at(authenticated_at)}"><saml:AuthnContext><saml:AuthnContextClassRef>{context}'
            f"</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
            f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>")
        digest = base64.b64encode(hashlib.sha256((head + body).encode()).digest()).decode()
        signed = (
            f'<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod>'
            f'<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>'
            f'<ds:Reference URI="#{assertion_id}"><ds:Transforms><ds:Transform Algorithm="{DS}enveloped-signature"></ds:Transform>'
            f'<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms><ds:DigestMethod '
            f'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>{digest}</ds:DigestValue>'
            f"</ds:Reference></ds:SignedInfo>")
        value = KEY.sign(f'<ds:SignedInfo xmlns:ds="{DS}">{signed}'.encode(), padding.PKCS1v15(), hashes.SHA256())
        signature = (
            f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>{signed}<ds:SignatureValue>'
            f"{base64.b64encode(value).decode()}</ds:SignatureValue></ds:Signature>")
        return (
            f'<samlp:Response xmlns:samlp="{SAML}protocol" xmlns:saml="{SAML}assertion" ID="_{secrets.token_hex(16)}" '
            f'InResponseTo="{request_id}" IssueInstant="{at(now)}" Version="2.0" Destination="{acs}">{issuer}'
            f'<samlp:Status><samlp:StatusCode Value="{SAML}status:Success"/></samlp:Status>'
            f"{head}{signature}{body}</samlp:Response>")

    def connection(self, name, organization, more=""):
        mapping = "" if "attribute_mapping" in more else 'attribute_mapping = { email = "email", full_name = "name", groups = "groups" }'
        return f"""
[[connection]]
name          = "{name}"
organization  = "{organization}"
type          = "saml"
idp_entity_id = "{self.origin}"
idp_sso_url   = "{self.origin}"
certificate_file = "saml.pem"
{mapping}
{more}
"""


class World:
    """A gateway with Acme, which owns the connection `main`, Globex, which borrows it, and Umbrella, which has a
    connection of its own at another provider."""

    def __init__(self, folder, application, kind="oidc", **parts):
        folder.chmod(0o700)
        self.folder, self.application = folder, application
        self.idp = OIDCProvider() if kind == "oidc" else SAMLProvider()
        self.other_idp = OIDCProvider()
        self.gateway = harness.Gateway(folder, harness.free_port())
        self.external = f"http://auth.localhost:{self.gateway.port}"
        self.parts = parts
        self.write()
        self.gateway.start()

    def stop(self):
        self.gateway.stop()
        self.idp.stop()
        self.other_idp.stop()

    LINK = """
[[external_connection]]
name         = "link"
id           = "external-connection-test-1"
organization = "globex"
connection   = "main"
"""

    def write(self, **parts):
        """gateway.conf of the parts; `None` leaves one out."""
        self.parts = {**self.parts, **parts}
        get = self.parts.get
        link, more = get("link", ""), get("more", "")
        if callable(more):  # it names a provider of this world
            more = more(self)
        text = f"""
external_url = "{self.external}"
listen       = ["127.0.0.1:{self.gateway.port}"]
store        = "sqlite:gateway.db"
{get("session", "")}
[fetch]
allow_networks = ["127.0.0.0/8"]

[[role]]
name = "viewer"

[[role]]
name = "editor"

[[organization]]
slug = "acme"
name = "Acme"
{get("acme", "")}

[[organization]]
slug = "globex"
name = "Globex"
{get("globex", "")}

[[organization]]
slug = "umbrella"
name = "Umbrella"
{get("umbrella", "")}
{self.idp.connection("main", "acme", get("main", ""))}
{self.other_idp.connection("umbrella-own", "umbrella", get("umbrella_own", ""))}
{"" if link is None else self.LINK + ("" if "email_domains" in link else 'email_domains = ["acme.example"]') + chr(10) + link}
{more}
[[route]]
host     = "{{organization}}.wiki.localhost"
upstream = ["http://127.0.0.1:{self.application.port}"]
public_paths = ["/public/"]
{get("route", "")}
{get("routes", "")}
"""
        files = {"client__secret": "gateway-secret-0123456789"}
        if isinstance(self.idp, SAMLProvider):
            files["saml__pem"] = self.idp.certificate
        self.gateway.write(text, **files)

    def reload(self, **parts):
        import signal
        self.write(**parts)
        self.gateway.signal(signal.SIGHUP)
        self.gateway.wait_for("configuration reloaded")

    def host(self, organization):
        return f"{organization}.wiki.localhost"

    def page(self, organization, path="/"):
        return f"http://{self.host(organization)}:{self.gateway.port}{path}"

    # Steps of a sign-in

    def begin(self, browser, url):
        """Goes as far as the identity provider; returns the address there, or the page on which it ended."""
        return browser.open(url, until=(self.idp.origin, self.other_idp.origin))

    def answer(self, at_idp, claims, **changes):
        idp = self.idp if at_idp.startswith(self.idp.origin) else self.other_idp
        return idp.answer(at_idp, claims, **changes)

    def sign_in(self, claims, organization="acme", browser=None, path="/", **changes):
        """Through the identity provider to a page; returns the browser and the page."""
        browser = browser or harness.Browser()
        at_idp = self.begin(browser, self.page(organization, path))
        assert isinstance(at_idp, str), harness.text_of(at_idp)
        url, fields = self.answer(at_idp, claims, **changes)
        return browser, browser.open(url, data=fields)

    def signed_in(self, claims, organization="acme", browser=None, **changes):
        browser, page = self.sign_in(claims, organization, browser, **changes)
        assert page.status == 200, harness.text_of(page)
        return browser

    def sees(self, browser, organization, path="/probe"):
        """What the application sees of a person who is signed in there, by lower-case name; None for a 401."""
        page = browser.request("GET", self.page(organization, path), headers={"Accept": "application/json"})
        assert page.status in (200, 401), page.status
        return {n.lower(): v for n, v in json.loads(page.body)["headers"]} if page.status == 200 else None

    # Entry points: every way into an organization that has to ask the rules

    ENTRIES = ("page", "link", "exchange", "visit")

    def enter(self, entry, claims, organization="globex", **changes):
        """Into an organization by one of the entry points; returns the browser and the page on which it ended. `link`
        starts with the external connection; `exchange` and `visit` come from a session in Acme."""
        browser = harness.Browser()
        if entry in ("page", "link"):
            start = self.page(organization)
            if entry == "link":
                start = self.external + "/v1/public/sso/start?connection_id=external-connection-test-1"
            at_idp = self.begin(browser, start)
            if not isinstance(at_idp, str):
                return browser, at_idp
            url, fields = self.answer(at_idp, claims, **changes)
            return browser, browser.open(url, data=fields)
        self.signed_in(claims, "acme", browser, **changes)
        if entry == "exchange":
            return browser, self.exchange(browser, organization)
        return browser, self.begin(browser, self.page(organization))

    # The pages of the host of external_url

    def switcher(self, browser):
        return browser.request("GET", self.external + "/.gateway/organizations")

    def token(self, browser):
        """Of the forms on the host of external_url."""
        page = browser.request("GET", self.external + "/.gateway/sessions")
        return next(v for f in page.forms for n, v, _ in f["fields"] if n == "csrf_token")

    def exchange(self, browser, organization, token=None, follow=True, headers=None, **fields):
        data = [("organization_id", organization), ("csrf_token", token or self.token(browser)), *fields.items()]
        page = browser.request("POST", self.external + "/.gateway/exchange", data, headers={"Origin": self.external, **(headers or {})})
        if not follow or page.status != 303:
            return page
        return browser.open(page.headers["Location"])

    # What is left behind

    def query(self, statement, *values):
        import sqlite3
        with sqlite3.connect(f"file:{self.folder}/gateway.db?mode=ro", uri=True, timeout=10) as database:
            return database.execute(statement, values).fetchall()

    def change(self, statement, *values):
        """What an administrator would do at run time, from another process, as far as a row of the store goes."""
        import sqlite3
        with sqlite3.connect(self.folder / "gateway.db", timeout=10) as database:
            assert database.execute(statement, values).rowcount > 0, statement

    def audit(self):
        """(kind, decision), oldest first."""
        return self.query("SELECT kind, decision FROM audit_events ORDER BY at, rowid")

    def counts(self):
        """Everything that a refusal must leave as it was."""
        return {
            "requests": len(self.application.requests),
            **{table: self.query(f"SELECT COUNT(*) FROM {table}")[0][0] for table in ("sessions", "members", "subject_links")}}
