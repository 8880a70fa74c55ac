"""What the governance tiers ask for, in both revisions, and which one is proposed: the data and the arithmetic."""

from itertools import pairwise, product
from typing import Any

import pytest

from catalogue import questionnaire
from controls.tiers import proposing, tables
from controls.tiers.tables import UnknownTable
from tests.tables import for_each
from vendors.models import Deployment
from vendors.tiers import Exposure

TABLE = tables.load()
DRAFT, APPROVED = TABLE.revisions["draft"], TABLE.revisions["approved-specification"]
MEASURES = {f"MI-20.{section}.{measure}" for section in range(1, 7) for measure in range(1, 10)}
LEVELS = ("", *(level.value for level in Exposure))


def refs(revision: tables.Revision, tier: int) -> set[str]:
    return set(revision.tiers[tier].refs)


def listed(key: str) -> dict[str, str]:
    """Return the controls of MI-20 in a revision of the catalogue, with their titles."""
    [framework] = [one for one in questionnaire.load().frameworks if one.key == TABLE.framework]
    [revision] = [one for one in framework.revisions if one.key == key]
    return {control.ref: control.title for control in revision.controls}


def test_both_revisions_are_those_of_the_catalogue_and_of_deployments() -> None:
    assert list(TABLE.revisions) == Deployment.GovernanceRevision.values
    assert {key: row.title for key, row in TABLE.revisions.items()} == dict(Deployment.GovernanceRevision.choices)


@for_each("revision", [DRAFT, APPROVED], ids=lambda revision: revision.key)
def test_every_demand_is_a_control_of_the_revision_with_its_days_of_work(revision: tables.Revision) -> None:
    known = set(listed(revision.key))
    for tier in revision.tiers.values():
        assert set(tier.refs) <= known
        assert set(tier.refs) <= set(TABLE.effort)
        assert len(tier.refs) == len(set(tier.refs))
    assert set(TABLE.effort) <= known
    assert all(1 <= days <= 60 for days in TABLE.effort.values())
    assert {demand.section for demand in revision.tiers[3].demands} == set(TABLE.sections)


@for_each("revision", [DRAFT, APPROVED], ids=lambda revision: revision.key)
def test_tier_3_asks_for_all_54_measures_of_the_sections(revision: tables.Revision) -> None:
    assert len(MEASURES) == 54
    assert refs(revision, 3) >= MEASURES


@for_each("number", [1, 2, 3])
def test_what_the_text_does_not_name_says_why_we_read_it_so(number: int) -> None:
    raw: dict[str, Any] = tables.data()
    for revision in raw["revisions"]:
        tier = revision["tiers"][number]
        assert set(tier) <= {"title", "for", "named", "read", "without"}
        assert not set(tier["named"]) & set(tier["read"])
        assert all(isinstance(why, str) and len(why) > 20 for why in tier["read"].values())


def test_the_key_controls_of_the_tiers_are_where_each_revision_has_them() -> None:
    human, monitoring, identity, logging, checks, yearly, procedures = (
        "MI-20.T.6", "MI-20.T.7", "MI-20.T.9", "MI-20.T.10", "MI-20.T.5", "MI-20.T.8", "MI-20.6.2",
    )  # fmt: skip
    proxy = {"MI-20.T.1", "MI-20.T.2", "MI-20.T.3", "MI-20.T.4", "MI-20.2.1"}
    advanced = {"MI-20.1.4", "MI-20.2.2", "MI-20.3.1", "MI-20.3.6", "MI-20.4.4", "MI-20.5.2", "MI-20.6.3", "MI-20.6.5"}
    assert refs(DRAFT, 1) >= proxy | {logging}
    assert not refs(DRAFT, 1) & {human, monitoring, identity, yearly, procedures, checks}
    assert refs(DRAFT, 2) >= refs(DRAFT, 1) | {human, monitoring, identity, yearly, procedures}
    assert refs(APPROVED, 1) >= proxy | {human, checks, yearly, procedures}
    assert not refs(APPROVED, 1) & {monitoring, identity, logging}
    assert refs(APPROVED, 2) >= (refs(APPROVED, 1) - {human}) | {monitoring, identity, logging}
    for revision in (DRAFT, APPROVED):
        assert not refs(revision, 2) & advanced
        assert refs(revision, 3) >= advanced | (refs(revision, 2) - {human})
    assert [human in refs(revision, tier) for revision in (DRAFT, APPROVED) for tier in (1, 2, 3)] == [
        False, True, True, True, False, False,
    ]  # fmt: skip


