"""Keeping the processes of an embedded installation alive: start, restart with a pause, stop together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
# A child that ran this long was healthy: its next pause starts small again.
HEALTHY_AFTER = 60.0
# gunicorn ends open requests and Celery its running job within this time; a job that is cut off is run again.
STOP_WITHIN = 8.0
_TICK = 0.2
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process that is meant to run until the supervisor stops."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    inherited_files: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = field(default=FIRST_PAUSE)
    start_at: float = 0.0

    def start(self, *, now: float) -> None:
        """Start the process in a session of its own: Ctrl-C reaches the supervisor alone, which stops in order."""
        self.started_at = now
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.environment),
            pass_fds=self.inherited_files,
            start_new_session=True,
            # Nobody waits for the end of its work when this process is killed, and the next start needs its port.
            preexec_fn=die_with(os.getpid(), number=signal.SIGKILL),  # noqa: PLW1509 - one thread here
        )

    def tend(self, *, now: float) -> str | None:
        """Start the process when its time has come; return a sentence when it has ended by itself."""
        if self.process is None:
            if now >= self.start_at:
                self.start(now=now)
            return None
        code = self.process.poll()
        if code is None:
            return None
        _end_group(self.process.pid)
        self.pause = FIRST_PAUSE if now - self.started_at > HEALTHY_AFTER else min(self.pause * 2, LONGEST_PAUSE)
        self.process, self.start_at = None, now + self.pause
        return f"The {self.name} process ended ({_ending(code)}). It starts again in {self.pause:.0f} s."

    def ask_to_stop(self) -> None:
        """Ask the process to end what it is doing and to stop."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def make_stop(self, *, within: float) -> None:
        """Wait for the process to stop, then end what is left of it and of all that it started."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(within, 0))
        _end_group(self.process.pid)
        self.process.wait()


class Stopped(Exception):
    """SIGTERM, SIGINT or SIGHUP arrived."""


def supervise(children: Sequence[Child], *, say: Callable[[str], None]) -> None:
    """Run the children until this process is told to stop, then stop them all; returns when none is left."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _raise_stopped)
    try:
        while True:
            for child in children:
                if sentence := child.tend(now=time.monotonic()):
                    say(sentence)
            time.sleep(_TICK)
    except Stopped:
        say("Stopping ...")
    finally:
        _stop(children)


def _stop(children: Sequence[Child]) -> None:
    # A second Ctrl-C must not leave a child behind.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        child.ask_to_stop()
    end = time.monotonic() + STOP_WITHIN
    for child in children:
        child.make_stop(within=end - time.monotonic())


def _end_group(leader: int) -> None:
    # A worker's own children, such as a report that is being drawn, do not outlive it.
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _raise_stopped(number: int, frame: FrameType | None) -> None:
    raise Stopped(signal.Signals(number).name)


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def die_with(parent: int, *, number: signal.Signals) -> Callable[[], None]:
    """Return what a child does before exec so that it gets this signal when its parent is killed; Linux only."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
