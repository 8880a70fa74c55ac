"""What differs between two texts is marked word by word, within bounds."""

import time

from web.page_parts import word_changes
from web.page_parts.word_changes import Comparer, Piece


def test_only_the_words_that_differ_are_marked():
    sides = Comparer().sides("Reads a file.", "Reads and sends a file.")

    assert sides.before == (Piece("Reads", differs=False), Piece(" a file.", differs=False))
    assert sides.after == (
        Piece("Reads", differs=False), Piece(" and sends", differs=True), Piece(" a file.", differs=False),
    )  # fmt: skip


def test_what_is_put_together_again_is_what_was_compared():
    before, after = "a\u200bb  c\n{x: 1}", "a b c\n\n{x: 2} é"
    sides = Comparer().sides(before, after)

    assert ("".join(one.text for one in sides.before), "".join(one.text for one in sides.after)) == (before, after)


def test_a_character_that_nobody_sees_is_a_difference():
    sides = Comparer().sides("look up", "look\u200b up")

    assert [one.text for one in sides.after if one.differs] == ["\u200b"]


def test_long_texts_are_shown_whole_and_at_once():
    began, long = time.process_time(), "word " * 50_000
    sides = Comparer().sides(long, f"{long}more")

    assert [one.differs for one in (*sides.before, *sides.after)] == [True, True]
    # Word by word it would take minutes.
    assert time.process_time() - began < 10


def test_a_page_compares_no_more_than_its_share():
    comparer, text = Comparer(), "word " * (word_changes.LONGEST // 2 - 1)
    marked = [comparer.sides(text, f"{text}more").after[0].differs for _change in range(9)]

    assert (marked[0], marked[-1]) == (False, True)


def test_where_nothing_was_before_all_of_it_differs():
    assert Comparer().sides("", "new") == word_changes.Sides((), (Piece("new", differs=True),))
