"""How a framework is covered: for each control what asks for it, what holds, on what evidence, and what is open."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from catalogue import bearing, publishing
from catalogue.models import Control, Framework, Question
from controls.in_place import reading
from controls.in_place.effective import IN_PLACE, MISSING, NOT_APPLICABLE, PARTLY, PLANNED, UNKNOWN, Effective
from controls.in_place.reading import Statuses
from controls.models import ControlStatus
from controls.sources import contradictions
from findings.models import Finding
from vendors.models import Server

STATUSES = (IN_PLACE, PARTLY, PLANNED, MISSING, NOT_APPLICABLE)
_CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class Row:
    """A control: how it stands in so many servers.

    `counts` by status of the servers that somebody sees and that are not out of use; of `not_known` nothing is known,
    and where a source says otherwise than what is stated, they are `contradicted` and do not count as in place.
    `stated` statuses are on record, `evidenced` of them rest on evidence. `general` holds for the organisation.
    """

    control: Control
    questions: tuple[Question, ...]
    general: Effective
    counts: Mapping[str, int]
    not_known: int
    contradicted: int
    stated: int
    evidenced: int
    open_findings: int

    @property
    def fulfilled(self) -> int:
        """Return in how many servers it counts: in place and not contradicted, or not applicable."""
        return self.counts[IN_PLACE] + self.counts[NOT_APPLICABLE]


@dataclass(frozen=True, slots=True)
class Coverage:
    """A framework with its controls in their order, and of how many servers the figures are."""

    framework: Framework
    rows: tuple[Row, ...]
    servers: int

    @property
    def asked(self) -> int:
        """Return of how many controls in force a question asks."""
        return sum(bool(row.questions) for row in self.rows if row.control.status == Control.ACTIVE)

    @property
    def known(self) -> int:
        """Return of how many controls in force something is known in at least one server, or for the organisation."""
        return sum(
            row.not_known < self.servers or row.general.is_known
            for row in self.rows
            if row.control.status == Control.ACTIVE
        )

    @property
    def active(self) -> int:
        """Return how many controls are in force."""
        return sum(row.control.status == Control.ACTIVE for row in self.rows)


def of(framework: Framework, user: Any, *, today: date, section: str = "") -> Coverage:
    """Return how the framework, or one of its sections, is covered in what the person may see. Twelve statements at
    most, whatever the number of controls and servers.
    """
    rows = framework.controls.select_related("framework", "same_as__framework").order_by("position", "ref")
    controls = list(rows.filter(section=section) if section else rows)
    meant = {one.pk: one.same_as_id or one.pk for one in controls}
    seen = Server.objects.visible_to(user).exclude(status__in=Server.OUT_OF_USE)
    statuses = reading.load_servers(seen, today=today, controls=set(meant.values()))
    servers = list(seen.order_by().values_list("pk", flat=True))
    counts = _counts(statuses, servers)
    questions = bearing.of_controls(publishing.current_question_sets(), controls)
    on_record = _on_record(ControlStatus.objects.visible_to(user), set(meant.values()))
    open_findings = _open_findings(user, controls, questions)
    return Coverage(
        framework,
        tuple(
            Row(
                control=one,
                questions=tuple(questions[one.pk]),
                general=statuses.effective(None, meant[one.pk]) if statuses.general.stated else UNKNOWN,
                counts={status: counts[meant[one.pk], status] for status in STATUSES},
                not_known=len(servers) - sum(counts[meant[one.pk], s] for s in (*STATUSES, _CONTRADICTED)),
                contradicted=counts[meant[one.pk], _CONTRADICTED],
                stated=on_record.get(meant[one.pk], (0, 0))[0],
                evidenced=on_record.get(meant[one.pk], (0, 0))[1],
                open_findings=open_findings[one.pk],
            )
            for one in controls
        ),
        len(servers),
    )


def _counts(statuses: Statuses, servers: Collection[Any]) -> Counter[tuple[int, str]]:
    """Return in how many servers each control has each status; what is contradicted counts as nothing else."""
    counts: Counter[tuple[int, str]] = Counter()
    own = statuses.some_servers
    plain = [server for server in servers if server not in own]
    for server in (*(one for one in servers if one in own), None):
        times = len(plain) if server is None else 1
        wrong = statuses.contradicted(server) if server else frozenset()
        for control in wrong:
            counts[control, _CONTRADICTED] += times
        for status, keys in statuses.by_status(server).items():
            for control in keys - wrong:
                counts[control, status] += times
    return counts


def _on_record(rows: "QuerySet[ControlStatus]", controls: Collection[int]) -> dict[int, tuple[int, int]]:
    counted = rows.stated().filter(control__in=controls).order_by().values("control")  # type: ignore[attr-defined]
    found = counted.annotate(rows=Count("pk"), evidenced=Count("evidence"))
    return {row["control"]: (row["rows"], row["evidenced"]) for row in found}


def _open_findings(
    user: Any, controls: Collection[Control], questions: Mapping[int, Collection[Question]]
) -> Counter[int]:
    """Return how many findings that are not settled the questions about each control raised, or its contradictions."""
    keys = {one.key for rows in questions.values() for one in rows}
    live = Finding.objects.visible_to(user).filter(status__in=Finding.LIVE).order_by()
    by_question = Counter(live.filter(question_key__in=keys).values_list("question_key", flat=True))
    contradicting = live.filter(stable_key__startswith=contradictions.PREFIX).values_list("stable_key", flat=True)
    by_control = Counter(key.partition("@")[0] for key in contradicting)
    found: Counter[int] = Counter()
    for control in controls:
        named = contradictions.key_of(control.same_as or control)
        keys = {one.key for one in questions[control.pk]}
        found[control.pk] = by_control[named] + sum(by_question[key] for key in keys)
    return found
