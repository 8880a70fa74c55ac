"""What is known of a component today: affected, not affected, or unknown, which is never shown as clean."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.db.models import Case, Exists, OuterRef, Prefetch, QuerySet, Value, When

from composition import coverage
from composition.models import Component, Match
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
    hits = _in_force().filter(package_version=OuterRef("package_version"))
    covered = models.Q(package_version__ecosystem__in=coverage.covered())
    cannot = ~models.Q(package_version__unreadable="") | models.Q(Exists(hits.filter(outcome=Match.Outcome.UNKNOWN)))
    return rows.annotate(
        known=Case(
            When(Exists(hits.filter(outcome=Match.Outcome.AFFECTED)), then=Value(Known.AFFECTED)),
            When(Exists(hits.filter(outcome=Match.Outcome.VERIFY)), then=Value(Known.VERIFY)),
            When(cannot, then=Value(Known.UNKNOWN)),
            When(package_version__is_matched=False, then=Value(Known.WAITING)),
            When(~covered, then=Value(Known.UNKNOWN)),
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
    """Return what hits a component, each vulnerability once; read by `with_advisories`."""
    matches: Iterable[Match] = component.package_version.hitting  # type: ignore[attr-defined]
    found: dict[str, Hitting] = {}
    for match in matches:
        weakness = match.affected.advisory.vulnerability
        one = Hitting(weakness.key, weakness.severity, match.outcome, match.why, match.fixed_in)
        known = found.get(one.key)
        # Of advisories that differ the one counts that says more.
        if known is None or _WORSE.index(one.outcome) < _WORSE.index(known.outcome):
            found[one.key] = one
    return sorted(found.values(), key=lambda one: (_WORSE.index(one.outcome), one.severity or 0, one.key))


def why(component: Component) -> str:
    """Return why nothing is known of a component, or what hits it, in one line; empty for what nothing hits."""
    said = {
        Known.WAITING: "",
        Known.NOT_AFFECTED: "",
        Known.UNKNOWN: component.package_version.unreadable or coverage.NOT_COVERED,
    }
    found = hitting(component)
    if not found:
        return said.get(component.known, "")  # type: ignore[attr-defined]
    first = found[0]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    fix = f"; free of it from {first.fixed_in}" if first.fixed_in and not more else ""
    return f"{first.key}{more}{fix}"


_WORSE: list[str] = [Match.Outcome.AFFECTED, Match.Outcome.VERIFY, Match.Outcome.UNKNOWN]


def _in_force() -> "QuerySet[Match]":
    return Match.objects.filter(affected__advisory__withdrawn_at__isnull=True)
