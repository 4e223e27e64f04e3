"""Many signed-in clients at full speed, as a process of its own, and an upstream that keeps up with them.

  load.py upstream PORT
  load.py clients PORT HOST TOKENS-FILE      one keep-alive connection a token, until standard input is closed

`clients` writes "running" once every client has had an answer, and at the end one JSON object: what was served, the
time of the last served answer and of the latest request that was served (CLOCK_MONOTONIC, which all processes of the
machine share), and what else was answered.
"""
import asyncio
import collections
import json
import sys
import threading
import time


class Upstream(asyncio.Protocol):
    ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok"

    def connection_made(self, transport):
        self.transport, self.received = transport, b""

    def data_received(self, data):
        self.received += data
        requests = self.received.count(b"\r\n\r\n")
        if requests:
            self.received = self.received[self.received.rindex(b"\r\n\r\n") + 4:]
            self.transport.write(self.ANSWER * requests)


class Client(asyncio.Protocol):
    """The next request leaves when the last one is answered."""

    def __init__(self, run, request):
        self.run, self.request, self.received, self.has_been_served = run, request, b"", False

    def connection_made(self, transport):
        self.transport = transport
        self.send()

    def send(self):
        self.sent_at = time.monotonic()
        self.transport.write(self.request)

    def data_received(self, data):
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.received[:end].lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self.received) < end + 4 + length:
            return
        now, status = time.monotonic(), int(self.received[9:12])
        self.received = b""
        self.run.answered(self, status, now)
        if not self.run.is_over:
            self.send()

    def connection_lost(self, error):
        """A response in flight was cut: counted, and the client comes again."""
        if not self.run.is_over:
            self.run.lost += 1
            self.received = b""
            self.run.connect(self)


class Run:
    def __init__(self, port, count):
        self.port, self.waiting, self.is_over, self.lost, self.connecting = port, count, False, 0, set()
        self.statuses, self.last_served, self.last_served_was_sent, self.longest = collections.Counter(), None, 0.0, 0.0

    def connect(self, client):
        self.connecting.add(task := asyncio.ensure_future(
            asyncio.get_running_loop().create_connection(lambda: client, "127.0.0.1", self.port)))
        task.add_done_callback(self.connecting.discard)

    def answered(self, client, status, now):
        self.statuses[status] += 1
        if self.waiting == 0:  # the first request of each looks its session up
            self.longest = max(self.longest, now - client.sent_at)
        if status == 200:
            self.last_served = now
            self.last_served_was_sent = max(self.last_served_was_sent, client.sent_at)
            if not client.has_been_served:
                client.has_been_served = True
                self.waiting -= 1
                if self.waiting == 0:
                    print("running", flush=True)


async def clients(port, host, tokens):
    loop = asyncio.get_running_loop()
    run, ended = Run(port, len(tokens)), asyncio.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(ended.set)), daemon=True).start()
    for token in tokens:
        request = f"GET /load HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: */*\r\nCookie: gateway-session={token}\r\n\r\n".encode()
        run.connect(Client(run, request))
    await ended.wait()
    run.is_over = True
    print(json.dumps({
        "statuses": run.statuses, "last_served": run.last_served, "last_served_was_sent": run.last_served_was_sent,
        "lost": run.lost, "longest": run.longest}), flush=True)


async def upstream(port):
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "upstream":
        asyncio.run(upstream(int(sys.argv[2])))
    else:
        with open(sys.argv[4]) as file:
            asyncio.run(clients(int(sys.argv[2]), sys.argv[3], file.read().split()))
