"""The parts that whole-process tests are made of: a gateway, applications behind it, identity providers in
front of it, and browsers. Everything is on loopback; nothing sleeps, everything waits for an event."""
import contextlib
import html
import http.client
import http.server
import json
import os
import pathlib
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "idp" / "lib"))
import rp  # noqa: E402

BINARY = os.environ["GATEWAY"]
DEADLINE = 30  # seconds that an awaited event may take


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, process=None):
    """Returns when something accepts connections there."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process is not None and process.poll() is not None:
            raise AssertionError(f"process ended with {process.returncode} before it listened on {port}")
        threading.Event().wait(0.05)
    raise AssertionError(f"nothing listens on {port}")


def wait_until(condition):
    until = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < until, "it never came to be"
        threading.Event().wait(0.02)


class Application:
    """An upstream that remembers every request as it came."""

    def __init__(self):
        self.requests = []
        self.begun = queue.Queue()  # paths, when the head has come
        self.stopped = threading.Event()
        application = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                if self.path == "/stream":
                    return self.stream()
                application.begun.put(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else b""
                application.requests.append(
                    {"method": self.command, "path": self.path, "headers": list(self.headers.items()), "body": body})
                answer = json.dumps({"headers": list(self.headers.items()), "path": self.path}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer)

            def stream(self):
                """Chunks without an end, until the reader is gone."""
                application.begun.put(self.path)
                application.requests.append(
                    {"method": self.command, "path": self.path, "headers": list(self.headers.items()), "body": b""})
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                with contextlib.suppress(OSError):
                    while not application.stopped.wait(0.02):
                        self.wfile.write(b"5\r\nchunk\r\n")
                self.close_connection = True

            do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = answer

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request, client_address):
                pass  # a gateway that was killed

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()


class Gateway:
    """One run of the real binary."""

    def __init__(self, folder, port, arguments=()):
        self.folder = pathlib.Path(folder)
        self.port = port
        self.arguments = list(arguments)
        self.process = None
        self.log = []
        self._lines = queue.Queue()

    @property
    def configuration(self):
        return self.folder / "gateway.conf"

    def write(self, text, **files):
        """Writes gateway.conf and the named secret files, readable by their owner alone."""
        for name, content in {"gateway.conf": text, **{n.replace("__", "."): c for n, c in files.items()}}.items():
            path = self.folder / name
            path.touch(mode=0o600)
            path.chmod(0o600)
            path.write_text(content)

    def start(self):
        self.process = subprocess.Popen(
            [BINARY, "run", "--config", str(self.configuration), *self.arguments], stderr=subprocess.PIPE, text=True)
        self._lines = queue.Queue()  # of this run alone: the last one's end is in the old one
        threading.Thread(target=self._read, args=(self.process, self._lines), daemon=True).start()
        self.wait_for("serving")
        return self

    def _read(self, process, lines):
        for line in process.stderr:
            self.log.append(line.rstrip("\n"))
            lines.put(line)
        lines.put(None)

    def wait_until_logged(self, text):
        """Returns when a log line has it: a line may be read later than the answer that it is about."""
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            if any(text in line for line in list(self.log)):
                return
            threading.Event().wait(0.02)
        raise AssertionError(f"{text!r} was not logged:\n" + "\n".join(self.log[-10:]))

    def wait_for(self, message):
        """The first log line with this message from now on."""
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            try:
                line = self._lines.get(timeout=1)
            except queue.Empty:
                continue
            if line is None:
                raise AssertionError("the gateway ended:\n" + "\n".join(self.log[-100:]))
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                if entry.get("message") == message:
                    return entry
        raise AssertionError(f"no log line {message!r}:\n" + "\n".join(self.log[-10:]))

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                return self.process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        return self.process.returncode if self.process else None

    def administer(self, *arguments):
        """A command on the store, beside the running gateway; what it printed."""
        done = self.command(*arguments, "--config", str(self.configuration))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def audit(self, *arguments):
        """Every event, as `gateway audit` shows it."""
        return [json.loads(line) for line in self.administer("audit", "--json", *arguments).splitlines()]

    def audit_log(self):
        """The events that the log has."""
        entries = [json.loads(line) for line in self.log if line.startswith("{")]
        return [entry for entry in entries if entry["message"] == "audit"]

    def command(self, *arguments):
        return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60)

    @property
    def urls(self):
        done = self.command("urls", "--json", "--config", str(self.configuration))
        assert done.returncode == 0, done.stderr
        return {entry["name"]: entry for entry in json.loads(done.stdout)}


class Browser(rp.Browser):
    """Cookies per host, like a real one; `*.localhost` is this machine (RFC 6761 §6.3)."""

    def request(self, method, url, data=None, headers=None, jsonbody=None):
        parts = urllib.parse.urlsplit(url)
        headers = {"Host": parts.netloc, **(headers or {})}
        jar = self.cookies.get(parts.hostname, {})
        if jar:
            headers.setdefault("Cookie", "; ".join(f"{k}={v}" for k, v in jar.items()))
        local = parts._replace(netloc=f"127.0.0.1:{parts.port or 80}").geturl()
        before = self.cookies.pop("127.0.0.1", None)
        own = self.cookies.setdefault(parts.hostname, {})
        self.cookies["127.0.0.1"] = own
        try:
            page = super().request(method, local, data, headers, jsonbody)
        finally:
            self.cookies.pop("127.0.0.1", None)
            if parts.hostname == "127.0.0.1":
                self.cookies["127.0.0.1"] = own
            elif before is not None:
                self.cookies["127.0.0.1"] = before
        page.url = url
        return page

    def open(self, url, until=None, data=None, maximum=15):
        """Follows redirects; stops before an address that begins with `until` (or one of them), and returns its page or the address."""
        page = self.request("POST" if data is not None else "GET", url, data)
        for _ in range(maximum):
            if page.status not in (301, 302, 303, 307):
                return page
            url = urllib.parse.urljoin(page.url, page.headers["Location"])
            if until is not None and url.startswith(until):
                return url
            page = self.request("GET", url)
        raise AssertionError("a redirect loop at " + url)

    def cookie(self, host, name):
        return self.cookies.get(host, {}).get(name)


def start_idp(name, **environment):
    """Starts an identity provider of other people; returns its process once it listens."""
    port = environment["PORT"]
    process = subprocess.Popen(
        [str(HERE / "idp" / name / "start.sh")], env={**os.environ, **{k: str(v) for k, v in environment.items()}},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    wait_for_port(port, process)
    return process


def end(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def text_of(page):
    """Visible text."""
    body = re.sub(r"<style.*?</style>|<title>.*?</title>", " ", page.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
