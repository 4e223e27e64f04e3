"""Upstreams that speak HTTP/2, as operators have them: gRPC servers with gRPC clients in front, and nghttpd. All of
them are other people's."""
import concurrent.futures
import hashlib
import queue
import re
import shutil
import signal
import subprocess
import threading

import grpc
import harness
import pytest
from test_listeners import HOST, Listening

SERVICE = "/public/test.Echo/"


class EchoServer:
    """A gRPC server without generated code: messages are bytes."""

    def __init__(self, credentials=None):
        self.calls = []  # method and metadata
        self.ended = queue.Queue()  # whether the client was there to the end, of calls that wait
        handlers = {
            "Unary": grpc.unary_unary_rpc_method_handler(self.unary),
            "Fail": grpc.unary_unary_rpc_method_handler(self.fail),
            "Down": grpc.unary_stream_rpc_method_handler(self.down),
            "Up": grpc.stream_unary_rpc_method_handler(self.up),
            "Both": grpc.stream_stream_rpc_method_handler(self.both),
            "FailLate": grpc.unary_stream_rpc_method_handler(self.fail_late),
            "Wait": grpc.unary_stream_rpc_method_handler(self.wait),
        }
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(16))
        self.server.add_generic_rpc_handlers([_UnderPublic(handlers)])
        self.port = (self.server.add_secure_port("localhost:0", credentials) if credentials
                     else self.server.add_insecure_port("127.0.0.1:0"))
        self.server.start()

    def note(self, method, context):
        self.calls.append((method, dict(context.invocation_metadata())))

    def unary(self, request, context):
        self.note("Unary", context)
        context.send_initial_metadata([("x-first", "1"), ("x-gateway-member", "evil")])
        context.set_trailing_metadata([("x-last", "2"), ("x-gateway-roles", "evil"), ("bytes-bin", b"\x00\xff")])
        return request

    def fail(self, request, context):
        self.note("Fail", context)
        context.set_trailing_metadata([("x-reason", "because")])
        context.abort(grpc.StatusCode.NOT_FOUND, "nothing here: ä\n")

    def down(self, request, context):
        for number in range(int(request)):
            yield b"%d" % number

    def up(self, requests, context):
        digest = hashlib.sha256()
        for request in requests:
            digest.update(request)
        return digest.hexdigest().encode()

    def both(self, requests, context):
        for request in requests:
            yield request.upper()

    def fail_late(self, request, context):
        yield b"one"
        context.abort(grpc.StatusCode.DATA_LOSS, "after one")

    def wait(self, request, context):
        gone = threading.Event()
        context.add_callback(gone.set)
        yield b"begun"
        gone.wait(harness.DEADLINE)
        self.ended.put(context.is_active())

    def stop(self):
        self.server.stop(0).wait()


class _UnderPublic(grpc.GenericRpcHandler):
    """The methods, below the path that anybody may open, and below one that nobody may without a session."""

    def __init__(self, handlers):
        self.handlers = handlers

    def service(self, details):
        return self.handlers.get(details.method.rsplit("/", 1)[-1]) if details.method.startswith(("/public/", "/private/")) else None


class World(Listening):
    """The same with other upstreams."""

    port = 1  # of the application that it is not

    def __init__(self, folder, upstream, more="upstream_http2 = true\nkeep_trailers = true"):
        self.upstream, self.more = upstream, more
        super().__init__(folder, None)

    def configuration(self, listen=None):
        self.application = self
        text = super().configuration(listen).replace(f'"http://127.0.0.1:{self.port}"', f'"{self.upstream}"')
        return text + self.more + "\n"

    def channel(self):
        credentials = grpc.ssl_channel_credentials((self.folder / "ca.pem").read_bytes())
        return grpc.secure_channel(
            f"127.0.0.1:{self.gateway.port}", credentials, options=[("grpc.ssl_target_name_override", HOST)])


@pytest.fixture(scope="module")
def echo():
    running = EchoServer()
    yield running
    running.stop()


@pytest.fixture
def world(tmp_path, echo):
    running = World(tmp_path, f"http://127.0.0.1:{echo.port}").start()
    yield running
    running.gateway.stop()


def test_a_unary_call_with_metadata_of_both_sides(world, echo):
    with world.channel() as channel:
        call = channel.unary_unary(SERVICE + "Unary").with_call
        body, done = call(b"hello", metadata=[("x-mine", "a"), ("x-gateway-email", "evil"), ("key-bin", b"\x00\x01\xff")], timeout=30)
        assert body == b"hello" and done.code() == grpc.StatusCode.OK
        first, last = dict(done.initial_metadata()), dict(done.trailing_metadata())
        assert first["x-first"] == "1" and last["x-last"] == "2" and last["bytes-bin"] == b"\x00\xff"
        assert "x-gateway-member" not in first and "x-gateway-roles" not in last
        _, seen = echo.calls[-1]
        assert seen["x-mine"] == "a" and seen["key-bin"] == b"\x00\x01\xff"
        assert "x-gateway-anonymous" in seen and "x-gateway-email" not in seen
        assert seen["x-forwarded-proto"] == "https"
        # Messages of several megabytes, larger than any window.
        large = bytes(range(256)) * 12_000
        assert call(large, timeout=30)[0] == large


