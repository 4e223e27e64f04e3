"""docs/http-profile.md, line by line: each row of its tables has a name, and the request (or response) of that name
here gets what the row's "Gateway" column begins with: a status, `forwarded`, `closed` or `passed on`. Raw sockets on
both sides, so that nothing in between tidies up."""
import pathlib
import re
import shutil
import socket
import subprocess
import threading

import hpack
import pytest

import harness

PROFILE = pathlib.Path(harness.HERE).parent.parent / "docs" / "http-profile.md"
CRLF = b"\r\n"


class RawUpstream:
    """Keeps the bytes of every request, and answers with what `response` holds."""

    def __init__(self):
        self.received, self.response = [], b""
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            data = b""
            while not self._is_complete(data):
                piece = connection.recv(65536)
                if not piece:
                    return
                data += piece
            self.received.append(data)
            connection.sendall(self.response)

    @staticmethod
    def _is_complete(data):
        head, separator, body = data.partition(CRLF * 2)
        if not separator:
            return False
        if b"\r\nTransfer-Encoding: chunked" in head:
            return body.endswith(b"0\r\n\r\n")
        length = re.search(rb"\r\nContent-Length: (\d+)", head)
        return length is None or len(body) >= int(length[1])

    def stop(self):
        self.listener.close()


class FrameUpstream(RawUpstream):
    """The same in HTTP/2: `response` makes frames for a stream; a request is kept as its field lines."""

    PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    def _serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            if stream.read(len(self.PREFACE)) != self.PREFACE:
                return
            connection.sendall(frame(4, 0, 0))
            decoder = hpack.Decoder()
            while len(head := stream.read(9)) == 9:
                payload = stream.read(int.from_bytes(head[:3]))
                kind, flags, number = head[3], head[4], int.from_bytes(head[5:])
                if kind == 4 and not flags & 1:
                    connection.sendall(frame(4, 1, 0))
                elif kind == 1:
                    self.received.append(b"".join(b"%s: %s\n" % field for field in decoder.decode(payload, raw=True)))
                    connection.sendall(self.response(number))


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def fields(stream, *pairs, ends=False):
    """HEADERS, and CONTINUATION where it takes them: literals as they are."""
    def text(value):
        if len(value) < 127:
            return bytes([len(value)]) + value
        rest, prefix = len(value) - 127, b"\x7f"
        while rest >= 128:
            prefix, rest = prefix + bytes([rest % 128 + 128]), rest // 128
        return prefix + bytes([rest]) + value

    block = b"".join(b"\0" + text(name) + text(value) for name, value in pairs)
    parts = [block[start:start + 16_384] for start in range(0, len(block), 16_384)]
    return b"".join(
        frame(9 if index else 1, (4 if index == len(parts) - 1 else 0) | (1 if ends and not index else 0), stream, part)
        for index, part in enumerate(parts))


def data(stream, content, ends=True):
    return frame(0, 1 if ends else 0, stream, content)


def exchange(port, request, deadline=harness.DEADLINE):
    """Sends a request; returns what comes back until the other side closes, or the deadline has passed."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=deadline) as connection:
        connection.sendall(request)
        while True:
            try:
                piece = connection.recv(65536)
            except (ConnectionResetError, TimeoutError):
                return answer
            if not piece:
                return answer
            answer += piece


class World:
    def __init__(self, folder):
        folder.chmod(0o700)
        self.upstream, self.frames = RawUpstream(), FrameUpstream()
        self.gateway = harness.Gateway(folder, harness.free_port())
        route = f"""
organization = "acme"
upstream     = ["http://127.0.0.1:{self.upstream.port}"]
public_paths = """
        self.gateway.write(f"""
