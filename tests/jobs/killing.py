"""Workers that are killed at chosen moments, and a post office that keeps what it was sent."""

import contextlib
import email
import email.policy
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import redis
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection
from django.utils import timezone

from jobs.models import Job
from operations.supervisor import die_with
from tests import machines
from tests.jobs.paused_worker import NEVER
from tests.waiting import PATIENCE, until

_TICK = 0.01
# Seconds after which the moment of a worker has not come because another took its work away.
_SUPPLY_AGAIN = 3.0
_LOAD_AND_FORK = "import django; django.setup(); from tests.jobs.paused_worker import main; main()"


@dataclass
class Worker:
    """A worker process that leads a session of its own, and the moment at which it stops."""

    pid: int
    moment: str
    marker: Path
    supplied: float = field(default_factory=time.monotonic)

    @property
    def is_there(self) -> bool:
        """Return whether it has come to its moment."""
        return self.marker.exists()

    @property
    def job(self) -> str:
        """Return the id of the job it was doing when it came there; empty for none."""
        return self.marker.read_text()

    def wait(self) -> str:
        """Wait until it is there, and return the job's id."""
        until(lambda: self.is_there, what=f"a worker at {self.moment!r}")
        return self.job

    def freeze(self) -> None:
        """Stop the process as a machine without breath does; its side threads stand still too."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen or stopped worker go on."""
        self.marker.with_suffix(".go").touch()
        os.killpg(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """Kill the process and all that it started, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        until(lambda: not _lives(self.pid), what=f"the end of process {self.pid}")


class Barracks:
    """Starts workers quickly: one process has loaded the product and forks."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._folder = folder
        self._log = (folder / "workers.log").open("wb")
        self._started: list[Worker] = []
        self._host = subprocess.Popen(
            [sys.executable, "-c", _LOAD_AND_FORK],
            cwd=settings.BASE_DIR,
            env={**environment, "DJANGO_SETTINGS_MODULE": "riskregister.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,
        )

    @property
    def log(self) -> str:
        """Return what the workers said on standard error."""
        return (self._folder / "workers.log").read_text(errors="replace")

    def start(self, moment: str = NEVER) -> Worker:
        """Start a worker that stops at the moment, by default never."""
        assert self._host.stdin
        assert self._host.stdout
        marker = self._folder / f"marker-{len(self._started)}"
        self._host.stdin.write(f"{moment}\t{marker}\n")
        self._host.stdin.flush()
        answer = self._host.stdout.readline()
        assert answer, f"No worker can be started:\n{self.log}"
        self._started.append(Worker(int(answer), moment, marker))
        return self._started[-1]

    def close(self) -> None:
        """Kill every worker that is left, and the process that forks them."""
        for worker in self._started:
            worker.kill()
        self._host.kill()
        self._host.communicate()
        self._log.close()


@dataclass
class Hits:
    """Which moments workers were killed at, and at how many of them a job was running by the job table's own word."""

    moments: Counter[str] = field(default_factory=Counter)
    in_a_running_job: int = 0

    def note(self, worker: Worker) -> None:
        """Count a worker that is about to be killed."""
        self.moments[worker.moment] += 1
        if worker.job and Job.objects.filter(pk=worker.job, status=Job.Status.RUNNING).exists():
            self.in_a_running_job += 1


def kill_at(
    plan: list[str],
    barracks: Barracks,
    *,
    supply: Callable[[str], None],
    at_once: int = 4,
) -> Hits:
    """Kill one worker at each moment of the plan, several being alive at once; return the hits.

    `supply` makes work in which the moment comes; it is asked again when another worker took the work away.
    """
    alive: list[Worker] = []
    hits, over = Hits(), threading.Event()
    guard = threading.Lock()

    def execute() -> None:
        # A thread of its own: a worker that is stopped in a transaction holds SQLite's lock, for which `supply` waits.
        while not over.is_set():
            for worker in [worker for worker in alive if worker.is_there]:
                hits.note(worker)
                worker.kill()
                with guard:
                    alive.remove(worker)
            time.sleep(_TICK)
        connection.close()

    executioner = threading.Thread(target=execute, daemon=True)
    executioner.start()
    try:
        _feed(plan, alive, guard, barracks, supply, at_once=at_once)
    finally:
        over.set()
        executioner.join(timeout=PATIENCE)
    return hits


def _feed(
    plan: list[str],
    alive: list[Worker],
    guard: threading.Lock,
    barracks: Barracks,
    supply: Callable[[str], None],
    *,
    at_once: int,
) -> None:
    def waited_for() -> str:
        return f"{[worker.moment for worker in alive]}:\n{barracks.log[-3000:]}"

    def fewer_than(count: int) -> bool:
        for worker in list(alive):
            if time.monotonic() - worker.supplied > _SUPPLY_AGAIN:
                worker.supplied = time.monotonic()
                supply(worker.moment)
        return len(alive) < count

    for moment in plan:
        until(lambda: fewer_than(at_once), what=waited_for)
        supply(moment)
        started = barracks.start(moment)
        with guard:
            alive.append(started)
    until(lambda: fewer_than(1), what=waited_for)


class PostOffice:
    """A real SMTP server on a free port; it keeps the Message-ID, recipient and text of every message."""

    def __init__(self) -> None:
        self.received: list[tuple[str, str]] = []
        self.texts: dict[str, set[str]] = {}
        self.port = machines.free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        """Return its address as RISKREGISTER_MAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = parsed.get_content().replace("\r\n", "\n")
        self.texts.setdefault(str(parsed["Message-ID"]), set()).add(text)
        self.received += [(str(parsed["Message-ID"]), recipient) for recipient in envelope.rcpt_tos]
        return "250 OK"

    def open(self) -> None:
        self._controller.start()

    def close(self) -> None:
        self._controller.stop()


class Broker:
    """A Redis of the test's own that can be stopped, frozen, and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.port = machines.free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command: list[str | Path] = [
            machines.redis_binary(),
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
        ]
        self._process = subprocess.Popen(
            command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=die_with(os.getpid(), number=signal.SIGKILL),  # noqa: PLW1509 - nothing else starts meanwhile
        )  # fmt: skip
        until(self._answers, what="Redis")

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it take connections and never answer."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def expire_leases(*, but: Collection[str] = ()) -> None:
    """Let the lease of every running job but these have run out, as it does while nobody renews it."""
    Job.objects.filter(status=Job.Status.RUNNING).exclude(pk__in=but).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )


@contextlib.contextmanager
def timed() -> Iterator[list[float]]:
    """Yield a list that holds the seconds which the block took, once it is left."""
    took: list[float] = []
    begun = time.monotonic()
    yield took
    took.append(time.monotonic() - begun)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