def test_how_many_controls_each_tier_asks_for() -> None:
    assert [len(revision.tiers[tier].demands) for revision in (DRAFT, APPROVED) for tier in (1, 2, 3)] == [
        7, 24, 63, 12, 24, 63,
    ]  # fmt: skip


def test_a_demand_says_since_which_tier_and_whether_the_text_names_it() -> None:
    by_ref = {demand.ref: demand for demand in APPROVED.tiers[3].demands}
    assert (by_ref["MI-20.2.1"].since, by_ref["MI-20.2.1"].is_named) == (1, True)
    assert (by_ref["MI-20.4.6"].since, by_ref["MI-20.4.6"].is_named) == (2, False)
    assert (by_ref["MI-20.2.2"].since, by_ref["MI-20.2.2"].section) == (3, "MI-20.2")


def test_a_version_or_revision_that_nobody_published_is_refused_by_name() -> None:
    with pytest.raises(UnknownTable, match="tiers 99"):
        tables.data(99)
    with pytest.raises(UnknownTable, match="there are draft, approved-specification"):
        TABLE.revision("2026-01")


@for_each(
    "inherent, autonomy, data, tier, at_best, words",
    [
        (1, "low", "low", 3, 3, "It could do critical harm."),
        (3, "severe", "low", 3, 3, "It acts without a human, and could do more than little harm."),
        (4, "severe", "low", 2, 2, "It acts before a human has looked."),
        (2, "moderate", "severe", 3, 3, "It reaches data of the strictest kind, and could do great harm."),
        (3, "moderate", "severe", 2, 2, "It reaches confidential or personal data."),
        (2, "low", "moderate", 2, 2, "It could do great harm."),
        (3, "high", "low", 2, 2, "It acts before a human has looked."),
        (4, "moderate", "high", 2, 2, "It reaches confidential or personal data."),
        (
            3, "moderate", "moderate", 1, 1,
            "It could do little harm, a human decides, and it reaches no confidential data.",
        ),
        (
            3, "", "low", 3, 1,
            "It acts without a human, and could do more than little harm. Autonomy is not known, so it counts as "
            "severe. At best it would be tier 1.",
        ),
        (
            4, "", "", 2, 1,
            "It acts before a human has looked. Autonomy and Data reached are not known, so they count as severe. "
            "At best it would be tier 1.",
        ),
    ],
)  # fmt: skip
def test_the_tier_that_is_proposed(
    inherent: int, autonomy: str, data: str, tier: int, at_best: int, words: str
) -> None:
    found = proposing.propose(inherent, autonomy=autonomy, data_reached=data, table=TABLE)
    assert (found.tier, found.at_best, found.words) == (tier, at_best, words)


def test_a_worse_fact_never_makes_the_proposal_lower_and_learning_one_never_higher() -> None:
    for inherent, (worse, better), data in product((1, 2, 3, 4), pairwise(LEVELS), LEVELS):
        first, second = (
            proposing.propose(inherent, autonomy=one, data_reached=data, table=TABLE).tier for one in (worse, better)
        )
        third, fourth = (
            proposing.propose(inherent, autonomy=data, data_reached=one, table=TABLE).tier for one in (worse, better)
        )
        assert first >= second
        assert third >= fourth
    for autonomy, data in product(LEVELS, LEVELS):
        found = [proposing.propose(n, autonomy=autonomy, data_reached=data, table=TABLE).tier for n in (1, 2, 3, 4)]
        assert found == sorted(found, reverse=True)