external_url = "http://auth.localhost:{self.gateway.port}"
listen       = ["127.0.0.1:{self.gateway.port}"]
store        = "sqlite:gateway.db"
[[organization]]
slug = "acme"
name = "Acme"
[limits]
request_head_timeout = "1s"
[[route]]
host = "a.localhost"{route}["/"]
[[route]]
host = "a.localhost"
path = "/admin"{route}["/admin/"]
[[route]]
host = "kept.localhost"
keep_encoded_slashes  = true
keep_repeated_slashes = true{route}["/"]
[[route]]
host = "h2.localhost"
upstream_http2 = true
{route.replace(str(self.upstream.port), str(self.frames.port))}["/"]
""")
        self.gateway.start()

    def ask(self, request, response=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"):
        """What comes back until the gateway closes."""
        self.upstream.received.clear()
        self.upstream.response = response
        return exchange(self.gateway.port, request)

    def ask_in_http2(self, request, response):
        self.frames.received.clear()
        self.frames.response = response
        return exchange(self.gateway.port, request)

    def stop(self):
        self.gateway.stop()
        self.upstream.stop()
        self.frames.stop()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    running = World(tmp_path_factory.mktemp("profile"))
    yield running
    running.stop()


def request(line=b"GET / HTTP/1.1", fields=b"", body=b"", host=b"a.localhost"):
    return line + CRLF + (b"Host: " + host + CRLF if host is not None else b"") + b"Connection: close\r\n" + fields + CRLF + body


def get(target, host=b"a.localhost"):
    return request(b"GET " + target + b" HTTP/1.1", host=host)


def post(fields, body=b"", line=b"POST / HTTP/1.1"):
    return request(line, fields, body)


CHUNKED = b"Transfer-Encoding: chunked\r\n"
WEBSOCKET = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

# name of the row: request, and (where it is forwarded) what the upstream must and must not have received.
REQUESTS = {
    "line-lf": (b"GET / HTTP/1.1\nHost: a.localhost\nConnection: close\n\n",),
    "line-lf-once": (request(fields=b"X: a\nY: b\r\n"),),
    "line-cr": (request(fields=b"X: a\rb\r\n"),),
    "empty-line-first": (CRLF + request(), b"GET / HTTP/1.1\r\n"),
    "empty-lines-first": (CRLF * 2 + request(),),
    "fold": (request(fields=b"X: a\r\n b\r\n"),),
    "name-space": (request(fields=b"X : a\r\n"),),
    "name-none": (request(fields=b": a\r\n"),),
    "name-no-colon": (request(fields=b"nothing\r\n"),),
    "name-not-token": (request(fields=b"X(Y): a\r\n"),),
    "name-underscore": (request(fields=b"X_Y: a\r\nX.Z: b\r\n"), b"\r\nX_Y: a\r\nX.Z: b\r\n"),
    "name-reserved": (
        request(fields=b"X_Gateway_Member: eve\r\nx.gateway.roles: admin\r\nX-GATEWAY-Email: e\r\n"), b"\r\nX-Gateway-Anonymous: ",
        b"eve", b"admin", b"Email"),
    "name-alias": (post(b"Content_Length: 5\r\nTransfer.Encoding: chunked\r\n"), b"POST / HTTP/1.1\r\n", b"ontent", b"ncoding"),
    "value-nul": (request(fields=b"X: a\0b\r\n"),),
    "value-control": (request(fields=b"X: a\x01b\r\n"),),
    "value-delete": (request(fields=b"X: a\x7fb\r\n"),),
    "value-obs-text": (request(fields=b"X: a\xe9b\r\n"), b"\r\nX: a\xe9b\r\n"),
    "method-lower": (request(b"get / HTTP/1.1"), b"get / HTTP/1.1\r\n"),
    "method-unknown": (request(b"FOO_BAR / HTTP/1.1"), b"FOO_BAR / HTTP/1.1\r\n"),
    "method-long": (request(b"A" * 33 + b" / HTTP/1.1"),),
    "connect": (request(b"CONNECT a.localhost:443 HTTP/1.1"),),
    "trace": (request(b"TRACE / HTTP/1.1"),),
    "spaces": (request(b"GET  / HTTP/1.1"),),
    "version-0.9": (b"GET /\r\n\r\n",),
    "version-1.0": (request(b"GET / HTTP/1.0"), b"GET / HTTP/1.1\r\n"),
    "version-1.2": (request(b"GET / HTTP/1.2"),),
    "version-2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",),
    "host-missing": (request(host=None),),
    "host-missing-1.0": (request(b"GET / HTTP/1.0", host=None),),
    "host-twice": (request(fields=b"Host: a.localhost\r\n"),),
    "host-empty": (request(host=b""),),
    "host-userinfo": (request(host=b"u@a.localhost"),),
    "host-port": (request(host=b"a.localhost:x"),),
    "host-escape": (request(host=b"a%2elocalhost"),),
    "host-labels": (request(host=b"a..localhost"),),
    "host-case": (request(host=b"A.LocalHost."), b"\r\nHost: a.localhost\r\n"),
    "host-foreign-port": (request(host=b"a.localhost:81"), b"\r\nHost: a.localhost\r\n"),
    "host-unknown": (request(host=b"other.localhost"),),
    "absolute": (get(b"http://A.localhost/x?y"), b"GET /x?y HTTP/1.1\r\nHost: a.localhost\r\n"),
    "absolute-other": (get(b"http://b.localhost/x"),),
    "absolute-scheme": (get(b"ftp://a.localhost/x"),),
    "asterisk": (request(b"OPTIONS * HTTP/1.1"),),
    "target-fragment": (get(b"/a#b"),),
    "target-raw": (get(b"/\xe9"),),
    "target-space": (get(b"/a b"),),
    "path-dots": (get(b"/a/../b/./c/%2e%2E/d"), b"GET /b/d HTTP/1.1\r\n"),
    "path-slashes": (get(b"//a///b/"), b"GET /a/b/ HTTP/1.1\r\n"),
    "path-slashes-kept": (get(b"//a///b/", b"kept.localhost"), b"GET //a///b/ HTTP/1.1\r\n"),
    "path-unreserved": (get(b"/%61%7e%c3%a9"), b"GET /a~%C3%A9 HTTP/1.1\r\n"),
    "path-query": (get(b"/a?x=/../%2e//&y=%zz"), b"GET /a?x=/../%2e//&y=%zz HTTP/1.1\r\n"),
    "path-encoded-slash": (get(b"/a%2fb"),),
    "path-encoded-slash-kept": (get(b"/a%2fb", b"kept.localhost"), b"GET /a%2Fb HTTP/1.1\r\n"),
    "path-encoded-slash-dots": (get(b"/a%2f..%2fb", b"kept.localhost"),),
    "path-backslash": (get(b"/a\\b"),),
    "path-encoded-backslash": (get(b"/a%5cb"),),
    "path-encoded-nul": (get(b"/a%00"),),
    "path-dots-parameter": (get(b"/a/..;x/b"),),
    "path-parameter": (get(b"/a;x=y/b"), b"GET /a;x=y/b HTTP/1.1\r\n"),
    "path-parameter-route": (get(b"/admin;x/b"),),
    "path-double-escape": (get(b"/%252e%252e/b"),),
    "path-overlong": (get(b"/%c0%ae"),),
    "path-bad-escape": (get(b"/a%zz"),),
    "length-and-chunked": (post(b"Content-Length: 5\r\n" + CHUNKED, b"0\r\n\r\n"),),
    "length-twice": (post(b"Content-Length: 2\r\nContent-Length: 2\r\n", b"hi"),),
    "length-list": (post(b"Content-Length: 2, 2\r\n", b"hi"),),
    "length-sign": (post(b"Content-Length: +2\r\n", b"hi"),),
    "length-tab": (post(b"Content-Length:\t2\r\n", b"hi"),),
    "length-get": (request(fields=b"Content-Length: 2\r\n", body=b"hi"), b"\r\nContent-Length: 2\r\n\r\nhi"),
    "coding-other": (post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"),),
    "coding-identity": (post(b"Transfer-Encoding: identity\r\n"),),
    "coding-twice": (post(CHUNKED * 2, b"0\r\n\r\n"),),
    "coding-1.0": (post(CHUNKED, b"0\r\n\r\n", b"POST / HTTP/1.0"),),
    "chunks": (post(CHUNKED, b"5\r\nhello\r\n0\r\n\r\n"), b"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    "chunk-extension": (post(CHUNKED, b"5;a=b\r\nhello\r\n0;c\r\n\r\n"), b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    "chunk-size-space": (post(CHUNKED, b"5 \r\nhello\r\n0\r\n\r\n"),),
    "chunk-lf": (post(CHUNKED, b"5\nhello\n0\n\n"),),
    "chunk-size-large": (post(CHUNKED, b"1000000000000000\r\n"),),
    "trailer": (post(CHUNKED, b"5\r\nhello\r\n0\r\nX-Gateway-Member: eve\r\n\r\n"), b"hello\r\n0\r\n\r\n", b"eve"),
    "trailer-malformed": (post(CHUNKED, b"5\r\nhello\r\n0\r\nGET / HTTP/1.1\r\n\r\n"),),
    "expect": (post(b"Expect: 100-continue\r\nContent-Length: 2\r\n", b"hi"), b"\r\n\r\nhi", b"xpect"),
    "expect-other": (request(fields=b"Expect: 200-maybe\r\n"),),
    "hop-by-hop": (
        request(fields=b"Keep-Alive: 5\r\nTE: gzip\r\nTrailer: X\r\nProxy-Connection: x\r\nProxy-Authorization: y\r\n"), b"\r\nHost: ",
        b"Keep-Alive", b"TE:", b"Trailer", b"Proxy-"),
    "nominated": (
        request(fields=b"Connection: X-Foo, X-Gateway-Anonymous, X-Forwarded-For\r\nX-Foo: bar\r\n"), b"\r\nX-Gateway-Anonymous: ",
        b"X-Foo"),
    "upgrade-h2c": (
        request(fields=b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"), b"GET / HTTP/1.1\r\n", b"pgrade",
        b"ettings"),
    "upgrade-websocket": (request(fields=WEBSOCKET), b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"),
    "upgrade-websocket-body": (post(WEBSOCKET + b"Content-Length: 2\r\n", b"hi"), b"\r\n\r\nhi", b"pgrade"),
    "forwarded": (
        request(fields=b"X-Forwarded-For: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\nX-Original-URL: /z\r\nProxy: 1.2.3.4\r\n"),
        b"\r\nX-Forwarded-For: 127.0.0.1\r\n", b"1.2.3.4", b"/z"),
    "cookies": (
        request(fields=b"Cookie: a=b; gateway-session=x\r\nCookie: c=d\r\n"), b"\r\nCookie: a=b\r\nCookie: c=d\r\n", b"gateway-session"),
    "limit-target": (get(b"/" + b"a" * 8192),),
    "limit-head": (request(fields=b"".join(b"X%d: %s\r\n" % (i, b"a" * 4000) for i in range(9))),),
    "limit-fields": (request(fields=b"".join(b"X%d: a\r\n" % i for i in range(99))),),
    "limit-field": (request(fields=b"X: " + b"a" * 16000 + CRLF), b"\r\nX: aaaa"),
    "limit-body": (post(b"Content-Length: 2000000\r\n", b"x" * 2000000), b"\r\n\r\nxxxx"),
    "limit-own-body": (post(b"Content-Length: 2000000\r\n", line=b"POST /.gateway/sign-out HTTP/1.1"),),
    "limit-time": (b"GET / HTTP/1.1\r\nHost: a.local",),
    "limit-time-nothing": (b"",),
}

OK = b"HTTP/1.1 200 OK\r\n"
# name of the row: the upstream's response, and (where it is passed on) what the client must and must not receive.
RESPONSES = {
    "response-lf": (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",),
    "response-fold": (OK + b"X: a\r\n b\r\nContent-Length: 2\r\n\r\nok",),
    "response-name-space": (OK + b"X : a\r\nContent-Length: 2\r\n\r\nok",),
    "response-nul": (OK + b"X: a\0b\r\nContent-Length: 2\r\n\r\nok",),
    "response-length-and-chunked": (OK + b"Content-Length: 2\r\n" + CHUNKED + b"\r\n2\r\nok\r\n0\r\n\r\n",),
    "response-length-twice": (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",),
    "response-coding": (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",),
    "response-1.0-chunked": (b"HTTP/1.0 200 OK\r\n" + CHUNKED + b"\r\n2\r\nok\r\n0\r\n\r\n",),
    "response-0.9": (b"hello",),
    "response-until-close": (OK + b"\r\nok", b"\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
    "response-early-hints": (
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok",
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"),
    "response-continue": (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok", b"HTTP/1.1 200 OK\r\n", b"100"),
    "response-switching": (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",),
    "response-nominated": (
        OK + b"Connection: X-Foo\r\nX-Foo: bar\r\nKeep-Alive: 5\r\nContent-Length: 2\r\n\r\nok", b"\r\n\r\nok", b"X-Foo", b"Keep-Alive"),
    "response-reserved": (
        OK + b"X-Gateway-Member: eve\r\nX_Gateway_Roles: y\r\nSet-Cookie: gateway-session=x\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok",
        b"\r\nSet-Cookie: a=b\r\n", b"eve", b"ateway"),
    "response-trailer": (OK + CHUNKED + b"\r\n2\r\nok\r\n0\r\nX-T: y\r\n\r\n", b"ok\r\n0\r\n\r\n", b"X-T"),
    "response-head-large": (OK + b"X: " + b"a" * 66000 + b"\r\nContent-Length: 2\r\n\r\nok",),
    "response-head-30k": (OK + b"X: " + b"a" * 30000 + b"\r\nContent-Length: 2\r\n\r\nok", b"\r\n\r\nok"),
}


OUTCOME = r"\d{3}|forwarded|passed on|closed"


def rows():
    """Each row's name, and how its columns "Gateway" and "nginx" begin; the latter may be empty."""
    promises, nginx = {}, {}
    for line in PROFILE.read_text().splitlines():
        row = re.match(r"\| `([a-z0-9.-]+)` \|[^|]*\| ([^|]*) \| ([^|]*) ?\|", line)
        if row:
            assert row[1] not in promises, row[1]
            promises[row[1]] = re.match(OUTCOME, row[2])[0]
            if row[3].strip():
                nginx[row[1]] = promises[row[1]] if row[3].startswith("same") else re.match(OUTCOME, row[3])[0]
    return promises, nginx


