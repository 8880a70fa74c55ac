"""The tree as it is kept: it grows from the last checkpoint, and proofs are read from its leaves and tiles."""

import json
from functools import cached_property

from seal.formats import merkle
from seal.formats.merkle import Frontier
from seal.models import Checkpoint, Leaf, Tile

TILE = 256


def grown_to(checkpoint: Checkpoint | None) -> Frontier:
    """Return the tree as it was at a checkpoint; without one the empty one."""
    if checkpoint is None:
        return Frontier()
    return Frontier(checkpoint.size, [bytes.fromhex(root) for root in json.loads(checkpoint.subtrees)])


def leaves(start: int, end: int) -> list[bytes]:
    """Return the hashes of the leaves from `start` to before `end`."""
    rows = Leaf.objects.filter(position__gte=start, position__lt=end).order_by("position")
    return [bytes.fromhex(one) for one in rows.values_list("hash", flat=True)]


class Stored:
    """The tree up to a size, for proofs."""

    def __init__(self, size: int) -> None:
        """Keep how far it goes."""
        self.size = size

    @cached_property
    def _tiles(self) -> dict[int, bytes]:
        rows = Tile.objects.filter(number__lt=self.size // TILE)
        return {number: bytes.fromhex(root) for number, root in rows.values_list("number", "hash")}

    def inclusion(self, position: int) -> list[bytes]:
        """Return the proof that a leaf is in it."""
        return merkle.inclusion(position, self.size, self.subtree)

    def consistency(self, old: int) -> list[bytes]:
        """Return the proof that it begins with what it was at a smaller size."""
        return merkle.consistency(old, self.size, self.subtree) if old else []

    def subtree(self, start: int, end: int) -> bytes:
        """Return the root over some of its leaves, as RFC 9162 divides them."""
        if end - start == TILE and start % TILE == 0:
            return self._tiles[start // TILE]
        if end - start <= TILE:
            return merkle.root_of(leaves(start, end))
        middle = start + merkle.split(end - start)
        return merkle.node_hash(self.subtree(start, middle), self.subtree(middle, end))
