"""Sealing: what was committed and has no leaf yet is added to the tree, and the tree is signed.

It reads first and writes then, a thousand leaves in one short transaction: nobody who writes waits for it, and no
request pays for it.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import IntegrityError, transaction

from seal import entries, signing, tree
from seal.entries import Entry, Reached
from seal.formats import merkle
from seal.formats.merkle import Frontier
from seal.formats.notes import Checkpoint as NoteOfCheckpoint
from seal.models import Checkpoint, Leaf, Tile

AT_ONCE = 1_000


def seal(*, now: datetime) -> int:
    """Seal what was committed since, and return how many entries that were."""
    return _seal(lambda reached: entries.waiting(now=now, limit=AT_ONCE, reached=reached), now=now)


def seal_stragglers(*, now: datetime) -> int:
    """Seal also what became visible long after its time, and return how many entries that were."""
    return seal(now=now) + _seal(lambda reached: entries.all_waiting(limit=AT_ONCE, reached=reached), now=now)


def _seal(waiting: Callable[[Reached], list[Entry]], *, now: datetime) -> int:
    sealed, reached = 0, entries.FROM_THE_START
    while batch := waiting(reached):
        done = _add(batch, now=now)
        if not done:
            break
        sealed, reached = sealed + done, reached.with_(batch)
    return sealed


def _add(batch: list[Entry], *, now: datetime) -> int:
    """Return how many were sealed: none when somebody else sealed at the same moment, who has them."""
    last = Checkpoint.objects.order_by("-size").first()
    grown = tree.grown_to(last)
    begun = Frontier()
    for leaf in tree.leaves(grown.size - grown.size % tree.TILE, grown.size):
        begun.append(leaf)
    leaves, tiles = _grow(grown, begun, batch)
    try:
        with transaction.atomic():
            Leaf.objects.bulk_create(leaves)
            Tile.objects.bulk_create(tiles)
            _signed(grown, batch, last, now=now).save(force_insert=True)
    except IntegrityError:
        return 0
    return len(batch)


def _grow(grown: Frontier, tile: Frontier, batch: list[Entry]) -> tuple[list[Leaf], list[Tile]]:
    """Add the entries to the tree and return their rows; `tile` holds the leaves of the one that is not full."""
    leaves, tiles = [], []
    for entry in batch:
        leaf = merkle.leaf_hash(entry.text.encode())
        leaves.append(Leaf(position=grown.size, hash=leaf.hex(), event_id=entry.event_id, change_id=entry.change_id))
        grown.append(leaf)
        tile.append(leaf)
        if tile.size == tree.TILE:
            tiles.append(Tile(number=grown.size // tree.TILE - 1, hash=tile.root().hex()))
            tile.size, tile.roots = 0, []
    return leaves, tiles


def _signed(grown: Frontier, batch: list[Entry], last: Checkpoint | None, *, now: datetime) -> Checkpoint:
    root = grown.root()
    events = [entry.event_id for entry in batch if entry.event_id]
    changes = [entry.change_id for entry in batch if entry.change_id]
    sealed = NoteOfCheckpoint(
        signing.origin(), grown.size, root, more=(f"at {now.astimezone(UTC).isoformat(timespec='seconds')}",)
    )
    return Checkpoint(
        size=grown.size,
        root=root.hex(),
        subtrees=json.dumps([one.hex() for one in grown.roots]),
        last_event=max([*events, *([last.last_event] if last and last.last_event else [])], default=None),
        last_change=max([*changes, last.last_change if last else 0]),
        at=now,
        note=signing.signer().sign(sealed.text),
    )
