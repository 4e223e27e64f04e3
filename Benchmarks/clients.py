"""Loads that wrk and h2load can't make: new TLS connections, resumed ones, whole bodies, idle connections, messages
after an upgrade. They are slower than the proxies; processor time of the proxy does not suffer from that."""
import base64
import selectors
import socket
import ssl
import statistics
import threading
import time

import measure

MIB = 1 << 20


def head(method, host, path, headers, more=""):
    lines = "".join(f"{line}\r\n" for line in headers)
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{lines}{more}\r\n".encode()


class Answer:
    """Reads answers of one connection, and forgets their bodies."""

    def __init__(self, connection):
        self.connection, self.rest = connection, b""

    def read(self):
        data = self.rest
        while b"\r\n\r\n" not in data:
            more = self.connection.recv(65536)
            if not more:
                raise SystemExit("the proxy closed a connection in the middle of an answer")
            data += more
        top, _, body = data.partition(b"\r\n\r\n")
        status = int(top.split(b" ", 2)[1])
        fields = dict(line.lower().split(b":", 1) for line in top.split(b"\r\n")[1:])
        length = int(fields.get(b"content-length", b"0"))
        taken = len(body)
        buffer = bytearray(MIB) if taken < length else b""
        while taken < length:
            count = self.connection.recv_into(buffer, min(MIB, length - taken))
            if count == 0:
                raise SystemExit("the proxy closed a connection in the middle of a body")
            taken += count
        self.rest = body[length:]
        return status, length


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def load_of(times, began):
    ordered = sorted(times)
    return measure.Load(
        len(times), len(times) / (time.monotonic() - began), statistics.median(ordered) * 1000,
        ordered[int(len(ordered) * 0.99)] * 1000)


def tls_connections(port, host, headers, certificate, resumed, seconds):
    """One request on each new connection, with a full handshake or a resumed one."""
    context = ssl.create_default_context(cafile=str(certificate))
    request = head("GET", host, "/", headers, "Connection: close\r\n")
    session, times = None, []

    def one():
        nonlocal session
        connection = context.wrap_socket(connect(port), server_hostname=host, session=session if resumed else None)
        if resumed and session and not connection.session_reused:
            raise SystemExit("a TLS session was not resumed")
        connection.sendall(request)
        status, _ = Answer(connection).read()
        if status != 200:
            raise SystemExit(f"status {status} over TLS")
        session = connection.session
        connection.close()

    one()
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        start = time.monotonic()
        one()
        times.append(time.monotonic() - start)
    return load_of(times, began)


def download(port, host, headers, length):
    connection = connect(port)
    connection.sendall(head("GET", host, f"/big/{length}", headers))
    status, received = Answer(connection).read()
    connection.close()
    if (status, received) != (200, length):
        raise SystemExit(f"a body of {length} bytes came as {received}, status {status}")


def upload(port, host, headers, length):
    connection = connect(port)
    connection.sendall(head("POST", host, "/big/upload", headers, f"Content-Length: {length}\r\n"))
    block = bytes(MIB)
    for _ in range(length // MIB):
        connection.sendall(block)
    status, _ = Answer(connection).read()
    connection.close()
    if status != 200:
        raise SystemExit(f"an upload was answered with {status}")


class Peak:
    """The highest resident memory of a process while something goes on, in KiB."""

    def __init__(self, pid):
        self.pid, self.highest, self.over = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.over.wait(0.05):
            self.highest = max(self.highest, measure.resident_kib(self.pid))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def idle_connections(pid, port, host, headers, count, context=None):
    """KiB of the proxy for each connection that has had one request and is kept, or `None` if it keeps fewer."""
    request, kept = head("GET", host, "/", headers), []
    try:
        before = None
        for number in range(count + 100):
            if number == 100:  # what the first connections bring about is not what one more costs
                before = measure.resident_kib(pid)
            connection = connect(port)
            if context:
                connection = context.wrap_socket(connection, server_hostname=host)
            connection.sendall(request)
            if Answer(connection).read()[0] != 200:
                return None
            kept.append(connection)
        kib = (measure.resident_kib(pid) - before) / count
        ended = selectors.DefaultSelector()
        for connection in kept:
            ended.register(connection, selectors.EVENT_READ)
        # What is readable now has been closed, or is a TLS ticket.
        return kib if context or not ended.select(0) else None
    except (OSError, SystemExit):
        return None
    finally:
        for connection in kept:
            connection.close()


def messages(port, host, headers, connections, seconds):
    """64 bytes there and back, one after the other on each of the connections. `None`: it does not upgrade."""
    key = base64.b64encode(bytes(16)).decode()
    upgrade = f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
    message = bytes([0x82, 0x80 | 58, 0, 0, 0, 0]) + bytes(58)  # one masked frame (RFC 6455 §5.2)
    waiting, times, ready = {}, [], selectors.DefaultSelector()
    for _ in range(connections):
        connection = connect(port)
        connection.sendall(head("GET", host, "/big/echo", headers, upgrade))
        if Answer(connection).read()[0] != 101:
            return None
        ready.register(connection, selectors.EVENT_READ)
        waiting[connection] = [0.0, 0]
    began = time.monotonic()
    for connection, state in waiting.items():
        state[0] = time.monotonic()
        connection.sendall(message)
    while time.monotonic() - began < seconds:
        for key, _ in ready.select(1):
            state = waiting[key.fileobj]
            state[1] += len(key.fileobj.recv(4096))
            if state[1] >= len(message):
                now = time.monotonic()
                times.append(now - state[0])
                state[:] = [now, 0]
                key.fileobj.sendall(message)
    for connection in waiting:
        connection.close()
    return load_of(times, began)
