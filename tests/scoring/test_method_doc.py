"""docs/method.md says what the product computes: its tables are of the newest methodology, its example comes out."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from scoring import methodology
from scoring.assurance import shown
from scoring.scales import Band, Severity
from tests.assessments.answers import scored, worked_example
from vendors.tiers import Exposure

METHOD = methodology.load()
TEXT = (Path(__file__).parents[2] / "docs" / "method.md").read_text(encoding="utf-8")
PROSE = " ".join(TEXT.split())
BANDS = [Band.STRONG, Band.ADEQUATE, Band.WEAK, Band.UNACCEPTABLE]
LEVELS = [Exposure.LOW, Exposure.MODERATE, Exposure.HIGH, Exposure.SEVERE]


def table(header: str) -> list[list[str]]:
    """Return the rows of the one table whose first line starts with this header."""
    lines = TEXT.splitlines()
    (start,) = [number for number, line in enumerate(lines) if line.startswith(f"| {header} |")]
    return list(rows_from(lines[start + 2 :]))


def rows_from(lines: list[str]) -> Iterator[list[str]]:
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def tier(number: int) -> str:
    return f"{number} {METHOD.tiers.titles[number]}"


def test_evidence_levels() -> None:
    assert table("Evidence") == [
        [f"{level.key} {level.title}", level.meaning, shown(level.ceiling)] for level in METHOD.evidence_levels
    ]


def test_dimensions() -> None:
    assert table("Dimension") == [[one.title, str(one.weight)] for one in METHOD.dimensions]


def test_bands() -> None:
    assert table("Band") == [[band.label, str(at_least)] for band, at_least in METHOD.bands]


def test_caps() -> None:
    assert table("Cap") == [
        [
            cap.id,
            cap.when,
            " or ".join(str(most) for most in [cap.at_most, *cap.at_most_by_worst_band.values()] if most is not None),
            cap.lifted_by,
        ]
        for cap in METHOD.caps.values()
    ]


def test_exposure_facts() -> None:
    assert table("Fact") == [[fact.title, *(fact.levels[level] for level in LEVELS)] for fact in METHOD.tiers.facts]


def test_tier_rules() -> None:
    assert table("Tier") == [[tier(rule.tier), rule.reason] for rule in METHOD.tiers.rules]


def test_residual_risk() -> None:
    assert table("Inherent tier | Strong") == [
        [tier(number), *(METHOD.residual[number, band].label for band in BANDS)] for number in METHOD.tiers.titles
    ]


def test_due_dates_and_cadence() -> None:
    assert table("Severity") == [[severity.label, str(METHOD.finding_days[severity])] for severity in Severity]
    assert table("Inherent tier | Months from the last decision to the next review") == [
        [tier(number), str(months)] for number, months in METHOD.reviews.months.items()
    ]
    first, second, last = METHOD.reviews.reminder_days
    assert f"A review opens {METHOD.reviews.lead_days} days before it is due." in PROSE
    assert f"Reminders follow {first}, {second} and {last} days before" in PROSE
    first, second, last = METHOD.approvals.notice_days
    assert f"It is told {first}, {second} and {last} days before, and once more from the day after" in PROSE


def test_what_an_approval_needs() -> None:
    def row(number: int) -> list[str]:
        needs = METHOD.approvals.needs[number]
        asked = needs.evidence
        proven = (
            "to critical questions"
            if asked and asked.critical_only
            else f"of weight {asked and asked.from_weight} and more"
        )
        return [
            tier(number), "yes" if needs.tools else "–", "all known" if needs.facts else "–",
            "yes" if needs.deployment else "–", proven if asked else "–",
        ]  # fmt: skip

    assert table("Inherent tier | Captured tools")[0:4] == [row(number) for number in (1, 2, 3, 4)]
    assert {needs.evidence.level for needs in METHOD.approvals.needs.values() if needs.evidence} == {2}
    assert METHOD.approvals.as_condition == {"deployment", "evidence"}
    assert METHOD.approvals.suspends == {1, 2}
    assert "a server of tier 1 or 2 is suspended until an approver resumes it" in PROSE
    assert f"as conditions, to be met within {METHOD.approvals.within_days} days." in PROSE


def test_numbers_in_the_prose() -> None:
    *weights, last_weight = METHOD.question_weights
    *values, last_value = METHOD.answer_values
    rules = METHOD.not_applicable
    for sentence in (
        f"a weight of {', '.join(map(str, weights))} or {last_weight}, ",
        f"a value of {', '.join(map(str, values))} or {last_value}.",
        f"An answer worth less than {METHOD.failed_below} raises it",
        f"one to a critical question does so below {METHOD.critical_failed_below}.",
        f"*Failed* means worth less than {METHOD.critical_failed_below}.",
        f"least {METHOD.failed_below}, or {METHOD.critical_failed_below} to a critical question;",
        f"From weight {rules.confirm_from_weight} on, and on every critical question, the reviewer confirms it",
        f"When more than {shown(100 * rules.limit, places=0)} % of a dimension's weight is not applicable",
        f"that rests on {' or '.join(level.key for level in METHOD.evidence_levels if level.confirmed)};",
        f"counts as *{METHOD.tiers.unknown_counts_as}* and is listed",
    ):
        assert sentence in PROSE, sentence


def test_the_worked_example_comes_out() -> None:
    score = scored(worked_example())
    scope = score.dimensions[1]
    assert scope.coverage is not None
    assert scope.confidence is not None
    assert score.overall is not None
    assert [row[-1].split(" = ")[-1] for row in table("Weight")] == [
        shown(one.credit) for one in score.lines if one.line.dimension == scope.key
    ]
    for figure in (
        f"8.75 of 13, which is **{shown(scope.score or Fraction(0))}** (exactly {scope.score})",
        f"Coverage is {scope.coverage} = {shown(100 * scope.coverage, places=1)} %",
        f"confidence {scope.confidence} = {shown(100 * scope.confidence, places=1)} %",
        f"÷ 100 = {score.overall} = {shown(score.overall)}",
    ):
        assert figure in PROSE, figure
