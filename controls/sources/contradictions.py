"""Where somebody states that a control is in place and a source finds it missing: a finding of the server."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from catalogue.models import Control
from controls.in_place import reading, summing
from controls.in_place.effective import Effective
from controls.in_place.reading import Sets
from controls.in_place.summing import Summed
from findings.models import Finding
from findings.observed import gaps
from findings.observed.gaps import Gap
from scoring.scales import Severity
from vendors.models import Deployment, Server

PREFIX = "controls:contradicted:"
_FILLED = "What is stated of the control and what was found agree again, or the server is out of use."


def look(server: Server, *, now: datetime) -> list[Finding]:
    """Open, keep or close the findings of what is stated of a server's controls against what sources find.

    What is out of use has none.
    """
    found = [] if server.status in Server.OUT_OF_USE else list(_found(server, now=now))
    return gaps.hand_in(server, found, prefix=PREFIX, filled=_FILLED, now=now)


def due(*, now: datetime) -> list[Server]:
    """Return the servers whose findings are not those that are called for; a few statements, whatever their number."""
    in_use = Server.objects.exclude(status__in=Server.OUT_OF_USE)
    sums = summing.load_servers(in_use, today=timezone.localdate(now))
    places: list[tuple[UUID, UUID | None, str]] = [(server, None, "") for server in sums.some_servers]
    rows = Deployment.objects.filter(pk__in=sums.some_deployments, ended_on=None)
    places += [(row.server_id, row.pk, row.ref) for row in rows.only("server_id", "number")]
    differing = gaps.differing_servers(_wanted_keys(sums, places), prefix=PREFIX)
    return list(Server.objects.filter(pk__in=differing))


def _wanted_keys(sums: Sets[Summed], places: Iterable[tuple[UUID, UUID | None, str]]) -> dict[UUID, set[str]]:
    found: dict[UUID, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for server, deployment, ref in places:
        general = sums.contradicted(server) if deployment else frozenset()
        for control in sums.contradicted(server, deployment=deployment) - general:
            found[server][control].append(f"@{ref}" if ref else "")
    controls = {control for row in found.values() for control in row}
    names = {row.pk: key_of(row) for row in Control.objects.filter(pk__in=controls).select_related("framework")}
    return {
        server: {f"{names[control]}{where}" for control, places in row.items() for where in places}
        for server, row in found.items()
    }


def _found(server: Server, *, now: datetime) -> Iterator[Gap]:
    statuses = reading.load_servers(Server.objects.filter(pk=server.pk), today=timezone.localdate(now))
    wrong = statuses.contradicted(server.pk)
    rows = Deployment.objects.filter(pk__in=statuses.some_deployments, ended_on=None).order_by("number")
    of_each = [(row, statuses.contradicted(server.pk, deployment=row.pk) - wrong) for row in rows]
    places: list[tuple[Deployment | None, frozenset[int]]] = [(None, wrong), *of_each]
    keys = {control for _, found in places for control in found}
    controls = {row.pk: row for row in Control.objects.filter(pk__in=keys).select_related("framework")}
    for deployment, found in places:
        for control in sorted(found):
            holds = statuses.effective(server.pk, control, deployment=deployment.pk if deployment else None)
            yield _gap(controls[control], holds, deployment)


def key_of(control: Control) -> str:
    """Return the key of the finding that a control is contradicted, without the deployment that it is of."""
    return f"{PREFIX}{control.framework.key}:{control.ref}"


def _gap(control: Control, holds: Effective, deployment: Deployment | None) -> Gap:
    where = f"@{deployment.ref}" if deployment else ""
    found = ", ".join(f"{one.origin} finds it missing" for one in holds.contradicted_by)
    stated = holds.basis.origin if holds.basis else ""
    return Gap(
        key=f"{key_of(control)}{where}",
        severity=Severity.MEDIUM,
        title=f"{control.ref} is stated to be in place, and was found missing",
        description=f"{control.title}: {stated} states that it is in place; {found}.",
        recommendation="Look which is true: correct the status, or put the control in place and have it looked at.",
    )
