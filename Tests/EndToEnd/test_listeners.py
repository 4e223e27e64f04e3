"""Listeners as clients and operators meet them: TLS, HTTP/2 with other people's clients, new certificates, systemd's
sockets, and a new process that takes over from the old one."""
import datetime
import hashlib
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading

import harness
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "acme.wiki.localhost"


class Authority:
    """A certificate authority for one test."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test CA")])
        self.certificate = self._make(self.name, self.key, [x509.BasicConstraints(ca=True, path_length=None)])
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def _make(self, subject, key, extensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=1))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, *hosts):
        """PEM of a certificate and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, hosts[0])])
        certificate = self._make(subject, key, [x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])])
        return (certificate.public_bytes(serialization.Encoding.PEM).decode(),
                key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode())


class Listening:
    """A gateway with one organization, one application and a public path, over TLS or not."""

    def __init__(self, folder, application, tls=True):
        folder.chmod(0o700)
        self.folder, self.application, self.tls = folder, application, tls
        self.gateway = harness.Gateway(folder, harness.free_port())
        self.admin_port = harness.free_port()
        self.authority = Authority()
        (folder / "ca.pem").write_text(self.authority.pem)
        self.certificate, self.key = self.authority.issue(HOST, "auth.localhost")

    def configuration(self, listen=None):
        scheme = "https" if self.tls else "http"
        tls = '[tls]\ncertificate = "server.pem"\nprivate_key = "server.key"\n' if self.tls else ""
        return f"""
external_url = "{scheme}://auth.localhost:{self.gateway.port}"
listen = ["{listen or f'127.0.0.1:{self.gateway.port}'}"]
store = "sqlite:gateway.db"
{tls}
[admin]
listen = ["127.0.0.1:{self.admin_port}"]
secret_file = "admin.secret"
[[organization]]
slug = "acme"
[[route]]
host = "{{organization}}.wiki.localhost"
upstream = ["http://127.0.0.1:{self.application.port}"]
public_paths = ["/public/", "/stream"]
"""

    def write(self, text=None):
        self.gateway.write(text or self.configuration(), server__pem=self.certificate, server__key=self.key, admin__secret="s3cret")

    def start(self):
        self.write()
        self.gateway.start()
        return self

    def context(self, protocols=()):
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context

    def shown(self):
        """Fingerprint of the certificate that a new connection is shown."""
        with socket.create_connection(("127.0.0.1", self.gateway.port), timeout=10) as plain:
            with self.context().wrap_socket(plain, server_hostname=HOST) as connection:
                return hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest()

    def fingerprint(self):
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.certificate)).hexdigest()

    def curl(self, path, *arguments):
        return subprocess.run(
            ["curl", "-sS", "--cacert", str(self.folder / "ca.pem"), "--resolve", f"{HOST}:{self.gateway.port}:127.0.0.1",
             "-w", "\n%{http_version} %{http_code}", *arguments, f"https://{HOST}:{self.gateway.port}{path}"],
            capture_output=True, text=True, timeout=60)


@pytest.fixture
def listening(tmp_path, application):
    running = Listening(tmp_path, application).start()
    yield running
    running.gateway.stop()


