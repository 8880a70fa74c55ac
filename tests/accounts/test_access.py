"""What credentials leave of somebody's access."""

from itertools import combinations
from uuid import UUID

from accounts.access import Access, Capability
from accounts.models import Role

EVERY_SET = [frozenset(chosen) for size in range(len(Capability) + 1) for chosen in combinations(Capability, size)]
UNIT, OTHER = UUID(int=1), UUID(int=2)
EVERYTHING = Access(frozenset(), {UNIT: frozenset(Role.values)})


def test_a_set_of_scopes_leaves_exactly_what_it_names() -> None:
    assert len(EVERY_SET) == 128
    for scopes in EVERY_SET:
        left = EVERYTHING.limited_to(scopes)
        assert {one for one in Capability if left.can(one, UNIT)} == scopes
        assert {one for one in Capability if left.can(one)} == scopes
        assert {one for one in Capability if left.units_for(one) == [UNIT]} == scopes
        assert not any(left.can(one, OTHER) for one in Capability)
        # Which rows are seen follows from the roles alone.
        assert left.unit_ids == [UNIT]


def test_what_one_set_took_away_another_does_not_give_back() -> None:
    for first in EVERY_SET:
        for second in EVERY_SET:
            assert EVERYTHING.limited_to(first).limited_to(second).allowed == first & second
