"""Waiting for what a process, a thread or a page does: for the event itself, with a bound that only a fault reaches."""

import time
from collections.abc import Callable

import psutil

# What takes a second on a quiet machine took thirty on two cores with a load of fifteen; this is ten times that.
PATIENCE = 300.0


def _rest() -> None:
    time.sleep(0.02)


def until(is_so: Callable[[], object], *, what: str | Callable[[], str], pause: Callable[[], None] = _rest) -> None:
    """Wait until it is so, with a pause between two looks; raise AssertionError, which says what never was."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(f"waited {PATIENCE:.0f} s for {what if isinstance(what, str) else what()}")
        pause()


def is_gone(process: psutil.Process) -> bool:
    """Return whether the process has ended, also when nobody has asked for its exit code yet."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
