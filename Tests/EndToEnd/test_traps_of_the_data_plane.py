"""Known failures of this class of software: groups A (headers), B (framing), C (paths and rules), K (exhaustion) and M (logs)
of the catalogue. The table says where each is tested; what is not in another file is below."""
import concurrent.futures
import http.client
import socket

import pytest

import catalogue
import harness
from scripted import person

HERE = "Tests/EndToEnd/test_traps_of_the_data_plane.py"
PROFILE = "Tests/EndToEnd/test_http_profile.py::test_request"
SPOOFING, SMUGGLING = "Tests/ProxyTests/Server/SpoofingTests.swift", "Tests/ProxyTests/Server/SmugglingTests.swift"
PATHS, TUNNELS = "Tests/ProxyTests/Server/PathTests.swift", "Tests/ProxyTests/Server/TunnelTests.swift"
HTTP2, HTTP2_LIMITS = "Tests/ProxyTests/Server/HTTP2RequestTests.swift", "Tests/ProxyTests/Server/HTTP2LimitTests.swift"
LIMITS, ACCESS = "Tests/ProxyTests/Server/LimitTests.swift", "Tests/ProxyTests/AccessLog/AccessLogTests.swift"

TABLE = {
    "A1 reserved names in other spellings": [
        f"{SPOOFING}::reserved names are removed in every spelling", f"{SMUGGLING}::a head or body with two readings is 400"],
    "A2 aliases in a sub-request": "there are no sub-requests",
    "A3 aliases on the way back": "nothing is copied from an authentication answer into a request",
    "A4 a header that is not set lets a forged one through": [
        f"{SPOOFING}::reserved names of one route are removed on all routes, with and without a session",
        f"{TUNNELS}::a WebSocket is a signed-in request"],
    "A5 Connection nominates what was set": [f"{SPOOFING}::what Connection nominates goes before ours is added"],
    "A6 two values of one identity header": [f"{SPOOFING}::each of ours arrives once"],
    "A7 a forwarding header decides": [f"{SPOOFING}::an untrusted peer decides nothing by forwarding fields"],
    "A8 X-Forwarded-Prefix, Forwarded, Via": [
        f"{SPOOFING}::reserved names are removed in every spelling",
        "Tests/ProxyTests/Server/HeaderRuleTests.swift::a prefix that a listed proxy has taken off is passed on, anybody else's is not"],
    "A9 own headers from outside, https by a stranger's word": [
        f"{SPOOFING}::reserved names are removed in every spelling", f"{SPOOFING}::an untrusted peer decides nothing by forwarding fields"],
    "A10 client addresses that can't be parsed": [
        f"{SPOOFING}::behind a trusted proxy the client is the right-most address that is no proxy",
        f"{SPOOFING}::ten thousand forwarded addresses cost one look and change nothing"],
    "A11 health checks by User-Agent": [f"{SPOOFING}::requests with short-cuts elsewhere carry no reserved header"],
    "A12 PAOS": [f"{SPOOFING}::an untrusted peer decides nothing by forwarding fields"],
    "A13 OPTIONS, TRACE, HEAD": [
        f"{SPOOFING}::requests with short-cuts elsewhere carry no reserved header", f"{SPOOFING}::CONNECT and TRACE are not served"],
    "A14 two hosts": [f"{SPOOFING}::a host that is ambiguous is refused", f"{HTTP2}::what could be read as something else is refused"],
    "A15 a host in another spelling": [
        f"{SPOOFING}::a host is matched in its canonical form, and that form is forwarded",
        "Tests/ProxyTests/Routing/RouteTableTests.swift::ten thousand hosts are all found"],
    "A16 trailers, CONNECT": [
        f"{SPOOFING}::request trailers never reach the upstream", f"{SPOOFING}::CONNECT and TRACE are not served",
        "Tests/ProxyTests/Server/TrailerTests.swift::never those that mean something"],
    "A17 control headers in responses": [
        f"{SPOOFING}::reserved fields, gateway cookies and hop-by-hop fields of a response are removed"],
    "B1 line ends in HTTP/2 fields": [
        f"{HTTP2}::what could be read as something else is refused", "Tests/ProxyTests/Fuzzing/HTTP2Fuzz.swift::HTTP2RequestHead"],
    "B2 line ends in what is written": [f"{SPOOFING}::a block of headers that is not well-formed is never sent", PROFILE],
    "B3 two framings": [f"{SMUGGLING}::a head or body with two readings is 400", f"{SMUGGLING}::a response with two readings is 502", PROFILE],
    "B4 framing in HTTP/2": [
        f"{HTTP2}::a body and its Content-Length must agree", f"{HTTP2}::what could be read as something else is refused"],
    "B5 an unread body": [
        f"{SMUGGLING}::the body of a refused request is never read as a request",
        f"{SMUGGLING}::100-continue is answered when the body is wanted, and only then"],
    "B6 tunnels": [
        f"{TUNNELS}::an answer that is not the one to this request is 502", f"{TUNNELS}::what is not a WebSocket is not upgraded",
        f"{TUNNELS}::a 101 that nobody asked for is 502"],
    "C1 a rule that reads the query": [f"{PATHS}::a public rule can't be reached by another path"],
    "C2 a number sign in the path": [f"{PATHS}::an escaped number sign and the like stay in the path"],
    "C3 paths that an upstream reads otherwise": [
        f"{PATHS}::a public rule can't be reached by another path", f"{PATHS}::an ambiguous path is 400, signed in or not",
        f"{PATHS}::a path that an application would read as one of another route is 400"],
    "C4 prefixes that are stripped": "no path is rewritten after the decision",
    "C5 an encoded slash": [f"{PATHS}::a route can keep repeated and encoded slashes, and decides on them as it forwards them"],
    "C6 a rule in another case": [f"{PATHS}::a public rule can't be reached by another path"],
    "C7 a prefix without a segment's end": [
        "Tests/ProxyTests/Routing/RouteTableTests.swift::the longest prefix at a segment boundary wins"],
    "C8 methods": [f"{SPOOFING}::requests with short-cuts elsewhere carry no reserved header"],
    "C9 regular expressions": "no rule is a regular expression",
    "C10 a public route leaks an identity": ["Tests/ProxyTests/Server/SessionTests.swift::public paths carry the proof of absence"],
    "K1 slow clients": [
        f"{LIMITS}::a head that does not end is 408, a silent connection is closed", f"{LIMITS}::a body that does not come is given up",
        f"{LIMITS}::a body that comes drop by drop is given up, whatever the drops", f"{LIMITS}::a client that does not read is given up"],
    "K2 floods of frames": [f"{HTTP2_LIMITS}::a flood ends its connection, and others are served"],
    "K3 very many headers": [
        f"{HERE}::test_a_hundred_thousand_headers_are_refused_and_others_served", f"{LIMITS}::too many fields and too large heads are 431"],
    "K4 HPACK bombs": [f"{HTTP2_LIMITS}::a decoded head beyond the advertised size ends the connection, however small it was"],
    "K5 compressed bombs": [
        f"{HERE}::test_a_compressed_body_passes_as_it_came", "Tests/SAMLTests/Response/ResourceTests.swift::@Test"],
    "K6 XML, JSON and tokens that are too large": [
        "Tests/SAMLTests/XML/XMLTests.swift::@Test", "Tests/OIDCTests/JSON/JSONValueTests.swift::The size is checked before anything is read"],
    "K7 floods of sign-ins": ["Tests/SignOnTests/Limits/RateLimiterTests.swift::@Test"],
    "K8 a cookie that makes loops": [f"{HERE}::test_a_cookie_of_a_thousand_parts_costs_its_length"],
    "K9 one identity provider that hangs": [
        f"{HERE}::test_an_identity_provider_that_hangs_stops_only_those_who_wait_for_it",
        "Tests/ProxyTests/Server/SessionTests.swift::a source that hangs stops only those who wait for it"],
    "K10 traps": ["Tests/ProxyTests/Fuzzing/FuzzingTests.swift::@Test", "Tests/EndToEnd/test_malformed_input.py::test_no_damaged_parameter_makes_a_path_of_the_gateway_fail"],
    "K11 errors in libxml2": "the system's library, updated with it; XPath, XSLT, schemas and DTDs are not used (Tests/SAMLTests/XML)",
    "M1 secrets in logs": [
        "Tests/EndToEnd/test_sign_in_attacks.py::test_secrets_stay_out_of_the_log_and_the_database",
        f"{ACCESS}::each request is one line, without anything secret"],
    "M2 forged log lines": [f"{ACCESS}::whatever is in a line, it is one line of printable ASCII"],
    "M3 metrics with labels of the client's": "there are no metrics with labels",
}


