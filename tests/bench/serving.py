"""The web server under measure: gunicorn with two workers, as in production, and what its workers need of memory."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

from operations.supervisor import die_with
from riskregister.env import BASE_DIR
from tests import machines
from tests.waiting import PATIENCE, until

WORKERS = 2
# An environment with the requirements of the product alone; script/bench makes one.
SERVED_BY = os.environ.get("RISKREGISTER_SERVED_BY", sys.executable)


@contextlib.contextmanager
def gunicorn(application: str) -> Iterator[tuple[int, int]]:
    """Run an application under gunicorn while the block runs; yield its port and the master's process id."""
    port = machines.free_port()
    command = [
        SERVED_BY, "-m", "gunicorn", application, "--preload", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "operations.web_server.PatientWorker", "--workers", str(WORKERS), "--threads", "4",
        "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=BASE_DIR, preexec_fn=die_with(os.getpid(), number=signal.SIGTERM))  # noqa: PLW1509 - one thread here
    try:
        _wait(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until(lambda: process.poll() is not None or _answers(port), what="the web server")
    if process.poll() is not None:
        raise machines.NotAvailable("The web server did not start; the lines above say why.")


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    return False


def largest_worker(master: int) -> float:
    """Return the resident memory of the largest worker of a gunicorn, with what it shares, in MB (10^6 bytes)."""
    return max(_memory(pid, "Rss") for pid in _workers(master))


def together(master: int) -> float:
    """Return the memory of a gunicorn with all of its workers, what they share counted once, in MB (10^6 bytes)."""
    return sum(_memory(pid, "Pss") for pid in (master, *_workers(master)))


def _workers(master: int) -> list[int]:
    shown = subprocess.run(["ps", "-A", "-o", "ppid=,pid="], capture_output=True, text=True, check=True).stdout
    return [int(pid) for parent, pid in map(str.split, shown.splitlines()) if int(parent) == master]


def _memory(pid: int, kind: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:")) * 1024 / 1_000_000


def python() -> str:
    """Return the version of Python that serves."""
    return subprocess.run([SERVED_BY, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def machine() -> str:
    """Return the processor and how many cores there are."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), sys.platform)
    return f"{name}, {os.cpu_count()} cores"
