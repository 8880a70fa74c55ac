"""The form of strangers' documents is RFC 8785's, by its own vectors and by those of its author."""

import hashlib
import json
import math
import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskregister.canonical import canonical, jcs
from tests.tables import for_each

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "rfc8785.json").read_text(encoding="ascii"))

basic_text = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF))
exact = st.integers(-(2**53) + 1, 2**53 - 1)
our_values = st.recursive(
    st.none() | st.booleans() | exact | basic_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(basic_text, inner, max_size=4),
    max_leaves=12,
)


def double(bits: str) -> float:
    return float(struct.unpack(">d", bytes.fromhex(bits))[0])


def sequence() -> Iterator[bytes]:
    """Yield the doubles of the published test file: chosen ones, 2000 small ones, then what SHA-256 of itself gives."""
    yield from (bytes.fromhex(bits) for bits in VECTORS["sequence"]["first"])
    yield from (struct.pack(">Q", 0x0010000000000000 + step) for step in range(2000))
    block = bytes(32)
    while True:
        block = hashlib.sha256(block).digest()
        for place in range(0, 32, 8):
            bits = block[place : place + 8][::-1]
            number = struct.unpack(">d", bits)[0]
            if number and math.isfinite(number):
                yield bits


def test_each_number_of_appendix_b_is_written_as_there() -> None:
    written = {bits: jcs(double(bits)) for bits in VECTORS["numbers"]}
    assert written == VECTORS["numbers"]


def test_what_is_no_number_is_refused() -> None:
    for bits in VECTORS["not_numbers"]:
        with pytest.raises(ValueError, match="not representable"):
            jcs([double(bits)])


def test_each_published_document_comes_out_as_the_published_bytes() -> None:
    wrong = [
        vector["source"]
        for vector in VECTORS["documents"]
        if jcs(json.loads(vector["input"])).encode().hex() != vector["output_hex"]
    ]
    assert wrong == []


def test_ten_thousand_numbers_have_the_published_checksum() -> None:
    published = VECTORS["sequence"]
    lines = (f"{int(bits.hex(), 16):x},{jcs(double(bits.hex()))}\n" for bits in islice(sequence(), published["lines"]))
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == published["sha256"]


@for_each(
    ("number", "written"),
    [(0.00001, "0.00001"), (1e16, "10000000000000000"), (10**16, "10000000000000000"), (1.0, "1"), (10**23, "1e+23")],
)
def test_a_number_has_one_spelling(number: float, written: str) -> None:
    assert jcs(number) == written


@for_each(
    ("number", "written"),
    [(2**53 + 1, "9007199254740992"), (2**63 - 1, "9223372036854776000"), (-(2**63), "-9223372036854776000")],
)
def test_a_longer_whole_number_is_the_double_that_every_reader_takes_it_for(number: int, written: str) -> None:
    assert jcs(number) == written


def test_a_whole_number_beyond_all_doubles_is_refused_at_its_place() -> None:
    with pytest.raises(ValueError, match=r"\$\.a\[1\] is a whole number"):
        jcs({"a": [1, 10**400]})


@given(st.integers(-(2**70), 2**70))
def test_what_is_written_is_written_alike_when_it_is_read_back(number: int) -> None:
    assert float(jcs(number)) == float(number)
    assert jcs(json.loads(jcs(number))) == jcs(number)


@given(exact)
def test_whole_numbers_of_53_bits_are_kept_as_they_are(number: int) -> None:
    assert jcs(number) == str(number)


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(ValueError, match="non-UTF-8"):
        jcs({"name": "\ud800"})


@given(our_values)
def test_what_the_register_says_of_itself_is_in_that_form_too(value: object) -> None:
    assert canonical(value) == jcs(value)
