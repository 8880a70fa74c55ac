"""A started program and the lines that it is spoken to in: within time and bytes, and gone at the end with all its own.

One thread waits for whatever comes first, its output, its complaints or room for what is sent: a program that reads
nothing, says nothing or says too much holds it no longer than its time.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from inspection import confined
from inspection.bounds import Bounds, NothingSeen
from riskregister import unseen

_CHUNK = 64 * 1024
# Seconds in which a sandbox stands, and has ended, however busy the machine. The look begins when it stands.
_TO_STAND, _TO_END = 15.0, 5.0
# Of what it complains about the end is kept: that is where a program says why it gave up.
_COMPLAINTS_KEPT, _COMPLAINT_SHOWN = 4_000, 200


class Late(Exception):
    """Nothing came in time."""


class Program:
    """A program in a sandbox, for the time of one look, which runs from when the sandbox stands."""

    def __init__(self, process: "subprocess.Popen[bytes]", bounds: Bounds) -> None:
        """Watch what it says."""
        self.bounds = bounds
        self._process, self._ends = process, time.monotonic() + _TO_STAND
        self._lines: deque[bytes] = deque()
        self._rest, self._size, self._complaints, self._has_ended = b"", 0, b"", False
        self._selector = selectors.DefaultSelector()
        self._input = _of(process.stdin)
        self._errors = _of(process.stderr)
        os.set_blocking(self._input, False)
        os.set_blocking(self._errors, False)
        self._watch(_of(process.stdout), self._hear)
        self._watch(self._errors, self._hear_complaints)

    def begin(self) -> None:
        """Wait until the sandbox stands. Raises NothingSeen where it does not: the program has not begun then."""
        try:
            stands = self.line(within=_TO_STAND) + b"\n" == confined.READY
        except (Late, NothingSeen):
            stands = False
        if not stands:
            raise NothingSeen(
                "no_sandbox", f"The sandbox cannot be made on this machine: {self._complaint() or 'it did not begin'}. "
                "Nothing was started; docs/operations.md says what it needs.",
            )  # fmt: skip
        self._ends = time.monotonic() + self.bounds.overall

    def send(self, data: bytes, *, within: float) -> None:
        """Write a line. Raises Late for a program that does not read it, NothingSeen for one that has ended."""
        until = min(time.monotonic() + within, self._ends)
        left = memoryview(data)

        def write(_descriptor: int) -> None:
            nonlocal left
            left = left[os.write(self._input, left[:_CHUNK]) :]

        self._selector.register(self._input, selectors.EVENT_WRITE, write)
        try:
            while left:
                self._wait(until)
        except BrokenPipeError as error:
            raise self._ended() from error
        finally:
            self._selector.unregister(self._input)

    def line(self, *, within: float) -> bytes:
        """Return its next line. Raises Late when none comes in time, NothingSeen when none will come."""
        until = min(time.monotonic() + within, self._ends)
        while not self._lines:
            if self._has_ended:
                raise self._ended()
            self._wait(until)
        return self._lines.popleft()

    def late(self) -> NothingSeen:
        """Return that it was too slow."""
        why = f"It took longer than {self.bounds.request:g} seconds for an answer, or {self.bounds.overall:g} for all."
        return NothingSeen("too_slow", why)

    def stop(self) -> None:
        """End it and whatever it has started: its processes see the end of the first one of their namespace."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def _watch(self, descriptor: int, hear: Callable[[int], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, hear)

    def _wait(self, until: float) -> None:
        """Do whatever can be done first. Raises Late when the time is over."""
        left = until - time.monotonic()
        if left <= 0:
            raise Late
        for key, _events in self._selector.select(left):
            key.data(key.fd)

    def _hear(self, descriptor: int) -> None:
        chunk = os.read(descriptor, _CHUNK)
        if not chunk:
            self._has_ended = True
            self._selector.unregister(descriptor)
            return
        self._size += len(chunk)
        if self._size > self.bounds.size:
            raise NothingSeen("too_large", f"It wrote more than {self.bounds.size:,} bytes.")
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._lines.extend(lines)

    def _hear_complaints(self, descriptor: int) -> None:
        if not self._read_complaints():
            self._selector.unregister(descriptor)

    def _read_complaints(self) -> bool:
        """Return whether there were any."""
        chunk = os.read(self._errors, _CHUNK)
        self._complaints = (self._complaints + chunk)[-_COMPLAINTS_KEPT:]
        return bool(chunk)

    def _ended(self) -> NothingSeen:
        try:
            # The sandbox itself holds the other ends as long as anything runs in it: it is over, or will be soon.
            how = f"It ended by itself with code {self._process.wait(timeout=_TO_END)}"
        except subprocess.TimeoutExpired:
            how = "It closed its input or output"
        else:
            with contextlib.suppress(BlockingIOError):
                while self._read_complaints():
                    pass
        complaint = self._complaint()
        return NothingSeen("ended", f"{how}, without an answer{f': {complaint}' if complaint else ''}.")

    def _complaint(self) -> str:
        """Return the last line that it complained in, for people."""
        lines = self._complaints.decode(errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        return unseen.in_one_line(last, _COMPLAINT_SHOWN).rstrip(".")


@contextmanager
def started(command: Sequence[str], bounds: Bounds) -> Iterator[Program]:
    """Give the program that a command of `inspection.sandbox` starts; at the end of the block nothing of it is left."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    try:
        process = subprocess.Popen(command, env={}, cwd="/", start_new_session=True, bufsize=0, **pipes)  # type: ignore[call-overload]
    except (OSError, ValueError) as error:
        raise NothingSeen("no_sandbox", f"It cannot be started: {error}") from error
    program = Program(process, bounds)
    try:
        program.begin()
        yield program
    finally:
        program.stop()


def _of(pipe: "IO[bytes] | None") -> int:
    """Return the number of a pipe that was asked for."""
    if pipe is None:  # pragma: no cover - all three are asked for.
        raise ValueError
    return pipe.fileno()
