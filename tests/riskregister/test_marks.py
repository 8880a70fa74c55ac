"""How a text is marked for a reader: the same characters on every page, in every file and on paper."""

from hypothesis import given
from hypothesis import strategies as st

from riskregister import lookalikes, marks, unseen
from tests.tables import for_each


@for_each(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines", "two\nlines"),
        ("p\u0430ypal", "p\u0430[U+0430]ypal"),
        ("safe\u202etxt", "safe[U+202E]txt"),
        ("p\u0430y\u200b", "p\u0430[U+0430]y[U+200B]"),
        ("ＰayPal", "Ｐ[U+FF30]ayPal"),
        ("Пётр und Zoë, 東京", "Пётр und Zoë, 東京"),
        ("", ""),
    ],
)
def test_marks_what_deceives_and_nothing_else(text: str, shown: str):
    assert marks.marked(text) == shown


@for_each(("sign",), [(sign,) for sign in marks.HARMLESS])
def test_what_is_plain_without_a_look_at_each_character_deceives_by_none(sign: str):
    text = f"one {sign} two{sign}"
    assert marks.is_plain(text)
    assert list(unseen.pieces(text)) == [(text, False)]
    assert not list(lookalikes.places(text))


@given(st.text(st.sampled_from("ab \n\u0430\u03bf\u200b\u202e\u00e9\u6771")))
def test_what_is_not_a_code_is_the_text_without_what_nobody_sees(text: str):
    shown = "".join(piece for piece, told in marks.pieces(text) if not told)

    assert shown == text.replace("\u200b", "").replace("\u202e", "")
