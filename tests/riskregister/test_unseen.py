"""Characters that nobody sees: which they are, how they are named, and which do their work."""

from hypothesis import given
from hypothesis import strategies as st

from riskregister import unseen
from tests.tables import for_each

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@for_each(
    ("text", "shown"),
    [
        ("a\u200bb", "a[U+200B]b"),
        ("safe\u202etxt.exe", "safe[U+202E]txt.exe"),
        ("\U000e0041\U000e0042", "[U+E0041][U+E0042]"),
        ("a\u2063b", "a[U+2063]b"),
        ("soft\xadhyphen", "soft[U+00AD]hyphen"),
        ("bell\x07", "bell[U+0007]"),
        ("\ufeffbegin", "[U+FEFF]begin"),
        ("\u3164", "[U+3164]"),
        ("\ue000", "[U+E000]"),
        ("\u2028", "[U+2028]"),
        ("\U000e0fff", "[U+E0FFF]"),
        ("x\ufe01", "x[U+FE01]"),
        ("😀\U000e0101\U000e0102", "😀[U+E0101][U+E0102]"),
        ("a\u200db", "a[U+200D]b"),
        ("one\rtwo", "one[U+000D]two"),
    ],
)
def test_names_what_nobody_sees(text: str, shown: str):
    assert unseen.visible(text) == shown


@for_each(
    "text",
    [
        "plain",
        "Zürich\n\tœuvre – 東京 “ok”",
        "👨\u200d👩\u200d👧 ☀\ufe0f 👩🏽\u200d⚕\ufe0f 1\ufe0f\u20e3",
        f"{ENGLAND} wins",
        "می\u200cخواهم क्\u200dष",
        "葛\U000e0100飾",
        "one\r\ntwo",
        "\U0001faef",
    ],
)
def test_leaves_alone_what_does_its_work(text: str):
    assert unseen.visible(text) == text
    assert unseen.first(text) is None


def test_a_flag_that_nobody_flies_hides_nothing():
    smuggled = "\U0001f3f4\U000e0072\U000e006d\U000e007f"

    assert unseen.visible(smuggled) == "\U0001f3f4[U+E0072][U+E006D][U+E007F]"


def test_counts_each_character_once_and_reads_out_what_the_tags_spell():
    text = "Adds.\u200b" + "".join(chr(0xE0000 + ord(letter)) for letter in "go go") + "\u200b"

    found = unseen.counted(text)

    assert (found[0].code, found[0].name, found[0].count) == ("U+200B", "ZERO WIDTH SPACE", 2)
    assert [one.name for one in found[1:]] == [
        "TAG LATIN SMALL LETTER G",
        "TAG LATIN SMALL LETTER O",
        "TAG SPACE",
    ]
    assert unseen.spelled(text) == "go go"


@for_each("character", ["\n", "\t", "\u200c", "\u200d"])
def test_a_name_holds_neither_lines_nor_joiners(character: str):
    assert unseen.first_in_name(f"a{character}b") == unseen.name(character)


@given(st.text())
def test_what_is_shown_holds_nothing_unseen_and_loses_nothing(text: str):
    shown = unseen.visible(text)

    assert "".join(piece for piece, _hidden in unseen.pieces(text)) == text
    assert not any(hidden for _piece, hidden in unseen.pieces(shown))
