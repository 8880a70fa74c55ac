"""What a bundle's indicators say, with what the objects around them add; and that a bad one spoils no other."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from intelligence.reading import stix
from intelligence.reading.indicators import Bad, Kind, Term, Tlp, Told, Unusable
from tests.tables import for_each

EXAMPLES = Path(settings.BASE_DIR).parent / "shared" / "data" / "stix" / "oasis-examples" / "examples"
WHEN = "2026-01-01T00:00:00.000Z"
GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"


def key(kind: str, number: int) -> str:
    return f"{kind}--00000000-0000-4000-8000-{number:012}"


def thing(kind: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": kind, "spec_version": "2.1", "id": key(kind, number), "created": WHEN, "modified": WHEN, **more}


def indicator(number: int = 1, **more: Any) -> dict[str, Any]:
    properties = {"pattern": "[domain-name:value = 'evil.example']", "pattern_type": "stix", "valid_from": WHEN}
    return thing("indicator", number, **{**properties, **more})


def relation(number: int, kind: str, source: str, target: str, **more: Any) -> dict[str, Any]:
    return thing("relationship", number, relationship_type=kind, source_ref=source, target_ref=target, **more)


def bundle(*objects: Any) -> bytes:
    return json.dumps({"type": "bundle", "id": key("bundle", 1), "objects": objects}).encode()


def read(*objects: Any) -> list[Told | Bad]:
    return list(stix.read(bundle(*objects)))


def test_reads_all_that_an_indicator_says():
    stix_object = indicator(
        name="C2 of Example", description="Seen in the wild.", confidence=85, valid_until="2027-01-01T00:00:00Z",
        object_marking_refs=[AMBER], external_references=[{"source_name": "safe-mcp", "external_id": "SAFE-T1001"}],
    )  # fmt: skip

    assert read(stix_object) == [
        Told(
            external_id=key("indicator", 1), title="C2 of Example", description="Seen in the wild.",
            ways=(frozenset({Term(Kind.DOMAIN, "evil.example")}),), written="[domain-name:value = 'evil.example']",
            confidence=85, valid_from=datetime(2026, 1, 1, tzinfo=UTC), valid_until=datetime(2027, 1, 1, tzinfo=UTC),
            modified=datetime(2026, 1, 1, tzinfo=UTC), tlp=Tlp.AMBER, techniques=("SAFE-T1001",),
        )
    ]  # fmt: skip


def test_what_is_related_names_it_wherever_it_stands_in_the_bundle():
    technique = thing(
        "attack-pattern", name="Tool poisoning", external_references=[{"source_name": "x", "external_id": "AML.T0010"}]
    )
    [found] = read(
        relation(1, "indicates", key("indicator", 1), key("malware", 1)),
        relation(2, "indicates", key("indicator", 1), key("attack-pattern", 1)),
        relation(3, "indicates", key("indicator", 1), key("campaign", 1), revoked=True),
        thing("grouping", name="Cases of June", context="malware-analysis", object_refs=[key("indicator", 1)]),
        indicator(),
        thing("malware", name="Stealer", is_family=True),
        technique,
        thing("campaign", name="Withdrawn"),
    )

    assert isinstance(found, Told)
    assert (found.names, found.techniques) == (("Stealer", "Tool poisoning", "Cases of June"), ("AML.T0010",))


def test_of_several_markings_the_strictest_counts():
    red = {
        "type": "marking-definition", "spec_version": "2.1", "id": key("marking-definition", 7), "created": WHEN,
        "extensions": {"extension-definition--1": {"extension_type": "property-extension", "tlp_2_0": "amber+strict"}},
    }  # fmt: skip
    [found] = read(indicator(object_marking_refs=[AMBER, red["id"]]), red)

    assert isinstance(found, Told)
    assert found.tlp is Tlp.AMBER_STRICT


@for_each(
    "of_relation, of_technique, of_part, bound",
    [
        ([GREEN], [GREEN], [], Tlp.GREEN),
        ([AMBER], [GREEN], [], Tlp.AMBER),
        ([GREEN], [RED], [], Tlp.RED),
        ([], [], [{"marking_ref": RED, "selectors": ["description"]}], Tlp.RED),
        ([], [], [{"lang": "de", "selectors": ["description"]}], Tlp.GREEN),
    ],
)
def test_an_indicator_is_bound_by_the_markings_of_its_parts_and_of_where_its_techniques_are_from(
    of_relation: list[str], of_technique: list[str], of_part: list[dict[str, Any]], bound: Tlp
):
    known = [{"source_name": "x", "external_id": "AML.T0010"}]
    [found] = read(
        indicator(object_marking_refs=[GREEN], granular_markings=of_part),
        relation(1, "indicates", key("indicator", 1), key("malware", 1), object_marking_refs=of_relation),
        thing("malware", name="Stealer", external_references=known, object_marking_refs=of_technique),
        # It lends no technique, and its name goes nowhere.
        thing("report", name="For few", object_refs=[key("indicator", 1)], object_marking_refs=[RED]),
    )

    assert isinstance(found, Told)
    assert found.tlp is bound


def test_an_observed_object_is_bound_by_its_own_marking_and_by_all_that_say_who_has_it():
    for own, relations, bound in (([RED], [[GREEN]], Tlp.RED), ([GREEN], [[AMBER], [GREEN]], Tlp.AMBER)):
        [found] = read(
            {"type": "domain-name", "id": key("domain-name", 1), "value": "c2.example", "object_marking_refs": own},
            *(
                relation(at, "communicates-with", key("malware", at), key("domain-name", 1), object_marking_refs=refs)
                for at, refs in enumerate(relations)
            ),
        )

        assert isinstance(found, Told)
        assert found.tlp is bound


def test_an_observed_object_is_an_indicator_where_somebody_who_attacks_has_it():
    found = read(
        {"type": "domain-name", "id": key("domain-name", 1), "value": "c2.example"},
        {"type": "domain-name", "id": key("domain-name", 2), "value": "victim.example"},
        thing("infrastructure", name="Control"),
        relation(1, "consists-of", key("infrastructure", 1), key("domain-name", 1), confidence=60),
    )

    assert [(one.external_id, one.ways, one.confidence, one.names) for one in found if isinstance(one, Told)] == [
        (key("domain-name", 1), (frozenset({Term(Kind.DOMAIN, "c2.example")}),), 60, ("Control",))
    ]


def test_a_pattern_of_another_language_is_kept_and_said_not_to_match():
    [found] = read(indicator(pattern="rule x { condition: true }", pattern_type="yara"))

    assert isinstance(found, Told)
    assert (found.ways, found.unmatched) == ((), "It cannot be matched: a pattern of yara.")


def test_a_pattern_that_names_nothing_by_its_value_says_so():
    [found] = read(indicator(pattern="[network-traffic:dst_ref.type = 'domain-name']"))

    assert isinstance(found, Told)
    assert (found.ways, found.unmatched) == ((), "It cannot be matched: it names nothing by its value.")


def test_a_bad_object_is_told_with_its_place_and_spoils_no_other():
    found = read(
        indicator(1), indicator(2, pattern="nonsense"), indicator(3, confidence=101), indicator(4, valid_from="soon"),
        indicator(5, pattern=7), indicator(6, name="\0"), indicator(7),
    )  # fmt: skip

    assert [one.external_id for one in found if isinstance(one, Told)] == [key("indicator", 1), key("indicator", 7)]
    assert [(one.place, one.why) for one in found if isinstance(one, Bad)] == [
        ("objects[1]", "[ is missing before 'nonsense'."),
        ("objects[2]", "confidence is 101: write a whole number from 0 to 100."),
        ("objects[3]", "valid_from is 'soon': write it as 2026-01-31T12:00:00Z."),
        ("objects[4]", "It has no pattern."),
        ("objects[5]", "name: The text holds a NUL character. Remove it."),
    ]


@for_each(
    "raw, why",
    [
        (b"", "The file is empty."),
        (b"no json", "The file has no list “objects”."),
        (b'{"type": "bundle"}', "The file has no list “objects”."),
        (b'[{"type": "indicator"}]', "The file is no JSON object."),
        (b'{"objects": [{"type": "indicator"', "The file ends in the middle."),
        (b'{"objects": ' + b"[" * 100_000, "The file nests deeper than 64 levels."),
    ],
    ids=lambda row: row[1],
)
def test_what_is_no_bundle_is_refused_as_a_whole(raw: bytes, why: str):
    with pytest.raises(Unusable, match=why):
        list(stix.read(raw))


def test_what_has_no_id_is_connected_with_nothing():
    nameless = {"type": "domain-name", "value": "evil.example"}
    relationship = relation(1, "communicates-with", key("malware", 1), "")
    del relationship["target_ref"]

    assert read(nameless, thing("malware", name="M"), relationship, indicator()) == read(indicator())


def test_a_list_of_the_same_name_further_inside_is_not_taken_for_the_bundles():
    raw = json.dumps({"meta": {"objects": [indicator(9)]}, "note": "objects", "objects": [indicator(1)]}).encode()

    assert [one.external_id for one in stix.read(raw) if isinstance(one, Told)] == [key("indicator", 1)]


@for_each(
    "name, indicators, unmatched",
    [
        ("threat-reports/apt1.json", 12, 2),
        ("threat-reports/poisonivy.json", 25, 2),
        ("infrastructure.json", 2, 0),
        ("indicators-for-C2-with-COA.json", 2, 0),
        ("malicious-email-indicator-with-attachment.json", 2, 2),
    ],
)
def test_the_examples_of_the_standard_are_read_whole(name: str, indicators: int, unmatched: int):
    if not (EXAMPLES / name).is_file():
        pytest.skip("The data are not beside the sources.")
    found = list(stix.read((EXAMPLES / name).read_bytes()))

    assert [one for one in found if isinstance(one, Bad)] == []
    told = [one for one in found if isinstance(one, Told)]
    assert (len(told), sum(1 for one in told if not one.ways)) == (indicators, unmatched)
