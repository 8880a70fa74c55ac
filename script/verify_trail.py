#!/usr/bin/env python3
"""Checks what the MCP vendor risk register has sealed, without the register: one file, Python 3.9 and cryptography.

    python verify_trail.py trail TRAIL.jsonl --key KEY [--checkpoints checkpoints.jsonl]
    python verify_trail.py proof PROOF.json --key KEY [--file REPORT.pdf]

KEY is what `manage.py verify_trail` prints. Keep it, and checkpoints, where whoever could rewrite the database of the
register cannot change them: a key that comes with the file proves nothing. A trail (`manage.py export_trail`) is
checked entry by entry against the root that was signed, and against every other checkpoint that is given. A proof
(`manage.py prove_event`) is of one event; with --file, also that the event names this file: a part of a report that it
issued, or evidence that it added. Exit code 0: everything holds. 1: something does not. 2: wrong usage.
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TRAIL, PROOF = "mcp-risk-register/trail/1", "mcp-risk-register/event-proof/1"
ED25519 = b"\x01"


class Broken(Exception):
    """Something is not as it was sealed; the message is for people."""


def leaf_hash(data):
    """Return the hash of a leaf (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left, right):
    """Return the hash of a node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A Merkle tree that grows: its size, and the roots of its perfect subtrees."""

    def __init__(self):
        self.size, self.roots = 0, []

    def append(self, node):
        """Add the hash of a leaf."""
        carried = self.size
        while carried & 1:
            node = node_hash(self.roots.pop(), node)
            carried >>= 1
        self.roots.append(node)
        self.size += 1

    def root(self):
        """Return the root."""
        if not self.roots:
            return hashlib.sha256().digest()
        root = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            root = node_hash(left, root)
        return root


def root_by_inclusion(leaf, index, size, path):
    """Return the root that a proof leads to (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise Broken("The place in the proof is not in the tree.")
    place, last, root = index, size - 1, leaf
    for node in path:
        if last == 0:
            raise Broken("The proof is too long for its tree.")
        if place & 1 or place == last:
            root = node_hash(node, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, node)
        place, last = place >> 1, last >> 1
    if last:
        raise Broken("The proof is too short for its tree.")
    return root


class Key:
    """A public key as C2SP's signed notes write it: name+id+base64."""

    def __init__(self, text):
        try:
            self.name, shown, public = text.split("+", 2)
            raw = base64.b64decode(public, validate=True)
        except (ValueError, binascii.Error):
            raise Broken("The key is not in the form name+id+base64.") from None
        if raw[:1] != ED25519 or len(raw) != 33:
            raise Broken("The key is not an Ed25519 key.")
        self.id = hashlib.sha256(self.name.encode() + b"\n" + raw).digest()[:4]
        if self.id.hex() != shown:
            raise Broken("The key's id does not fit it: it was not copied whole.")
        self.public = Ed25519PublicKey.from_public_bytes(raw[1:])

    def checkpoint(self, note):
        """Return size and root of a checkpoint that this key has signed."""
        text, found, signatures = str(note).rpartition("\n\n")
        lines = text.split("\n")
        if not found or len(lines) < 3:
            raise Broken("It is no signed checkpoint.")
        if lines[0] != self.name:
            raise Broken(f"The checkpoint is of {lines[0]}, and the key of {self.name}.")
        if not any(self._signed(line, f"{text}\n".encode()) for line in signatures.splitlines()):
            raise Broken("The checkpoint is not signed by this key.")
        try:
            size, root = int(lines[1]), base64.b64decode(lines[2], validate=True)
        except ValueError:
            raise Broken("The checkpoint names no size and root.") from None
        return size, root

    def _signed(self, line, text):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        try:
            signature = base64.b64decode(encoded, validate=True)
            # An encoding that decodes alike is not what was signed either.
            if base64.b64encode(signature).decode() != encoded:
                return False
            if dash != "\u2014" or name != self.name or signature[:4] != self.id:
                return False
            self.public.verify(signature[4:], text)
        except (InvalidSignature, binascii.Error):
            return False
        return True


