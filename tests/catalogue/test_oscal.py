"""OSCAL catalogues and profiles: read with what they say, and refused with the place of each fault."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from catalogue.oscal import reading
from catalogue.oscal.documents import (
    LIMIT_CONTROLS,
    LIMIT_SUCCESSORS,
    LIMIT_TEXT,
    OscalRefused,
    ReadCatalogue,
    ReadProfile,
)
from tests.catalogue.oscal_documents import METADATA, catalog, control, label, profile
from tests.tables import for_each
from vendors.strict_json import DocumentInvalid, Unreadable

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "oscal"


def read(document: object) -> Any:
    return reading.read(json.dumps(document).encode())


WHOLE = catalog(
    groups=[
        {
            "id": "ac",
            "title": "Access Control",
            "params": [{"id": "often", "label": "how often"}],
            "controls": [
                control(
                    "ac-1",
                    props=[*label("AC-01", **{"class": "sp800-53a"}), *label("AC-1")],
                    params=[{"id": "who", "select": {"choice": ["the owner", "{{ insert: param, often }}"]}}],
                    parts=[
                        {
                            "name": "statement",
                            "prose": "Review it {{ insert: param, often }}:",
                            "parts": [
                                {"name": "item", "props": label("a."), "prose": "by {{ insert: param, who }};"},
                                {"name": "item", "props": label("b."), "prose": "for {{insert: param, gone}}."},
                            ],
                        },
                        {"name": "guidance", "prose": "Guidance stays at the source."},
                    ],
                    links=[{"href": "https://example.com/more", "rel": "reference"}],
                    controls=[control("ac-1.1", props=label("AC-1(1)"))],
                ),
            ],
            "groups": [{"title": "Old", "controls": [
                control(
                    "ac-2",
                    props=[{"name": "status", "value": "Withdrawn"}],
                    links=[{"href": "#ac-1_smt.a", "rel": "incorporated-into"}, {"href": "#ac-1.1", "rel": "moved-to"}],
                ),
            ]}],
        }
    ]
)  # fmt: skip


def test_reads_groups_enhancements_statements_parameters_and_withdrawals() -> None:
    found = read(WHOLE)
    assert isinstance(found, ReadCatalogue)
    assert (found.head.title, found.head.version, found.head.publisher) == ("House rules", "2.0", "The House")
    first, enhanced, old = found.controls
    assert (first.ref, first.section) == ("AC-1", "Access Control")
    assert first.requirement == "Review it [how often]:\na. by [the owner or …];\nb. for [gone]."
    assert (enhanced.ref, enhanced.title) == ("AC-1(1)", "Title of ac-1 | Title of ac-1.1")
    assert (old.ref, old.section, old.is_withdrawn) == ("ac-2", "Access Control / Old", True)
    assert old.superseded_by == ("AC-1", "AC-1(1)")
    assert found.notes == ("1 link leads out of the file. Nothing was fetched.",)


def test_a_parameter_that_is_named_again_and_again_does_not_multiply_the_file() -> None:
    often = "{{ insert: param, p }}" * 10_000
    text = {"name": "statement", "prose": often, "parts": [{"name": "item", "prose": often}] * 50}
    raw = json.dumps(catalog(control("a", params=[{"id": "p", "label": "x" * 100_000}], parts=[text]))).encode()
    tracemalloc.start()
    try:
        document = reading.read(raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(document, ReadCatalogue)
    assert [len(one.requirement) for one in document.controls] == [LIMIT_TEXT]
    assert peak < 20 * len(raw)


def test_of_many_successors_those_are_named_that_fit() -> None:
    rows = [control(f"c{at}") for at in range(200)]
    links = [{"href": f"#c{at}", "rel": "moved-to"} for at in range(200)]
    first, *_ = read(catalog(rows[0] | {"links": links}, *rows[1:])).controls
    assert first.superseded_by[:2] == ("c0", "c1")
    assert LIMIT_SUCCESSORS - len(", c99") < len(", ".join(first.superseded_by)) <= LIMIT_SUCCESSORS


TWICE = catalog(control("a"), groups=[{"title": "G", "controls": [control("b"), control("a")]}])
DEEP: dict[str, Any] = control("z")
for number in range(14):
    DEEP = control(f"c{number}", controls=[DEEP])


@for_each(
    ("document", "place", "sentence"),
    [
        ([], "", "one JSON object"),
        ({"system-security-plan": {}}, "", "This is a system security plan."),
        ({"things": {}}, "", "neither a catalog nor a profile"),
        ({"catalog": {"controls": []}}, "catalog.metadata", "are missing"),
        ({"catalog": {"metadata": METADATA | {"title": " "}}}, "catalog.metadata.title", "A text is needed"),
        ({"catalog": {"metadata": METADATA | {"version": 2}}}, "catalog.metadata.version", "A text is needed"),
        ({"catalog": {"metadata": METADATA | {"version": "v" * 81}}}, "catalog.metadata.version", "at most 80"),
        (
            {"catalog": {"metadata": METADATA | {"oscal-version": "2.0.0"}}},
            *("catalog.metadata.oscal-version", "versions 1.0 to 1.2"),
        ),
        (catalog(), "catalog", "There is no control"),
        (catalog(controls={}), "catalog.controls", "must be a list"),
        (catalog(controls=["a"]), "catalog.controls[0]", "must be an object"),
        (catalog({"title": "So"}), "catalog.controls[0].id", "needs an id"),
        (catalog(control("a b")), "catalog.controls[0].id", "needs an id"),
        (catalog({"id": "a"}), "catalog.controls[0].title", "a needs a title"),
        (catalog({"id": "a", "title": "t" * 251}), "catalog.controls[0].title", "at most 250"),
        (catalog(control("a", props=label("L" * 41))), "catalog.controls[0]", "at most 40"),
        (catalog(groups=[{"controls": []}]), "catalog.groups[0].title", "The group needs a title"),
        (catalog(groups=[{"title": "t" * 251, "controls": []}]), "catalog.groups[0].title", "at most 250"),
        (TWICE, "catalog.groups[0].controls[1].id", "a is the id of catalog.controls[0] too"),
        (
            catalog(control("a", props=label("X")), control("b", props=label("X"))),
            *("catalog.controls[1]", "Its label X is that of a too"),
        ),
        (catalog(DEEP), None, "more than 12 deep"),
        (catalog(*(control(f"c{at}") for at in range(LIMIT_CONTROLS + 1))), "catalog", "at most 5000"),
        (profile(), "profile.imports", "does not say"),
        (profile({"href": "#a"}, {"href": "#b"}), "profile.imports", "from 2 catalogues"),
        (
            profile({"href": "#a", "include-controls": [{"matching": [{"pattern": "ac-*"}]}]}),
            *("profile.imports[0].include-controls[0].matching", "Patterns cannot be followed"),
        ),
        (
            profile({"href": "#a", "include-controls": [{"with-ids": ["a"], "with-child-controls": "yes"}]}),
            *("profile.imports[0].include-controls[0].with-child-controls", "Name each by its id"),
        ),
        (
            profile({"href": "#a", "include-controls": [{}]}),
            *("profile.imports[0].include-controls[0].with-ids", "are missing"),
        ),
    ],
    ids=lambda row: row[2],
)
def test_names_the_place_of_a_fault(document: object, place: str | None, sentence: str) -> None:
    with pytest.raises(OscalRefused) as refused:
        read(document)
    [problem] = refused.value.problems
    assert sentence in problem.message
    assert place is None or problem.path == place


def test_names_all_faults_at_once() -> None:
    with pytest.raises(OscalRefused) as refused:
        read(catalog(control("a"), {"id": "b"}, {"title": "c"}))
    assert [one.path for one in refused.value.problems] == ["catalog.controls[1].title", "catalog.controls[2].id"]


@for_each(
    ("raw", "sentence"),
    [
        (b"", "not JSON"),
        (b'{"catalog": {}, "catalog": {}}', "twice"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 100 + b"]" * 100, "deep"),
    ],
)
def test_refuses_what_is_no_unambiguous_json(raw: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        reading.read(raw)


def test_reads_which_controls_a_profile_selects_and_follows_nothing() -> None:
    matter = {"resources": [{"uuid": "7", "description": "The catalogue", "rlinks": [{"href": "../catalog.json"}]}]}
    found = read(
        profile(
            {
                "href": "#7",
                "include-controls": [{"with-ids": ["ac-1", "ac-2"]}],
                "exclude-controls": [{"with-ids": ["ac-2"]}],
            },
            modify={"set-parameters": [{"param-id": "a"}]},
            **{"back-matter": matter},
        )
    )
    assert isinstance(found, ReadProfile)
    assert (found.selected, found.leaves_out, found.takes_all) == (("ac-1", "ac-2"), frozenset({"ac-2"}), False)
    assert found.source == "The catalogue"
    assert "sets parameters" in found.notes[0]
    every = read(profile({"href": "https://example.com/catalog.json", "include-all": {}}))
    assert (every.takes_all, every.source) == (True, "https://example.com/catalog.json")


def test_the_examples_of_nist_are_named_for_what_they_are() -> None:
    examples = sorted(SHARED.glob("examples/*.json"))
    if not examples:
        pytest.skip("The examples are not part of the repository and not beside this checkout")
    refusals = []
    for path in examples:
        with pytest.raises(DocumentInvalid) as refused:
            reading.read(path.read_bytes())
        refusals.append(refused.value.problems[0].message.partition(".")[0])
    assert refusals == ["This is an assessment plan", "This is assessment results", "This is a plan of action"]
