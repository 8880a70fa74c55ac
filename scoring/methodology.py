"""The methodology: every number of the scoring method, as versioned data.

A published version is a file `methodology-N.yaml` beside this module that never changes; its digest is printed with
every score.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from riskregister.canonical import canonical, digest
from scoring import approval_rules
from scoring.approval_rules import ApprovalRules, by_tier
from scoring.scales import Band, Residual, Severity
from vendors import tiers

FOLDER = Path(__file__).parent
LATEST = 2


class InvalidMethodology(Exception):
    """The data of a methodology is incomplete, or says something that cannot be computed with."""


class UnknownMethodology(Exception):
    """There is no methodology of this version."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One of the dimensions and its share of the overall score."""

    key: str
    title: str
    weight: int


@dataclass(frozen=True, slots=True)
class EvidenceLevel:
    """A level of evidence and the most that an answer resting on it can count; `confirmed` levels make confidence."""

    level: int
    key: str
    title: str
    meaning: str
    ceiling: Fraction
    confirmed: bool


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """When a "not applicable" needs the reviewer, and the share of a dimension's weight it may take."""

    confirm_from_weight: int
    confirm_critical: bool
    limit: Fraction


@dataclass(frozen=True, slots=True)
class CapRule:
    """A cap: the most that the overall score can be while its condition holds.

    `without_a_date`: whether it holds, too, while no day is set that could pass. `from_weight`: of which questions on;
    `confirmed_below`: by inherent tier, the part of the weight behind which confirmed evidence must stand.
    """

    id: str
    when: str
    lifted_by: str
    at_most: Fraction | None
    at_most_by_worst_band: Mapping[Band, Fraction]
    without_a_date: bool
    from_weight: int
    confirmed_below: Mapping[int, Fraction]


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """Months between reviews by inherent tier; days of lead; days before the due day on which to remind."""

    months: Mapping[int, int]
    lead_days: int
    reminder_days: tuple[int, ...]


# A question set without depths asks everything of every server.
EVERYTHING = 3


@dataclass(frozen=True, slots=True)
class Methodology:
    """All numbers of one version; `text` is its canonical JSON and `digest` the SHA-256 of that.

    `depths`: down to which depth of a question set a server of each inherent tier is asked.
    """

    version: int
    title: str
    text: str
    digest: str
    dimensions: tuple[Dimension, ...]
    evidence_levels: tuple[EvidenceLevel, ...]
    answer_values: tuple[Fraction, ...]
    question_weights: tuple[int, ...]
    failed_below: Fraction
    critical_failed_below: Fraction
    not_applicable: NotApplicable
    bands: tuple[tuple[Band, Fraction], ...]
    caps: Mapping[str, CapRule]
    residual: Mapping[tuple[int, Band], Residual]
    tiers: tiers.TierTable
    finding_days: Mapping[Severity, int]
    reviews: ReviewRules
    approvals: ApprovalRules
    depths: Mapping[int, int]

    def band(self, score: Fraction | None) -> Band:
        """Return the band of an exact score from 0 to 100; None is not assessed."""
        if score is None:
            return Band.NOT_ASSESSED
        return next(band for band, at_least in self.bands if score >= at_least)

    @property
    def compares(self) -> bool:
        """Return whether answers are compared with what the register knows."""
        return "contradicted" in self.caps

    def fails_below(self, *, critical: bool) -> Fraction:
        """Return below which value an answer to a critical question, or to another one, is not good enough."""
        return self.critical_failed_below if critical else self.failed_below

    def evidence(self, level: int) -> EvidenceLevel:
        """Return the evidence level of this number. Raises KeyError when there is none."""
        for known in self.evidence_levels:
            if known.level == level:
                return known
        raise KeyError(level)

    def dimension(self, key: str) -> Dimension:
        """Return the dimension with this key. Raises KeyError when there is none."""
        for dimension in self.dimensions:
            if dimension.key == key:
                return dimension
        raise KeyError(key)


def versions() -> range:
    """Return the numbers of all published versions, the oldest first."""
    return range(1, LATEST + 1)


@cache
def load(version: int = LATEST) -> Methodology:
    """Return the published methodology of this version. Raises UnknownMethodology when there is none."""
    path = FOLDER / f"methodology-{version}.yaml"
    if not path.is_file():
        raise UnknownMethodology(f"There is no methodology {version}.")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return parse(data | {"tiers": tiers.data(data["tiers"])})


def parse(data: Mapping[str, Any]) -> Methodology:
    """Return the methodology that `data` describes.

    Raises InvalidMethodology for data that is incomplete, holds a float, or cannot give every score a band.
    """
    try:
        method = _read(_text_keys(data))
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise InvalidMethodology(f"{type(error).__name__}: {error}") from error
    _check(method)
    return method


