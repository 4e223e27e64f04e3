"""What every benchmark here measures with: processor time and memory of a process, programs that end when the
benchmark does, load generators, and medians of rounds."""
import atexit
import contextlib
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TICK = os.sysconf("SC_CLK_TCK")


# ---------------------------------------------------------------- processes
def family(pid):
    """The process and its descendants."""
    pids, children = [pid], {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parent = int(pathlib.Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()[1])
                children.setdefault(parent, []).append(int(entry))
    for known in pids:
        pids += children.get(known, [])
    return pids


def processor_seconds(pid):
    """User and system time of the process and its descendants, those that have ended included."""
    ticks = 0
    for member in family(pid):
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += sum(int(field) for field in (fields[11:15] if member == pid else fields[11:13]))
    return ticks / TICK


def resident_kib(pid):
    """Resident memory of the process and its descendants; pages that they share count once for each."""
    total = 0
    for member in family(pid):
        with contextlib.suppress(OSError, StopIteration):
            lines = pathlib.Path(f"/proc/{member}/status").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return total


_running = []


def start(command, **arguments):
    """A process of its own session that ends with the benchmark."""
    arguments.setdefault("stdout", subprocess.DEVNULL)
    arguments.setdefault("stderr", subprocess.DEVNULL)
    process = subprocess.Popen([str(part) for part in command], start_new_session=True, **arguments)
    _running.append(process)
    return process


def end(process):
    """Ends the whole session of a process that `start` gave."""
    if process in _running:
        _running.remove(process)
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
            return


@atexit.register
def _end_all():
    for process in list(_running):
        end(process)


def end_on_signals():
    """So that `atexit` runs on a SIGTERM too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def allow_descriptors(count):
    """For this process and those that it starts. Returns how many there may be."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError):  # only root may raise the hard limit
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(hard, count), max(hard, count)))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


# ---------------------------------------------------------------- ports and files
def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, process=None, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process is not None and process.poll() is not None:
            sys.exit(f"{process.args[0]} ended with {process.returncode} before it listened on port {port}")
        time.sleep(0.02)
    sys.exit(f"nothing listens on port {port}")


def folder():
    """A private folder that goes with the benchmark."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="gateway-benchmark-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def missing(*programs):
    """Those that are not on the PATH; Debian keeps some servers in sbin."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return [program for program in programs if shutil.which(program, path=path) is None]


# ---------------------------------------------------------------- load
class Load:
    """What a load generator saw: requests, requests a second, p50 and p99 in milliseconds."""

    def __init__(self, requests, rate, p50, p99):
        self.requests, self.rate, self.p50, self.p99 = requests, rate, p50, p99


def milliseconds(text):
    """`1.23ms`, `45.00us`, `1.2s` of wrk and h2load."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


def wrk(url, headers=(), seconds=5, connections=64, script=None):
    """Keep-alive load from one thread. Ends the benchmark when an answer is not 2xx or a socket fails."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    for header in headers:
        command += ["-H", header]
    command += ["-s", str(script)] if script else []
    text = subprocess.run([*command, url], capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    bad = re.search(r"Non-2xx.*|Socket errors.*", text)
    if bad:
        sys.exit(f"{url}: {bad.group(0)}")
    return Load(
        int(re.search(r"(\d+) requests in", text).group(1)), float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
        milliseconds(re.search(r"^\s+50%\s+(\S+)", text, re.M).group(1)),
        milliseconds(re.search(r"^\s+99%\s+(\S+)", text, re.M).group(1)))


class Cost:
    """Processor time of one process between two moments, divided by what was done in between."""

    def __init__(self, pid):
        self.pid, self.cpu, self.wall = pid, processor_seconds(pid), time.monotonic()

    def per(self, count):
        """(processor, wall) microseconds for each of `count`."""
        cpu, wall = processor_seconds(self.pid) - self.cpu, time.monotonic() - self.wall
        return cpu / count * 1e6, wall / count * 1e6


def spread(values):
    """`median (lowest-highest)`."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def table(heading, rows):
    """Prints rows of text in columns; the first column to the left, the others to the right."""
    rows = [[str(cell) for cell in row] for row in [heading, *rows]]
    widths = [max(len(row[index]) for row in rows) for index in range(len(heading))]
    for row in rows:
        print("  " + "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width) for index, (cell, width) in enumerate(zip(row, widths))))
    sys.stdout.flush()


# ---------------------------------------------------------------- the gateway
class Gateway:
    """One run of the real binary over a folder with `gateway.conf`."""

    def __init__(self, binary, folder, arguments=()):
        self.binary, self.folder, self.arguments = os.path.realpath(binary), pathlib.Path(folder), list(arguments)
        self.process, self.start_cpu, self.start_wall = None, None, None

    @property
    def pid(self):
        return self.process.pid

    def write(self, text):
        path = self.folder / "gateway.conf"
        path.touch(mode=0o600)
        path.write_text(text)

    def start(self):
        """Returns when it serves. Keeps the processor time and the seconds that took."""
        began = time.monotonic()
        log = open(self.folder / "gateway.log", "wb")
        self.process = start(
            [self.binary, "run", "--config", self.folder / "gateway.conf", *self.arguments], stderr=log)
        reader = open(self.folder / "gateway.log", "rb")
        seen = b""
        while b'"serving"' not in seen:
            if self.process.poll() is not None:
                sys.exit("the gateway ended:\n" + (seen + reader.read()).decode(errors="replace")[-2000:])
            if time.monotonic() - began > 300:
                sys.exit("the gateway does not serve after 300 seconds")
            time.sleep(0.002)
            seen += reader.read()
        self.start_wall, self.start_cpu = time.monotonic() - began, processor_seconds(self.pid)
        reader.close()
        log.close()
        return self

    def stop(self):
        if self.process:
            end(self.process)
            self.process = None

    def problems(self):
        """What `gateway check` has against the file."""
        done = subprocess.run(
            [self.binary, "check", "--config", str(self.folder / "gateway.conf")], capture_output=True, text=True, timeout=300)
        return done.stdout.splitlines() if done.returncode else []

    def command(self, *arguments):
        """Runs a subcommand; returns (processor seconds, seconds) of it."""
        began, before = time.monotonic(), os.times()
        done = subprocess.run(
            [self.binary, *arguments, "--config", str(self.folder / "gateway.conf")], capture_output=True, timeout=300)
        if done.returncode != 0:
            sys.exit(f"gateway {arguments[0]} failed:\n" + (done.stdout + done.stderr).decode(errors="replace")[-2000:])
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return cpu, time.monotonic() - began
