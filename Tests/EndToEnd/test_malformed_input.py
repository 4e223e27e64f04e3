"""Thousands of malformed requests to the gateway's own paths, the same ones in every run: no parameter and no cookie
makes it fail (a 5xx other than a deliberate 503) or end, and none that is damaged lets anybody in."""
import base64
import random
import re
import socket
import sqlite3
import urllib.parse

import pytest

import harness
import small_world as small

SEED = 20_250_101
MUTATIONS = 2_500


class World(small.SmallWorld):
    def write(self, text=None):
        super().write(text or self.configuration(more="[limits]\nsign_ins_per_minute_per_address = 1000000\n"))

    def sessions(self):
        with sqlite3.connect(self.folder / "gateway.db") as database:
            return database.execute("SELECT count(*) FROM sessions").fetchone()[0]


@pytest.fixture(scope="module")
def world(tmp_path_factory, application):
    folder = tmp_path_factory.mktemp("malformed")
    folder.chmod(0o700)
    running = World(folder, application)
    yield running
    running.stop()


class Wire:
    """Sends bytes as they are, over one connection as long as the gateway keeps it."""

    def __init__(self, port):
        self.port, self.connection = port, None

    def ask(self, method, host, target, fields=(), body=b""):
        """Status and head of the answer."""
        lines = [f"{method} ".encode() + target + b" HTTP/1.1", f"Host: {host}:{self.port}".encode()]
        lines += [name.encode() + b": " + value for name, value in fields]
        if method == "POST":
            lines.append(b"Content-Length: " + str(len(body)).encode())
        raw = b"\r\n".join(lines) + b"\r\n\r\n" + body
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=harness.DEADLINE).makefile("rwb")
            try:
                self.connection.write(raw)
                self.connection.flush()
                head = self._head()
            except (BrokenPipeError, ConnectionResetError):
                head = b""
            if head:
                break
            self.connection = None  # closed between two requests
            assert attempt == 1, f"no answer to {raw[:300]!r}"
        status = int(head.split(b" ", 2)[1])
        if b"\r\nConnection: close" in head:
            self.connection = None
        return status, head.decode("latin-1")

    def _head(self):
        head, length = b"", 0
        while line := self.connection.readline():
            head += line
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            if line == b"\r\n":
                self.connection.read(length)
                break
        return head


class Damage:
    """One way or another of damaging bytes."""

    def __init__(self):
        self.random = random.Random(SEED)

    def value(self, value):
        """Not the value itself."""
        while (damaged := self._once(value)) == value:
            pass
        return damaged

    def _once(self, value):
        pick = self.random.randrange
        if not value:
            return bytes([pick(0x21, 0x7F)])
        index = pick(len(value))
        match pick(12):
            case 0: return value[:index] + bytes([value[index] ^ 1 << pick(8)]) + value[index + 1:]
            case 1: return value[:index]
            case 2: return value[:index] + value[index + 1:]
            case 3: return value + bytes([pick(0x21, 0x7F)])
            case 4: return value[:index] + value[pick(len(value)):] + value[index:]
            case 5: return value * pick(2, 60)
            case 6: return value[:index] + self.random.choice([b"%", b"%0", b"%zz", b"%00", b"%0d%0a", b"%ff", b"%c0%ae", b"&", b"+"]) + value[index:]
            case 7: return self.random.choice([b"", b"0", b"-1", b"null", b"{}", b"[]", b"true", b"%22", b"..", b"/", b"//evil.example/"])
            case 8: return base64.urlsafe_b64encode(self.random.randbytes(pick(64))).rstrip(b"=")
            case 9: return b"A" * pick(1, 6000)
            case 10: return value.swapcase()
            case _: return value[:index] + bytes([pick(0x80, 0x100)]) + value[index:]

    def query(self, parameters):
        """Some parameters damaged, doubled, left out or in another order."""
        pairs = [[name, value] for name, value in parameters]
        self.random.shuffle(pairs)
        for _ in range(self.random.randrange(1, 3)):
            pair = self.random.choice(pairs)
            match self.random.randrange(6):
                case 0: pairs.remove(pair)
                case 1: pairs.append([pair[0], self.value(pair[1])])
                case 2: pair[0] = self.value(pair[0])
                case _: pair[1] = self.value(pair[1])
            if not pairs:
                break
        return b"&".join(name + b"=" + value for name, value in pairs)


