"""The process as its operator meets it: kills, reloads, wrong files, taken ports."""
import signal
import socket
import sqlite3
import threading

import pytest

import harness
import small_world as small

KILLS = 50


def test_kill_9_at_any_moment_loses_no_session_and_corrupts_nothing(small_world):
    """50 times: sign-ins run, the process is killed in the middle of them, and every session whose cookie a
    browser had is still one after the restart."""
    committed, lock = [], threading.Lock()

    def sign_in_until(stopped, signed_in, wanted):
        while not stopped.is_set():
            try:
                browser = small_world.sign_in("alice", "acme")
            except (OSError, AssertionError, harness.http.client.HTTPException):
                continue  # the gateway was killed under it
            with lock:
                committed.append(browser)
                if len(committed) >= wanted:
                    signed_in.set()

    for round_number in range(KILLS):
        stopped, signed_in = threading.Event(), threading.Event()
        with lock:
            wanted = len(committed) + 1 + round_number % 4  # so that the kill meets other states of the second sign-in
        workers = [threading.Thread(target=sign_in_until, args=(stopped, signed_in, wanted), daemon=True) for _ in range(2)]
        for worker in workers:
            worker.start()
        assert signed_in.wait(harness.DEADLINE), f"no sign-in in round {round_number}"
        small_world.gateway.kill()
        stopped.set()
        for worker in workers:
            worker.join(harness.DEADLINE)
        small_world.gateway.start()
        with lock:
            fresh = committed[-6:]
        assert all(small_world.is_signed_in(browser, "acme") for browser in fresh), f"a session was lost in round {round_number}"
    assert all(small_world.is_signed_in(browser, "acme") for browser in committed)
    assert not small_world.is_signed_in(harness.Browser(), "acme")
    assert small_world.gateway.stop() == 0
    with sqlite3.connect(small_world.folder / "gateway.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        sessions, = database.execute("SELECT COUNT(*) FROM sessions").fetchone()
    assert sessions >= len(committed) >= KILLS
    print(f"{len(committed)} sessions over {KILLS} kills")


def test_a_bad_file_leaves_the_old_configuration_serving_and_is_reported(small_world):
    browser = small_world.sign_in("alice", "acme")
    small_world.write(small_world.configuration() + '\nunknown_key = 1\n')
    small_world.gateway.signal(signal.SIGHUP)
    entry = small_world.gateway.wait_for("configuration not reloaded")
    assert "unknown_key" in entry["problem"]
    assert small_world.is_signed_in(browser, "acme")
    small_world.write()
    small_world.gateway.signal(signal.SIGHUP)
    small_world.gateway.wait_for("configuration reloaded")
    assert small_world.is_signed_in(browser, "acme")


def test_taking_a_link_out_of_the_file_ends_the_borrowers_sessions_and_no_others(small_world):
    owner, borrower = small_world.sign_in("alice", "acme"), small_world.sign_in("bob", "globex")
    assert small_world.is_signed_in(owner, "acme") and small_world.is_signed_in(borrower, "globex")
    small_world.write(small_world.configuration(link=""))
    small_world.gateway.signal(signal.SIGHUP)
    small_world.gateway.wait_for("configuration reloaded")
    before = len(small_world.application.requests)
    assert not small_world.is_signed_in(borrower, "globex")
    assert len(small_world.application.requests) == before
    assert small_world.is_signed_in(owner, "acme")


def test_a_reload_that_needs_a_restart_says_so_and_changes_nothing(small_world):
    small_world.write(small_world.configuration().replace("gateway.db", "other.db"))
    small_world.gateway.signal(signal.SIGHUP)
    assert "store" in small_world.gateway.wait_for("configuration not reloaded")["problem"]


def test_a_taken_port_is_one_sentence(small_world):
    second = small_world.gateway.command("run", "--config", str(small_world.gateway.configuration))
    assert second.returncode == 1
    sentences = [line for line in second.stderr.splitlines() if not line.startswith("{")]
    assert sentences == [f"gateway: 127.0.0.1:{small_world.gateway.port} is taken by another program. "
                         "Stop that program, or change `listen`."]


def test_check_prints_every_problem_with_its_line(small_world):
    good = small_world.gateway.command("check", "--config", str(small_world.gateway.configuration))
    assert good.returncode == 0 and "external connection globex-link: globex borrows acme-idp" in good.stdout
    broken = small_world.configuration().replace("email_domains = ", "emial_domains = ", 1).replace(
        'connection    = "acme-idp"', 'connection    = "nobody"')
    small_world.write(broken)
    lines = broken.splitlines()
    bad = small_world.gateway.command("check", "--config", str(small_world.gateway.configuration))
    assert bad.returncode == 1
    misspelt = next(i for i, line in enumerate(lines, 1) if "emial_domains" in line)
    dangling = next(i for i, line in enumerate(lines, 1) if '"nobody"' in line)
    assert any(line.startswith(f"gateway.conf:{misspelt}: ") and "email_domains" in line for line in bad.stdout.splitlines())
    assert any(line.startswith(f"gateway.conf:{dangling}: ") for line in bad.stdout.splitlines())
    (small_world.folder / "client.secret").chmod(0o644)
    small_world.write()
    (small_world.folder / "client.secret").chmod(0o644)
    exposed = small_world.gateway.command("check", "--config", str(small_world.gateway.configuration))
    assert exposed.returncode == 1 and "client.secret" in exposed.stdout


@pytest.mark.parametrize("other, is_taken", [("/a%2Cb", True), ("/a,b;x", True), ("/a,b/c", False)])
def test_check_tells_of_two_routes_that_an_application_reads_as_one(small_world, other, is_taken):
    route = '\n[[route]]\nhost = "paths.localhost"\norganization = "acme"\nupstream = ["http://127.0.0.1:1"]\npath = "{}"\n'
    text = small_world.configuration(more=route.format("/a,b") + route.format(other))
    small_world.write(text)
    done = small_world.gateway.command("check", "--config", str(small_world.gateway.configuration))
    line = max(i for i, line in enumerate(text.splitlines(), 1) if line == 'host = "paths.localhost"')
    if is_taken:
        assert done.returncode == 1 and done.stdout.splitlines()[-1].startswith(f"gateway.conf:{line}: `path`: "), done.stdout
    else:
        assert done.returncode == 0, done.stdout


def test_sigterm_finishes_the_request_under_way(small_world):
    browser = small_world.sign_in("alice", "acme")
    cookie = "; ".join(f"{k}={v}" for k, v in browser.cookies[small_world.host("acme")].items())
    with socket.create_connection(("127.0.0.1", small_world.gateway.port)) as connection:
        head = (f"POST /slow HTTP/1.1\r\nHost: {small_world.host('acme')}:{small_world.gateway.port}\r\n"
                f"Cookie: {cookie}\r\nContent-Length: 4\r\n\r\n")
        connection.sendall(head.encode() + b"ab")
        while small_world.application.begun.get(timeout=harness.DEADLINE) != "/slow":
            pass
        small_world.gateway.signal(signal.SIGTERM)
        small_world.gateway.wait_for("stopping")
        connection.sendall(b"cd")
        answer = connection.recv(65536)
        while answer and b"\r\n\r\n" not in answer:
            answer += connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert small_world.gateway.process.wait(harness.DEADLINE) == 0
    assert small_world.application.requests[-1]["body"] == b"abcd"
