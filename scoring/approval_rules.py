"""What a version of the methodology rules of approvals: what they need by tier, and what other tools lead to."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

SUSPEND = "suspend"


@dataclass(frozen=True, slots=True)
class EvidenceNeed:
    """Which good answers rest on evidence of at least this level: from a weight on, or only of critical questions."""

    level: int
    from_weight: int
    critical_only: bool


@dataclass(frozen=True, slots=True)
class ApprovalNeeds:
    """What an approval needs at one inherent tier beside the answers."""

    tools: bool = False
    facts: bool = False
    deployment: bool = False
    evidence: EvidenceNeed | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """What is ruled of approvals; nothing in a version that says nothing of them.

    `notice_days`: before the last day, on which its end is told; `needs`: by inherent tier; `as_condition`: which of
    these a conditional approval may take as a condition, to be met `within_days`; `suspends`: the tiers at which other
    tools than the approved ones suspend the server until somebody decides.
    """

    notice_days: tuple[int, ...]
    needs: Mapping[int, ApprovalNeeds]
    as_condition: frozenset[str]
    within_days: int
    suspends: frozenset[int]


def by_tier(row: Mapping[Any, Any]) -> Mapping[int, Any]:
    """Return a row of the data by the numbers of the tiers: as keys of JSON they are texts."""
    return MappingProxyType({int(tier): value for tier, value in row.items()})


def parse(data: Mapping[str, Any]) -> ApprovalRules:
    """Return the rules that `data` says, none where it says nothing."""
    as_condition = data.get("as_condition", {})
    return ApprovalRules(
        notice_days=tuple(data.get("notice_days", ())),
        needs=by_tier({tier: _needs(row) for tier, row in data.get("needs", {}).items()}),
        as_condition=frozenset(as_condition.get("needs", ())),
        within_days=as_condition.get("within_days", 0),
        suspends=frozenset(int(tier) for tier, then in data.get("changed_tools", {}).items() if then == SUSPEND),
    )


def _needs(row: dict[str, Any]) -> ApprovalNeeds:
    evidence = row.get("evidence")
    return ApprovalNeeds(**row | {"evidence": EvidenceNeed(**evidence) if evidence else None})
