"""The vocabulary of techniques that ships with the product."""

from intelligence.reading import techniques


def test_both_vocabularies_are_there_with_their_licences():
    assert [(one.name, one.licence, len(one.techniques)) for one in techniques.vocabularies()] == [
        ("SAFE-MCP", "CC BY 4.0", 85),
        ("MITRE ATLAS", "Apache-2.0", 170),
    ]


def test_a_technique_leads_to_its_page_and_to_what_it_is_a_kind_of():
    found = techniques.by_id()["AML.T0000.001"]

    assert (found.name, found.parent) == ("Pre-Print Repositories", "AML.T0000")
    assert found.link == "https://atlas.mitre.org/techniques/AML.T0000.001"
    assert found.parent in techniques.by_id()


def test_an_id_of_a_vocabulary_that_is_not_held_is_kept_as_it_is():
    assert [(one, known.name if known else None) for one, known in techniques.named(["SAFE-T1001", "T1041"])] == [
        ("SAFE-T1001", "Tool Poisoning Attack (TPA)"),
        ("T1041", None),
    ]