PROMISES, NGINX_COLUMN = rows()


def test_every_row_has_its_request_here_and_the_other_way_round():
    assert PROMISES.keys() == REQUESTS.keys() | RESPONSES.keys() | HTTP2_REQUESTS.keys() | HTTP2_RESPONSES.keys()


@pytest.mark.parametrize("name", REQUESTS)
def test_request(world, name):
    raw, *content = REQUESTS[name]
    answer = world.ask(raw)
    received = world.upstream.received
    if PROMISES[name] == "closed":
        assert answer == b"" and received == []
    elif PROMISES[name] == "forwarded":
        assert answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").startswith(b"HTTP/1.1 200 "), answer[:200]
        assert len(received) == 1
        assert content[0] in received[0]
        for absent in content[1:]:
            assert absent.lower() not in received[0].lower(), received[0][:400]
    else:
        assert answer.startswith(f"HTTP/1.1 {PROMISES[name]} ".encode()), answer[:200]
        assert received == []
        # A refused request ends the connection: what follows it may be part of it.
        if PROMISES[name] != "404":
            assert b"\r\nConnection: close\r\n" in answer


@pytest.mark.parametrize("name", RESPONSES)
def test_response(world, name):
    raw, *content = RESPONSES[name]
    answer = world.ask(request(), raw)
    assert len(world.upstream.received) == 1
    if PROMISES[name] == "passed on":
        assert content[0] in answer, answer[:400]
        for absent in content[1:]:
            assert absent.lower() not in answer.lower(), answer[:400]
    else:
        assert answer.startswith(f"HTTP/1.1 {PROMISES[name]} ".encode()), answer[:200]
        assert b"200 OK" not in answer