def test_calls_that_stream(world):
    with world.channel() as channel:
        assert list(channel.unary_stream(SERVICE + "Down")(b"2000", timeout=30)) == [b"%d" % number for number in range(2000)]
        pieces = [bytes([number % 256]) * 10_000 for number in range(2000)]
        digest = channel.stream_unary(SERVICE + "Up")(iter(pieces), timeout=60)
        assert digest.decode() == hashlib.sha256(b"".join(pieces)).hexdigest()
        # A conversation: each side waits for what the other has said.
        words = queue.Queue()
        answers = channel.stream_stream(SERVICE + "Both")(iter(words.get, None), timeout=30)
        for word in (b"a", b"b", b"c"):
            words.put(word)
            assert next(answers) == word.upper()
        words.put(None)
        assert list(answers) == [] and answers.code() == grpc.StatusCode.OK


def test_the_outcome_of_a_call_arrives(world):
    with world.channel() as channel:
        with pytest.raises(grpc.RpcError) as failed:
            channel.unary_unary(SERVICE + "Fail")(b"", timeout=30)
        assert failed.value.code() == grpc.StatusCode.NOT_FOUND and failed.value.details() == "nothing here: ä\n"
        assert dict(failed.value.trailing_metadata())["x-reason"] == "because"
        got = []
        with pytest.raises(grpc.RpcError) as failed:
            for message in channel.unary_stream(SERVICE + "FailLate")(b"", timeout=30):
                got.append(message)
        assert got == [b"one"] and failed.value.code() == grpc.StatusCode.DATA_LOSS and failed.value.details() == "after one"
        with pytest.raises(grpc.RpcError) as failed:
            channel.unary_unary(SERVICE + "Nowhere")(b"", timeout=30)
        assert failed.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_a_call_that_is_cancelled_or_too_late_ends_at_the_server(world, echo):
    with world.channel() as channel:
        call = channel.unary_stream(SERVICE + "Wait")(b"")
        assert next(call) == b"begun"
        call.cancel()
        assert echo.ended.get(timeout=harness.DEADLINE) is False
        late = channel.unary_stream(SERVICE + "Wait")(b"", timeout=1)
        with pytest.raises(grpc.RpcError) as failed:
            list(late)
        assert failed.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert echo.ended.get(timeout=harness.DEADLINE) is False
        assert channel.unary_unary(SERVICE + "Unary")(b"still", timeout=30) == b"still"


def test_who_is_not_signed_in_is_told_so_and_calls_nothing(world, echo):
    before = len(echo.calls)
    with world.channel() as channel:
        with pytest.raises(grpc.RpcError) as failed:
            channel.unary_unary("/private/test.Echo/Unary")(b"x", timeout=30)
        assert failed.value.code() == grpc.StatusCode.UNAUTHENTICATED
        assert len(echo.calls) == before
        assert channel.unary_unary(SERVICE + "Unary")(b"x", timeout=30) == b"x"
        assert len(echo.calls) == before + 1


def test_without_trailers_a_call_has_no_outcome_and_never_succeeds(tmp_path, echo):
    world = World(tmp_path, f"http://127.0.0.1:{echo.port}", "upstream_http2 = true").start()
    try:
        with world.channel() as channel:
            with pytest.raises(grpc.RpcError):
                channel.unary_unary(SERVICE + "Unary")(b"x", timeout=30)
            world.more = "upstream_http2 = true\nkeep_trailers = true"
            world.write()
            world.gateway.signal(signal.SIGHUP)
            world.gateway.wait_for("configuration reloaded")
            assert channel.unary_unary(SERVICE + "Unary")(b"x", timeout=30) == b"x"
    finally:
        world.gateway.stop()


def test_a_server_that_restarts_is_found_again(tmp_path):
    first = EchoServer()
    world = World(tmp_path, f"http://127.0.0.1:{first.port}").start()
    try:
        with world.channel() as channel:
            call = channel.unary_unary(SERVICE + "Unary")
            assert call(b"1", timeout=30) == b"1"
            first.stop()
            with pytest.raises(grpc.RpcError) as failed:
                call(b"2", timeout=30)
            assert failed.value.code() == grpc.StatusCode.UNAVAILABLE  # what gRPC makes of 502
            second = EchoServer()
            world.upstream = f"http://127.0.0.1:{second.port}"
            world.write()
            world.gateway.signal(signal.SIGHUP)
            world.gateway.wait_for("configuration reloaded")
            assert call(b"3", timeout=30) == b"3" and len(second.calls) == 1
            second.stop()
    finally:
        world.gateway.stop()


