"""Names, texts and addresses, cleaned the same way behind every door."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskregister.refusals import Refused
from riskregister.text import clean_name, clean_reason, clean_text, clean_url, clean_word
from tests.tables import for_each


def name(value: str) -> str:
    return clean_name(value, field="name")


def test_a_name_is_composed_trimmed_and_spaced_once():
    assert name("  Cafe\u0301 \t No\u00a0 7 ") == "Café No 7"


@for_each(
    "character",
    [
        "\u200b",
        "\u200d",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\x00",
        "\x1b",
        "\u2028",
        "\U000e0041",
        "\u3164",
        "\ue000",
        "\xad",
    ],
)
def test_a_name_holds_nothing_that_cannot_be_seen(character: str):
    with pytest.raises(Refused, match="cannot be seen") as refusal:
        name(f"Exam{character}ple")

    assert refusal.value.field == "name"


def test_a_name_is_not_empty_and_not_too_long():
    with pytest.raises(Refused, match="Fill this in"):
        name(" \t ")
    with pytest.raises(Refused, match="201 characters; at most 200"):
        name("x" * 201)
    assert clean_word(" ", field="note") == ""


def test_a_text_keeps_its_lines_its_emoji_and_its_persian():
    text = "One\r\ntwo\rthree\n\tfour 👩\u200d💻 می\u200cخواهم"

    assert clean_text(text, field="notes") == "One\ntwo\nthree\n\tfour 👩\u200d💻 می\u200cخواهم"


@for_each("character", ["\u202e", "\x00", "\x0b", "\u2067", "\u200b"])
def test_a_text_does_not_turn_the_reading_order(character: str):
    with pytest.raises(Refused):
        clean_text(f"safe{character}text", field="notes")


def test_a_reason_says_something():
    with pytest.raises(Refused, match="Give a reason"):
        clean_reason("\n")


@for_each(
    "url",
    ["https://example.com", "http://example.com:8080/a?b=c#d", "https://[2001:db8::1]/", "https://xn--exmple-cua.com/"],
)
def test_takes_web_addresses(url: str):
    assert clean_url(f" {url} ", field="url") == url


@for_each(
    "url",
    [
        "example.com", "ftp://example.com", "javascript:alert(1)", "https://", "https:///path", "//example.com",
        "https://user@example.com", "https://user:word@example.com", "https://exa mple.com", "https://example.com\\@evil.com",
        "https://example.com:99999", "https://[::1", "https://-.com", "https://exämple.com", "data:text/html,x",
    ],
)  # fmt: skip
def test_refuses_other_addresses(url: str):
    with pytest.raises(Refused) as refusal:
        clean_url(url, field="website")

    assert refusal.value.field == "website"


@given(st.text())
def test_cleaning_refuses_or_settles(value: str):
    for clean in (clean_word, clean_text):
        try:
            once = clean(value, field="x")
        except Refused:
            continue
        assert clean(once, field="x") == once == unicodedata.normalize("NFC", once)


@given(st.text())
def test_an_address_is_refused_or_begins_with_http(value: str):
    try:
        url = clean_url(value, field="x")
    except Refused:
        return
    assert not url or url.lower().startswith(("http://", "https://"))