def h2_request(more=b""):
    return request(b"GET /a/../b%41?q HTTP/1.1", more, host=b"h2.localhost")


def answer_ok(stream):
    return fields(stream, STATUS) + data(stream, b"ok")


STATUS = (b":status", b"200")

# name of the row: request, and (where it is forwarded) what the upstream must and must not have received.
HTTP2_REQUESTS = {
    "h2-request": (
        h2_request(b"X-A: b\r\nKeep-Alive: 5\r\n"),
        b":method: GET\n:scheme: http\n:path: /bA?q\n:authority: h2.localhost\nx-a: b\n", b"keep-alive", b"connection"),
    "h2-request-obs-text": (h2_request(b"X-A: a\xe9b\r\n"),),
    "h2-request-websocket": (
        request(b"GET / HTTP/1.1", host=b"h2.localhost", fields=b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),),
}


def head_alone(*pairs):
    return (lambda stream: fields(stream, *pairs, ends=True),)


def head_with(*pairs):
    return (lambda stream: fields(stream, STATUS, *pairs) + data(stream, b"ok"),)


# name of the row: frames of the response, and (where it is passed on) what the client must and must not have received.
HTTP2_RESPONSES = {
    "h2-status": head_alone((b"a", b"b")),
    "h2-pseudo": head_alone(STATUS, (b":path", b"/")),
    "h2-switching": head_alone((b":status", b"101")),
    "h2-upper": head_with((b"Server", b"x")),
    "h2-line-end": head_with((b"a", b"b\r\nset-cookie: c=d")),
    "h2-space": head_with((b"a", b" b")),
    "h2-connection": head_with((b"transfer-encoding", b"chunked")),
    "h2-length": head_alone(STATUS, (b"content-length", b"2")),
    "h2-length-twice": head_with((b"content-length", b"2"), (b"content-length", b"2")),
    "h2-head-large": head_with(*((b"a%d" % number, b"x" * 7_000) for number in range(10))),
    "h2-obs-text": (*head_with((b"a", b"b\xe9c")), "\r\na: b\ufffdc\r\n".encode()),
    "h2-reserved": (
        *head_with((b"x_gateway_member", b"evil"), (b"set-cookie", b"gateway-session=evil"), (b"set-cookie", b"app=1")), b"\r\nset-cookie: app=1\r\n",
        b"evil"),
    "h2-early-hints": (lambda stream: fields(stream, (b":status", b"103"), (b"link", b"x")) + answer_ok(stream), b"HTTP/1.1 103 \r\nlink: x\r\n"),
    "h2-trailer": (
        lambda stream: fields(stream, STATUS) + data(stream, b"ok", ends=False) + fields(stream, (b"x-a", b"trailing"), ends=True),
        b"\r\n\r\n2\r\nok\r\n0\r\n\r\n", b"trailing"),
    "h2-reset": (lambda stream: frame(3, 0, stream, (2).to_bytes(4)),),
    "h2-refused": (lambda stream: frame(3, 0, stream, (7).to_bytes(4)),),
}