@pytest.mark.parametrize("row", TABLE)
def test_every_row_has_its_test_or_its_reason(row):
    catalogue.check(TABLE[row])


@pytest.fixture
def world(make_world):
    return make_world(acme='members = [{ email = "alice@acme.example" }]')


def send(world, head, timeout=harness.DEADLINE):
    """One request as these bytes; its status."""
    with socket.create_connection(("127.0.0.1", world.gateway.port), timeout=timeout) as connection:
        try:
            connection.sendall(head)
        except OSError:
            pass  # refused before all of it was read
        answer = b""
        while b"\r\n" not in answer:
            more = connection.recv(4096)
            if not more:
                break
            answer += more
    return int(answer.split(b" ", 2)[1])


def head(world, fields=b"", path=b"/public/", method=b"GET"):
    host = f"{world.host('acme')}:{world.gateway.port}".encode()
    return method + b" " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\n" + fields + b"\r\n"


def test_a_hundred_thousand_headers_are_refused_and_others_served(world):
    before = len(world.application.requests)
    assert send(world, head(world, b"".join(b"x%d: y\r\n" % number for number in range(100_000)))) == 431
    assert len(world.application.requests) == before
    assert send(world, head(world)) == 200
    assert world.gateway.process.poll() is None


def test_a_cookie_of_a_thousand_parts_costs_its_length(world):
    """As large as a head may be, every part nearly the session's name."""
    parts = b"; ".join(b"gateway-sessiom=%d" % number for number in range(1_000))
    assert send(world, head(world, b"Cookie: " + parts + b"\r\n")) == 200
    received = world.application.requests[-1]
    assert [value for name, value in received["headers"] if name.lower() == "cookie"] == [parts.decode()]
    assert send(world, head(world, b"Cookie: " + parts * 10 + b"\r\n")) == 431


