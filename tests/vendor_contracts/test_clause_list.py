"""The list of clauses holds together: every source is a rule, every figure can be meant."""

import hashlib
from itertools import pairwise

from contracts import clause_list, law, measures
from contracts.models import Clause

LIST = clause_list.load()
DIGEST = "7e019e3eddc66e39421839e6f5036c9577f672287ef782281e36995412417b3b"


def test_the_published_list_is_what_it_was():
    text = (law.FOLDER / f"clauses-{clause_list.LATEST}.yaml").read_bytes()
    assert hashlib.sha256(text).hexdigest() == DIGEST


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