def check(status, head, what):
    assert status < 500 or status == 503 and "\r\nRetry-After: " in head, (status, what)


def field_safe(value):
    """Without what ends a field line, so that the value and not the head is what is refused."""
    return bytes(byte for byte in value if byte not in b"\r\n\0")


def test_a_damaged_session_cookie_lets_nobody_in(world):
    browser = world.sign_in("alice", "acme")
    host = world.host("acme")
    token = browser.cookie(host, "gateway-session").encode()
    wire, damage = Wire(world.gateway.port), Damage()
    seen = {}

    def ask(cookie):
        return wire.ask("GET", host, b"/page", [("Cookie", cookie), ("Accept", b"application/json")])

    assert ask(b"gateway-session=" + token)[0] == 200
    before = len(world.application.requests)
    for position in range(len(token)):
        for bit in range(8):
            flipped = field_safe(token[:position] + bytes([token[position] ^ 1 << bit]) + token[position + 1:])
            status, head = ask(b"gateway-session=" + flipped)
            assert status in (400, 401), status
    for _ in range(MUTATIONS):
        damaged = field_safe(damage.value(token)).strip(b" \t")
        if token == damaged.split(b";")[0].strip():
            continue  # damage behind the value is another cookie
        status, head = ask(damage.random.choice([b"", b"a=b; "]) + b"gateway-session=" + damaged)
        check(status, head, "session cookie")
        assert status in (400, 401, 431), status
        seen[status] = seen.get(status, 0) + 1
    assert len(world.application.requests) == before
    assert seen[401] > MUTATIONS / 2
    assert ask(b"gateway-session=" + token)[0] == 200


