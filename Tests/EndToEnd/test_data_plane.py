"""What lies behind routes: WebSockets that end with their session, upstreams with TLS and on unix sockets, and the
access log."""
import base64
import hashlib
import json
import pathlib
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

import harness
import small_world as small

CUT_DEADLINE = 1.0  # seconds, from the end of a session to the end of what it has open (contract, R8)
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3


class SocketApplication:
    """Answers ordinary requests with 200, and WebSockets with an echo of their bytes. Remembers heads."""

    def __init__(self, tls=None, path=None):
        self.heads = []
        self.server = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.server.bind(str(path) if path else ("127.0.0.1", 0))
        self.port = None if path else self.server.getsockname()[1]
        self.server.listen(64)
        self.tls = tls
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            received = b""
            while True:
                while b"\r\n\r\n" not in received:
                    data = connection.recv(65536)
                    if not data:
                        return
                    received += data
                head, _, received = received.partition(b"\r\n\r\n")
                self.heads.append(head.decode())
                fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
                if fields.get("Upgrade") != "websocket":
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    continue
                accept = base64.b64encode(hashlib.sha1(fields["Sec-WebSocket-Key"].encode() + GUID).digest())
                connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                   b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + received)
                while data := connection.recv(65536):
                    connection.sendall(data)
                return
        except OSError:
            pass
        finally:
            connection.close()

    def stop(self):
        self.server.close()


@pytest.fixture
def sockets():
    running = SocketApplication()
    yield running
    running.stop()


@pytest.fixture
def socket_world(tmp_path, sockets):
    tmp_path.chmod(0o700)
    running = small.SmallWorld(tmp_path, sockets)
    yield running
    running.stop()


