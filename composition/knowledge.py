"""What is known of a component today: affected, not affected, or unknown, which is never shown as clean."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case, Exists, OuterRef, Prefetch, QuerySet, Value, When

from composition import coverage
from composition.models import Component, Match
from composition.rating import severity_of
from scoring.scales import Severity


class Known(models.TextChoices):
    """What is known."""

    AFFECTED = "affected"
    VERIFY = "verify", "Package named, verify"
    UNKNOWN = "unknown"
    WAITING = "waiting", "Not compared yet"
    NOT_AFFECTED = "not_affected", "Not affected"


def with_known(rows: "QuerySet[Component]") -> "QuerySet[Component]":
    """Return components with what is known of each as the column `known`.

    Where nothing hits it, that says something only if it was compared, and with all advisories of its ecosystem.
    """
    return _with_known(rows, coverage.covered())


def counts(rows: "QuerySet[Component]") -> dict[str, int]:
    """Return how many components there are of each word of `Known`, and in all as `components`."""
    named = rows.order_by().values_list("package_version__ecosystem", flat=True).distinct()
    known: Any = _with_known(rows, coverage.among(named)).order_by()
    found = dict.fromkeys(Known.values, 0) | dict(known.values_list("known").annotate(_n=models.Count("pk")))
    return {"components": sum(found.values()), **found}


def to_judge(rows: "QuerySet[Component]") -> "QuerySet[Component]":
    """Return the components that something hits, or of which it names the package as a whole: each is a finding."""
    return rows.filter(_matched(Match.Outcome.AFFECTED, Match.Outcome.VERIFY))


def incomparable(rows: "QuerySet[Component]") -> "QuerySet[Component]":
    """Return the components of which no comparison can tell all that hits them, whatever is known to hit them already.

    That may be unknown of others too: whether there are all advisories of their ecosystem, feeds and the clock change.
    """
    return rows.filter(_cannot_be_compared())


def _with_known(rows: "QuerySet[Component]", covered: Collection[str]) -> "QuerySet[Component]":
    return rows.annotate(
        known=Case(
            When(_matched(Match.Outcome.AFFECTED), then=Value(Known.AFFECTED)),
            When(_matched(Match.Outcome.VERIFY), then=Value(Known.VERIFY)),
            When(_cannot_be_compared(), then=Value(Known.UNKNOWN)),
            When(package_version__is_matched=False, then=Value(Known.WAITING)),
            When(~models.Q(package_version__ecosystem__in=covered), then=Value(Known.UNKNOWN)),
            default=Value(Known.NOT_AFFECTED),
            output_field=models.CharField(),
        )
    )


def with_advisories(rows: "QuerySet[Component]") -> "QuerySet[Component]":
    """Return components with their package, and with what hits it as `package_version.hitting`."""
    hitting = _in_force().select_related("affected__advisory__vulnerability").order_by("id")
    return rows.select_related("package_version").prefetch_related(
        Prefetch("package_version__matches", queryset=hitting, to_attr="hitting")
    )


@dataclass(frozen=True, slots=True)
class Hitting:
    """A vulnerability that hits a version of a package, or may: its name, severity, why, and what is free of it."""

    key: str
    severity: int | None
    outcome: str
    why: str
    fixed_in: str

    @property
    def word(self) -> str | None:
        """Return the word of its severity, None where no advisory says one."""
        return Severity(self.severity).word if self.severity else None


def hitting(component: Component) -> list[Hitting]:
    """Return what hits a component, each vulnerability once, the surest and worst first; read by `with_advisories`."""
    matches: Iterable[Match] = component.package_version.hitting  # type: ignore[attr-defined]
    found: dict[str, Hitting] = {}
    for match in sorted(matches, key=_surest_and_worst):
        weakness = match.affected.advisory.vulnerability
        # Of advisories that differ the one counts that says more.
        found.setdefault(
            weakness.key, Hitting(weakness.key, weakness.severity, match.outcome, match.why, match.fixed_in)
        )
    return list(found.values())


def _surest_and_worst(match: Match) -> tuple[int, int, str]:
    weakness = match.affected.advisory.vulnerability
    return Match.Outcome.values.index(match.outcome), severity_of(weakness), weakness.key


def why(component: Component) -> str:
    """Return why nothing is known of a component, or what hits it, in one line; empty for what nothing hits."""
    reasons = {
        Known.WAITING: "",
        Known.NOT_AFFECTED: "",
        Known.UNKNOWN: component.package_version.unreadable or coverage.NOT_COVERED,
    }
    found = hitting(component)
    if not found:
        return reasons.get(component.known, "")  # type: ignore[attr-defined]
    first = found[0]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    fix = f"; free of it from {first.fixed_in}" if first.fixed_in and not more else ""
    return f"{first.key}{more}{fix}"


def _matched(*outcomes: Match.Outcome) -> models.Q:
    hits = _in_force().filter(package_version=OuterRef("package_version"), outcome__in=outcomes)
    return models.Q(Exists(hits))


def _cannot_be_compared() -> models.Q:
    """Return the condition that a component, or an advisory of its package, says too little to be compared."""
    return ~models.Q(package_version__unreadable="") | _matched(Match.Outcome.UNKNOWN)


def _in_force() -> "QuerySet[Match]":
    return Match.objects.filter(affected__advisory__withdrawn_at__isnull=True)