def test_a_server_with_tls_is_verified_and_spoken_to(tmp_path):
    tmp_path.chmod(0o700)
    world = World(tmp_path, "", 'upstream_http2 = true\nkeep_trailers = true\nupstream_ca = "ca.pem"')
    certificate, key = world.authority.issue("localhost")
    server = EchoServer(grpc.ssl_server_credentials([(key.encode(), certificate.encode())]))
    world.upstream = f"https://localhost:{server.port}"
    world.start()
    try:
        with world.channel() as channel:
            assert channel.unary_unary(SERVICE + "Unary")(b"x", timeout=30) == b"x"
    finally:
        world.gateway.stop()
        server.stop()


def test_an_http_1_server_is_reported_as_such(tmp_path, application):
    world = World(tmp_path, f"http://127.0.0.1:{application.port}").start()
    try:
        before = len(application.requests)
        done = world.curl("/public/x")
        assert done.stdout.splitlines()[-1] == "2 502"
        assert world.gateway.wait_for("upstream changed")["reason"] == "no_http2"
        assert len(application.requests) == before
        shown = world.gateway.command("check", "--config", str(world.gateway.configuration)).stdout
        assert f"to http://127.0.0.1:{application.port} in HTTP/2" in shown
    finally:
        world.gateway.stop()


# nghttpd


@pytest.fixture(params=["plain", "TLS"])
def files(request, tmp_path):
    """nghttpd with some files, and a gateway in front."""
    if shutil.which("nghttpd") is None:
        pytest.skip("nghttpd (nghttp2-server) is not installed")
    tmp_path.chmod(0o700)
    root = tmp_path / "files" / "public"
    root.mkdir(parents=True)
    (root / "small").write_text("small")
    (root / "large").write_bytes(bytes(range(251)) * 60_000)
    port = harness.free_port()
    world = World(tmp_path, "", "upstream_http2 = true\nkeep_trailers = true")
    arguments = ["--no-tls"]
    world.upstream = f"http://127.0.0.1:{port}"
    if request.param == "TLS":
        certificate, key = world.authority.issue("localhost")
        (tmp_path / "n.pem").write_text(certificate)
        (tmp_path / "n.key").write_text(key)
        arguments = [str(tmp_path / "n.key"), str(tmp_path / "n.pem")]
        world.upstream = f"https://localhost:{port}"
        world.more += '\nupstream_ca = "ca.pem"'
    server = subprocess.Popen(
        ["nghttpd", "-a", "127.0.0.1", "-d", str(tmp_path / "files"), "-m", "8", "--trailer=x-checksum: abc", "--echo-upload", str(port),
         *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        harness.wait_for_port(port, server)
        world.root = root
        world.start()
        yield world
    finally:
        world.gateway.stop()
        harness.end(server)


@pytest.mark.parametrize("protocol, version", [("--http1.1", "1.1"), ("--http2", "2")])
def test_nghttpd_is_served_to_clients_of_both_protocols(files, protocol, version):
    got = files.folder / "got"
    done = files.curl("/public/large", protocol, "-o", str(got))
    assert done.stdout.splitlines()[-1] == f"{version} 200", done.stderr
    assert got.read_bytes() == (files.root / "large").read_bytes()
    assert files.curl("/public/small", protocol).stdout.splitlines()[0] == "small"
    assert files.curl("/public/none", protocol).stdout.splitlines()[-1] == f"{version} 404"
    head = files.curl("/public/small", protocol, "--head").stdout
    assert re.search(r"(?im)^content-length: 5\r?$", head) and head.splitlines()[-1] == f"{version} 200"
    up = files.curl("/public/up", protocol, "--data-binary", f"@{files.root / 'large'}", "-o", str(got), "-H", "Content-Type: a/b")
    assert up.stdout.splitlines()[-1] == f"{version} 200", up.stderr
    assert got.read_bytes() == (files.root / "large").read_bytes()


@pytest.mark.skipif(shutil.which("h2load") is None, reason="h2load (nghttp2-client) is not installed")
def test_many_streams_share_the_connections_of_nghttpd(files):
    # 40 requests at once, and 8 streams are allowed.
    done = subprocess.run(
        ["h2load", "-n", "2000", "-c", "4", "-m", "10", f"--connect-to=127.0.0.1:{files.gateway.port}",
         f"https://{HOST}:{files.gateway.port}/public/small"], capture_output=True, text=True, timeout=120)
    assert re.search(r"2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored", done.stdout), done.stdout
    assert re.search(r"2000 2xx", done.stdout)