def test_no_damaged_parameter_makes_a_path_of_the_gateway_fail(world):
    wire, damage = Wire(world.gateway.port), Damage()
    host, external = world.host("acme"), "auth.localhost"
    browser = world.sign_in("bob", "acme")
    session = b"gateway-session=" + browser.cookie(host, "gateway-session").encode()
    record = b"gateway-sign-in=" + (browser.cookie(external, "gateway-sign-in") or "x").encode()
    flow = b"gateway-flow=" + (browser.cookie(external, "gateway-flow") or "x").encode()
    switcher = browser.request("GET", f"http://{external}:{world.gateway.port}/.gateway/organizations")
    csrf_token = re.search(r'name="csrf_token" value="([^"]+)"', switcher.text)[1].encode()
    callback_path = urllib.parse.urlsplit(world.callback).path.encode()
    form = [("Content-Type", b"application/x-www-form-urlencoded")]
    page = urllib.parse.quote(world.page("acme", "/a?b=c"), safe="").encode()
    # Method, host, path, parameters (in the body of a POST), cookies.
    calls = [
        ("GET", host, b"/.gateway/sign-in", [(b"return_to", b"%2Fa%3Fb%3Dc")], b""),
        ("GET", external, b"/.gateway/sign-in", [(b"return_to", page), (b"browser", b"A" * 43), (b"ask", b"1"), (b"again", b"1")], record),
        ("GET", external, b"/.gateway/sign-in", [(b"connection", b"oidc-connection-test-1"), (b"return_to", page)], record),
        ("POST", external, b"/.gateway/sign-in", [(b"email", b"alice%40acme.example")], flow),
        ("GET", external, b"/v1/public/sso/start",
         [(b"connection_id", b"oidc-connection-test-1"), (b"login_hint", b"alice"), (b"custom_scopes", b"groups+x")], flow),
        ("GET", external, b"/v1/public/sso/start", [(b"organization_id", b"acme"), (b"login_redirect_url", page)], flow),
        ("GET", external, callback_path, [(b"code", b"abc"), (b"state", b"A" * 43), (b"iss", b"http%3A%2F%2F127.0.0.1")], flow),
        ("GET", external, callback_path, [(b"error", b"access_denied"), (b"error_description", b"no"), (b"state", b"A" * 43)], flow),
        ("GET", external, callback_path, [(b"handle", b"A" * 43)], flow),
        ("POST", external, callback_path, [(b"SAMLResponse", base64.b64encode(b"<a/>")), (b"RelayState", b"A" * 43)], flow),
        ("GET", external, b"/.gateway/saml/metadata/saml-connection-test-1", [(b"x", b"y")], b""),
        ("GET", host, b"/.gateway/finish", [(b"code", b"A" * 43)], flow),
        ("GET", host, b"/.gateway/session", [(b"x", b"y")], session),
        ("POST", host, b"/.gateway/sign-out", [(b"csrf_token", b"A" * 43), (b"everywhere", b"1")], session),
        ("POST", external, b"/.gateway/sign-out", [(b"csrf_token", b"A" * 43)], record),
        ("GET", external, b"/.well-known/jwks.json", [(b"x", b"y")], b""),
        ("GET", external, b"/.gateway/organizations", [(b"x", b"y")], record),
        ("POST", external, b"/.gateway/exchange",
         [(b"organization_id", b"globex"), (b"csrf_token", csrf_token), (b"return_to", page), (b"browser", b"A" * 43)], record),
        ("POST", external, b"/.gateway/sessions", [(b"device", b"A" * 43), (b"csrf_token", csrf_token)], record),
        ("GET", host, b"/.gateway/sign-in", [(b"return_to", b"%2F"), (b"max_age", b"60"), (b"acr", b"urn%3Amfa")], b""),
    ]
    before, sessions = len(world.application.requests), world.sessions()
    statuses = {}
    for number in range(MUTATIONS):
        method, to, path, parameters, cookie = calls[number % len(calls)]
        query = damage.query(parameters)
        if damage.random.randrange(4) == 0 and cookie:
            cookie = field_safe(damage.value(cookie))
        if damage.random.randrange(8) == 0:
            path = path + damage.random.choice([b"/", b"%2F", b"x", b"%00", b";x", b"/../", b"%252e"])
        fields = [("Cookie", cookie)] if cookie else []
        if method == "POST":
            status, head = wire.ask(method, to, path, fields + form, query)
        else:
            # Spaces and control bytes in a target are the head parser's business.
            target = path + b"?" + bytes(byte for byte in query if byte > 0x20 and byte != 0x7F)
            status, head = wire.ask(method, to, target, fields + [("Accept", b"text/html")])
        check(status, head, (method, to, path))
        statuses[status] = statuses.get(status, 0) + 1
        assert "evil.example" not in head.split("\r\nLocation: ")[-1].split("\r\n")[0].split("?")[0], head
    assert {200, 302, 400}.issubset(statuses), statuses
    assert len(world.application.requests) == before
    assert world.sessions() == sessions
    assert world.gateway.process.poll() is None


def test_a_damaged_callback_or_hand_off_makes_no_session(world):
    wire, damage = Wire(world.gateway.port), Damage()
    sessions = world.sessions()
    for step in ("callback", "finish"):
        browser = harness.Browser()
        address = world.callback_address(browser, "bob", world.page("acme"))
        if step == "finish":
            address = browser.request("GET", address).headers["Location"]
        parts = urllib.parse.urlsplit(address)
        pairs = [tuple(piece.encode().split(b"=", 1)) for piece in parts.query.split("&")]
        secrets = [value for name, value in pairs if name in (b"code", b"state")]
        cookie = b"gateway-flow=" + browser.cookie(parts.hostname, "gateway-flow").encode()
        for _ in range(200):
            query, sent = damage.query(pairs), cookie
            if damage.random.randrange(3) == 0:
                query, sent = parts.query.encode(), b"gateway-flow=" + field_safe(damage.value(cookie[13:])).strip()
            if sent.split(b";")[0].strip() == cookie and all(value in query for value in secrets):
                continue  # the damage is in something that nobody reads
            target = parts.path.encode() + b"?" + bytes(byte for byte in query if byte > 0x20 and byte != 0x7F)
            status, head = wire.ask("GET", parts.hostname, target, [("Cookie", sent), ("Accept", b"text/html")])
            check(status, head, step)
            assert "gateway-session=" not in head.replace("gateway-session=;", ""), (status, step)
    assert world.sessions() == sessions
    # Positive control: an undamaged one does.
    assert world.is_signed_in(world.sign_in("bob", "acme"), "acme")
    assert world.sessions() == sessions + 1
    assert world.gateway.process.poll() is None