def _read(data: dict[str, Any]) -> Methodology:
    text = canonical(data)
    answers = data["answers"]
    return Methodology(
        version=int(data["version"]),
        title=data["title"],
        text=text,
        digest=digest(text),
        dimensions=tuple(Dimension(**row) for row in data["dimensions"]),
        evidence_levels=tuple(
            EvidenceLevel(**row | {"ceiling": Fraction(row["ceiling"])}) for row in data["evidence_levels"]
        ),
        answer_values=tuple(map(Fraction, answers["values"])),
        question_weights=tuple(answers["weights"]),
        failed_below=Fraction(answers["failed_below"]),
        critical_failed_below=Fraction(answers.get("critical_failed_below", answers["failed_below"])),
        not_applicable=NotApplicable(
            **data["not_applicable"] | {"limit": Fraction(data["not_applicable"]["limit"])},
        ),
        bands=tuple((Band(row["key"]), Fraction(row["at_least"])) for row in data["bands"]),
        caps=MappingProxyType({row["id"]: _cap(row) for row in data["caps"]}),
        residual=MappingProxyType(
            {(int(tier), Band(b)): Residual(r) for tier, row in data["residual"].items() for b, r in row.items()}
        ),
        tiers=tiers.parse(data["tiers"]),
        finding_days=_by_severity(data["finding_days"]),
        reviews=ReviewRules(
            months=by_tier(data["reviews"]["months"]),
            lead_days=data["reviews"]["lead_days"],
            reminder_days=tuple(data["reviews"]["reminder_days"]),
        ),
        approvals=approval_rules.parse(data.get("approvals", {})),
        depths=by_tier(data.get("depths", dict.fromkeys(data["residual"], EVERYTHING))),
    )


def _by_severity(data: dict[str, Any]) -> Mapping[Severity, int]:
    """Return the days, the most severe first: the database keeps a document's keys in an order of its own."""
    days = {Severity.of(key): int(value) for key, value in data.items()}
    return MappingProxyType({severity: days[severity] for severity in Severity if severity in days})


def _cap(row: dict[str, Any]) -> CapRule:
    by_band = {Band(key): Fraction(value) for key, value in row.get("at_most_by_worst_band", {}).items()}
    return CapRule(
        id=row["id"],
        when=row["when"],
        lifted_by=row["lifted_by"],
        at_most=Fraction(row["at_most"]) if "at_most" in row else None,
        at_most_by_worst_band=MappingProxyType(by_band),
        without_a_date=row.get("without_a_date", True),
        from_weight=row.get("from_weight", 1),
        confirmed_below=by_tier({tier: Fraction(part) for tier, part in row.get("confirmed_below", {}).items()}),
    )


def _text_keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _text_keys(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_text_keys(inner) for inner in value]
    return value


def _check(method: Methodology) -> None:
    assessed = [band for band in Band if band is not Band.NOT_ASSESSED]
    floors = [at_least for _, at_least in method.bands]
    ceilings = [level.ceiling for level in method.evidence_levels]
    wrong = {
        "bands must name every band, best first, down to 0": [band for band, _ in method.bands] != assessed[::-1]
        or floors != sorted(set(floors), reverse=True)
        or floors[-1] != 0,
        "evidence levels must count from 0 and their ceilings must not fall": ceilings != sorted(ceilings)
        or [level.level for level in method.evidence_levels] != list(range(len(ceilings))),
        "a ceiling must lie from failed_below to 1": ceilings[0] < method.failed_below or ceilings[-1] > 1,
        "critical questions must not fail below less than others": method.critical_failed_below < method.failed_below,
        "residual must have a value for each tier and band": set(method.residual)
        != {(tier, band) for tier in method.tiers.titles for band in assessed},
        "the last tier rule must fit everything": method.tiers.rules[-1].count != 0,
        "finding_days must name every severity": set(method.finding_days) != set(Severity),
        "depths must be given for every tier, none deeper than that of a worse one": set(method.depths)
        != set(method.tiers.titles)
        or [method.depths[tier] for tier in sorted(method.depths)] != sorted(method.depths.values(), reverse=True),
        "reviews must have months for every tier": set(method.reviews.months) != set(method.tiers.titles),
        "approvals must name what they need for every tier, or for none": set(method.approvals.needs)
        not in (set(), set(method.tiers.titles)),
    }
    for sentence, is_wrong in wrong.items():
        if is_wrong:
            raise InvalidMethodology(sentence)