@pytest.mark.parametrize("protocol, version", [("--http1.1", "1.1"), ("--http2", "2")])
def test_curl_gets_the_page_over_tls(listening, protocol, version):
    done = listening.curl("/public/x?y=1", protocol, "-H", "X-Gateway-Email: evil", "-b", "a=1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"{version} 200"
    seen = listening.application.requests[-1]
    headers = {name.lower(): value for name, value in seen["headers"]}
    assert seen["path"] == "/public/x?y=1"
    assert headers["host"] == f"{HOST}:{listening.gateway.port}" and headers["x-forwarded-proto"] == "https"
    assert headers["cookie"] == "a=1" and "x-gateway-anonymous" in headers and "x-gateway-email" not in headers
    (listening.folder / "body").write_text("x" * 300_000)
    upload = listening.curl("/public/up", protocol, "--data-binary", f"@{listening.folder / 'body'}", "-H", "Expect: 100-continue")
    assert upload.stdout.splitlines()[-1] == f"{version} 200", upload.stderr
    assert listening.application.requests[-1]["body"] == b"x" * 300_000
    before = len(listening.application.requests)
    private = listening.curl("/private", protocol, "-H", "Accept: application/json")
    assert private.stdout.splitlines()[-1] == f"{version} 401"
    assert len(listening.application.requests) == before


@pytest.mark.skipif(shutil.which("h2load") is None, reason="h2load (nghttp2-client) is not installed")
def test_h2load_gets_every_answer(listening):
    done = subprocess.run(
        ["h2load", "-n", "2000", "-c", "4", "-m", "10", f"--connect-to=127.0.0.1:{listening.gateway.port}",
         f"https://{HOST}:{listening.gateway.port}/public/x"], capture_output=True, text=True, timeout=120)
    assert re.search(r"2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored", done.stdout), done.stdout
    assert re.search(r"2000 2xx", done.stdout) and "Application protocol: h2" in done.stdout


def test_only_tls_1_2_and_1_3_are_spoken(listening):
    for option, is_spoken in [("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)]:
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{listening.gateway.port}", "-servername", HOST, option, "-cipher",
             "DEFAULT@SECLEVEL=0", "-CAfile", str(listening.folder / "ca.pem"), "-verify_return_error"],
            input="", capture_output=True, text=True, timeout=30)
        assert (done.returncode == 0) == is_spoken, done.stdout + done.stderr


def test_a_reload_shows_new_certificates_and_keeps_connections(listening):
    kept = http.client.HTTPSConnection("127.0.0.1", listening.gateway.port, context=listening.context())
    kept.sock = listening.context().wrap_socket(
        socket.create_connection(("127.0.0.1", listening.gateway.port)), server_hostname=HOST)

    def ask():
        kept.request("GET", "/public/kept", headers={"Host": f"{HOST}:{listening.gateway.port}"})
        response = kept.getresponse()
        response.read()
        return response.status

    assert ask() == 200
    first = listening.fingerprint()
    assert listening.shown() == first
    # A key of another certificate: reported with its line, and nothing changes.
    good = listening.certificate, listening.key
    listening.certificate, _ = listening.authority.issue(HOST)
    listening.write()
    check = listening.gateway.command("check", "--config", str(listening.gateway.configuration))
    line = next(i for i, text in enumerate(listening.configuration().splitlines(), 1) if text.startswith("private_key"))
    assert check.returncode == 1 and check.stdout.splitlines()[-1].startswith(f"gateway.conf:{line}: `private_key`"), check.stdout
    listening.gateway.signal(signal.SIGHUP)
    assert "private_key" in listening.gateway.wait_for("configuration not reloaded")["problem"]
    assert listening.shown() == first and ask() == 200
    # A file that is gone is no empty file.
    listening.certificate, listening.key = good
    listening.write()
    (listening.folder / "server.key").unlink()
    listening.gateway.signal(signal.SIGHUP)
    assert "does not exist" in listening.gateway.wait_for("configuration not reloaded")["problem"]
    assert listening.shown() == first
    listening.certificate, listening.key = listening.authority.issue(HOST)
    listening.write()
    listening.gateway.signal(signal.SIGHUP)
    listening.gateway.wait_for("configuration reloaded")
    assert listening.shown() == listening.fingerprint() != first
    assert ask() == 200
    kept.close()


def test_a_socket_of_systemd_is_served(tmp_path, application):
    running = Listening(tmp_path, application, tls=False)
    running.write(running.configuration(listen="systemd:web"))
    with socket.create_server(("127.0.0.1", running.gateway.port)) as listener:
        command = "exec env LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web " + " ".join(
            [harness.BINARY, "run", "--config", str(running.gateway.configuration)])
        process = subprocess.Popen(
            ["sh", "-c", command], pass_fds=(3,), preexec_fn=lambda: os.dup2(listener.fileno(), 3), stderr=subprocess.PIPE, text=True)
        running.gateway.process = process
        threading.Thread(target=running.gateway._read, args=(process, running.gateway._lines), daemon=True).start()
        running.gateway.wait_for("serving")
        assert ask_plain(running.gateway.port) == 200
        assert running.gateway.stop() == 0
    # Without systemd there is no such socket.
    alone = running.gateway.command("run", "--config", str(running.gateway.configuration))
    assert alone.returncode == 1 and "systemd:web was not handed over" in alone.stderr


def ask_plain(port, path="/public/x", host=HOST):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"Host": f"{host}:{port}"})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def test_a_stopping_process_says_so_while_a_request_goes_on(tmp_path, application):
    running = Listening(tmp_path, application, tls=False).start()
    port, readiness = running.gateway.port, lambda: ask_plain(running.admin_port, "/readyz", "127.0.0.1")
    assert readiness() == 200
    with socket.create_connection(("127.0.0.1", port), timeout=harness.DEADLINE) as stream:
        stream.sendall(f"GET /stream HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n".encode())
        assert stream.recv(12) == b"HTTP/1.1 200"
        running.gateway.signal(signal.SIGTERM)
        running.gateway.wait_for("stopping")
        harness.wait_until(lambda: readiness() == 503)
        assert ask_plain(running.admin_port, "/healthz", "127.0.0.1") == 200
        harness.wait_until(lambda: not accepts(port))
        assert stream.recv(1_000), "a request under way was cut"
    assert running.gateway.process.wait(harness.DEADLINE) == 0