@pytest.mark.parametrize("name", HTTP2_REQUESTS)
def test_request_in_http2(world, name):
    raw, *content = HTTP2_REQUESTS[name]
    answer = world.ask_in_http2(raw, answer_ok)
    received = world.frames.received
    if PROMISES[name] == "forwarded":
        assert answer.startswith(b"HTTP/1.1 200 ") and len(received) == 1, answer[:200]
        assert content[0] in received[0]
        for absent in content[1:]:
            assert absent not in received[0]
    else:
        assert answer.startswith(f"HTTP/1.1 {PROMISES[name]} ".encode()), answer[:200]
        assert received == []


@pytest.mark.parametrize("name", HTTP2_RESPONSES)
def test_response_in_http2(world, name):
    response, *content = HTTP2_RESPONSES[name]
    answer = world.ask_in_http2(h2_request(), response)
    assert len(world.frames.received) == (2 if name == "h2-refused" else 1)
    if PROMISES[name] == "passed on":
        assert content[0] in answer, answer[:400]
        for absent in content[1:]:
            assert absent not in answer, answer[:400]
    else:
        assert answer.startswith(f"HTTP/1.1 {PROMISES[name]} ".encode()), answer[:200]
        assert b"HTTP/1.1 200" not in answer
    # The very next request is served.
    assert world.ask_in_http2(h2_request(), answer_ok).startswith(b"HTTP/1.1 200 ")