def check_trail(path, key, checkpoints):
    """Return a sentence about a trail that holds. Raises Broken."""
    wanted, tree = dict(_claims(checkpoints, key)), Tree()
    with Path(path).open(encoding="utf-8") as lines:
        rows = (_json(line, number) for number, line in enumerate(lines, start=1))
        if next(rows, {}).get("format") != TRAIL:
            raise Broken("The file is no exported trail.")
        note = _read(rows, tree, wanted)
    size, root = key.checkpoint(note)
    if size != tree.size:
        raise Broken(f"{size} entries were sealed, and {tree.size} are in the file.")
    if root != tree.root():
        raise Broken("An entry is not what was sealed.")
    if wanted:
        raise Broken(f"A checkpoint that was kept seals {max(wanted)} entries: the trail was cut back to {size}.")
    return f"{size} entries are what was sealed under {key.name}."


def _read(rows, tree, wanted):
    """Add all entries to the tree, compare it with the checkpoints that were kept, and return the one of the file."""
    for row in rows:
        if "checkpoint" in row:
            if next(rows, None) is not None:
                raise Broken("Something follows the checkpoint.")
            return row["checkpoint"]
        tree.append(leaf_hash(_text(row).encode()))
        if tree.size in wanted and wanted.pop(tree.size) != tree.root():
            raise Broken(f"The first {tree.size} entries are not those of a checkpoint that was kept.")
    raise Broken("The file ends before its checkpoint: it is not whole.")


def check_proof(path, key, file):
    """Return a sentence about a proof that holds. Raises Broken."""
    proof = _json(Path(path).read_text(encoding="utf-8"), 1)
    if proof.get("format") != PROOF:
        raise Broken("The file is no proof of an event.")
    size, root = key.checkpoint(proof.get("checkpoint"))
    try:
        path_nodes = [base64.b64decode(node, validate=True) for node in proof["path"]]
        body, position = proof["body"], proof["position"]
        found = root_by_inclusion(leaf_hash(body.encode()), position, size, path_nodes)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Broken("The proof is not whole.") from None
    if found != root:
        raise Broken("The event is not what was sealed.")
    event = _json(body, 1)
    about = f"{event['verb']} of {event['object']['label']}, {event['at']}, by {event['actor']['label']}"
    if file is None:
        return f"Sealed: {about}."
    digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    named = [*(event["data"].get("parts") or []), event["data"].get("sha256")]
    if digest not in named:
        raise Broken(f"The file has the SHA-256 {digest}, which the event does not name.")
    return f"Sealed: {about}. The file is the one that it names."


def _claims(path, key):
    """Yield size and root of each checkpoint that was kept elsewhere."""
    if path is None:
        return
    with Path(path).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            yield key.checkpoint(_json(line, number).get("note"))


def _text(row):
    text = row.get("entry")
    if not isinstance(text, str):
        raise Broken("A line is neither an entry nor the checkpoint.")
    return text


def _json(text, number):
    try:
        found = json.loads(text)
    except ValueError:
        raise Broken(f"Line {number} is not JSON.") from None
    if not isinstance(found, dict):
        raise Broken(f"Line {number} is no object.")
    return found


def main(words):
    """Check what the words name, print a sentence, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("trail", "proof"))
    parser.add_argument("path", metavar="FILE")
    parser.add_argument("--key", required=True, help="the public key, name+id+base64")
    parser.add_argument("--checkpoints", help="checkpoints that were kept elsewhere, as JSON lines")
    parser.add_argument("--file", help="a report or evidence that the event of a proof is to name")
    asked = parser.parse_args(words)
    try:
        key = Key(asked.key)
        if asked.what == "trail":
            print(check_trail(asked.path, key, asked.checkpoints))
        else:
            print(check_proof(asked.path, key, asked.file))
    except (Broken, OSError, UnicodeDecodeError) as refusal:
        print(f"BROKEN {refusal}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