def accepts(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=harness.DEADLINE):
            return True
    except ConnectionRefusedError:
        return False


def test_a_new_process_takes_over_without_a_lost_request(tmp_path, application):
    """Clients that connect anew for each request, ones that keep their connection, and a balancer that asks whether the
    service is ready, across two hand-overs."""
    running = Listening(tmp_path, application, tls=False).start()
    stopped, failures, served = threading.Event(), [], [0] * 7

    def connect_anew(index):
        while not stopped.is_set():
            try:
                assert ask_plain(running.gateway.port) == 200
                served[index] += 1
            except (OSError, AssertionError, http.client.HTTPException) as failure:
                failures.append(repr(failure))

    def keep(index):
        connection = http.client.HTTPConnection("127.0.0.1", running.gateway.port, timeout=20)
        while not stopped.is_set():
            try:
                connection.request("GET", "/public/kept", headers={"Host": f"{HOST}:{running.gateway.port}"})
                response = connection.getresponse()
                response.read()
                assert response.status == 200
                served[index] += 1  # reconnects by itself after `Connection: close`
            except (OSError, AssertionError, http.client.HTTPException) as failure:
                failures.append(repr(failure))
                connection.close()

    def balance(index):
        while not stopped.wait(0.01):
            try:
                assert ask_plain(running.admin_port, "/readyz", "127.0.0.1") == 200
                served[index] += 1
            except (OSError, AssertionError, http.client.HTTPException) as failure:
                failures.append(f"readiness: {failure!r}")

    tasks = [connect_anew] * 4 + [keep] * 2 + [balance]
    workers = [threading.Thread(target=task, args=(i,), daemon=True) for i, task in enumerate(tasks)]
    for worker in workers:
        worker.start()
    old = running.gateway
    try:
        for _ in range(2):
            before = sum(served)
            new = harness.Gateway(tmp_path, old.port, arguments=["--take-over"]).start()
            assert old.wait_for("stopping")["handed_over"] == "true"
            assert old.process.wait(harness.DEADLINE) == 0
            assert ask_plain(running.admin_port, "/readyz", "127.0.0.1") == 200
            until = sum(served) + 50
            while sum(served) < until and not failures:
                stopped.wait(0.05)
            assert sum(served) > before
            old = new
    finally:
        stopped.set()
        for worker in workers:
            worker.join(harness.DEADLINE)
        assert old.stop() == 0
        running.gateway.kill() if running.gateway.process.poll() is None else None
    assert failures == [] and all(count > 0 for count in served), (failures[:5], served)
    # Nobody is left to take over from.
    alone = old.command("run", "--take-over", "--config", str(old.configuration))
    assert alone.returncode == 1 and "No gateway of this user answers" in alone.stderr


def test_a_successor_that_fails_leaves_the_old_process_serving(tmp_path, application):
    running = Listening(tmp_path, application, tls=False).start()
    blocked = harness.free_port()
    with socket.create_server(("127.0.0.1", blocked)):
        running.write(running.configuration().replace(f"127.0.0.1:{running.admin_port}", f"127.0.0.1:{blocked}"))
        second = running.gateway.command("run", "--take-over", "--config", str(running.gateway.configuration))
    assert second.returncode == 1 and "is taken by another program" in second.stderr
    assert ask_plain(running.gateway.port) == 200
    running.write()
    new = harness.Gateway(tmp_path, running.gateway.port, arguments=["--take-over"]).start()
    assert running.gateway.process.wait(harness.DEADLINE) == 0
    assert ask_plain(running.gateway.port) == 200
    assert new.stop() == 0