def open_socket(world, browser, organization):
    """A WebSocket of a signed-in browser, through which a message has gone."""
    cookie = "; ".join(f"{k}={v}" for k, v in browser.cookies[world.host(organization)].items())
    connection = socket.create_connection(("127.0.0.1", world.gateway.port), timeout=harness.DEADLINE)
    connection.sendall((
        f"GET /socket HTTP/1.1\r\nHost: {world.host(organization)}:{world.gateway.port}\r\nCookie: {cookie}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        data = connection.recv(65536)
        assert data, answer
        answer += data
    assert answer.startswith(b"HTTP/1.1 101 "), answer
    assert echoes(connection)
    return connection


def echoes(connection):
    connection.sendall(b"ping")
    received = b""
    while len(received) < 4:
        data = connection.recv(4)
        if not data:
            return False
        received += data
    return received == b"ping"


def ends(connection):
    """Seconds until the other side ends the connection."""
    begun = time.monotonic()
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return time.monotonic() - begun


def test_a_websocket_ends_within_a_second_of_its_sign_out_and_no_other(socket_world):
    leaving, staying = socket_world.sign_in("alice", "acme"), socket_world.sign_in("bob", "acme")
    cut, kept = open_socket(socket_world, leaving, "acme"), open_socket(socket_world, staying, "acme")
    token = json.loads(leaving.request("GET", socket_world.page("acme", "/.gateway/session")).body)["csrf_token"]
    page = leaving.request("POST", socket_world.page("acme", "/.gateway/sign-out"), [("csrf_token", token)])
    assert page.status in (200, 302, 303), page.status
    assert ends(cut) <= CUT_DEADLINE
    assert echoes(kept)


def test_a_websocket_ends_within_a_second_of_the_severing_of_its_link_and_no_other(socket_world):
    owner, borrower = socket_world.sign_in("alice", "acme"), socket_world.sign_in("bob", "globex")
    kept, cut = open_socket(socket_world, owner, "acme"), open_socket(socket_world, borrower, "globex")
    socket_world.write(socket_world.configuration(link=""))
    socket_world.gateway.signal(signal.SIGHUP)
    socket_world.gateway.wait_for("configuration reloaded")
    assert ends(cut) <= CUT_DEADLINE
    assert echoes(kept)


def make_authority(folder):
    """A self-made authority, which is its own server certificate for localhost."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2", "-addext",
         "subjectAltName=DNS:localhost", "-keyout", folder / "server.key", "-out", folder / "server.pem"],
        check=True, capture_output=True)
    return folder / "server.pem", folder / "server.key"


def test_an_upstream_with_tls_is_verified_against_the_routes_authority_alone(tmp_path, sockets):
    tmp_path.chmod(0o700)
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.mkdir()
    wrong.mkdir()
    certificate, key = make_authority(right)
    make_authority(wrong)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    upstream = SocketApplication(tls=context)
    world = small.SmallWorld(tmp_path, sockets)
    try:
        plain = f'upstream = ["http://127.0.0.1:{sockets.port}"]'

        def reload(authority):
            text = world.configuration().replace(plain, f'upstream = ["https://localhost:{upstream.port}"]\n{authority}')
            world.write(text)
            world.gateway.signal(signal.SIGHUP)
            world.gateway.wait_for("configuration reloaded")

        browser = world.sign_in("alice", "acme")
        for authority in ("", f'upstream_ca = "{wrong}/server.pem"'):
            reload(authority)
            assert browser.request("GET", world.page("acme", "/refused")).status == 502
            assert world.gateway.wait_for("upstream changed")["reason"] == "tls_failed"
        assert upstream.heads == []
        reload(f'upstream_ca = "{right}/server.pem"')
        assert browser.request("GET", world.page("acme", "/served")).status == 200
        assert [head.split(" ")[1] for head in upstream.heads] == ["/served"]
        # An authority that is not there stops a reload, not the verification.
        world.write(world.configuration().replace(plain, f'upstream = ["https://localhost:1"]\nupstream_ca = "{tmp_path}/none.pem"'))
        world.gateway.signal(signal.SIGHUP)
        assert "none.pem" in world.gateway.wait_for("configuration not reloaded")["problem"]
        assert browser.request("GET", world.page("acme", "/served")).status == 200
    finally:
        world.stop()
        upstream.stop()


def test_an_upstream_on_a_unix_socket_is_served(tmp_path, sockets):
    tmp_path.chmod(0o700)
    path = tmp_path / "application.sock"
    upstream = SocketApplication(path=path)
    world = small.SmallWorld(tmp_path, sockets)
    try:
        world.write(world.configuration().replace(f"http://127.0.0.1:{sockets.port}", f"unix:{path}"))
        world.gateway.signal(signal.SIGHUP)
        world.gateway.wait_for("configuration reloaded")
        browser = world.sign_in("alice", "acme")
        assert browser.request("GET", world.page("acme", "/by-socket")).status == 200
        assert any(head.startswith("GET /by-socket HTTP/1.1\r\n") for head in upstream.heads)
    finally:
        world.stop()
        upstream.stop()


def test_the_access_log_has_a_line_for_each_request_and_nothing_secret(tmp_path, sockets):
    tmp_path.chmod(0o700)
    world = small.SmallWorld(tmp_path, sockets)
    try:
        # What is logged can only change at a start.
        world.gateway.stop()
        world.write(world.configuration().replace("[fetch]", '[log]\naccess = "all"\n\n[fetch]'))
        world.gateway.start()
        browser = world.sign_in("alice", "acme")
        assert browser.request("GET", world.page("acme", "/logged?code=canary-query")).status == 200
        until = time.monotonic() + harness.DEADLINE
        while True:
            line = world.gateway.wait_for("request")
            if line["path"] == "/logged":
                break
            assert time.monotonic() < until
        assert line["status"] == 200 and line["organization"] == "acme" and line["member"].startswith("member-")
        assert line["upstream"] == f"http://127.0.0.1:{sockets.port}" and line["method"] == "GET"
        world.gateway.stop()
        text = "\n".join(world.gateway.log)
        cookies = [value for jar in browser.cookies.values() for value in jar.values()]
        assert cookies and "canary" not in text and not any(value in text for value in cookies if len(value) > 16)
        callback = [json.loads(entry) for entry in world.gateway.log if "/v1/b2b/sso/callback/" in entry]
        assert callback and all("code=" not in json.dumps(entry) for entry in callback)
    finally:
        world.stop()
