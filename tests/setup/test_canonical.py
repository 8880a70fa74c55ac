"""Canonical JSON: one text for one value, and its digest."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskregister.canonical import canonical, digest
from tests.tables import for_each

text = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


def test_keys_are_sorted_spaces_left_out_and_characters_kept() -> None:
    assert canonical({"ü": [1, True, None], "a": {"z": "é€", "b": ()}}) == '{"a":{"b":[],"z":"é€"},"ü":[1,true,null]}'


@given(values)
def test_the_text_gives_the_value_back_and_that_gives_the_same_text(value: object) -> None:
    written = canonical(value)
    assert json.loads(written) == value
    assert canonical(json.loads(written)) == written


@given(st.dictionaries(text, st.integers(), min_size=2))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@for_each(
    ("value", "sentence"),
    [
        ({"a": [1, {"b": 0.5}]}, r"\$\.a\[1\]\.b is a float"),
        (float("nan"), r"\$ is a float"),
        ({1: "a"}, r"\$ has the key 1"),
        ({"a": {1, 2}}, r"\$\.a is a set"),
        (b"a", r"\$ is a bytes"),
    ],
)
def test_refuses_what_has_no_single_spelling(value: object, sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        canonical(value)


def test_refuses_text_that_cannot_be_encoded() -> None:
    with pytest.raises(UnicodeEncodeError):
        canonical({"name": "\ud800"})


def test_the_digest_is_sha_256_of_the_utf_8_bytes() -> None:
    assert digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"
