"""A look-up of OpenSSF Scorecard: what its service, or a mirror of it, says of the repository of a server.

Only what its words really say bears on an answer. How changes were approved and whether anybody works on the repository
does; what depends on the rights of who ran it (branch protection), or is about another thing than is asked (signatures
of files in the forge), is only shown.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from urllib.parse import quote, urlsplit

from collectors.sources import fetching
from collectors.sources.fetching import Fetch, key
from inspection.bounds import NothingSeen
from inspection.scanners import scorecard
from inspection.scanners.claims import ResultsInvalid
from inspection.scanners.scorecard import NAME, Check, Scorecard
from monitoring.observed import Look, Seen
from riskregister import unseen

SCORE, COMMIT = "score", "commit"
_SHOWN = 300
_DAY = timedelta(days=1)
_APPROVED = re.compile(r"Found (\d+)/(\d+) approved changesets")
_QUIET = re.compile(r"0 commit\(s\)( out of \d+)? and 0 issue activity")
# A fact of `comparisons.FACTS` and whether it is so; None: the check bears on none.
Fact = tuple[str, bool] | None


def look(repository: str, *, base: str, fetch: Fetch, now: datetime) -> Look:
    """Return what the service at `base` says of a repository. Never raises for what it does."""
    where = urlsplit(base).hostname or base
    try:
        document = fetch.document(f"{base}/projects/{quote(repository)}")
        if document is None:
            why = f"Not assessed: {where} has none"
            none = Seen(key(SCORE, repository), f"{NAME} of {repository}", why, is_assessed=False)
            return fetching.complete((none,), fetch.came)
        found = scorecard.scorecard(document)
        _check(found, repository, where, now=now)
    except ResultsInvalid as error:
        return fetching.not_assessed(
            NothingSeen("unreadable", f"What {where} says cannot be read: {error.problems[0]}")
        )
    except NothingSeen as nothing:
        return fetching.not_assessed(nothing)
    return replace(fetching.complete(tuple(seen_of(found)), fetch.came), as_of=found.at)


def seen_of(found: Scorecard) -> Iterator[Seen]:
    """Yield what a Scorecard says of its repository, each check by itself."""
    about = found.repository
    score = "Not assessed" if found.score is None else f"{found.score:g} of 10, by version {_cut(found.version)}"
    yield Seen(key(SCORE, about), f"{NAME} of {about}", score, is_assessed=found.score is not None)
    yield Seen(key(COMMIT, about), f"Commit of {about} that {NAME} read", _cut(found.commit) or "it does not say")
    for one in found.checks:
        fact = _FACTS.get(one.name, _none)(one) if one.score is not None else None
        yield Seen(
            key(f"check_{one.name}", about), f"{_cut(one.name)} of {about} by {NAME}", _cut(one.says),
            fact=fact[0] if fact else "", holds=fact[1] if fact else None, is_assessed=one.score is not None,
        )  # fmt: skip


def _check(found: Scorecard, repository: str, where: str, *, now: datetime) -> None:
    """Raise NothingSeen for the Scorecard of another repository, and for one of a day to come."""
    if found.repository != repository:
        raise NothingSeen(
            "other_repository", f"{where} answered with the Scorecard of {_cut(found.repository)}, not of {repository}."
        )
    if found.at > now + _DAY:
        raise NothingSeen("unreadable", f"{where} dates its Scorecard {found.at.date().isoformat()}, which is to come.")


def _none(one: Check) -> Fact:
    return None


def _approved(one: Check) -> Fact:
    """Return how many of the last changes somebody besides the author approved.

    By which rule a score below 10 came about changed with Scorecard's versions; the counts in its reason did not.
    """
    counts = _APPROVED.match(one.reason)
    if counts and 2 * int(counts[1]) < int(counts[2]):
        return "few_changes_approved", True
    return "changes_approved", one.score == 10


def _maintained(one: Check) -> Fact:
    if one.score == 0 and "archived" in one.reason:
        return "repository_archived", True
    # A repository of less than 90 days has a score of 0 whatever is done there.
    if one.score == 0 and "created" in one.reason:
        return None
    return "repository_quiet", bool(_QUIET.match(one.reason))


def _at_least(fact: str, score: int) -> Callable[[Check], Fact]:
    return lambda one: (fact, (one.score or 0) >= score)


_FACTS = MappingProxyType(
    {
        "Code-Review": _approved,
        "Maintained": _maintained,
        "Branch-Protection": _at_least("branches_protected", 10),
        # With 8 all are signed, with 10 they also say how they were built.
        "Signed-Releases": _at_least("forge_releases_signed", 8),
        "Pinned-Dependencies": _at_least("build_pinned", 10),
        "SBOM": _at_least("materials_listed", 1),
        "Security-Policy": _at_least("policy_in_repository", 1),
        "Vulnerabilities": _at_least("repository_unaffected", 10),
    }
)


# On which facts its checks can bear.
FACTS = frozenset(
    {
        "few_changes_approved", "changes_approved", "repository_archived", "repository_quiet", "branches_protected",
        "forge_releases_signed", "build_pinned", "materials_listed", "policy_in_repository", "repository_unaffected",
    }
)  # fmt: skip


def _cut(text: str) -> str:
    return " ".join(unseen.visible(text).split())[:_SHOWN]
