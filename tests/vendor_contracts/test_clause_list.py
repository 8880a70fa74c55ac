"""The list of clauses holds together: every source is a rule, every figure can be meant."""

import hashlib
from itertools import pairwise

from contracts import law
from contracts.coverage import clause_list, measures
from contracts.models import Clause

LIST = clause_list.load()
DIGESTS = {
    1: "7e019e3eddc66e39421839e6f5036c9577f672287ef782281e36995412417b3b",
    2: "9a5b0d830cc4b8593bcdd483fa99bd27321be166ce79730c092e79015ff7ac1c",
}
# By severity, the worst first.
VULNERABILITIES = ("vulnerability_handling", "vulnerability_high", "vulnerability_medium", "vulnerability_low")


def test_the_published_lists_are_what_they_were():
    texts = {version: (law.FOLDER / f"clauses-{version}.yaml").read_bytes() for version in DIGESTS}
    assert {version: hashlib.sha256(text).hexdigest() for version, text in texts.items()} == DIGESTS
    assert max(DIGESTS) == clause_list.LATEST


def test_a_newer_list_keeps_all_clauses_and_puts_what_is_new_behind_its_group():
    first = clause_list.load(1)
    assert LIST.clauses.keys() - first.clauses.keys() == {*VULNERABILITIES[1:]}
    unchanged = first.clauses.keys() - {"vulnerability_handling"}
    assert {key: LIST.clauses[key] for key in unchanged} == {key: first.clauses[key] for key in unchanged}
    assert (LIST.groups, LIST.contract_tiers, LIST.severity) == (first.groups, first.contract_tiers, first.severity)
    keys = [*LIST.clauses]
    at = keys.index("vulnerability_handling")
    assert (*keys[at : at + 4], keys[at + 4]) == (*VULNERABILITIES, "authorities")


def test_the_days_for_vulnerabilities_are_longer_the_less_severe_they_are():
    """Where a policy names the days of two severities, and in what can be meant."""
    clauses = [LIST.clauses[key] for key in VULNERABILITIES]
    for worse, milder in pairwise(clauses):
        assert worse.unit == milder.unit == "days"
        assert (worse.highest or 0) < (milder.highest or 0)
        assert milder.policy.keys() <= worse.policy.keys()
        days = [(worse.policy[tier].at_most or 0, bound.at_most or 0) for tier, bound in milder.policy.items()]
        assert all(fewer < more for fewer, more in days)


def test_every_source_is_a_rule_of_each_version_of_the_law():
    named = {source.rule for clause in LIST.clauses.values() for source in clause.sources}
    assert all(named <= set(law.load(version).rules) for version in law.versions())


def test_every_unit_can_be_stored_and_every_group_is_named():
    used = {unit for clause in LIST.clauses.values() for unit in (clause.unit, *clause.accepts) if unit}
    assert used <= set(Clause.Unit.values)
    assert used <= set(measures.WORDS)
    assert {clause.group for clause in LIST.clauses.values()} == set(LIST.groups)


def test_every_demanded_figure_is_one_that_can_be_typed():
    for clause in LIST.clauses.values():
        for bound in (*clause.policy.values(), *(one.demand for one in clause.sources if one.demand)):
            for figure in (bound.at_most, bound.at_least):
                assert figure is None or clause.is_plausible(figure, clause.unit), clause.key


def test_a_milder_tier_never_demands_more():
    for clause in LIST.clauses.values():
        assert set(clause.policy) in ({1, 2, 3}, {1, 2}, {1}, set()), clause.key
        bounds = [clause.policy[tier] for tier in sorted(clause.policy)]
        for stricter, milder in pairwise(bounds):
            if milder.at_most is not None:
                assert stricter.at_most is not None
                assert stricter.at_most <= milder.at_most
            if milder.at_least is not None:
                assert stricter.at_least is not None
                assert stricter.at_least >= milder.at_least
