"""Trees and proofs against the vectors of Certificate Transparency, notes against a key of the Go checksum database."""

import base64

import pytest

from seal.formats import merkle, notes
from seal.formats.notes import Checkpoint, Signer, Verifier

# The leaves and roots of RFC 6962's reference implementation; RFC 9162 hashes alike.
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
HASHES = [merkle.leaf_hash(str(number).encode()) for number in range(70)]
SEED = base64.b64encode(bytes(range(32))).decode()


def subtree(start: int, end: int) -> bytes:
    return merkle.root_of(HASHES[start:end])


def test_roots_are_those_of_the_reference():
    leaves = [merkle.leaf_hash(bytes.fromhex(one)) for one in LEAVES]

    assert [merkle.root_of(leaves[:size]).hex() for size in range(1, 9)] == list(ROOTS)
    assert merkle.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_every_leaf_of_every_tree_is_proved_and_no_other():
    for size in range(1, 70):
        root = subtree(0, size)
        for index in range(size):
            path = merkle.inclusion(index, size, subtree)
            assert merkle.root_by_inclusion(HASHES[index], index, size, path) == root
            assert merkle.root_by_inclusion(HASHES[index - 1], index, size, path) != root or size == 1
            assert merkle.root_by_inclusion(HASHES[index], index, size, [*path, root]) != root


def test_every_tree_is_shown_to_begin_with_every_smaller_one_and_with_no_other():
    for size in range(1, 40):
        for old in range(1, size):
            path = merkle.consistency(old, size, subtree)
            assert merkle.is_consistent(old, size, subtree(0, old), subtree(0, size), path)
            assert not merkle.is_consistent(old, size, subtree(1, old + 1), subtree(0, size), path)
            assert not merkle.is_consistent(old, size, subtree(0, old), subtree(1, size + 1), path)


def test_the_key_of_the_go_checksum_database_has_its_id():
    public = base64.b64decode("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")

    key = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert str(Verifier("sum.golang.org", public[1:])) == key


def test_a_checkpoint_is_read_as_it_was_signed_and_another_text_is_not_signed():
    signer = Signer.of("register.example.org/trail", SEED)
    note = signer.sign(Checkpoint("register.example.org/trail", 7, b"r" * 32, ("at noon",)).text)

    assert notes.checkpoint(note) == Checkpoint("register.example.org/trail", 7, b"r" * 32, ("at noon",))
    assert signer.verifier.has_signed(note)
    assert not signer.verifier.has_signed(note.replace("\n7\n", "\n8\n"))
    assert not Signer.of("other.example.org/trail", SEED).verifier.has_signed(note)


@pytest.mark.parametrize("text", ["", "a\n1\n", "a\nx\nQQ==\n\n\u2014 a QUJDREVG\n", "a\n1\nQQ==\n\n- a QUJDREVG\n"])
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(notes.NotANote):
        notes.checkpoint(text)
