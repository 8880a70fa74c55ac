"""Names that a reader takes for one another."""

from riskregister import lookalikes
from tests.tables import for_each


@for_each(
    ("one", "other"),
    [
        ("Acme", "Асmе"),
        ("Stripe", "Ѕtrіре"),
        ("read_file", "rеad_file"),
        ("Google", "Gοοgle"),
        ("Example", "Ｅｘａｍｐｌｅ"),
        ("Example", "𝐄𝐱𝐚𝐦𝐩𝐥𝐞"),
        ("PayPal", "PayPaI"),
        ("O365", "0365"),
        ("modem", "modern"),
        ("Müller", "Muller"),
        ("Read_File", "read_file"),
    ],
)
def test_what_looks_alike_has_one_skeleton(one: str, other: str):
    assert one != other
    assert lookalikes.skeleton(one) == lookalikes.skeleton(other)


@for_each(
    ("one", "other"), [("mail", "mall"), ("get_user", "set_user"), ("Пётр", "Павел"), ("東京", "京都"), ("a", "b")]
)
def test_what_differs_to_the_eye_has_two(one: str, other: str):
    assert lookalikes.skeleton(one) != lookalikes.skeleton(other)


def test_groups_hold_those_of_one_look_together():
    names = ["read_file", "rеad_file", "Read_File", "write_file", "list"]

    assert lookalikes.groups(names) == [("Read_File", "read_file", "rеad_file")]


def test_two_names_that_differ_in_case_only_are_a_group_where_their_letters_are_no_others():
    assert lookalikes.groups(["ITEM", "item"]) == [("ITEM", "item")]


@for_each(
    ("name", "strangers"),
    [
        ("rеad", "е (CYRILLIC SMALL LETTER IE)"),
        ("gοοgle", "ο (GREEK SMALL LETTER OMICRON)"),
        ("Ａcme", "Ａ (FULLWIDTH LATIN CAPITAL LETTER A)"),
        ("Пётр", ""),
        ("Ἀθῆναι", ""),
        ("Café_1", ""),
        ("東京 Tools", ""),
    ],
)
def test_letters_of_another_script_among_latin_ones_are_named(name: str, strangers: str):
    assert lookalikes.strangers(name) == strangers


@for_each(
    ("text", "places"),
    [
        ("pay_bill", []),
        ("pаy_bill", [1]),
        ("Lists the аccounts of a user.", [10]),
        ("Счёт в SAP", []),
        ("IT-специалист", []),
        ("Müller, Łódź, naïve", []),
        ("𝐄xample", [0]),
        ("Ｅｘ", [0, 1]),
        ("東京 tower", []),
    ],
)
def test_a_letter_that_passes_for_its_neighbours_is_found_in_a_running_text(text: str, places: list[int]):
    assert list(lookalikes.places(text)) == places
