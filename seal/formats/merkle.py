"""Merkle trees as RFC 9162 (2.1) defines them: hashes of leaves and nodes, roots, and proofs. Pure arithmetic.

A tree is known here by a function `subtree(start, end)`: the root of the leaves from `start` to before `end`.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

EMPTY = hashlib.sha256().digest()
Subtree = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class Frontier:
    """A tree that grows: how many leaves it has, and the roots of the perfect subtrees that it consists of."""

    size: int = 0
    roots: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add the hash of a leaf: each bit that the count carries over joins two subtrees."""
        node, carried = leaf, self.size
        while carried & 1:
            node = hashlib.sha256(b"\x01" + self.roots.pop() + node).digest()
            carried >>= 1
        self.roots.append(node)
        self.size += 1

    def pass_by(self, size: int) -> None:
        """Go on behind leaves that are missing: from here on no root is that of the tree any more."""
        self.size, self.roots = size, [EMPTY] * size.bit_count()

    def root(self) -> bytes:
        """Return the root of the tree as it is now."""
        if not self.roots:
            return EMPTY
        root = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of a tree with these hashes of leaves."""
    tree = Frontier()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def split(size: int) -> int:
    """Return the largest power of two below `size`, at least 2: where RFC 9162 divides a tree."""
    return 1 << (size - 1).bit_length() - 1


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that a leaf is in the tree of `size` leaves (2.1.3.1)."""
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


def consistency(old: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that the tree of `size` leaves begins with that of `old` leaves (2.1.4.1)."""
    start, end, whole, path = 0, size, True, []
    while old != end:
        middle = start + split(end - start)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start, whole = middle, False
    return ([] if whole else [subtree(start, end)]) + path[::-1]


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a proof of inclusion leads to (2.1.3.2); None for a proof that fits no such tree."""
    if not 0 <= index < size:
        return None
    place, last, root = index, size - 1, leaf
    for node in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            root = node_hash(node, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, node)
        place, last = place >> 1, last >> 1
    return root if last == 0 else None


def is_consistent(old: int, size: int, old_root: bytes, root: bytes, path: Sequence[bytes]) -> bool:
    """Return whether a proof shows that one tree begins with the other (2.1.4.2)."""
    if old == size or old == 0:
        return not path and (old == 0 or old_root == root)
    nodes = list(path) if old & (old - 1) else [old_root, *path]
    if not nodes:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(node, first), node_hash(node, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, node)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == root
