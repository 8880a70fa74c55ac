"""What was signed of the tree: the checkpoints that the database keeps, and those that left it."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from seal import signing
from seal.formats import notes
from seal.models import Checkpoint
from seal.problems import Problem

FILE = "checkpoints.jsonl"


@dataclass(frozen=True, slots=True)
class Claim:
    """That the tree had this root when it had so many leaves, who says so, and whether the database keeps it."""

    size: int
    root: bytes
    where: str
    is_kept: bool


def every(note: Callable[[Problem], object]) -> dict[int, list[Claim]]:
    """Return what was signed, by size; what was not signed by the register, or says something else, is noted."""
    found: dict[int, list[Claim]] = defaultdict(list)
    for one in (*_kept(), *_exported()):
        if isinstance(one, Problem):
            note(one)
        else:
            found[one.size].append(one)
    return found


def in_database(size: int) -> str:
    """Return how a problem names the checkpoint of a size in the database."""
    return f"{size} in the database"


def file() -> Path:
    """Return where checkpoints lie outside the database."""
    path: Path = settings.DATA_DIR / FILE
    return path


def _kept() -> Iterator[Claim | Problem]:
    for row in Checkpoint.objects.order_by("size").iterator(chunk_size=1_000):
        claim = _claim(row.note, where=in_database(row.size), is_kept=True)
        if isinstance(claim, Claim) and (claim.size, claim.root.hex()) != (row.size, row.root):
            yield Problem("checkpoint", claim.where, "Its columns are not what was signed.")
        yield claim


def _exported() -> Iterator[Claim | Problem]:
    if not file().exists():
        return
    with file().open() as lines:
        for number, line in enumerate(lines, start=1):
            where = f"on line {number} of {FILE}"
            try:
                yield _claim(json.loads(line)["note"], where=where, is_kept=False)
            except (ValueError, KeyError, TypeError):
                yield Problem("checkpoint", where, "The line is no checkpoint.")


def _claim(note: str, *, where: str, is_kept: bool) -> Claim | Problem:
    try:
        checkpoint = notes.checkpoint(note)
        if signing.is_signed_by_us(note):
            return Claim(checkpoint.size, checkpoint.root, where, is_kept)
    except notes.NotANote as error:
        return Problem("checkpoint", where, str(error))
    return Problem("checkpoint", where, "It is not signed by a key of this register.")