def test_pipelined_requests_are_answered_in_order_one_at_a_time(world):
    world.upstream.received.clear()
    first = b"GET /1 HTTP/1.1\r\nHost: a.localhost\r\n\r\n"
    answer = world.ask(first + get(b"/2"))
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert [data.split(CRLF)[0] for data in world.upstream.received] == [b"GET /1 HTTP/1.1", b"GET /2 HTTP/1.1"]


def test_nothing_behind_a_refused_request_is_read_as_a_request(world):
    answer = world.ask(post(b"Content-Length: 5\r\n" + CHUNKED, b"0\r\n\r\n" + get(b"/smuggled")))
    assert answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1 ") == 1
    assert world.upstream.received == []


class Nginx:
    """The one that the column speaks of: a plain `proxy_pass`."""

    def __init__(self, folder):
        self.upstream, self.port = RawUpstream(), harness.free_port()
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        configuration = folder / "nginx.conf"
        configuration.write_text(f"""
daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off; client_header_timeout 1s; {temporary}
    server {{
        listen 127.0.0.1:{self.port};
        location / {{ proxy_pass http://127.0.0.1:{self.upstream.port}; proxy_http_version 1.1; }}
    }}
}}""")
        self.process = subprocess.Popen(
            [shutil.which("nginx", path=NGINX_PATH), "-c", str(configuration)], stderr=subprocess.DEVNULL)
        harness.wait_for_port(self.port, self.process)

    def stop(self):
        self.process.terminate()
        self.process.wait(harness.DEADLINE)
        self.upstream.stop()


