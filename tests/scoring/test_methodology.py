"""The methodology: published data that never changes, and what is refused."""

import json
from collections.abc import Callable
from copy import deepcopy
from fractions import Fraction
from typing import Any

import pytest
import yaml

from riskregister.canonical import canonical, digest
from scoring import methodology
from scoring.methodology import InvalidMethodology, UnknownMethodology, parse
from tests.tables import for_each
from vendors import tiers

DATA = yaml.safe_load((methodology.FOLDER / "methodology-1.yaml").read_text(encoding="utf-8")) | {
    "tiers": tiers.data(1)
}
DIGEST_1 = "e1c14601543aceeb9b417fb6e78b57458ad7595fdff422acdd56127f4445edec"


def test_the_published_version_never_changes() -> None:
    """A change of the method is a new version in a file of its own; this digest stays."""
    assert methodology.load(1).digest == DIGEST_1


def test_the_digest_is_that_of_its_text_and_the_text_gives_it_back() -> None:
    method = methodology.load(1)
    assert digest(method.text) == method.digest
    assert parse(json.loads(method.text)) == method
    assert canonical(yaml.safe_load(method.text)) == method.text


def test_weights_add_up_to_100() -> None:
    assert [(one.key, one.weight) for one in methodology.load(1).dimensions] == [
        ("provenance", 20),
        ("permission_scope", 25),
        ("data_handling", 20),
        ("security_posture", 20),
        ("operational_resilience", 15),
    ]


def test_the_caps_for_the_worst_dimension_lie_one_band_above_it() -> None:
    method = methodology.load(1)
    for worst, most in method.caps["weakest-dimension"].at_most_by_worst_band.items():
        assert method.band(most).rank == worst.rank + 1
        assert method.band(most + 1).rank == worst.rank + 2


@for_each("cap", ["critical-question", "open-critical", "overdue-high", "stale"])
def test_every_other_cap_has_one_value(cap: str) -> None:
    expected = {"critical-question": 39, "open-critical": 39, "overdue-high": 59, "stale": 84}
    assert methodology.load(1).caps[cap].at_most == expected[cap]


def test_knows_its_levels_and_dimensions_and_no_others() -> None:
    method = methodology.load(1)
    assert method.evidence(1).ceiling == Fraction(3, 4)
    assert method.dimension("provenance").title == "Code provenance"
    with pytest.raises(KeyError):
        method.evidence(4)
    with pytest.raises(KeyError):
        method.dimension("charm")


def test_refuses_a_version_that_was_never_published() -> None:
    with pytest.raises(UnknownMethodology, match="no methodology 99"):
        methodology.load(99)


def changed(path: list[Any], value: object) -> dict[str, Any]:
    data: dict[str, Any] = deepcopy(DATA)
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return data


def without(*path: Any) -> dict[str, Any]:
    data: dict[str, Any] = deepcopy(DATA)
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return data


@for_each(
    ("data", "sentence"),
    [
        (changed(["answers", "failed_below"], 0.5), "is a float"),
        (changed(["answers", "failed_below"], "half"), "Invalid literal for Fraction"),
        (changed(["evidence_levels", 0, "ceiling"], "1/0"), "ZeroDivisionError"),
        (changed(["evidence_levels", 0, "ceiling"], "0.4"), "a ceiling must lie from failed_below to 1"),
        (changed(["evidence_levels", 3, "ceiling"], "1.1"), "a ceiling must lie from failed_below to 1"),
        (changed(["evidence_levels", 1, "ceiling"], "0.95"), "their ceilings must not fall"),
        (changed(["evidence_levels", 1, "level"], 2), "must count from 0"),
        (changed(["bands", 3, "at_least"], "1"), "down to 0"),
        (changed(["bands", 1, "at_least"], "90"), "best first"),
        (without("bands", 2), "bands must name every band"),
        (without("residual", 4), "residual must have a value for each tier and band"),
        (without("residual", 4, "weak"), "residual must have a value for each tier and band"),
        (without("tiers", "rules", 6), "the last tier rule must fit everything"),
        (without("finding_days", "low"), "finding_days must name every severity"),
        (without("reviews", "months", 1), "reviews must have months for every tier"),
        (without("caps"), "KeyError: 'caps'"),
        (changed(["bands", 0, "key"], "superb"), "'superb' is not a valid Band"),
        ({}, "KeyError"),
    ],
)
def test_refuses_data_that_cannot_be_computed_with(data: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidMethodology, match=sentence):
        parse(data)


@for_each("change", [lambda method: method.caps.clear(), lambda method: setattr(method, "version", 2)])
def test_a_methodology_is_frozen(change: Callable[[Any], None]) -> None:
    with pytest.raises(AttributeError):
        change(methodology.load(1))


def test_names_the_days_of_the_worst_severity_first_however_the_document_is_kept() -> None:
    kept = deepcopy(DATA) | {"finding_days": dict(sorted(DATA["finding_days"].items()))}
    assert [severity.word for severity in parse(kept).finding_days] == ["critical", "high", "medium", "low"]
