"""A gateway with two organizations and one shared OIDC provider (oidc-provider-mock: no passwords, fast)."""
import harness

ORGANIZATIONS = """
[[organization]]
slug = "acme"
name = "Acme"
members = [{ email = "alice@acme.example" }, { email = "bob@acme.example" }]

[[organization]]
slug = "globex"
name = "Globex"
members = [{ email = "bob@acme.example" }]
"""

LINK = """
[[external_connection]]
name          = "globex-link"
organization  = "globex"
connection    = "acme-idp"
email_domains = ["acme.example"]
"""


class SmallWorld:
    def __init__(self, folder, application):
        self.folder, self.application = folder, application
        self.idp_port = harness.free_port()
        self.gateway = harness.Gateway(folder, harness.free_port())
        self.idp_origin = f"http://127.0.0.1:{self.idp_port}"
        self.external = f"http://auth.localhost:{self.gateway.port}"
        self.callback = self.external + "/v1/b2b/sso/callback/oidc-connection-test-1"
        self.idp = harness.start_idp("oidc-provider-mock", PORT=self.idp_port)
        self.write()
        self.gateway.start()

    def configuration(self, organizations=ORGANIZATIONS, link=LINK, more=""):
        return f"""
external_url = "{self.external}"
listen       = ["127.0.0.1:{self.gateway.port}"]
store        = "sqlite:gateway.db"

[fetch]
allow_networks = ["127.0.0.0/8"]
{organizations}
[[connection]]
name         = "acme-idp"
id           = "oidc-connection-test-1"
organization = "acme"
type         = "oidc"
issuer       = "{self.idp_origin}"
client_id    = "gateway"
client_secret_file = "client.secret"
email_domains = ["acme.example"]
{link}
[[route]]
host     = "{{organization}}.wiki.localhost"
upstream = ["http://127.0.0.1:{self.application.port}"]
public_paths = ["/public/"]
headers  = {{ "Remote-User" = "{{email}}" }}
{more}"""

    def write(self, text=None):
        self.gateway.write(text or self.configuration(), client__secret="gateway-secret-0123456789")

    def page(self, organization, path="/"):
        return f"http://{self.host(organization)}:{self.gateway.port}{path}"

    def host(self, organization):
        return f"{organization}.wiki.localhost"

    def callback_address(self, browser, user, url):
        """Signs in at the provider; returns the callback address without opening it."""
        at_idp = browser.open(url, until=self.idp_origin)
        assert isinstance(at_idp, str), harness.text_of(at_idp)
        kind, address = harness.rp.walk(
            browser, browser.request("GET", at_idp), self.callback, user, harness.rp.USERS[user][1])
        assert kind == "redirect"
        return address

    def sign_in(self, user, organization, browser=None):
        """A browser with a session of the organization."""
        browser = browser or harness.Browser()
        page = browser.open(self.callback_address(browser, user, self.page(organization)))
        assert page.status == 200, harness.text_of(page)
        return browser

    def is_signed_in(self, browser, organization):
        """Whether the application sees a person; the gateway may answer with nothing but 200 or 401."""
        page = browser.request("GET", self.page(organization, "/probe"), headers={"Accept": "application/json"})
        assert page.status in (200, 401), page.status
        return page.status == 200

    def stop(self):
        self.gateway.stop()
        harness.end(self.idp)
