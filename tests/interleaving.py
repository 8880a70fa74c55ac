"""Two at once, in threads with connections of their own, on the engine of the run."""

import threading
from collections.abc import Callable
from typing import Any
from unittest import mock

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection

from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from tests.waiting import PATIENCE

# Seconds in which the others come to where they must wait; on a busy machine they come later, and need not wait.
WHILE_THE_OTHER_COMES = 0.5


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """Return what the steps returned or raised, each run in a thread of its own, started together."""
    gate = threading.Barrier(len(steps))
    outcomes: list[Any] = [None] * len(steps)

    def run(place: int, step: Callable[[], Any]) -> None:
        gate.wait()
        try:
            outcomes[place] = step()
        except (DatabaseError, IllegalTransition, Refused, PermissionDenied) as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    return outcomes


def overtaken(first: Callable[[], Any], second: Callable[[], Any], *, at: tuple[Any, str]) -> list[Any]:
    """Return what came of two steps, the second begun when the first is about to call `at` (an owner and a name).

    The first goes on once the second is through, or has had the time to come to where it must wait.
    """
    there, done, firsts = threading.Event(), threading.Event(), set[int]()
    call = getattr(*at)

    def called(*args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() in firsts and not there.is_set():
            there.set()
            done.wait(timeout=WHILE_THE_OTHER_COMES)
        return call(*args, **kwargs)

    def begin() -> Any:
        firsts.add(threading.get_ident())
        return first()

    def follow() -> Any:
        assert there.wait(PATIENCE)
        try:
            return second()
        finally:
            done.set()

    with mock.patch.object(*at, called):
        return at_once(begin, follow)
