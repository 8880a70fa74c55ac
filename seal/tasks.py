"""The jobs of the room: sealing each minute, what was late each hour, and a check of everything each day."""

from datetime import timedelta

from django.utils import timezone

from jobs import queue
from seal import checking, exporting, sealing, stamping


@queue.handler("seal.trail", every=timedelta(minutes=1))
def seal(job: queue.Running) -> None:
    """Seal what happened, hand the checkpoints on, and have one stamped."""
    sealing.seal(now=timezone.now())
    exporting.export(now=timezone.now())
    stamping.stamp(now=timezone.now())


@queue.handler("seal.stragglers", every=timedelta(hours=1))
def seal_stragglers(job: queue.Running) -> None:
    """Seal what became visible long after its time."""
    sealing.seal_stragglers(now=timezone.now())


@queue.handler("seal.check", every=timedelta(days=1))
def check(job: queue.Running) -> None:
    """Check everything that was sealed, and tell administrators when it does not hold."""
    checking.record(now=timezone.now())