NGINX_PATH = "/usr/sbin:/usr/bin"


def nginx_version():
    program = shutil.which("nginx", path=NGINX_PATH)
    return subprocess.run([program, "-v"], capture_output=True, text=True).stderr if program else ""


@pytest.fixture(scope="module")
def nginx(tmp_path_factory):
    running = Nginx(tmp_path_factory.mktemp("nginx"))
    yield running
    running.stop()


@pytest.mark.skipif("nginx/1.22." not in nginx_version(), reason="the column speaks of nginx 1.22")
@pytest.mark.parametrize("name", NGINX_COLUMN)
def test_nginx_column(nginx, name):
    is_response = name in RESPONSES
    nginx.upstream.received.clear()
    nginx.upstream.response = RESPONSES[name][0] if is_response else OK + b"Content-Length: 2\r\nConnection: close\r\n\r\nok"
    # A tunnel, or a body that never comes, has no end: what has come by then is looked at.
    answer = exchange(nginx.port, request() if is_response else REQUESTS[name][0], deadline=3)
    match NGINX_COLUMN[name]:
        case "closed":
            assert answer == b""
        case "forwarded":
            assert nginx.upstream.received != []
        case "passed on":
            assert b"502 Bad Gateway" not in answer and answer != b""
        case status:
            assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]
            assert is_response or nginx.upstream.received == []
