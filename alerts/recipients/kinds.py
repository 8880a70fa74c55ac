"""What a person may choose about mail: the kinds of things that they are told of, and how soon of each.

Critical things are no kind: they are mailed at once, whatever somebody chose. The inbox has everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of things, by the first words of their events; `help` says in a sentence what it is."""

    word: str
    label: str
    nouns: tuple[str, ...]
    help: str = ""


WEEKLY = "weekly"
KINDS: Mapping[str, Kind] = {
    kind.word: kind
    for kind in (
        Kind("findings", "Findings", ("finding", "remediation_plan")),
        Kind("risks", "Accepted risks and suppressed vulnerabilities", ("acceptance", "statement", "suppression")),
        Kind("decisions", "Approvals, conditions and overrides", ("approval", "condition", "override")),
        Kind("ratings", "Ratings that got worse", ("rating",)),
        Kind("escalations", "What nobody has acknowledged", ("escalation",)),
        Kind("assessments", "Assessments", ("assessment",)),
        Kind("reviews", "Reviews", ("review",)),
        Kind("evidence", "Evidence", ("evidence",)),
        Kind(
            "servers",
            "Servers, vendors, exit plans and use",
            (
                "server",
                "release",
                "tools",
                "deployment",
                "vendor",
                "exit_plan",
                "use_case",
                "process",
                "shared_service",
                "runs_behind",
                "profile",
                "substitutability",
            ),
        ),
        Kind("contracts", "Contracts, and what the law takes units to be", ("contract", "legal_profile")),
        Kind(
            "controls",
            "Controls that run out or are due, and governance tiers",
            ("control_status", "tier_acceptance", "tier_plan"),
        ),
        Kind("policies", "Policies and whether they are obeyed", ("policy", "asker", "enforcement_test")),
        Kind("requests", "Requests for servers", ("request",)),
        Kind("looks", "Looks that showed nothing", ("run",)),
        Kind("discovery", "Use that nobody approved", ("discovery", "unapproved_use")),
        Kind("feeds", "Feeds", ("feed", "feed_run"), "Silent, stopped or failed, and taken in again."),
        Kind(
            "threats",
            "Threats that are met, watch lists, and what is passed on",
            ("watch_entry", "indicator_hit", "share", "egress"),
        ),
        Kind(
            "assurance",
            "Certificates and due diligence",
            ("certificate", "due_diligence", "due_diligence_item"),
        ),
        Kind("reports", "Reports", ("report",)),
        Kind("account", "Your account, roles and tokens", ("person", "role", "token")),
        Kind("administration", "Jobs, mail and the trail", ("job", "delivery", "trail")),
        Kind(WEEKLY, "Weekly digest", (), "On Mondays, to whoever manages a unit."),
    )
}
_BY_NOUN = {noun: kind.word for kind in KINDS.values() for noun in kind.nouns}


def of(verb: str) -> str:
    """Return the kind of an event by its verb, empty for one that nobody is told of."""
    return _BY_NOUN.get(verb.partition(".")[0], "")