def test_a_compressed_body_passes_as_it_came(world):
    """Nobody here inflates it."""
    bomb = b"\x1f\x8b" + b"\x00" * 1000
    connection = http.client.HTTPConnection("127.0.0.1", world.gateway.port, timeout=harness.DEADLINE)
    connection.request("POST", "/public/", bomb, {
        "Host": f"{world.host('acme')}:{world.gateway.port}", "Content-Encoding": "gzip", "Content-Type": "text/plain"})
    assert connection.getresponse().status == 200
    received = world.application.requests[-1]
    assert dict((n.lower(), v) for n, v in received["headers"])["content-encoding"] == "gzip"
    assert dict((n.lower(), v) for n, v in received["headers"])["content-length"] == str(len(bomb))


def test_an_identity_provider_that_hangs_stops_only_those_who_wait_for_it(make_world):
    """Two hundred organizations; the provider of one takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"

        def more(world):
            text = []
            for number in range(200):
                text.append(f'[[organization]]\nslug = "t{number}"\nsso_jit_provisioning = "ALL_ALLOWED"\n')
                text.append(world.idp.connection(f"c{number}", f"t{number}"))
            text.append('[[organization]]\nslug = "stuck"\nsso_jit_provisioning = "ALL_ALLOWED"\n')
            text.append(world.idp.connection("stuck-idp", "stuck").replace(world.idp.origin, address))
            return "\n".join(text)

        world = make_world(more=more, acme='members = [{ email = "alice@acme.example" }]')
        signed_in = world.signed_in(person("alice"))
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            waiting = [pool.submit(lambda: harness.Browser().open(world.page("stuck")).status) for _ in range(64)]
            # All of them are under way once the silent one has heard of it: one request, which they share.
            silent.settimeout(harness.DEADLINE)
            held, _ = silent.accept()
            for number in (0, 99, 199):
                world.signed_in(person(f"p{number}"), f"t{number}")
            assert world.sees(signed_in, "acme") is not None
            assert not any(one.done() for one in waiting), [one.result() for one in waiting if one.done()]
            held.close()
            # A page that says so, for each of them.
            assert {one.result(harness.DEADLINE) for one in waiting} == {400}
        world.signed_in(person("late"), "t5")
